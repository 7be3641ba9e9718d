#!/usr/bin/env bash
# Explores the same seeds twice with one compiler and once with another: no oracle may complain, and
# all three must have taken the same steps. Expects the release and clang presets to be built.
# usage: explore.sh [SEEDS] [HOURS]
set -euo pipefail
cd "$(dirname "$0")/.."

seeds=${1:-1..300}
hours=${2:-6}
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# field <report> <name>
field() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

# explore <preset> <report>
explore() {
  local status=0
  echo "explore: $1, seeds $seeds, $hours simulated hours each"
  "build/$1/bin/landfall-sim" explore --seeds "$seeds" --hours "$hours" --json >"$2" || status=$?
  if [ "$status" -ne 0 ]; then
    cat "$2"
    echo "explore: $1 failed with exit code $status;" \
      "repeat one seed with: landfall-sim replay SEED --hours $hours" >&2
    exit 1
  fi
  echo "explore: $1 clean, trace $(field "$2" trace_hash)," \
    "$(field "$2" operations_accepted) operations, $(field "$2" hours_per_second) hours a second"
}

# same_trace <what> <report> <report>
same_trace() {
  if [ "$(field "$2" trace_hash)" != "$(field "$3" trace_hash)" ]; then
    echo "explore: the traces differ between $1; something draws on more than the seed" >&2
    exit 1
  fi
  echo "explore: same trace in $1"
}

explore release "$reports/first"
explore release "$reports/second"
same_trace "two runs of one binary" "$reports/first" "$reports/second"
explore clang "$reports/clang"
same_trace "the binaries of gcc and clang" "$reports/first" "$reports/clang"
