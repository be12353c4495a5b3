#!/usr/bin/env bash
# How fast a table's fingerprint is taken, against counting its rows and against comparing two ordered exports. Promised:
# at least a fifteenth of count(*)'s rows a second, and at least four times the rows a second of the ordered compare.
#
#   benches/fingerprint.sh [ROWS] [RUNS]        run by hand; needs PostgreSQL's programs; 5,000,000 rows unless told
#
# Two parallel workers, a warm cache, the median of the runs, all in one go on one server. A comparison of two moments
# takes two fingerprints, as it takes two exports, so both are counted twice.
set -euo pipefail
cd "$(dirname "$0")/.."
rows="${1:-5000000}"
runs="${2:-3}"
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
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap cleanup EXIT
(
    cd "$folder"
    "${as[@]}" "$bin/initdb" -D "$folder/data" -U bench --auth=trust --no-sync >/dev/null
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
        -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c autovacuum=off -c shared_buffers=1GB -c max_parallel_workers_per_gather=2" \
        start >/dev/null
)
url="postgresql://bench@127.0.0.1:$port/postgres"
sql() { "$bin/psql" -q -At "$url" -c "$1"; }
sql "CREATE TABLE process_data (id bigint PRIMARY KEY, lot_id int, serial_id int, result text, measurements jsonb, started_at timestamptz, duration int, notes text)"
sql "INSERT INTO process_data SELECT i, i / 700, i / 8, CASE WHEN i % 25 = 0 THEN 'FAIL' ELSE 'PASS' END,
    jsonb_build_object('temperature', 18 + i % 50 / 10.0, 'cycles', i % 7), timestamptz '2026-01-01' + i * interval '1 second', i % 400,
    CASE WHEN i % 40 = 0 THEN 'sent back to the station before' END FROM generate_series(1, $rows) AS i"
sql "VACUUM (ANALYZE) process_data"
sql "SELECT count(*) FROM process_data" >/dev/null

cat >"$folder/bench.toml" <<TOML
format = 1
id = "bench"
title = "Bench"
[[slot]]
id = "db"
title = "Database"
[environments.bench]
slot = "db"
database = "\${BENCH_DATABASE_URL}"
[[phase]]
id = "p"
title = "P"
slot = "db"
TOML

# Seconds of a command, with a point.
seconds() {
    local began ended
    began="$(date +%s.%N)"
    "$@" >/dev/null
    ended="$(date +%s.%N)"
    awk -v a="$began" -v b="$ended" 'BEGIN { printf "%.3f\n", b - a }'
}
count() { sql "SELECT count(*) FROM process_data"; }
fingerprint() { (cd "$folder" && BENCH_DATABASE_URL="$url" "$gonogo" fingerprint bench.toml --env bench); }
ranges() { (cd "$folder" && BENCH_DATABASE_URL="$url" "$gonogo" fingerprint bench.toml --env bench -o "$folder/f.toml"); }
export_to() { sql "COPY (SELECT * FROM process_data ORDER BY id) TO STDOUT" >"$1"; }
ordered() { export_to "$folder/a" && export_to "$folder/b" && cmp "$folder/a" "$folder/b"; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

for run in $(seq "$runs"); do
    for what in count fingerprint ranges ordered; do
        took="$(seconds "$what")"
        echo "$took" >>"$folder/$what.seconds"
        echo "run $run  $what  $took s"
    done
done
of() { median "$folder/$1.seconds"; }
awk -v n="$rows" -v c="$(of count)" -v f="$(of fingerprint)" -v r="$(of ranges)" -v o="$(of ordered)" 'BEGIN {
    printf "%d rows: count(*) %.2f, fingerprint %.2f, with ranges and columns %.2f million rows/s\n", n, n / c / 1e6, n / f / 1e6, n / r / 1e6
    printf "fingerprint against count(*): 1/%.1f, may be 1/15: %s\n", f / c, (f / c <= 15 ? "kept" : "missed")
    printf "two fingerprints against an ordered compare: %.1f times as fast, must be 4: %s\n", o / (2 * f), ((o / (2 * f) >= 4) ? "kept" : "missed")
}'
