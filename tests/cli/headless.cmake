# Fails when PROGRAM would load a graphical library. Run: cmake -D PROGRAM=<file> -P headless.cmake
cmake_minimum_required(VERSION 3.25)
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${PROGRAM} RESOLVED_DEPENDENCIES_VAR libraries
     UNRESOLVED_DEPENDENCIES_VAR missing)
list(FILTER libraries INCLUDE REGEX "Qt6(Gui|Quick|Qml|Widgets)|libX11|libwayland|libGL")
if(libraries)
  message(FATAL_ERROR "${PROGRAM} loads ${libraries}")
endif()
message("${PROGRAM} is headless.")
