#!/usr/bin/env python3
"""Writes the README's C host, as it stands there, to a file that the build compiles.

Usage: extract_host.py <README.md> <output.c>
"""

import pathlib
import re
import sys

readme, output = (pathlib.Path(argument) for argument in sys.argv[1:])
blocks = re.findall(r"^```c\n(.*?)^```$", readme.read_text(), re.MULTILINE | re.DOTALL)
if len(blocks) != 1:
    sys.exit(f"{readme}: expected one block of C, found {len(blocks)}")
lines = len([line for line in blocks[0].splitlines() if line])
if lines > 20:
    sys.exit(f"{readme}: the host has {lines} lines; a reader was promised a short one")
output.write_text(blocks[0])
