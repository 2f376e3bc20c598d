#!/usr/bin/env bash
# Makes a Debian or Ubuntu machine ready to build Myelin. Idempotent: what is there is left alone.
#
#   1. system packages (compiler for protobuf, clang, cmake; Tesseract, which reads pages for miners of the recognition
#      subnet; Apertium, which translates for miners of the translation subnet); with the argument `tests` also Python and Node.js, which run the official packages that tests work with
#   2. room on the disk: if there is little, what earlier builds kept to be faster goes
#   3. the WASM target of the runtime: by rustup, or, where rustup cannot download, built from the
#      library sources that Debian ships (package rust-web-src)
#
# Prints the environment that the build needs to $MYELIN_CACHE/env, which the Makefile reads.
set -euo pipefail

cache="${MYELIN_CACHE:-$HOME/.cache/myelin}"
mkdir -p "$cache"

step() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$1" >&2; shift; for line in "$@"; do printf '       %s\n' "$line" >&2; done; exit 1; }

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null; then sudo="sudo"; fi
fi

# --- 1. Rust and system packages ------------------------------------------------------------------
command -v cargo >/dev/null || fail "no Rust toolchain found" "install it from https://rustup.rs and run this again"

missing=()
for pair in protoc:protobuf-compiler clang:clang cmake:cmake pkg-config:pkg-config curl:curl tesseract:tesseract-ocr; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
for pair in eng-spa:apertium-eng-spa fr-es:apertium-fr-es es-pt:apertium-es-pt; do
  [ -e "/usr/share/apertium/modes/${pair%%:*}.mode" ] || missing+=("${pair##*:}")
done
if [ "${1:-}" = tests ]; then
  for pair in node:nodejs npm:npm; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
fi
install_packages() {
  command -v apt-get >/dev/null || fail "these programs are missing: $*" "install them with your package manager and run this again"
  if [ "$(id -u)" -ne 0 ] && [ -z "$sudo" ]; then fail "these packages are missing: $*" "install them as root: apt-get install $*"; fi
  step "installing $*"
  if [ ! -e "$cache/apt-updated" ] || [ -n "$(find "$cache/apt-updated" -mmin +1440)" ]; then
    $sudo apt-get update -qq && touch "$cache/apt-updated"
  fi
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@" >"$cache/apt.log" 2>&1 ||
    fail "apt-get could not install: $*" "its messages are in $cache/apt.log"
}
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"

# --- 2. room on the disk ---------------------------------------------------------------------------
# Two cold builds write about 20 GB; a warm one writes less.
room() { df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1048576) }'; }
for folder in target chain-target; do
  kept="$cache/$folder/debug"
  if [ "$(room)" -lt 15 ] && [ -d "$kept/incremental" ]; then
    step "$(room) GB are free on the disk of $cache: removing $kept/incremental"
    # Not while a build writes there.
    flock -n "$kept/.cargo-lock" rm -rf "$kept/incremental" || step "a build is running there: nothing was removed"
  fi
done
[ "$(room)" -ge 3 ] || fail "$(room) GB are free on the disk of $cache, and a build needs more" "make room, or set MYELIN_CACHE to a folder on a larger disk"

# --- 3. the WASM target ---------------------------------------------------------------------------
sysroot="$(rustc --print sysroot)"
wasm_lib() { ls "$1/lib/rustlib/wasm32v1-none/lib/"libcore-*.rlib >/dev/null 2>&1; }

build_wasm_target_from_source() {
  # A second compiler with its library sources, only for the runtime; everything else stays on stable.
  local packages=()
  [ -x /usr/bin/rustc ] || packages+=(rustc-web)
  dpkg -s rust-web-src >/dev/null 2>&1 || packages+=(rust-web-src)
  [ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"

  local host stamp; host="$(rustc -vV | sed -n 's/^host: //p')"
  stamp="$(/usr/bin/rustc -V) with bitcode"
  if [ "$(cat "$cache/wasm-target" 2>/dev/null)" != "$stamp" ] || ! wasm_lib /usr; then
    step "building the WASM core library from Debian's sources (about 20 s)"
    local work; work="$(mktemp -d)"
    mkdir -p "$work/src"
    printf '#![no_std]\nextern crate alloc;\n' >"$work/src/lib.rs"
    printf '[package]\nname = "wasm-core"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
    ( cd "$work" && env -u CARGO_TARGET_DIR -u RUSTUP_TOOLCHAIN RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
        cargo build --release -q -Zbuild-std=core,alloc,compiler_builtins \
        -Zbuild-std-features=compiler-builtins-mem --target wasm32v1-none --target-dir "$work/target" ) ||
      fail "the WASM core library did not build" "with a network that reaches rustup: rustup target add wasm32v1-none"
    local lib=/usr/lib/rustlib/wasm32v1-none/lib
    $sudo rm -rf "$lib"; $sudo mkdir -p "$lib" "/usr/lib/rustlib/$host/bin"
    $sudo cp "$work"/target/wasm32v1-none/release/deps/lib{core,alloc,compiler_builtins}-*.rlib "$lib/"
    $sudo ln -sf "$sysroot/lib/rustlib/$host/bin/rust-lld" "/usr/lib/rustlib/$host/bin/rust-lld"
    rm -rf "$work"
    printf '%s' "$stamp" >"$cache/wasm-target"
  fi
  rustup toolchain link myelin-wasm /usr >/dev/null 2>&1 || fail "rustup could not link /usr as toolchain myelin-wasm"
}

: >"$cache/env.new"
if wasm_lib "$sysroot"; then :
elif [ -e "$cache/wasm-target" ] || ! timeout 60 rustup target add wasm32v1-none >"$cache/rustup.log" 2>&1; then
  build_wasm_target_from_source
  echo "export WASM_BUILD_TOOLCHAIN=myelin-wasm" >>"$cache/env.new"
fi

mv "$cache/env.new" "$cache/env"
