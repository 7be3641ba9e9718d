#!/usr/bin/env python3
"""Writes docs/coverage.md: which requirement has a test or scenario that carries its number, and
which has none yet. Generated from the names of tests and the `requirements` of scenarios.

usage: coverage.py [--check]     --check writes nothing and fails when the page is not up to date
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/coverage.md"
# The last number of each app's requirements, and of what settles their contradictions.
LAST = {"P": 101, "I": 41, "A": 62, "C": 29}
# They say where the others come from: there is nothing to build.
NOTES = {("P", 1), ("P", 2), ("P", 3), ("I", 1)}
APPS = {"P": "ProKure", "I": "IMS", "A": "Almafrica", "C": "What settles contradictions"}
FILES_SHOWN = 4

CASE = re.compile(r'TEST_CASE(?:_METHOD)?\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
NUMBER = re.compile(r"\b([PIAC])-(\d+)(?:\.\.(?:[PIAC]-)?(\d+))?")


def numbers_in(text):
    for letter, first, last in NUMBER.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield letter, number


def names_in(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return " ".join(json.loads(text).get("requirements", []))
    if path.suffix == ".cpp":
        return " ".join(re.sub(r'"\s*"', "", match) for match in CASE.findall(text))
    return text  # a process's test has one subject, which it states


def covered_by():
    files = sorted((ROOT / "tests").rglob("*.cpp")) + sorted(
        (ROOT / "tests/scenarios").glob("*.json")) + sorted((ROOT / "tests/processes").glob("*.py"))
    found = {}
    for path in files:
        for number in set(numbers_in(names_in(path))):
            found.setdefault(number, []).append(path.relative_to(ROOT / "tests").as_posix())
    return found


def row(letter, number, paths):
    shown = ", ".join(f"`{path}`" for path in paths[:FILES_SHOWN])
    more = f" and {len(paths) - FILES_SHOWN} more" if len(paths) > FILES_SHOWN else ""
    return f"| {letter}-{number} | {shown}{more} |"


def page():
    found = covered_by()
    every = [(letter, number) for letter, last in LAST.items() for number in range(1, last + 1)]
    wanted = [each for each in every if each not in NOTES]
    missing = [f"{letter}-{number}" for letter, number in wanted if (letter, number) not in found]
    lines = [
        "# Requirements and their tests", "",
        "Written by `scripts/coverage.py` from the names of tests and the `requirements` of scenarios;"
        " `tidy/coverage` fails when it is not up to date.", "",
        f"{len(wanted) - len(missing)} of {len(wanted)} have a test that carries their number."
        f" Without one: {', '.join(missing) or 'none'}.",
    ]
    for letter, last in LAST.items():
        lines += ["", f"## {APPS[letter]}", "", "| number | below `tests/` |", "| --- | --- |"]
        lines += [row(letter, number, found[letter, number]) for number in range(1, last + 1)
                  if (letter, number) in found]
    return "\n".join(lines) + "\n"


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    text = page()
    if not arguments:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/coverage.md is not up to date: run scripts/coverage.py")


main(sys.argv[1:])
