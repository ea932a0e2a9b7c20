fovea_test(NAME sampler_test LABEL unit
  SOURCES engine/sampler_test.cpp engine/allocation_counter.cpp
  LIBS fovea_engine GTest::gtest_main)
fovea_test(NAME acceptance_test LABEL unit SOURCES engine/acceptance_test.cpp LIBS fovea_engine GTest::gtest_main)
