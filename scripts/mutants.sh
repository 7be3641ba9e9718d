#!/usr/bin/env bash
# Runs every planted fault and expects the oracles to catch each one: an oracle that never fires
# proves nothing. Expects the mutants preset to be built.
# usage: mutants.sh [LAST] [SEEDS] [HOURS]
set -euo pipefail
cd "$(dirname "$0")/.."

last=${1:-8}
seeds=${2:-1..100}
hours=${3:-6}
simulator=build/mutants/bin/landfall-sim
report=$(mktemp)
trap 'rm -f "$report"' EXIT

oracles() {
  python3 -c '
import json, sys
violations = json.load(open(sys.argv[1]))["violations"]
if not violations: sys.exit("no violation in the report")
names = ", ".join(sorted({v["oracle"] for v in violations}))
print(names, "first at seed", min(v["seed"] for v in violations))' "$1"
}

survived=()
for ((mutant = 1; mutant <= last; mutant++)); do
  status=0
  "$simulator" explore --seeds "$seeds" --hours "$hours" --mutant "$mutant" --json \
    >"$report" || status=$?
  case $status in
    1)
      if caught_by=$(oracles "$report"); then
        echo "mutant $mutant: caught by $caught_by"
      else
        echo "mutant $mutant: exit code 1 but no oracle fired"
        survived+=("$mutant")
      fi
      ;;
    0)
      echo "mutant $mutant: SURVIVED $seeds"
      survived+=("$mutant")
      ;;
    *)
      echo "mutant $mutant: the simulator could not run it (exit code $status)" >&2
      exit 3
      ;;
  esac
done

if [ "${#survived[@]}" -gt 0 ]; then
  echo "mutants: not caught: ${survived[*]}" >&2
  exit 1
fi
echo "mutants: all $last were caught"
