fovea_test(NAME reference_test LABEL unit
  SOURCES kernels/reference/attention_test.cpp kernels/reference/formats_test.cpp kernels/reference/reference_test.cpp
  LIBS fovea_kernels GTest::gtest_main)
