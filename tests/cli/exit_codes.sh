#!/usr/bin/env bash
# landfall-sim's exit codes are a contract: 0 clean, 1 a violation, 2 usage, 3 environment.
# usage: exit_codes.sh PATH_OF_LANDFALL_SIM
set -u
sim=$1
failed=0

expect() {
  local code=$1 words=$2
  shift 2
  local output
  output=$("$sim" "$@" 2>&1 </dev/null)
  local got=$?
  if [ "$got" -ne "$code" ]; then
    printf 'landfall-sim %s: exit %d, expected %d\n%s\n' "$*" "$got" "$code" "$output"
    failed=1
  elif ! grep -qiE "$words" <<<"$output"; then
    printf 'landfall-sim %s: says nothing of "%s":\n%s\n' "$*" "$words" "$output"
    failed=1
  fi
}

expect 0 'explore' --help
expect 0 '^[0-9]+\.[0-9]+\.[0-9]+' --version
expect 2 'subcommand' 
expect 2 'no command nonsense; the commands are demo explore' nonsense
expect 2 'range such as' explore --seeds ten
expect 2 'range such as' explore --seeds 9..3
expect 2 'range such as' explore --seeds 0..3
expect 2 'hours' explore --seeds 1 --hours -1
expect 2 'no shipped profile and no file' explore --seeds 1 --profile nobody
expect 2 'unknown|expected' explore --seeds 1 --unknown
expect 2 'preset .mutants' explore --seeds 1 --mutant 3
expect 2 'preset .mutants' run --mutant 3 nowhere.json
expect 2 'required' replay
expect 2 'seed' replay zero
expect 3 'cannot write' replay 1 --hours 0.05 --trace=/nonexistent/trace.txt
expect 0 'no violation' replay 1 --hours 0.05
expect 0 'engine.state' replay 1 --hours 0.05 --trace
expect 0 '' notify --profile prokure
expect 2 'profile' notify
expect 2 'no shipped profile and no file' notify --profile nobody
expect 2 'no time zone has this name' phone --profile prokure --server http://127.0.0.1:9 \
  --data /nonexistent --zone Atlantis/City
expect 2 'development-codes is for a profile' backend --profile prokure --port 0 --development-codes
expect 0 '"trace_hash"' explore --seeds 1 --hours 0.05 --json

scenarios=$(dirname "$0")/../scenarios
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/wrong.json" <<'END'
{"name": "Nobody is there before the login", "requirements": ["I-39"],
 "phones": [{"name": "asha", "user": "asha"}],
 "steps": [{"boot": "asha"}, {"expect": "asha", "session": "authenticated"}]}
END
expect 1 'FAIL  Nobody' run "$folder/wrong.json"
expect 1 'session is "authenticated"' run --real "$folder/wrong.json"
expect 0 'skip .*power cut' run --real "$scenarios/power_cut_in_flight.json"
expect 0 '1 skipped' run --real --report "$folder/report.xml" "$scenarios/power_cut_in_flight.json"
grep -q '<skipped message=' "$folder/report.xml" ||
  { echo 'the report has no skipped case'; failed=1; }
expect 2 'excludes' run --real --c "$scenarios/login_errors.json"
TMPDIR=/nonexistent expect 3 'temporary folder' run --real "$scenarios/login_errors.json"
expect 0 'speed' demo --help
expect 2 'no shipped profile and no file' demo --profile nobody
expect 2 'speed' demo --speed 0
expect 2 'speed' demo --speed fast
expect 2 'seed' demo --seed -1
expect 2 'a seed or a range' explore --seeds -1 --hours 0.05
expect 2 'a seed or a range' explore --seeds 1..-1 --hours 0.05
expect 2 'seed from 0' backend --profile prokure --port 0 --seed -1
expect 2 'not expected' demo --unknown
expect 2 'not expected' demo more
TMPDIR=/nonexistent expect 3 'temporary folder' demo

# The three-way merge of three files.
cat >"$folder/base.json" <<'END'
{"status": "draft", "title": "Cement", "note": "soon"}
END
cat >"$folder/mine.json" <<'END'
{"status": "submitted", "title": "Cement, 50 kg", "note": "soon"}
END
cat >"$folder/theirs.json" <<'END'
{"entity_type": "pr", "entity_id": "1", "row_version": 4, "updated_at": "2026-01-31T08:15:00Z",
 "data": {"status": "rejected", "title": "Lime", "note": "soon"}}
END
cat >"$folder/asked.json" <<'END'
{"status": "draft", "title": "Cement", "note": "never"}
END
cat >"$folder/asked_too.json" <<'END'
{"status": "draft", "title": "Cement", "note": "now"}
END
echo null >"$folder/null.json"
echo '[1]' >"$folder/list.json"
echo '{"a":' >"$folder/cut.json"
echo '{"name": "x"}' >"$folder/profile.json"
merge() { expect "$1" "$2" merge --profile prokure --entity pr "${@:3}"; }
three=("$folder/base.json" "$folder/mine.json" "$folder/theirs.json")
merge 0 'status +forward_only +theirs' "${three[@]}"
merge 0 '"title": "Lime"' "${three[@]}"
merge 0 '"title": "Cement, 50 kg"' "${three[@]}" --mine-at 2026-01-31T08:15:01Z
merge 0 '"title": "Lime"' "${three[@]}" --mine-at 2026-01-31T08:15:01Z --server-offset-ms -1000
merge 0 '"merged":.*"ok":true' "${three[@]}" --json
merge 0 'nothing differs' "$folder/base.json" "$folder/base.json" "$folder/base.json"
merge 1 'note is open .ask.: both changed' "$folder/base.json" "$folder/asked.json" \
  "$folder/asked_too.json"
merge 1 '"base":"soon","field":"note","mine":"never","reason":"ask","rule":"ask"' --json \
  "$folder/base.json" "$folder/asked.json" "$folder/asked_too.json"
merge 1 '"field":"note"' --json "$folder/null.json" "$folder/asked.json" "$folder/asked_too.json"
merge 2 'required' "$folder/base.json" "$folder/mine.json"
merge 2 'expected a time' "${three[@]}" --mine-at yesterday
merge 2 'list.json: expected an object' "$folder/base.json" "$folder/list.json" "$folder/mine.json"
merge 2 'mine|null.json: expected' "$folder/base.json" "$folder/null.json" "$folder/mine.json"
merge 2 'cut.json: no valid JSON at byte' "$folder/base.json" "$folder/mine.json" "$folder/cut.json"
merge 3 'cannot read' "$folder/base.json" "$folder/mine.json" "$folder/missing.json"
merge 3 'cannot read' "$folder/base.json" "$folder/mine.json" "$folder"
expect 2 'no entity' merge --profile prokure --entity nobody "${three[@]}"
expect 2 'document of .pr' merge --profile prokure --entity grn "${three[@]}"
expect 2 'no shipped profile' merge --profile nobody --entity pr "${three[@]}"
expect 2 'profile.json: origin' merge --profile "$folder/profile.json" --entity pr "${three[@]}"
exit $failed
