#!/usr/bin/env bash
# Sets up what a fresh Debian machine lacks and runs every test. `--set-up` stops before the tests; `--quick` runs only
# those that need nothing set up: unit tests, decisions, the ledger, the screens.
#
# Needed before: a Rust toolchain and a C compiler. SQLite is compiled in. The tests on PostgreSQL start a server of
# their own, and those on Alembic use a Python environment under target/; both are set up here.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v cargo >/dev/null || { echo "a Rust toolchain is needed: see the README" >&2; exit 1; }

if [ "${1:-}" = --quick ]; then
    shift
    # Signing needs ssh-keygen, which nothing here installs.
    command -v ssh-keygen >/dev/null || set -- "$@" -- --skip tampering
    exec cargo test --locked --lib --test pure --test ledger --test screens "$@"
fi

missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v setpriv >/dev/null || missing+=(util-linux)
command -v openssl >/dev/null || missing+=(openssl)
command -v git >/dev/null || missing+=(git)
command -v curl >/dev/null || missing+=(curl)
command -v ssh-keygen >/dev/null && command -v ssh-agent >/dev/null || missing+=(openssh-client)
command -v prometheus >/dev/null || missing+=(prometheus)
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
if ((${#missing[@]})); then
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# Made once; made anew when the list of packages changes, or when it was copied here: its programs name where they stand.
venv="${CARGO_TARGET_DIR:-target}/alembic-venv"
wanted="tests/fixtures/alembic/requirements.txt"
if ! cmp --silent "$wanted" "$venv/installed.txt" || ! grep -qF "$(realpath "$venv")" "$venv/bin/alembic"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted"
    cp "$wanted" "$venv/installed.txt"
fi
# What only sets up stops here.
[ "${1:-}" != "--set-up" ] || exit 0

exec cargo test --locked --no-fail-fast "$@"
