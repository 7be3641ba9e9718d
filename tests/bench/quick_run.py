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
WORKLOAD = {"id", "variant", "sync", "n", "engine"}
COMPARED = {"raw", "ratio", "ratio_min", "ratio_max", "must", "aim"}
BARE = {"bare", "ratio_bare"}
FIGURES = {"rss_mb", "fsyncs", "write_bytes"}
TIMED = {"W1a", "W1b", "W3", "W6", "W7", "W10"}  # each of their operations has a time of its own
WITH_BARE = {"W1a", "W1b", "W2-batch", "W2-single", "W3", "W5"}
ALONE = {"W6", "W7", "W8", "W9", "W10"}


EXPECTED = [
    ("W1a", "c_interface", "FULL"), ("W1a", "c_interface", "NORMAL"),
    ("W1a", "in_process", "FULL"), ("W1a", "in_process", "NORMAL"),
    ("W1b", "64_in_flight", "FULL"), ("W1b", "64_in_flight", "NORMAL"),
    ("W2-batch", "100_a_request", "FULL"), ("W2-single", "1_a_request", "FULL"),
    ("W3", "1x", "FULL"), ("W3", "10x", "FULL"), ("W4", "in_process", "FULL"),
    ("W5", "in_process", "FULL"), ("W6", "c_interface", "FULL"), ("W7", "64_in_flight", "FULL"),
    ("W8", "by_endpoint", "FULL"), ("W9", "idle_connected", "FULL"),
    ("W9", "idle_offline", "FULL"), ("W9", "503", "FULL"), ("W9", "process_connected", "FULL"),
    ("W9", "process_offline", "FULL"), ("W10", "c_interface", "FULL")]


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
    id = workload["id"]
    members = WORKLOAD | (set() if id in ALONE else COMPARED) | (BARE if id in WITH_BARE else set())
    check("a workload's members", set(workload) == members, sorted(workload))
    for contestant in {"engine", "raw", "bare"} & set(workload):
        figures = workload[contestant]
        check("a contestant's figures", FIGURES <= set(figures), sorted(figures))
        check("memory and rates", figures["rss_mb"] > 0 and (id == "W9" or figures["ops_s"] > 0),
              figures)
        check("who has times", ("p50_us" in figures) == (id in TIMED), figures)
        if id in TIMED:
            check("p50 is at most p99", 0 < figures["p50_us"] <= figures["p99_us"], figures)
    if id in ALONE:
        return
    check("the ratio is between its extremes",
          0 < workload["ratio_min"] <= workload["ratio"] <= workload["ratio_max"], workload)
    check("an aim is beyond what must be",
          workload["aim"] < workload["must"] if id == "W3"
          else workload["aim"] > workload["must"], workload)


def check_serial(workload):
    """Each operation has a commit of its own, and each commit one sync, or none. The engine's log is
    new, so that its header is synced too; and now and then it is moved into the file."""
    syncs = workload["n"] if workload["sync"] == "FULL" else 0
    for contestant in ("raw", "bare"):
        check(f"syncs of {contestant}, one after the other", workload[contestant]["fsyncs"] == syncs,
              workload[contestant])
    check("syncs of the engine, one after the other",
          syncs <= workload["engine"]["fsyncs"] <= syncs + workload["n"] // 50 + 1,
          workload["engine"])


def check_grouped(workload):
    n = workload["n"]
    groups = math.ceil(n / 64)
    if workload["sync"] == "NORMAL":
        check("no commit is synced", workload["engine"]["fsyncs"] <= n // 50 + 1, workload["engine"])
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


def check_drained(workload):
    """Every operation is sent once, and a request costs one sync: a batch is durable as sent, its
    verdicts ride on the next. The first of the engine's may open a log, the last is a look, and a log
    that has grown is moved into the file."""
    n = workload["n"]
    pushes = math.ceil(n / (100 if workload["id"] == "W2-batch" else 1))
    for contestant in ("engine", "raw", "bare"):
        figures = workload[contestant]
        check(f"requests of {contestant}", figures["pushes"] == pushes, figures)
        check(f"syncs of {contestant}", pushes <= figures["fsyncs"] <= pushes + 3 + n // 20, figures)
    check("the references ask for nothing", workload["raw"]["requests"] == pushes, workload["raw"])
    bytes_per_op = workload["engine"]["wire_bytes_per_op"]
    least, most = (20, 401 / 2) if workload["id"] == "W2-batch" else (200, 1.3 * 401)
    check("what goes over the wire, compressed and with the headers named by numbers", least < bytes_per_op < most, workload)


def check_cache(workload):
    """Below the cap nothing is thrown away, so that the order of use decides nothing."""
    check("hits", 0 < workload["raw"]["hit_rate"] == workload["engine"]["hit_rate"] < 1, workload)
    check("never over the cap", workload["engine"]["bytes_over_cap"] == 0, workload["engine"])


def check_pulled(workload):
    engine = workload["engine"]
    check("pages", engine["pulls"] == math.ceil(workload["n"] / 500), engine)
    check("documents", engine["documents"] == workload["n"], engine)
    check("a page is not synced, but for the header of a new log",
          engine["fsyncs"] <= 1 and workload["raw"]["fsyncs"] == 0, workload)


def check_expired(workload):
    engine = workload["engine"]
    check("one refresh", engine["refreshes"] == 1, engine)
    check("some met the refusal", 1 <= engine["unauthorized"] <= 6, engine)
    check("each is done once", engine["operations_sent"] == workload["n"], engine)


def check_waiting(workload):
    engine = workload["engine"]
    check("nothing is synced while nothing happens",
          workload["variant"] == "503" or engine["fsyncs"] == 0, engine)
    if workload["variant"] in ("idle_connected", "idle_offline"):
        check("an hour", workload["n"] == 3600, workload)
        check("nothing is written while nothing happens", engine["write_bytes"] == 0, engine)
        check("wake-ups", engine["requests"] <= engine["wake_ups"] <= 3600, engine)
    if workload["variant"] == "503":
        check("a server that is down is asked, and not without end",
              0 < engine["requests"] <= 30, engine)


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
    report = json.loads(run("--quick", "--json"))
    library = report["library"]
    check("the library has a size", library["stripped_mb"] > 0 and
          math.isclose(library["stripped_mb"], sum(library["of"].values())), library)
    workloads = report["workloads"]
    check("the workloads", [(workload["id"], workload["variant"], workload["sync"])
                            for workload in workloads] == EXPECTED, workloads)
    checks = {"W1a": check_serial, "W1b": check_grouped, "W2-batch": check_drained,
              "W2-single": check_drained, "W4": check_cache, "W5": check_pulled,
              "W8": check_expired, "W9": check_waiting}
    for workload in workloads:
        check_shape(workload)
        checks.get(workload["id"], lambda _: None)(workload)
    check_same_bytes(workloads)
    table = run("--quick", "--only", "W1b", "--repeats", "1", "--phone-disk", "1")
    check("the table names its goals", "fsyncs per operation" in table, table)
    check("only what was asked for", "W1a" not in table and "W3" not in table, table)
    pair = run("--ten-times", "--quick", "--only", "W5", "--repeats", "1")
    check("ten times the work is held against the work", "rate, of 1x" in pair, pair)
    check_stopped()


main()
