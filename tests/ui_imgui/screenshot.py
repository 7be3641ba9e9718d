#!/usr/bin/env python3
"""A real window under a virtual display: landfall-ui --screenshot writes a picture of the right size
in which every part of the window shows something. Exit code 77: no virtual display here."""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

SKIPPED = 77
WIDTH, HEIGHT = 1600, 1000


def read_png(path):
    """Width, height and the rows of an 8-bit RGB picture."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, packed, width, height = 8, b"", 0, 0
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, color = struct.unpack(">IIBB", body[:10])
            assert (depth, color) == (8, 2), f"depth {depth}, colour type {color}"
        elif kind == b"IDAT":
            packed += body
        at += length + 12
    raw, stride = zlib.decompress(packed), 3 * width + 1
    rows = [raw[y * stride:(y + 1) * stride] for y in range(height)]
    assert all(row[0] == 0 for row in rows), "the rows are filtered"
    return width, height, [row[1:] for row in rows]


def colors(rows, left, top, right, bottom):
    """The different colours in a part of the picture."""
    return {bytes(row[3 * x:3 * x + 3]) for row in rows[top:bottom] for x in range(left, right)}


def check(picture):
    width, height, rows = read_png(picture)
    assert (width, height) == (WIDTH, HEIGHT), f"{width} x {height}"
    third, half = width // 3, height // 2
    for left in range(0, third * 3, third):
        for top in (0, half):
            found = len(colors(rows, left, top, left + third, top + half))
            assert found > 20, f"{found} colours in the part at {left}, {top}"
    print(f"{width} x {height}, {os.path.getsize(picture)} bytes")


def main():
    window = sys.argv[1]
    if shutil.which("xvfb-run") is None or shutil.which("Xvfb") is None:
        print("skipped: xvfb-run is not installed, so there is no display for a window")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        picture = os.path.join(folder, "window.png")
        display = ["xvfb-run", "--auto-servernum", "--server-args", "-screen 0 1600x1000x24"]
        subprocess.run(display + [window, "--screenshot", picture, "--frames", "80"], check=True)
        check(picture)
    failed = subprocess.run([window, "--frames", "3"], capture_output=True, check=False)
    assert failed.returncode == 2, "--frames without --screenshot is a usage error"
    no_display = {name: value for name, value in os.environ.items()
                  if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    failed = subprocess.run([window], env=no_display, capture_output=True, check=False)
    assert failed.returncode == 3, f"no display is exit 3, got {failed.returncode}"
    assert b"landfall-ui: " in failed.stderr, failed.stderr
    return 0


if __name__ == "__main__":
    sys.exit(main())
