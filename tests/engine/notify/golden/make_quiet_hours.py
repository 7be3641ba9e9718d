#!/usr/bin/env python3
"""Writes quiet_hours.json: what Python's zoneinfo says about quiet hours around every change of twelve zones.

It shares no code and no rule with the engine: a minute is quiet when the wall clock that zoneinfo shows stands inside
the window, and boundaries are found by walking minute by minute.

    python3 make_quiet_hours.py > quiet_hours.json
"""
import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ZONES = ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns",
         "Africa/Casablanca", "Pacific/Apia", "America/Sao_Paulo", "America/New_York", "Europe/London",
         "Africa/Nairobi", "UTC"]
WINDOWS = [("22:00", "07:00"), ("01:30", "02:30"), ("00:15", "23:45")]
FIRST = int(datetime(2010, 1, 1, tzinfo=timezone.utc).timestamp())
LAST = int(datetime(2041, 1, 1, tzinfo=timezone.utc).timestamp())
SPAN_MINUTES = 36 * 60
QUIET_ZONE_SAMPLES = ["2015-03-29", "2020-02-29", "2024-12-31", "2039-10-30"]


def offset(zone, second):
    return int(datetime.fromtimestamp(second, zone).utcoffset().total_seconds())


def changes(zone):
    """All changes of the offset, found by looking at every quarter of an hour."""
    found, at, current = [], FIRST, offset(zone, FIRST)
    step = 900
    while at < LAST:
        following = offset(zone, at + step)
        if following != current:
            second = next(s for s in range(at, at + step + 1, 60) if offset(zone, s) != current)
            found.append([second, following])
            current = following
        at += step
    return found


def minutes(text):
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def quiet(zone, second, window):
    local = datetime.fromtimestamp(second, zone)
    clock, start, end = local.hour * 60 + local.minute, minutes(window[0]), minutes(window[1])
    return start <= clock < end if start < end else clock >= start or clock < end


def boundaries(zone, middle, window):
    """[quiet at the beginning, minute of each flip, …], minutes counted from 36 h before `middle`."""
    begin = middle - SPAN_MINUTES * 60
    state = quiet(zone, begin, window)
    flips = [int(state)]
    for minute in range(1, 2 * SPAN_MINUTES):
        now = quiet(zone, begin + minute * 60, window)
        if now != state:
            flips.append(minute)
            state = now
    return flips


def describe(name):
    zone = ZoneInfo(name)
    moves = changes(zone)
    middles = [second for second, _ in moves if second > FIRST + 90 * 86400] or [
        int(datetime.fromisoformat(day + "T00:00:00+00:00").timestamp()) for day in QUIET_ZONE_SAMPLES]
    return {"zone": {"name": name, "offset_s": offset(zone, FIRST), "transitions": moves},
            "around": [{"middle_s": m, "flips": [boundaries(zone, m, w) for w in WINDOWS]} for m in middles]}


lines = [json.dumps(describe(name), separators=(",", ":")) for name in ZONES]
print('{"windows":' + json.dumps(WINDOWS) + ',"span_minutes":' + str(SPAN_MINUTES) + ',"zones":[')
print(",\n".join(lines))
print("]}")
