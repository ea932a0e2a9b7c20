foreach(name thread_pool matmul attention attention_mass elementwise kv_numbers)
  fovea_test(NAME ${name}_test LABEL unit SOURCES kernels/${name}_test.cpp LIBS fovea_kernels GTest::gtest_main)
endforeach()

find_package(nlohmann_json REQUIRED)
fovea_test(NAME top_p_test LABEL unit SOURCES kernels/top_p_test.cpp
  LIBS fovea_kernels GTest::gtest_main nlohmann_json::nlohmann_json)

if(FOVEA_WITH_CUDA)
  foreach(name IN ITEMS elementwise matmul attention attention_mass selection)
    fovea_test(NAME cuda_${name}_test LABEL unit SOURCES kernels/cuda/${name}_test.cpp
      LIBS fovea_kernels_cuda fovea_kernels GTest::gtest_main)
  endforeach()
  # Against the engine's own sampler and acceptance rule.
  foreach(name sampling acceptance)
    fovea_test(NAME cuda_${name}_test LABEL unit SOURCES kernels/cuda/${name}_test.cpp
      LIBS fovea_kernels_cuda fovea_engine GTest::gtest_main)
  endforeach()
endif()
