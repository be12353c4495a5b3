#!/usr/bin/env bash
# `gonogo load` beside wrk and ab: the same service, the same connections, one core for the generator and one for the
# service, in turn so that a machine that warms up favours none. Prints the median of each figure and the ratios; the aims
# are percentiles within 10 % of both, throughput at least 1.0 x ab and 0.8 x wrk.
#
#   benches/load.sh [ROUNDS] [REQUESTS]       run by hand; installs wrk, apache2-utils and nginx-light where they are not
#
# Two services: nginx with a file of a few bytes, which is faster than most generators, and a service that takes 5 ms to
# answer, where the generator must add nothing. wrk counts late answers again for those it held back (its correction for
# coordinated omission), so that its tail may lie above the others'. On a machine where something else runs, all vary.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${1:-5}"
requests="${2:-100000}"
connections=10
gonogo="${GONOGO:-${CARGO_TARGET_DIR:-target}/release/gonogo}"
[ -x "$gonogo" ] || { echo "there is no $gonogo; build it with: cargo build --release" >&2; exit 1; }
gonogo="$(realpath "$gonogo")"
missing=()
command -v wrk >/dev/null || missing+=(wrk)
command -v ab >/dev/null || missing+=(apache2-utils)
[ -x /usr/sbin/nginx ] || missing+=(nginx-light)
if [ "${#missing[@]}" -gt 0 ]; then
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
cores="$(nproc)"
[ "$cores" -ge 2 ] || { echo "one core is too few: the generator and the service need one each" >&2; exit 1; }
here=(taskset -c 0)
there=(taskset -c 1)

folder="$(mktemp -d)"
chmod 755 "$folder"
servers=()
cleanup() {
    for pid in "${servers[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap cleanup EXIT
fast=$((20000 + RANDOM % 10000))
slow=$((fast + 1))
mkdir "$folder/www"
chmod 755 "$folder/www"
echo '{"status":"ok"}' >"$folder/www/health"
cat >"$folder/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/error.log;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path $folder/body; proxy_temp_path $folder/proxy; fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
    keepalive_requests 100000000;
    open_file_cache max=10;
    server { listen 127.0.0.1:$fast; root $folder/www; }
}
CONF
"${there[@]}" /usr/sbin/nginx -c "$folder/nginx.conf" 2>/dev/null &
servers+=($!)
cat >"$folder/slow.py" <<'PY'
import asyncio, sys

class Slow(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        if self.buffer.endswith(b"\r\n\r\n"):
            self.buffer = b""
            asyncio.get_running_loop().call_later(0.005, self.answer)

    def answer(self):
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n{}")

async def main():
    server = await asyncio.get_running_loop().create_server(Slow, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.run(main())
PY
"${there[@]}" python3 "$folder/slow.py" "$slow" &
servers+=($!)
for port in "$fast" "$slow"; do
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        sleep 0.1
    done
done

# One line a run: TOOL THROUGHPUT P50 P90 P99, latencies in milliseconds.
run_gonogo() {
    "${here[@]}" "$gonogo" load "$1" -n "$2" -c "$connections" --json --warmup 100 >"$folder/out" || true
    python3 - "$folder/out" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
l = r["latency_ms"]
print("gonogo", r["throughput"], l["p50"], l["p90"], l["p99"])
PY
}
run_ab() {
    "${here[@]}" ab -q -k -n "$2" -c "$connections" -e "$folder/ab.csv" "$1" >"$folder/out" 2>&1
    rate="$(awk '/^Requests per second/ {print $4}' "$folder/out")"
    awk -F, -v rate="$rate" '$1 == "50" {p50 = $2} $1 == "90" {p90 = $2} $1 == "99" {p99 = $2}
        END {print "ab", rate, p50, p90, p99}' "$folder/ab.csv"
}
run_wrk() {
    # wrk runs for a time: about as long as the others.
    "${here[@]}" wrk -t1 -c "$connections" -d "$3" --latency "$1" >"$folder/out"
    awk 'function ms(t) { if (t ~ /us$/) return t / 1000; if (t ~ /ms$/) return t + 0; return t * 1000 }
        /^ +50%/ {p50 = ms($2)} /^ +90%/ {p90 = ms($2)} /^ +99%/ {p99 = ms($2)} /^Requests\/sec/ {rate = $2}
        END {print "wrk", rate, p50, p90, p99}' "$folder/out"
}
compare() {
    local url="$2" number="$3" time="$4"
    : >"$folder/runs"
    for _ in $(seq "$rounds"); do
        run_wrk "$url" "$number" "$time" >>"$folder/runs"
        run_gonogo "$url" "$number" >>"$folder/runs"
        run_ab "$url" "$number" >>"$folder/runs"
    done
    echo
    echo "$1: $rounds rounds, $connections connections, load average $(cut -d' ' -f1 /proc/loadavg)"
    python3 - "$folder/runs" <<'PY'
import statistics, sys
runs = {}
for line in open(sys.argv[1]):
    tool, *figures = line.split()
    runs.setdefault(tool, []).append([float(f) for f in figures])
names = ["requests/s", "p50 ms", "p90 ms", "p99 ms"]
medians = {tool: [statistics.median(c) for c in zip(*r)] for tool, r in runs.items()}
print(f"{'':8}" + "".join(f"{n:>14}" for n in names))
for tool in ("gonogo", "wrk", "ab"):
    print(f"{tool:8}" + "".join(f"{v:14.3f}" for v in medians[tool]))
for tool in ("wrk", "ab"):
    ratios = [g / o if o else float("nan") for g, o in zip(medians["gonogo"], medians[tool])]
    print(f"{'/ ' + tool:8}" + "".join(f"{v:14.2f}" for v in ratios))
PY
}
compare "nginx, $requests requests" "http://127.0.0.1:$fast/health" "$requests" 3s
compare "5 ms service, $((requests / 20)) requests" "http://127.0.0.1:$slow/health" "$((requests / 20))" 3s
