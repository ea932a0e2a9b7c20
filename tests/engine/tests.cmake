# Tests that run the models.
find_package(nlohmann_json REQUIRED)
foreach(name golden)
  fovea_test(NAME ${name}_test LABEL engine SOURCES engine/${name}_test.cpp
             LIBS fovea_engine GTest::gtest_main nlohmann_json::nlohmann_json)
endforeach()
