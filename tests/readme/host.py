#!/usr/bin/env python3
"""The README's host, compiled as it stands there, opens an engine, is answered, and closes it.

Usage: host.py <executable>
"""

import json
import pathlib
import shutil
import subprocess
import sys

FOLDER = pathlib.Path("/tmp/landfall-phone")  # as the README names it

shutil.rmtree(FOLDER, ignore_errors=True)
run = subprocess.run([sys.argv[1]], capture_output=True, text=True, timeout=120)
heard = [json.loads(line) for line in run.stdout.splitlines()]
files = {path.name for path in FOLDER.rglob("*")}
shutil.rmtree(FOLDER, ignore_errors=True)

if run.returncode != 0:
    sys.exit(f"it ended with {run.returncode}: {run.stderr}")
replies = [message for message in heard if "reply" in message]
if [reply.get("reply") for reply in replies] != [1] or "result" not in replies[0]:
    sys.exit(f"expected the one reply to its request, heard {heard}")
if not any(message.get("event") == "engine.state" for message in heard):
    sys.exit(f"expected the engine to tell its state, heard {heard}")
if "device.db" not in files:
    sys.exit(f"expected the engine's files in the directory of the config, found {files}")
