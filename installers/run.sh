#!/usr/bin/env bash
# Installs what is missing, builds Fovea and starts the chat with the embedded model. Run it again at any time: when
# nothing changed it starts in seconds. Arguments go to the program. Without a display it opens the terminal chat.
#
#   installers/run.sh                   the window
#   installers/run.sh --help            what the window understands
#   installers/run.sh --build-only      install and build, start nothing

FOVEA_LOG_NAME=run.log
# shellcheck source=installers/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build_only=no
if [ "${1:-}" = "--build-only" ]; then
  build_only=yes
  shift
fi

open_log
install_missing runtime build
build release

# find_program NAME: where the build put it.
find_program() {
  local path
  for path in "$FOVEA_ROOT"/build/release/bin/"$1" "$FOVEA_ROOT"/build/release/app/*/"$1"; do
    if [ -f "$path" ] && [ -x "$path" ]; then
      printf '%s\n' "$path"
      return
    fi
  done
  FOVEA_STEP="Looking for $1"
  fail "The build ended well, but there is no program $1."
}

if [ "$build_only" = yes ]; then
  window=$(find_program fovea)
  terminal=$(find_program fovea-cli)
  say "Built: $window, $terminal"
elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  program=$(find_program fovea)
  say "Starting Fovea."
  exec "$program" "$@"
else
  program=$(find_program fovea-cli)
  say "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): opening the chat in the terminal."
  exec "$program" chat "$@"
fi
