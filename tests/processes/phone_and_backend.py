#!/usr/bin/env python3
"""A phone and a backend, two processes over loopback: log in, pull, approve, applied, exit; and
again without a login, because the desktop's keychain outlived the process.

Usage: phone_and_backend.py <landfall-sim>
"""

import os
import stat
import subprocess
import tempfile

from landfall_processes import (PATIENCE_S, SIM, Backend, Observer, Phone, Process, check, new_id)


def log_in_and_pull(backend, phone):
    phone.wait_for("engine.state", state="locked")
    phone.log_in(backend.user)
    phone.wait_for("pull.completed", scope="tier1")
    return phone.ask("documents.query", type="approval")["documents"]


def approve(phone, document):
    identity = new_id()
    phone.ask("operations.enqueue", id=identity, entity_type="approval",
              entity_id=document["entity_id"], action="approve", payload={},
              attestation={"biometric_verified": True})
    phone.wait_for("operation.changed", id=identity, state="applied")
    return identity


def status_at_backend(backend, identity):
    return Observer(backend, backend.user).statuses([identity])[identity]


def works_end_to_end(folder):
    backend = Backend()
    data = folder + "/phone"
    phone = Phone(backend.origin, data)
    approvals = log_in_and_pull(backend, phone)
    identity = approve(phone, approvals[0])
    check("receipt", "applied", status_at_backend(backend, identity))
    phone.stop()
    keychain = os.stat(data + "/keychain.json")
    check("mode of the keychain", 0o600, stat.S_IMODE(keychain.st_mode))

    again = Phone(backend.origin, data)
    again.wait_for("engine.state", state="ready")
    approve(again, approvals[1])
    again.process.stdin.close()
    again.ends()
    backend.stop()


def works_at_speed_20(folder):
    backend = Backend("--speed", "20")
    refused = subprocess.run(
        [SIM, "phone", "--profile", "prokure", "--server", backend.origin, "--data",
         folder + "/refused"], capture_output=True, text=True, timeout=PATIENCE_S)
    check("another speed", 2, refused.returncode)
    check("says the speed", True, "speed 20" in refused.stderr)
    phone = Phone(backend.origin, folder + "/fast", "--speed", "20")
    approve(phone, log_in_and_pull(backend, phone)[0])
    phone.stop()
    backend.stop()


def keeps_what_it_took_while_nobody_listens(folder):
    data = folder + "/offline"
    backend = Backend("--db", folder + "/backend.db")
    phone = Phone(backend.origin, data)
    approvals = log_in_and_pull(backend, phone)
    backend.stop()
    identity = new_id()
    phone.ask("operations.enqueue", id=identity, entity_type="approval",
              entity_id=approvals[0]["entity_id"], action="approve", payload={},
              attestation={"biometric_verified": True})
    phone.stop()

    backend = Backend("--db", folder + "/backend.db")
    phone = Phone(backend.origin, data)
    phone.wait_for("operation.changed", id=identity, state="applied")
    check("receipt", "applied", status_at_backend(backend, identity))
    phone.stop()
    backend.stop()


def answers_every_line(folder):
    """Nonsense gets a reply, and the end of the input waits for the last one."""
    phone = Process("phone", "--profile", "prokure", "--server", "http://127.0.0.1:1", "--data",
                    folder + "/nonsense")
    lines = ["{", "[]", '{"id":1,"request":"nobody.knows"}', "x" * 3_000_000,
             '{"id":2,"request":"engine.status","params":{}}']
    phone.process.stdin.write("\n".join(lines))
    phone.process.stdin.close()
    replies = [m for m in phone.rest() if "reply" in m]
    check("replies", len(lines), len(replies))
    codes = [m["error"]["code"] for m in replies if m["reply"] is None]
    check("codes", ["json.invalid", "json.too_large", "request.invalid"], sorted(codes))
    phone.ends()


def asks_its_questions_on_standard_output(folder):
    backend = Backend()
    phone = Phone(backend.origin, folder + "/questions", "--ports", "stdin")
    phone.wait_for("engine.state", state="locked")
    phone.say({"id": 1, "request": "session.login", "params": {
        "email": backend.user["user"], "password": backend.user["password"]}})
    secrets = {}
    while "reply" not in (message := phone.next()):
        if "question" not in message:
            continue
        name = message["data"]["name"]
        if message["port"] == "secret.write":
            secrets[name] = message["data"]["value"]
            result = {}
        elif name in secrets:
            result = {"status": "value", "value": secrets[name]}
        else:
            result = {"status": "absent"}
        phone.say({"answer": message["question"], "result": result})
    check("login", True, "result" in message)
    check("keys were kept", True, len(secrets) > 0)
    check("no keychain", False, os.path.exists(folder + "/questions/keychain.json"))
    phone.stop()
    backend.stop()


def says_why_it_cannot(folder):
    def exit_code(*flags, data=folder + "/cannot", server="http://127.0.0.1:1"):
        done = subprocess.run([SIM, "phone", "--server", server, "--data", data, *flags],
                              capture_output=True, text=True, timeout=PATIENCE_S, input="")
        check("an exit with an error says why", True, len(done.stderr) > 0)
        return done.returncode

    profile = ("--profile", "prokure")
    check("no profile", 2, exit_code())
    check("unknown profile", 2, exit_code("--profile", "nobody"))
    check("no origin", 2, exit_code(*profile, server="127.0.0.1"))
    check("cleartext elsewhere", 2, exit_code(*profile, server="http://192.0.2.1"))
    check("nobody names the time", 3, exit_code(*profile, "--speed", "20"))
    check("no directory", 3, exit_code(*profile, data="/proc/landfall"))
    os.makedirs(folder + "/open_keychain")
    with open(folder + "/open_keychain/keychain.json", "w", encoding="utf-8") as keychain:
        keychain.write("{}")
    os.chmod(folder + "/open_keychain/keychain.json", 0o644)
    check("a keychain for everybody", 3, exit_code(*profile, data=folder + "/open_keychain"))
    phone = Phone("http://127.0.0.1:1", folder + "/taken")
    phone.wait_for("engine.state", state="locked")
    check("a directory in use", 3, exit_code(*profile, data=folder + "/taken"))
    phone.stop()


for test in (works_end_to_end, works_at_speed_20, keeps_what_it_took_while_nobody_listens,
             answers_every_line, asks_its_questions_on_standard_output, says_why_it_cannot):
    with tempfile.TemporaryDirectory() as temporary:
        test(temporary)
    print("ok", test.__name__, flush=True)
