#!/usr/bin/env bash
# Makes the pictures of README and docs from a ledger, so that they show what the program draws.
#
#   assets/make.sh [LEDGER]       without one the rehearsal is flown on a terminal of its own first (about four minutes)
#
# GONOGO names the program, else target/release/gonogo is taken. The rehearsal measures: fly it on a quiet machine, or it never
# comes to a GO and this stops after 20 minutes.
set -euo pipefail
export TZ=UTC LC_ALL=C.UTF-8
assets=$(cd "$(dirname "$0")" && pwd)
gonogo=$(realpath "${GONOGO:-$assets/../target/release/gonogo}")
ledger=${1:-}

if [ -z "$ledger" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  ledger=$work/flown/neurohub.ledger.toml
  mkfifo "$work/keys"
  # A cockpit keeps what the metrics showed, which a headless rehearsal does not.
  script -qefc "stty cols 120 rows 36; '$gonogo' rehearse --dir '$work/flown'" /dev/null <"$work/keys" >/dev/null &
  exec 3>"$work/keys"
  until [ -e "$ledger" ]; do sleep 1; done
  sleep 3
  printf A >&3
  for _ in $(seq 1200); do
    if grep -q '^kind = "decided"' "$ledger"; then break; fi
    # The simulation leaves poll and decision to a person: p opens the poll, A answers it; D opens the decision, g chooses GO,
    # and the environment's name records it.
    if grep -q '^item = "criteria/stability/foreign-keys"' "$ledger"; then
      for key in p '\r' A; do printf "$key" >&3; sleep 3; done
      for key in D g '\r' '\r' rehearsal-production '\r'; do printf "$key" >&3; sleep 1; done
    fi
    sleep 1
  done
  sleep 2
  printf q >&3
  exec 3>&-
  wait
fi

# The number of the last record that has both lines, and what one of its fields says.
number() { awk -v kind="kind = \"$1\"" -v item="$2" '/^seq = /{seq=$3} $0==kind{k=seq} k==seq && (item=="" || index($0, "item = \"" item)==1){n=seq} END{print n}' "$ledger"; }
time_of() { awk -v n="$1" '/^seq = /{s=$3} s==n && /^at = /{gsub(/"/, "", $3); print $3; exit}' "$ledger"; }

picture() { # NAME SCREEN MOMENT...
  rm -f "$assets/$1.svg"
  "$gonogo" replay "$ledger" --theme dark --size 120x36 --screen "$2" "${@:3}" --picture "$assets/$1.svg"
}

migrates=$(number attempt-started p10/migrate/upgrade)
during=$(date -u -d "$(time_of "$migrates") 1 second" +%Y-%m-%dT%H:%M:%SZ)
decided=$(number decided "")
picture cockpit 0 --at "$during"
picture migration 2 --at "$during"
picture checklist 1 --seq "$decided"
picture panes 3 --seq "$decided"
picture decision 4 --seq "$decided"
picture signoffs 5 --seq "$decided"
picture timeline 6 --seq "$decided"
