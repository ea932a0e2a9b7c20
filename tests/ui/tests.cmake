# Tests of the window: offscreen, with the software renderer, over a scripted engine.
find_package(Qt6 6.4 REQUIRED COMPONENTS Test QuickTest)
find_package(Qt6 6.4 QUIET OPTIONAL_COMPONENTS Pdf)

set(FOVEA_UI_TESTS ${CMAKE_CURRENT_LIST_DIR})
set(FOVEA_UI_ENVIRONMENT QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software LC_ALL=C.UTF-8)

add_library(fovea_ui_test_support STATIC ${FOVEA_UI_TESTS}/support/sample_chats.cpp
            ${FOVEA_UI_TESTS}/support/sample_trace.cpp)
target_link_libraries(fovea_ui_test_support PUBLIC fovea_ui PRIVATE fovea_options)

# fovea_ui_test(NAME LIBS ...): tests/ui/<name>_test.cpp, a Qt Test class with its own main.
function(fovea_ui_test name)
  fovea_test(NAME ${name}_test LABEL ui SOURCES ${FOVEA_UI_TESTS}/${name}_test.cpp
             LIBS fovea_ui_test_support Qt6::Test ${ARGN} ENVIRONMENT ${FOVEA_UI_ENVIRONMENT})
  set_target_properties(${name}_test PROPERTIES AUTOMOC ON)
endfunction()

fovea_ui_test(answer_check)
fovea_ui_test(answer_comparison)
fovea_ui_test(chat_controller)
fovea_ui_test(code_highlighter)
fovea_ui_test(conversation_list_model)
fovea_ui_test(markdown_blocks)
fovea_ui_test(markdown_html)
fovea_ui_test(markdown_model)
fovea_ui_test(insights_view_model)
fovea_ui_test(message_list_model)
if(Qt6Pdf_FOUND)
  fovea_ui_test(pdf_text)
endif()
fovea_ui_test(relative_date)
fovea_ui_test(remaining_time)
fovea_ui_test(settings_view_model)
fovea_ui_test(statistics_charts)
fovea_ui_test(token_marks)
fovea_ui_test(window_parts fovea_desktop)

add_executable(fovea_gallery
  ${FOVEA_UI_TESTS}/gallery/main.cpp ${FOVEA_UI_TESTS}/gallery/scenes.cpp
  ${FOVEA_UI_TESTS}/gallery/reading_scenes.cpp ${FOVEA_UI_TESTS}/gallery/sample_charts.cpp
  ${FOVEA_UI_TESTS}/gallery/settings_scenes.cpp ${FOVEA_UI_TESTS}/gallery/stage.cpp)
target_link_libraries(fovea_gallery PRIVATE fovea_desktop fovea_ui_test_support fovea_options Qt6::Test)

add_executable(fovea_window_bench
  ${FOVEA_UI_TESTS}/gallery/window_bench.cpp ${FOVEA_UI_TESTS}/gallery/stage.cpp)
target_link_libraries(fovea_window_bench PRIVATE fovea_ui_test_support fovea_options Qt6::Test)

add_executable(flows_test ${FOVEA_UI_TESTS}/flows/flows_test.cpp ${FOVEA_UI_TESTS}/flows/harness.h)
set_target_properties(flows_test PROPERTIES AUTOMOC ON)
target_link_libraries(flows_test PRIVATE fovea_ui_test_support fovea_options Qt6::QuickTest)
# The panel over the real engine and the embedded pair.
fovea_ui_test(model_view_model)
set_tests_properties(model_view_model_test PROPERTIES LABELS engine)

foreach(flow chat conversations insights reading search settings)
  add_test(NAME ui_flow_${flow} COMMAND flows_test -input ${FOVEA_UI_TESTS}/flows/tst_${flow}.qml)
  fovea_test_properties(ui_flow_${flow} ui 180 ${FOVEA_UI_ENVIRONMENT})
endforeach()

if(FOVEA_SANITIZE)
  # Qt comes without frame pointers: only the slow way up the stack finds the names that lsan.supp excuses.
  set_property(TEST window_parts_test model_view_model_test ui_flow_chat ui_flow_conversations ui_flow_insights ui_flow_reading ui_flow_search ui_flow_settings APPEND PROPERTY ENVIRONMENT
    ASAN_OPTIONS=fast_unwind_on_malloc=0 TSAN_OPTIONS=suppressions=${FOVEA_UI_TESTS}/tsan.supp)
endif()
