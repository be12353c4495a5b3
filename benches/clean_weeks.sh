#!/usr/bin/env bash
# Clean weeks of the rehearsal, one after the other: none may raise an alert that no step of the checklist explains, and every
# watch has to pass. `bash benches/clean_weeks.sh [RUNS] [GONOGO] [DAY]` runs ten of a minute a day with target/debug/gonogo.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-10} gonogo=$(realpath "${2:-target/debug/gonogo}") day=${3:-1m}
folder=$(mktemp -d)
# The services of a rehearsal end with its folder.
trap 'rm -rf "$folder"' EXIT
bad=0
for run in $(seq "$runs"); do
    week=$folder/$run began=$SECONDS status=0
    "$gonogo" rehearse --headless --days "$day" --dir "$week" > "$folder/said" 2>&1 || status=$?
    alerts=$(awk 'BEGIN { RS = "[[][[]record[]][]]" } /kind = "alert-raised"/ && !/\nexpected = / { found++ } END { print found + 0 }' \
        "$week/neurohub.ledger.toml")
    read -r load _ < /proc/loadavg
    echo "run $run: exit $status, $alerts alerts, $((SECONDS - began)) s, load $load"
    if [ "$status" -ne 0 ] || [ "$alerts" -ne 0 ]; then
        bad=$((bad + 1))
        sed -n '/^Watched/,$p' "$folder/said"
        grep -A12 'kind = "alert-raised"' "$week/neurohub.ledger.toml" | grep -E '^(pane|sentence|expected|at) =' || true
    fi
    rm -rf "$week"
done
echo "$bad of $runs runs raised something"
[ "$bad" -eq 0 ]
