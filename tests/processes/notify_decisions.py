#!/usr/bin/env python3
"""landfall-sim notify: a line in, a decision out. What it says about quiet hours is compared with
Python's zoneinfo, which shares nothing with it: the end of a window is found by walking minutes.

Usage: notify_decisions.py <landfall-sim>
"""

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SIM = sys.argv[1]

ZONES = ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
         "America/St_Johns", "Africa/Casablanca", "Europe/London", "America/New_York",
         "America/Sao_Paulo", "UTC"]
WINDOWS = [("22:00", "07:00"), ("01:30", "02:30"), ("00:00", "00:00")]
# Ordinary days, and nights in which some of the zones change their clocks.
DAYS = ["2026-01-05", "2026-03-08", "2026-03-29", "2026-04-05", "2026-11-01", "2036-10-05"]


def check(what, wanted, got):
    if wanted != got:
        sys.exit(f"{what}: expected {wanted!r}, got {got!r}")


def ask(lines):
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([SIM, "notify", "--profile", "prokure"], input=text, text=True,
                          capture_output=True, timeout=120)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def minutes(clock):
    return int(clock[:2]) * 60 + int(clock[3:])


def is_quiet(at, zone, window):
    start, end = minutes(window[0]), minutes(window[1])
    local = at.astimezone(zone)
    now = local.hour * 60 + local.minute
    if start == end:
        return False
    return start <= now < end if start < end else now >= start or now < end


def expected(at, zone, window):
    until = at
    while is_quiet(until, zone, window):
        until += timedelta(minutes=1)
    return None if until == at else until


def compare_with_zoneinfo():
    questions, wanted = [], []
    for name in ZONES:
        for day in DAYS:
            for hour in range(0, 48, 3):
                at = datetime.fromisoformat(day).replace(tzinfo=timezone.utc) - timedelta(days=1)
                at += timedelta(hours=hour)
                window = WINDOWS[(hour // 3) % len(WINDOWS)]
                questions.append({"payload": {"type": "KPI_ALERT", "code": "CYCLE_TIME"},
                                  "settings": {"quiet_hours_start": window[0],
                                               "quiet_hours_end": window[1]},
                                  "now": at.isoformat(), "zone": name})
                wanted.append(expected(at, ZoneInfo(name), window))
    code, answers = ask(questions)
    check("exit code", 0, code)
    check("answers", len(questions), len(answers))
    held = 0
    for question, until, answer in zip(questions, wanted, answers):
        what = json.dumps(question)
        check(what, "hold" if until else "show", answer["decision"])
        check(what, "prokure_alerts", answer["channel"])
        if until:
            held += 1
            check(what, until, datetime.fromisoformat(answer["until"].replace("Z", "+00:00")))
        else:
            check(what, False, "until" in answer)
    if not 100 < held < len(questions) - 100:
        sys.exit(f"the table proves little: {held} of {len(questions)} are held")


def defaults_and_words():
    night = {"now": "2026-01-05T23:30:00Z"}
    code, answers = ask([
        {"payload": {"type": "APPROVAL_PENDING", "id": "a-7"}, **night},
        {"payload": {"type": "BUDGET_WARNING"}, **night},
        {"payload": {"type": "BUDGET_WARNING"}, "now": 1767655800000, "zone": "UTC"},
        {"payload": {"type": "SUPPLIER_MOVED", "title": "News"}, "now": "2026-01-05T12:00:00Z"},
        {"payload": {"type": "KPI_ALERT"}, "settings": {"push_enabled": False}, **night},
        {"payload": {"type": "KPI_ALERT", "body": "x" * 6000}, **night},
    ])
    check("exit code", 0, code)
    check("an override", {"decision": "show", "channel": "prokure_approvals",
                          "why": "override: APPROVAL_PENDING passes quiet hours"}, answers[0])
    check("held", {"decision": "hold", "until": "2026-01-06T07:00:00.000Z",
                   "channel": "prokure_alerts",
                   "why": "quiet hours, from 22:00 to 07:00 in UTC"}, answers[1])
    check("until as now", 1767682800000, answers[2]["until"])
    check("unknown", ("show", "prokure_general"), (answers[3]["decision"], answers[3]["channel"]))
    check("disabled", "drop", answers[4]["decision"])
    check("too large", ("drop", None), (answers[5]["decision"], answers[5]["channel"]))


def wrong_lines():
    good = {"payload": {"type": "KPI_ALERT"}, "now": "2026-01-05T12:00:00Z"}
    cases = [
        ("{\"payload\": nonsense}\n", "json.invalid", None),
        ("[]\n", "field.type", None),
        ({"now": good["now"]}, "field.missing", "payload"),
        ({**good, "payload": "hello"}, "field.type", "payload"),
        ({"payload": {}}, "field.missing", "now"),
        ({**good, "now": "yesterday"}, "time.invalid", "now"),
        ({**good, "now": 1.5}, "field.type", "now"),
        ({**good, "zone": "Atlantis/City"}, "zone.unknown", "zone"),
        ({**good, "zone": "../../etc/passwd"}, "zone.unknown", "zone"),
        ({**good, "zone": 7}, "field.type", "zone"),
        ({**good, "settings": {"quiet_hours_start": "25:00"}}, "settings.value",
         "settings.quiet_hours_start"),
        ({**good, "setings": {}}, "field.unknown", "setings"),
    ]
    code, answers = ask([line for line, _, _ in cases] + [good])
    check("exit code", 1, code)
    check("answers", len(cases) + 1, len(answers))
    for (line, error, field), answer in zip(cases, answers):
        check(f"{line} code", error, answer["error"]["code"])
        check(f"{line} field", field, answer["error"].get("field"))
    check("the offset of the first wrong byte", True, answers[0]["error"]["offset"] > 0)
    check("the line behind them", "show", answers[-1]["decision"])


compare_with_zoneinfo()
defaults_and_words()
wrong_lines()
print("ok")
