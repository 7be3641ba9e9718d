#!/usr/bin/env bash
# Runs every planted fault and expects the oracles to catch each one: an oracle that never fires
# proves nothing. Expects the mutants preset to be built.
# usage: mutants.sh [LAST] [SEEDS] [HOURS]
set -euo pipefail
cd "$(dirname "$0")/.."

last=${1:-45}
seeds=${2:-1..100}
hours=${3:-6}
simulator=build/mutants/bin/landfall-sim
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# The oracle that has to name each fault (simulator/oracles/README.md). Others may fire as well.
expected=(- INV-Q1 INV-Q2 INV-Q6 INV-Q11 INV-Q16 INV-A2 INV-A3 INV-Q4 INV-T2 INV-Q5 INV-Q12
  INV-Q3 INV-Q7 INV-Q9 INV-Q13 INV-S2 INV-S8 INV-S3 INV-S5 INV-S4 INV-S6 INV-S7 INV-X2
  INV-X3 INV-X1 INV-F1 INV-A8 INV-A9 INV-A11 INV-Q9 A-42
  INV-A1 INV-A2 INV-A4 INV-A5 INV-A6 INV-A7 INV-A10 INV-A12 INV-A13 INV-A14 INV-A15
  C-25 INV-A13 INV-Q8)

# What no random world does is played: the scenario in which the oracle has to name the fault.
declare -A scenario=([44]=tests/scenarios/ims_drains_other_organisation.json)

# The seed at which the expected oracle first fired, and who else did; fails when it never fired.
verdict() {
  python3 -c '
import json, sys
violations = json.load(open(sys.argv[1]))["violations"]
seeds = [v["seed"] for v in violations if v["oracle"] == sys.argv[2]]
if not seeds: sys.exit(1)
others = sorted({v["oracle"] for v in violations} - {sys.argv[2], "coverage"})
also = "(also " + ", ".join(others) + ")" if others else ""
print("caught by", sys.argv[2], "at seed", min(seeds), also)
' "$1" "$2"
}

# A scenario without its fault must pass, or its failure would prove nothing.
play() {
  local status=0
  "$simulator" run "$2" >"$report" || { cat "$report" >&2; exit 3; }
  "$simulator" run --mutant "$1" "$2" >"$report" || status=$?
  [ "$status" -eq 1 ] && grep -q "expected $3 holds" "$report"
}

survived=()
for ((mutant = 1; mutant <= last; mutant++)); do
  oracle=${expected[$mutant]}
  [ "$oracle" != - ] || continue
  if [ -n "${scenario[$mutant]:-}" ]; then
    if play "$mutant" "${scenario[$mutant]}" "$oracle"; then
      echo "mutant $mutant: caught by $oracle in ${scenario[$mutant]}"
    else
      echo "mutant $mutant: NOT caught by $oracle in ${scenario[$mutant]}"
      survived+=("$mutant")
    fi
    continue
  fi
  status=0
  "$simulator" explore --seeds "$seeds" --hours "$hours" --mutant "$mutant" --until "$oracle" \
    --json >"$report" 2>/dev/null || status=$?
  if [ "$status" -gt 1 ]; then
    echo "mutant $mutant: the simulator could not run it (exit code $status)" >&2
    exit 3
  fi
  if caught=$(verdict "$report" "$oracle"); then
    echo "mutant $mutant: $caught"
  else
    echo "mutant $mutant: NOT caught by $oracle within seeds $seeds"
    survived+=("$mutant")
  fi
done

if [ "${#survived[@]}" -gt 0 ]; then
  echo "mutants: not caught: ${survived[*]}" >&2
  exit 1
fi
echo "mutants: all were caught"
