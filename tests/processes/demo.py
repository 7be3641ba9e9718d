#!/usr/bin/env python3
"""The demo as a script sees it: exit code 0, one JSON object with the fields of the contract, the
progress on standard error, and nothing left in the temporary folder.

Usage: demo.py <landfall-sim>
"""

import json
import os
import subprocess
import sys
import tempfile

SIM = sys.argv[1]
PATIENCE_S = 280
STATES = {"applied", "rejected", "conflict", "failed", "blocked", "queued", "sending", "unknown",
          "superseded", "cancelled", "discarded"}
PROMISED = {"refused", "lost_answer", "server_error", "retry_after", "unauthorized", "cut_body",
            "offline_spell", "duplicate_request", "edited_by_other"}


def check(what, wanted, got):
    if wanted != got:
        sys.exit(f"{what}: expected {wanted!r}, got {got!r}")


with tempfile.TemporaryDirectory() as folder:
    done = subprocess.run([SIM, "demo", "--seed", "3", "--speed", "20", "--json"],
                          capture_output=True, text=True, timeout=PATIENCE_S,
                          env={**os.environ, "TMPDIR": folder})
    print(done.stderr, done.stdout, sep="\n")
    check("exit code", 0, done.returncode)
    check("what is left", [], os.listdir(folder))

report = json.loads(done.stdout)
check("one line", 1, len(done.stdout.splitlines()))
check("fields", {"ok", "profile", "seed", "operations", "server_effects", "duplicate_effects",
                 "refreshes", "faults", "violations", "seconds"}, set(report))
check("ok", True, report["ok"])
check("violations", [], report["violations"])
check("profile", "prokure", report["profile"])
check("seed", 3, report["seed"])
operations = dict(report["operations"])
accepted = operations.pop("accepted")
check("states", STATES, set(operations))
check("sum of the states", accepted, sum(operations.values()))
check("conflicts", 1, operations["conflict"])
check("applied", accepted - 1, operations["applied"])
check("effects", operations["applied"], report["server_effects"])
check("duplicates", 0, report["duplicate_effects"])
check("refreshes", True, report["refreshes"] >= 1)
check("faults that struck", set(), {name for name in PROMISED if report["faults"][name] == 0})
check("seconds", True, 0 < report["seconds"] < PATIENCE_S)
check("progress", True, "The network is good" in done.stderr)
