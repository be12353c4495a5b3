#!/usr/bin/env bash
# What watching costs a PostgreSQL server: pgbench runs in pairs, with a cockpit watching and without, in turn so that a
# machine that warms up favours neither. Prints the throughput of each run and the ratio of the medians; the promise is
# that it stays at 0.98 or above.
#
#   benches/observer.sh [PAIRS] [SECONDS]       run by hand; needs PostgreSQL's programs and python3
#
# The cockpit runs as in a deployment: on a terminal, once a second. With OBSERVER=full the supervisor's observer runs as
# well, at the rate it has while a migration runs: a migration that only sleeps.
set -euo pipefail
cd "$(dirname "$0")/.."
pairs="${1:-5}"
seconds="${2:-10}"
gonogo="${GONOGO:-${CARGO_TARGET_DIR:-target}/release/gonogo}"
[ -x "$gonogo" ] || { echo "there is no $gonogo; build it with: cargo build --release" >&2; exit 1; }
gonogo="$(realpath "$gonogo")"
bin="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)"
[ -n "$bin" ] || bin="$(dirname "$(command -v initdb)")"

folder="$(mktemp -d)"
chmod 755 "$folder"
as=()
if [ "$(id -u)" -eq 0 ]; then
    # PostgreSQL refuses to run as root.
    chown nobody "$folder"
    as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
fi
port=$((20000 + RANDOM % 10000))
cleanup() {
    [ -z "${watcher:-}" ] || kill "$watcher" 2>/dev/null || true
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap cleanup EXIT
(
    cd "$folder"
    "${as[@]}" "$bin/initdb" -D "$folder/data" -U bench --auth=trust --no-sync >/dev/null
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c autovacuum=off" \
        -l "$folder/log" start >/dev/null
)
url="postgresql://bench@127.0.0.1:$port/bench"
"$bin/createdb" -h 127.0.0.1 -p "$port" -U bench bench
"$bin/pgbench" -h 127.0.0.1 -p "$port" -U bench -i -s 10 -q bench >/dev/null 2>&1

cat >"$folder/watch.toml" <<TOML
format = 1
id = "watch"
title = "Watch"
[[slot]]
id = "db"
title = "Database"
[environments.bench]
slot = "db"
database = "\${BENCH_DATABASE_URL}"
[environments.bench.migrator]
kind = "command"
command = "PGPASSWORD= '$bin/psql' \"\$GONOGO_DATABASE_URL\" -c 'SELECT pg_sleep($((seconds * 4)))'"
[[phase]]
id = "p"
title = "Watch"
slot = "db"
[[phase.section]]
id = "s"
title = "S"
[[phase.section.item]]
id = "sleep"
title = "Sleep on the server"
check = { kind = "migration", direction = "upgrade", to = "head" }
TOML

watch() {
    rm -rf "$folder"/watch.ledger.*
    BENCH_DATABASE_URL="$url" FULL="${OBSERVER:-}" python3 - "$gonogo" "$folder" <<'PY' &
import os, pty, select, sys, time
gonogo, folder = sys.argv[1:]
os.chdir(folder)
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execv(gonogo, [gonogo, "open", "watch.toml", "--env", "db=bench"])
began, pressed = time.time(), False
try:
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready and not os.read(terminal, 65536):
            break
        if os.environ["FULL"] and not pressed and time.time() - began > 1:
            os.write(terminal, b"\r")
            pressed = True
except OSError:
    pass
PY
    watcher=$!
    sleep 3
}

unwatch() {
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    watcher=
    # What the cockpit started goes on without it; here nobody waits for it.
    "$bin/psql" -q -At "$url" -c "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'gonogo%'" >/dev/null
}

bench() {
    "$bin/pgbench" -h 127.0.0.1 -p "$port" -U bench -n -c 8 -j 2 -T "$seconds" bench 2>/dev/null |
        sed -n 's/^tps = \([0-9.]*\).*/\1/p' | head -1
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

bench >/dev/null
for pair in $(seq "$pairs"); do
    if ((pair % 2)); then order=(alone watched); else order=(watched alone); fi
    for run in "${order[@]}"; do
        [ "$run" = alone ] || watch
        tps="$(bench)"
        [ "$run" = alone ] || unwatch
        echo "$tps" >>"$folder/$run"
        echo "pair $pair  $run  $tps transactions/s"
    done
done
alone="$(median "$folder/alone")"
watched="$(median "$folder/watched")"
awk -v a="$alone" -v w="$watched" 'BEGIN { printf "median alone %.0f, watched %.0f, ratio %.3f\n", a, w, w / a }'
