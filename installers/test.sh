#!/usr/bin/env bash
# Installs what is missing, builds everything with warnings as errors and runs the tests. CI runs this very script.
#
#   installers/test.sh                  all tests
#   installers/test.sh --unit           only those that need no model: seconds once built

FOVEA_LOG_NAME=test.log
# shellcheck source=installers/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

unit_only=no
case "${1:-}" in
  "") ;;
  --unit) unit_only=yes ;;
  *)
    printf 'usage: installers/test.sh [--unit]\n' >&2
    exit 2
    ;;
esac

open_log
install_missing runtime build test
build test

# Windows are drawn without a screen; a test that needs a real one says so itself.
export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}

step "Testing: unit" ctest --preset test --label-regex '^unit$' --parallel "$(nproc)"
if [ "$unit_only" = no ]; then
  # One at a time: these use all cores by themselves, and some measure time.
  step "Testing: engine, window, slow" ctest --preset test --label-exclude '^unit$'
fi
say "All tests passed."
