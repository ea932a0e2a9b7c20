# The real program with real events. It skips itself, saying so, where there is no virtual display.
fovea_test(NAME first_use_test LABEL engine TIMEOUT 300 SOURCES desktop/first_use_test.cpp
           LIBS Qt6::Test Qt6::Gui Qt6::Sql)
set_target_properties(first_use_test PROPERTIES AUTOMOC ON)
target_compile_definitions(first_use_test PRIVATE FOVEA_PROGRAM="$<TARGET_FILE:fovea>")
add_dependencies(first_use_test fovea)
set_tests_properties(first_use_test PROPERTIES SKIP_REGULAR_EXPRESSION "SKIP   :")
