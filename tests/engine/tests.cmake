# Tests that compute: over small random models (unit) and over the embedded pair (engine).
find_package(nlohmann_json REQUIRED)
foreach(name controller draft_plan kv_cache context_window layer_alignment memory_plan replay session sparse_session
        synthetic_model benchmark_cycle)
  fovea_test(NAME ${name}_test LABEL unit SOURCES engine/${name}_test.cpp
             LIBS fovea_engine GTest::gtest_main nlohmann_json::nlohmann_json)
endforeach()
foreach(name backend_cuda golden pair pair_plan selector)
  fovea_test(NAME ${name}_test LABEL engine TIMEOUT 1200 SOURCES engine/${name}_test.cpp
             LIBS fovea_engine GTest::gtest_main nlohmann_json::nlohmann_json)
endforeach()
