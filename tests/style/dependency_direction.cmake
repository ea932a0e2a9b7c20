# Fails when an include breaks the direction kernels <- engine <- app library <- ui <- fovea, or pulls a library into a
# layer that must not know it. Run: cmake -D ROOT=<folder> -P dependency_direction.cmake
cmake_minimum_required(VERSION 3.25)

# Project headers a layer may include, as prefixes of the full path (the only way headers are included here).
set(project_kernels "^(kernels|hwy)/")
set(project_engine "^(engine|kernels)/")
set(project_app "^(app|engine)/")
set(project_ui "^(ui|app|engine)/")
set(project_desktop "^(ui|app|engine)/")

# Library headers a layer may include; kernels know the standard library, the processor, Highway and CUDA alone,
# and how the system loads the libraries of CUDA that are needed at run time only.
set(library_kernels "^([a-z_0-9]+|hwy/.*|cuda.*|cublas.*|mma\\.h|immintrin\\.h|arm_neon\\.h|dlfcn\\.h|windows\\.h)$")
# Library headers a layer must not include.
set(qt_any "^(Qt?[A-Z]|qt)")
set(qt_graphical "^(Qt(Gui|Quick|Qml|Widgets|Svg|OpenGL|Multimedia|Charts)|QGui|QQml|QQuick|QJS|QWidget|QApplication|QMainWindow|\
QImage|QPixmap|QBitmap|QIcon|QPainter|QPen|QBrush|QColor|QFont|QPalette|QWindow|QScreen|QClipboard|QCursor|QStyle|\
QKey|QMouse|QWheel|QShortcut|QAction|QText(Document|Cursor|Layout)|QSyntax|QPdf|QPage|QSvg|QOpenGL|QVector[234]D|QMatrix4x4)")

function(layer_of out file)
  if(file MATCHES "^app/desktop/")
    set(layer desktop)
  elseif(file MATCHES "^(kernels|engine|app|ui)/")
    set(layer ${CMAKE_MATCH_1})
  else()
    set(layer "")
  endif()
  set(${out} "${layer}" PARENT_SCOPE)
endfunction()

# Sets OUT to why the include is wrong, or to nothing.
function(check_include out layer style header)
  set(why "")
  if(style STREQUAL "\"")
    if(header MATCHES "\\.moc$|^moc_")
      # Made by Qt's own compiler for this very file.
    elseif(NOT header MATCHES "${project_${layer}}")
      set(why "${layer} must not include this, or includes it without its full path")
    endif()
  elseif(header MATCHES "^(kernels|engine|app|ui)/")
    set(why "headers of this project are included in quotes")
  elseif(layer STREQUAL "kernels" AND NOT header MATCHES "${library_kernels}")
    set(why "kernels use the standard library, Highway and CUDA alone")
  elseif(layer STREQUAL "engine" AND header MATCHES "${qt_any}")
    set(why "the engine knows no Qt")
  elseif(layer STREQUAL "app" AND header MATCHES "${qt_graphical}")
    set(why "the app library is headless: no Qt Gui, Qml or Quick")
  endif()
  set(${out} "${why}" PARENT_SCOPE)
endfunction()

set(violations 0)
set(checked 0)
foreach(folder kernels engine app ui)
  file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.cpp ${ROOT}/${folder}/*.inc
       ${ROOT}/${folder}/*.cu ${ROOT}/${folder}/*.cuh)
  foreach(file IN LISTS files)
    layer_of(layer ${file})
    file(STRINGS ${ROOT}/${file} includes REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
    math(EXPR checked "${checked} + 1")
    foreach(line IN LISTS includes)
      string(REGEX MATCH "include[ \t]*([<\"])([^>\"]+)" matched "${line}")
      check_include(why ${layer} "${CMAKE_MATCH_1}" "${CMAKE_MATCH_2}")
      if(why)
        string(STRIP "${line}" line)
        message("${file}: ${line}  (${why})")
        math(EXPR violations "${violations} + 1")
      endif()
    endforeach()
  endforeach()
endforeach()

if(violations)
  message(FATAL_ERROR "${violations} includes break the dependency direction.")
endif()
message("${checked} files: every include follows the dependency direction.")
