// The command line as a whole: declares the commands, parses the arguments, runs the chosen command and turns
// what came of it into an exit status. Called once, from main().
#pragma once

namespace fovea::app::cli {

int run(int argumentCount, char** arguments);

}  // namespace fovea::app::cli
