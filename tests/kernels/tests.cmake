foreach(name thread_pool matmul attention elementwise)
  fovea_test(NAME ${name}_test LABEL unit SOURCES kernels/${name}_test.cpp LIBS fovea_kernels GTest::gtest_main)
endforeach()
