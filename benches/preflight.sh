#!/usr/bin/env bash
# What a preflight costs a PostgreSQL server as the chain grows: chains of 5 to 200 UPDATEs of one column, the time of each
# preflight, its questions, and the peak memory of the server's process that answered them. Past the bound on layers (32)
# the time must not grow faster than the chain, and the memory must not grow at all.
#
#   benches/preflight.sh [ROWS]       run by hand; needs PostgreSQL's programs
set -euo pipefail
cd "$(dirname "$0")/.."
rows="${1:-1000}"
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
trap '"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
(
    cd "$folder"
    "${as[@]}" "$bin/initdb" -D "$folder/data" -U bench --auth=trust --no-sync >/dev/null
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off" \
        -l "$folder/log" start >/dev/null
)
export BENCH_DATABASE_URL="postgresql://bench@127.0.0.1:$port/postgres"
"$bin/psql" -qX "$BENCH_DATABASE_URL" -c "CREATE TABLE parts AS SELECT i AS id, 'old-' || i % 7 AS colour FROM generate_series(1, $rows) AS i"
mkdir "$folder/migrations"
cat >"$folder/many.toml" <<'TOML'
format = 1
id = "many"
title = "Many"
[[slot]]
id = "db"
title = "Database"
[environments.bench]
slot = "db"
database = "${BENCH_DATABASE_URL}"
[environments.bench.migrator]
kind = "sqlx"
command = "sqlx migrate"
[[phase]]
id = "p"
title = "P"
slot = "db"
[[phase.section]]
id = "s"
title = "S"
[[phase.section.item]]
id = "i"
title = "I"
TOML
printf '%10s %10s %12s %14s\n' statements seconds s/statement 'server peak'
for count in 5 10 20 32 50 100 200; do
    {
        for i in $(seq 1 $((count - 1))); do echo "UPDATE parts SET colour = 'new-$i' WHERE colour = 'old-$i';"; done
        echo "ALTER TABLE parts ALTER COLUMN colour SET NOT NULL;"
    } >"$folder/migrations/1_many.sql"
    peak=0
    start=$(date +%s.%N)
    "$gonogo" preflight "$folder/many.toml" --env bench --allow-inconclusive >"$folder/out" &
    running=$!
    while kill -0 "$running" 2>/dev/null; do
        for status in $(pgrep -f 'postgres: bench' | sed 's|.*|/proc/&/status|'); do
            now=$(awk '/VmHWM/ {print $2}' "$status" 2>/dev/null || echo 0)
            [ "${now:-0}" -le "$peak" ] || peak=$now
        done
    done
    wait "$running"
    end=$(date +%s.%N)
    awk -v n="$count" -v a="$start" -v b="$end" -v p="$peak" 'BEGIN { printf "%10d %10.2f %12.4f %11.1f MB\n", n, b - a, (b - a) / n, p / 1024 }'
done
