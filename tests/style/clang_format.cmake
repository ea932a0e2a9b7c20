# Fails when clang-format would change a C++ file. Skips where clang-format 14 (Debian 12's) is not there: other versions
# lay the same code out differently. Run: cmake -D ROOT=<folder> -P clang_format.cmake
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/source_files.cmake)

find_program(CLANG_FORMAT_PROGRAM NAMES clang-format-14 clang-format)
set(version "")
if(CLANG_FORMAT_PROGRAM)
  execute_process(COMMAND ${CLANG_FORMAT_PROGRAM} --version OUTPUT_VARIABLE version)
endif()
if(NOT version MATCHES "version 14\\.")
  message("SKIPPED: clang-format 14 is not installed.")
  return()
endif()

list_source_files(files ${ROOT})
list(FILTER files INCLUDE REGEX "\\.(h|cpp|cu|cuh)$")
list(FILTER files EXCLUDE REGEX "^tests/style/broken/")
execute_process(COMMAND ${CLANG_FORMAT_PROGRAM} --dry-run -Werror --style=file ${files}
                WORKING_DIRECTORY ${ROOT} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "Some files are not formatted: clang-format -i FILE mends them.")
endif()
list(LENGTH files count)
message("${count} files are formatted.")
