# The app library, one executable per class. None of them loads a model: the engine is scripted.
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Sql Test)
find_package(ZLIB REQUIRED)

function(fovea_app_test NAME)
  cmake_parse_arguments(APP "" "TIMEOUT" "" ${ARGN})
  if(NOT APP_TIMEOUT)
    set(APP_TIMEOUT 300)
  endif()
  fovea_test(NAME ${NAME} LABEL unit TIMEOUT ${APP_TIMEOUT}
    SOURCES app/${NAME}.cpp
    LIBS fovea_app Qt6::Test)
  set_target_properties(${NAME} PROPERTIES AUTOMOC ON)
endfunction()

fovea_app_test(conversation_files_test)
fovea_app_test(conversation_search_test)
fovea_app_test(conversation_store_test)
fovea_app_test(conversation_title_test)
fovea_app_test(generation_worker_test)
fovea_app_test(mailbox_test)
fovea_app_test(message_branch_test)
fovea_app_test(message_rows_test)
fovea_app_test(message_tree_test)
fovea_app_test(paths_test)
fovea_app_test(records_test)
fovea_app_test(settings_test)
fovea_app_test(statistics_export_test)
fovea_app_test(store_damage_test)
fovea_app_test(store_schema_test)
fovea_app_test(store_thread_test)
fovea_app_test(trace_blob_test)
target_link_libraries(trace_blob_test PRIVATE ZLIB::ZLIB)
fovea_app_test(trace_recorder_test)
fovea_app_test(turn_recorder_test)

fovea_test(NAME session_engine_test LABEL engine SOURCES app/session_engine_test.cpp LIBS fovea_app Qt6::Test)
set_target_properties(session_engine_test PROPERTIES AUTOMOC ON)
# The real engine: the embedded pair.
fovea_app_test(trace_pair_test)
set_tests_properties(trace_pair_test PROPERTIES LABELS engine)

# A real process, killed in the middle of an answer.
add_executable(kill_child app/kill_child.cpp)
target_link_libraries(kill_child PRIVATE fovea_options fovea_app)
fovea_app_test(kill_test)
add_dependencies(kill_test kill_child)
target_compile_definitions(kill_test PRIVATE KILL_CHILD="$<TARGET_FILE:kill_child>")
