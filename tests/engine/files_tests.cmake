# Model files and everything read from them, options and telemetry: seconds, no forward pass.
pkg_check_modules(SENTENCEPIECE REQUIRED IMPORTED_TARGET sentencepiece)
find_package(nlohmann_json REQUIRED)

foreach(name mapped_file content_hash gguf gguf_damage model_config weight_shelves weights utf8_stream options telemetry
        output_file)
  fovea_test(NAME ${name}_test LABEL unit SOURCES engine/${name}_test.cpp LIBS fovea_engine GTest::gtest_main)
endforeach()
foreach(name alignment_file chat_template)
  fovea_test(NAME ${name}_test LABEL unit SOURCES engine/${name}_test.cpp
             LIBS fovea_engine GTest::gtest_main nlohmann_json::nlohmann_json)
endforeach()
# Compares with the library itself, hence the link.
fovea_test(NAME tokenizer_test LABEL unit SOURCES engine/tokenizer_test.cpp
           LIBS fovea_engine GTest::gtest_main nlohmann_json::nlohmann_json PkgConfig::SENTENCEPIECE)

if(FOVEA_BUILD_FUZZERS)
  add_subdirectory(fuzz)
endif()
