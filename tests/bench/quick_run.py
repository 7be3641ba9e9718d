#!/usr/bin/env python3
"""landfall-bench keeps the contract of its flags, its JSON and its exit codes, leaves nothing
behind, and what it counts is what the workloads say. No time is looked at.

Usage: quick_run.py <landfall-bench>
"""

import json
import math
import os
import signal
import subprocess
import sys
import tempfile

BENCH = sys.argv[1]
WORKLOAD = {"id", "variant", "sync", "n", "engine", "raw", "bare", "ratio", "ratio_min",
            "ratio_max", "ratio_bare", "must", "aim"}
FIGURES = {"ops_s", "p50_us", "p99_us", "rss_mb", "fsyncs", "write_bytes"}


def check(what, holds, seen=""):
    if not holds:
        sys.exit(f"{what}: {seen}")


def run(*flags, code=0):
    """Standard output of a run with a temporary directory of its own, which it leaves empty."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([BENCH, *flags], capture_output=True, text=True,
                              env={**os.environ, "TMPDIR": folder})
        check(f"{flags} exits with {code}", done.returncode == code,
              f"{done.returncode}\n{done.stdout}\n{done.stderr}")
        check(f"{flags} leaves nothing behind", os.listdir(folder) == [], os.listdir(folder))
    return done.stdout


def check_shape(workload):
    check("a workload's members", set(workload) == WORKLOAD, sorted(workload))
    for contestant in ("engine", "raw", "bare"):
        figures = workload[contestant]
        check("a contestant's figures", FIGURES <= set(figures), sorted(figures))
        check("rates and times", all(figures[name] > 0 for name in ("ops_s", "p50_us", "rss_mb")),
              figures)
        check("p50 is at most p99", figures["p50_us"] <= figures["p99_us"], figures)
    check("the ratio is between its extremes",
          0 < workload["ratio_min"] <= workload["ratio"] <= workload["ratio_max"], workload)
    check("an aim is beyond what must be",
          workload["aim"] < workload["must"] if workload["id"] == "W3"
          else workload["aim"] > workload["must"], workload)


def check_serial(workload):
    """Each operation has a commit of its own, and each commit one sync, or none. The engine's log is
    new, so that its header is synced too; and now and then it is moved into the file."""
    syncs = workload["n"] if workload["sync"] == "FULL" else 0
    for contestant in ("raw", "bare"):
        check(f"syncs of {contestant}, one after the other", workload[contestant]["fsyncs"] == syncs,
              workload[contestant])
    check("syncs of the engine, one after the other",
          syncs <= workload["engine"]["fsyncs"] <= syncs + syncs // 50 + (1 if syncs else 0),
          workload["engine"])


def check_grouped(workload):
    n = workload["n"]
    groups = math.ceil(n / 64)
    if workload["sync"] == "NORMAL":
        check("nothing is synced", workload["engine"]["fsyncs"] == 0, workload["engine"])
        return
    check("raw's groups are full", workload["raw"]["fsyncs"] == groups, workload["raw"])
    check("the engine's commits are shared", groups <= workload["engine"]["fsyncs"] < n,
          workload["engine"])


def check_same_bytes(workloads):
    """What is written depends on the operations alone, not on when it is synced."""
    for variant in ("c_interface", "in_process"):
        for contestant in ("engine", "raw", "bare"):
            written = {workload[contestant]["write_bytes"] for workload in workloads
                       if workload["id"] == "W1a" and workload["variant"] == variant}
            check(f"bytes written by {contestant}", len(written) == 1 and min(written) > 0, written)


def check_stopped():
    with tempfile.TemporaryDirectory() as folder:
        bench = subprocess.Popen([BENCH, "--only", "W1a", "--phone-disk", "1000"],
                                 stderr=subprocess.PIPE, text=True,
                                 env={**os.environ, "TMPDIR": folder})
        progress = iter(bench.stderr.readline, "")
        check("a run tells of its progress", any("W1a" in line for line in progress))
        bench.send_signal(signal.SIGTERM)
        bench.stderr.read()
        check("a run that is stopped says so", bench.wait(timeout=60) == 3, bench.returncode)
        check("a run that is stopped tidies up", os.listdir(folder) == [], os.listdir(folder))


def main():
    run("--only", "W0", code=2)
    run("--repeats", "0", code=2)
    run("--unknown", code=2)
    workloads = json.loads(run("--quick", "--json"))["workloads"]
    check("the workloads", [(workload["id"], workload["variant"], workload["sync"])
                            for workload in workloads] ==
          [("W1a", "c_interface", "FULL"), ("W1a", "c_interface", "NORMAL"),
           ("W1a", "in_process", "FULL"), ("W1a", "in_process", "NORMAL"),
           ("W1b", "64_in_flight", "FULL"), ("W1b", "64_in_flight", "NORMAL"),
           ("W3", "1x", "FULL"), ("W3", "10x", "FULL")], workloads)
    for workload in workloads:
        check_shape(workload)
        if workload["id"] == "W1a":
            check_serial(workload)
        if workload["id"] == "W1b":
            check_grouped(workload)
    check_same_bytes(workloads)
    table = run("--quick", "--only", "W1b", "--repeats", "1", "--phone-disk", "1")
    check("the table names its goals", "fsyncs per operation" in table, table)
    check("only what was asked for", "W1a" not in table and "W3" not in table, table)
    check_stopped()


main()
