#!/usr/bin/env bash
# Sets up what a fresh Debian machine lacks and runs every test.
#
# Needed before: a Rust toolchain and a C compiler. SQLite is compiled in; nothing else is used.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v cargo >/dev/null || { echo "a Rust toolchain is needed: see the README" >&2; exit 1; }

missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v setpriv >/dev/null || missing+=(util-linux)
if ((${#missing[@]})); then
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

exec cargo test --locked --no-fail-fast "$@"
