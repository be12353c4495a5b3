#!/usr/bin/env bash
# What the collector costs: 30 panes at 5 s on a service of this machine. Prints the processor time of the collector alone in
# percent of a core, its resident memory, and the aims (1 % of a core, 40 MB) beside them; then the same of a collector with
# one pane, so that what a pane adds is seen apart from what a collector costs at all.
#
#   benches/collector.sh [SECONDS]            run by hand, on a release build: GONOGO=target/release/gonogo by default
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-120}"
gonogo="$(realpath "${GONOGO:-${CARGO_TARGET_DIR:-target}/release/gonogo}")" || true
[ -x "$gonogo" ] || { echo "there is no release build; build it with: cargo build --release" >&2; exit 1; }
folder="$(mktemp -d)"
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap cleanup EXIT
cat >"$folder/service.py" <<'PYTHON'
import http.server, sys
counter = 0
class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        global counter
        counter += 1
        lines = ["# TYPE requests_total counter", f"requests_total {counter}", "# TYPE pool gauge", "pool 3"]
        body = ("\n".join(lines) + "\n").encode() if self.path == "/metrics" else b'{"status":"ok","free":7}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-query-count", "4")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
python3 "$folder/service.py" >"$folder/port" &
pids+=($!)
until [ -s "$folder/port" ]; do sleep 0.05; done
port="$(cat "$folder/port")"

# Ten times each: latency, a counter as a rate, a number of an answer.
pane() {
    printf '[[pane]]\nid = "pane-%s"\ntitle = "Pane %s"\nslot = "here"\nunit = "x"\nevery = "5s"\nsource = %s\n' "$1" "$1" "$2"
}
measure() { # panes
    local name="panes-$1" sources=(
        '{ kind = "latency", path = "/lots" }'
        '{ kind = "prometheus", metric = "requests_total", reading = "rate" }'
        '{ kind = "http", path = "/pool", json = "/free" }'
    )
    mkdir "$folder/$name"
    {
        cat <<TOML
format = 1
id = "bench"
title = "Bench"
[[slot]]
id = "here"
title = "Here"
[environments.here]
slot = "here"
url = "http://127.0.0.1:$port"
[[phase]]
id = "one"
title = "One"
slot = "here"
[[phase.section]]
id = "look"
title = "Look"
[[phase.section.item]]
id = "first"
title = "First"
TOML
        for at in $(seq "$1"); do pane "$at" "${sources[$((at % 3))]}"; done
    } >"$folder/$name/bench.toml"
    (cd "$folder/$name" && "$gonogo" open bench.toml --no-screen >/dev/null)
    (cd "$folder/$name" && exec "$gonogo" collect bench.ledger.toml >/dev/null) &
    local pid=$!
    pids+=("$pid")
    sleep 10 # past the start
    local ticks before after resident
    ticks="$(getconf CLK_TCK)"
    before="$(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 + $14 + $15 }')"
    sleep "$seconds"
    after="$(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 + $14 + $15 }')"
    resident="$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")"
    samples="$(cd "$folder/$name" && "$gonogo" metrics bench.ledger.toml --since 1h --format csv | grep -c ',x,0,1,' || true)"
    awk -v panes="$1" -v used="$((after - before))" -v ticks="$ticks" -v seconds="$seconds" -v kib="$resident" -v samples="$samples" \
        'BEGIN { printf "%2d panes: %.2f %% of a core, %.1f MB resident, %d samples\n", panes, used / ticks / seconds * 100, kib / 1024, samples }'
    kill "$pid"
}
measure 1
measure 30
echo "aims at 30 panes: at most 1 % of a core, at most 40 MB"
