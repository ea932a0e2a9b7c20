# Tests of fovea-cli: its parts, and the real program as a process.
find_package(Qt6 6.4 REQUIRED COMPONENTS Core)
find_package(nlohmann_json REQUIRED)

fovea_test(NAME chat_input_test LABEL unit SOURCES cli/chat_input_test.cpp LIBS fovea_cli GTest::gtest_main)
fovea_test(NAME interrupt_test LABEL unit SOURCES cli/interrupt_test.cpp LIBS fovea_cli GTest::gtest_main)

fovea_test(NAME evaluation_plot_test LABEL unit SOURCES cli/evaluation_plot_test.cpp LIBS fovea_cli GTest::gtest_main)
fovea_test(NAME evaluation_sweep_test LABEL unit SOURCES cli/evaluation_sweep_test.cpp
           LIBS fovea_cli GTest::gtest_main)
fovea_test(NAME score_totals_test LABEL unit SOURCES cli/score_totals_test.cpp LIBS fovea_cli GTest::gtest_main)

foreach(name usage synthesize model sparse)
  if(name MATCHES "usage|synthesize")
    set(label unit)
    set(timeout 120)
  else()
    set(label engine)
    set(timeout 600)
  endif()
  fovea_test(NAME cli_${name}_test LABEL ${label} TIMEOUT ${timeout} SOURCES cli/${name}_test.cpp
             LIBS GTest::gtest Qt6::Core nlohmann_json::nlohmann_json)
  target_compile_definitions(cli_${name}_test PRIVATE
    FOVEA_CLI_PROGRAM="$<TARGET_FILE:fovea-cli>"
    FOVEA_VERSION="${PROJECT_VERSION}"
    FOVEA_WITH_CHARTS=$<BOOL:${FOVEA_BUILD_GUI}>
    FOVEA_CALIBRATION_TEXT="${PROJECT_SOURCE_DIR}/resources/calibration/calibration.txt")
  add_dependencies(cli_${name}_test fovea-cli)
  if(FOVEA_BUILD_GUI)
    add_dependencies(cli_${name}_test fovea-charts)
  endif()
endforeach()

# Headless stays headless: the terminal program must load neither Qt Gui nor Qt Quick.
add_test(NAME cli_is_headless
         COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:fovea-cli> -P ${CMAKE_CURRENT_SOURCE_DIR}/cli/headless.cmake)
set_tests_properties(cli_is_headless PROPERTIES LABELS unit TIMEOUT 60)
