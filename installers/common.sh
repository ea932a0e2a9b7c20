# shellcheck shell=bash
# Shared by run.sh and test.sh, which source it: steps with a name and a log, and the installation of what is missing.
# Needs bash. Sets FOVEA_ROOT; expects FOVEA_LOG_NAME.

set -euo pipefail

FOVEA_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
FOVEA_LOG="$FOVEA_ROOT/build/$FOVEA_LOG_NAME"
FOVEA_STEP="starting"

say() { printf '%s %s\n' '==>' "$*"; }

# Called at the first failure: names the step and where its whole output lies.
fail() {
  {
    printf '\n'
    printf '==> FAILED: %s.\n' "$FOVEA_STEP"
    [ $# -gt 0 ] && printf '    %s\n' "$@"
    printf '    The whole output is in %s\n' "$FOVEA_LOG"
  } >&2
  exit 1
}

open_log() {
  mkdir -p "$FOVEA_ROOT/build"
  date '+%Y-%m-%d %H:%M:%S' >"$FOVEA_LOG"
}

# step NAME COMMAND...: runs the command with its output on the screen and in the log.
step() {
  FOVEA_STEP=$1
  shift
  say "$FOVEA_STEP"
  printf '\n==> %s\n    %s\n' "$FOVEA_STEP" "$*" >>"$FOVEA_LOG"
  "$@" 2>&1 | tee -a "$FOVEA_LOG" || fail
}

# quiet_step NAME COMMAND...: the same with the output in the log alone; its last lines are shown where it fails.
quiet_step() {
  FOVEA_STEP=$1
  shift
  say "$FOVEA_STEP"
  printf '\n==> %s\n    %s\n' "$FOVEA_STEP" "$*" >>"$FOVEA_LOG"
  if ! "$@" >>"$FOVEA_LOG" 2>&1; then
    tail -n 20 "$FOVEA_LOG" >&2
    fail
  fi
}

# packages SECTION...: the names in these sections of packages-debian.txt.
packages() {
  local wanted=" $* "
  local section="" line
  while IFS= read -r line; do
    line=${line%%#*}
    line=${line//[[:space:]]/}
    case "$line" in
      "") ;;
      \[*\]) section=${line:1:${#line}-2} ;;
      *) case "$wanted" in *" $section "*) printf '%s\n' "$line" ;; esac ;;
    esac
  done <"$FOVEA_ROOT/installers/packages-debian.txt"
}

missing_packages() {
  local installed name
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p')
  packages "$@" | while IFS= read -r name; do
    grep -qxF -- "$name" <<<"$installed" || printf '%s\n' "$name"
  done
}

# install_missing SECTION...: apt-get, only for what is not there; no network otherwise.
install_missing() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "This is not a Debian system: nothing is installed. installers/packages-debian.txt lists what is needed."
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then
    say "All packages are installed."
    return
  fi
  FOVEA_STEP="Installing ${#missing[@]} Debian packages"
  local -a as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "Neither root nor sudo. Run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
    say "sudo may ask for your password, to install packages."
    sudo -v || fail "sudo refused. Run as root: apt-get install ${missing[*]}"
  fi
  say "Missing: ${missing[*]}"
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120)
  quiet_step "Updating the package lists" "${as_root[@]}" update
  quiet_step "Installing ${#missing[@]} Debian packages (a few minutes at first)" \
    "${as_root[@]}" install -y --no-install-recommends "${missing[@]}"
}

# build PRESET: configures where needed and builds. Ninja itself configures again after a change of a CMakeLists.txt.
# What users run has GPU kernels for the GPU that is here, and none where there is none: those for every architecture
# take minutes. Test builds have them wherever nvcc is found.
cuda_options() {
  options=()
  [ "$1" = release ] || return 0
  if nvidia-smi -L > /dev/null 2>&1; then
    options=(-DCMAKE_CUDA_ARCHITECTURES=native)
  else
    options=(-DFOVEA_CUDA=OFF)
  fi
}

build() {
  local preset=$1
  local ninja_file="$FOVEA_ROOT/build/$preset/build.ninja"
  cd "$FOVEA_ROOT"
  if [ ! -f "$ninja_file" ] || [ CMakePresets.json -nt "$ninja_file" ]; then
    local options
    cuda_options "$preset"
    quiet_step "Configuring (preset $preset)" cmake --preset "$preset" "${options[@]}"
  fi
  step "Building (preset $preset, $(nproc) jobs)" cmake --build --preset "$preset" --parallel "$(nproc)"
}
