// fovea-cli: the engine without a window. Everything lives in the fovea_cli library; see application.h.
#include "app/cli/application.h"

int main(int argumentCount, char** arguments) {
  return fovea::app::cli::run(argumentCount, arguments);
}
