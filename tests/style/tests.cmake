# Tests of the sources themselves, label unit. They need CMake alone; clang-format and git where they are there.
function(fovea_style_test name script root)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -D ROOT=${root} -P ${CMAKE_CURRENT_SOURCE_DIR}/style/${script})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 120 SKIP_REGULAR_EXPRESSION "SKIPPED:")
endfunction()

fovea_style_test(dependency_direction dependency_direction.cmake ${PROJECT_SOURCE_DIR})
fovea_style_test(clang_format clang_format.cmake ${PROJECT_SOURCE_DIR})
fovea_style_test(repository_size repository_size.cmake ${PROJECT_SOURCE_DIR})

# The test of the test: a tree with one forbidden include in each layer is refused, for all of them.
fovea_style_test(dependency_direction_refuses dependency_direction.cmake ${CMAKE_CURRENT_SOURCE_DIR}/style/broken)
set_tests_properties(dependency_direction_refuses PROPERTIES
  PASS_REGULAR_EXPRESSION "10 includes break the dependency direction")

# clang-tidy over everything that was configured: minutes, therefore a target and not a test.
find_program(RUN_CLANG_TIDY NAMES run-clang-tidy-14 run-clang-tidy)
if(RUN_CLANG_TIDY)
  add_custom_target(tidy
    COMMAND ${RUN_CLANG_TIDY} -quiet -p ${PROJECT_BINARY_DIR} "${PROJECT_SOURCE_DIR}/(kernels|engine|app|ui|tests)/"
    USES_TERMINAL COMMENT "clang-tidy")
endif()

# What is installed for the desktop, and the scripts, each where its checker is there.
function(fovea_checker_test name program)
  find_program(CHECKER_${name} ${program})
  if(CHECKER_${name})
    add_test(NAME ${name} COMMAND ${CHECKER_${name}} ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/installers)
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 60)
  endif()
endfunction()
fovea_checker_test(desktop_entry desktop-file-validate org.fovea.Fovea.desktop)
fovea_checker_test(appstream_metainfo appstreamcli validate --no-net org.fovea.Fovea.metainfo.xml)
fovea_checker_test(shell_scripts shellcheck -x -P .. run.sh test.sh common.sh completions/fovea-cli.bash)
