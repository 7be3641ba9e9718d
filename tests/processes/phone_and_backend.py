#!/usr/bin/env python3
"""A phone and a backend, two processes over loopback: log in, pull, approve, applied, exit; and
again without a login, because the desktop's keychain outlived the process.

Usage: phone_and_backend.py <landfall-sim>
"""

import json
import os
import queue
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SIM = sys.argv[1]
PATIENCE_S = 120


def check(what, wanted, got):
    if wanted != got:
        sys.exit(f"{what}: expected {wanted!r}, got {got!r}")


class Process:
    """landfall-sim with its standard output read line by line."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([SIM, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read_all, daemon=True).start()

    def read_all(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def next(self):
        line = self.lines.get(timeout=PATIENCE_S)
        if line is None:
            sys.exit(f"the process ended with {self.process.wait()}")
        return line

    def rest(self):
        found = []
        while (line := self.lines.get(timeout=PATIENCE_S)) is not None:
            found.append(line)
        return found

    def ends(self, code=0):
        check("exit code", code, self.process.wait(timeout=PATIENCE_S))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.ends()


class Backend(Process):
    def __init__(self, *flags):
        super().__init__("backend", "--profile", "prokure", "--port", "0", *flags)
        hello = self.next()
        self.origin = hello["listening"]
        self.user = hello["users"][0]


class Phone(Process):
    def __init__(self, server, data, *flags):
        super().__init__("phone", "--profile", "prokure", "--server", server, "--data", data,
                         *flags)
        self.last_id = 0
        self.heard = []

    def say(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, request, **params):
        self.last_id += 1
        self.say({"id": self.last_id, "request": request, "params": params})
        reply = self.wait(lambda m: m.get("reply") == self.last_id)
        if "error" in reply:
            sys.exit(f"{request}: {reply['error']}")
        return reply["result"]

    def wait(self, wanted):
        """The first message that fits, also among those that came while another was awaited."""
        for index, message in enumerate(self.heard):
            if wanted(message):
                return self.heard.pop(index)
        while not wanted(message := self.next()):
            self.heard.append(message)
        return message

    def wait_for(self, event, **data):
        def fits(message):
            return message.get("event") == event and data.items() <= message["data"].items()
        return self.wait(fits)["data"]


def operation_id():
    return (f"{int(time.time() * 1000):012x}" + "7000" + "8000" + os.urandom(6).hex())


def uuid_of(digits):
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def log_in_and_pull(backend, phone):
    phone.wait_for("engine.state", state="locked")
    phone.ask("session.login", email=backend.user["user"], password=backend.user["password"])
    phone.wait_for("pull.completed", scope="tier1")
    return phone.ask("documents.query", type="approval")["documents"]


def approve(phone, document):
    identity = uuid_of(operation_id())
    phone.ask("operations.enqueue", id=identity, entity_type="approval",
              entity_id=document["entity_id"], action="approve", payload={})
    phone.wait_for("operation.changed", id=identity, state="applied")
    return identity


def status_at_backend(backend, identity):
    def post(path, body, token=None):
        request = urllib.request.Request(backend.origin + path, json.dumps(body).encode(), {
            "Content-Type": "application/json", "X-Device-Id": "observer",
            **({"Authorization": f"Bearer {token}"} if token else {})})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)
    session = post("/api/auth/login", {
        "email": backend.user["user"], "password": backend.user["password"],
        "device_id": "observer", "platform": "IOS"})
    found = post("/api/mobile/sync/receipts", {"ids": [identity]}, session["accessToken"])
    return found["receipts"][0]["status"]


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
    identity = uuid_of(operation_id())
    phone.ask("operations.enqueue", id=identity, entity_type="approval",
              entity_id=approvals[0]["entity_id"], action="approve", payload={})
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
