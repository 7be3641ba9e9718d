"""What the tests of this folder share: landfall-sim as a process, and its two long-lived commands.

The path of landfall-sim is the first argument of every test that imports it.
"""

import atexit
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.request

SIM = sys.argv[1]
# Longer than anything takes, also under the sanitizers on a busy machine; only a failure waits it
# out.
PATIENCE_S = 120


def check(what, wanted, got):
    if wanted != got:
        sys.exit(f"{what}: expected {wanted!r}, got {got!r}")


class Process:
    """landfall-sim with its standard output read line by line. It does not outlive the test."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([SIM, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read_all, daemon=True)
        self.reader.start()

    def read_all(self):
        for line in self.process.stdout:
            # Only a kill cuts a line; what was cut was not said.
            if line.endswith("\n"):
                self.lines.put(json.loads(line))
        self.lines.put(None)

    def next(self, timeout_s=PATIENCE_S):
        """The next line; queue.Empty when none came in time. The end of the output is an error."""
        line = self.lines.get(timeout=timeout_s)
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
        atexit.unregister(self.process.kill)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.ends()


class Backend(Process):
    def __init__(self, *flags):
        super().__init__("backend", "--profile", "prokure", "--port", "0", *flags)
        hello = self.next()
        self.origin = hello["listening"]
        self.users = hello["users"]
        self.user = self.users[0]

    def call(self, method, path, body=None, token=None, device="observer"):
        """The body of the answer; an answer that is no 2xx is an exception."""
        request = urllib.request.Request(
            self.origin + path, None if body is None else json.dumps(body).encode(), {
                "Content-Type": "application/json", "X-Device-Id": device,
                **({"Authorization": f"Bearer {token}"} if token else {})}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)


class Observer:
    """Somebody who looks at the backend with the eyes of one of its users, from a device of their
    own."""

    def __init__(self, backend, user):
        self.backend = backend
        self.device = "observer"
        session = backend.call("POST", "/api/auth/login", {
            "email": user["user"], "password": user["password"], "device_id": self.device,
            "platform": "IOS"})
        self.token = session["accessToken"]

    def post(self, path, **body):
        return self.backend.call("POST", path, body, self.token, self.device)

    def statuses(self, identities):
        """The status of each operation id by its receipt, `unseen` without one."""
        found = self.post("/api/mobile/sync/receipts", ids=list(identities))["receipts"]
        return {receipt["id"]: receipt["status"] for receipt in found}

    def pull(self):
        return self.post("/api/mobile/sync/pull", device_id=self.device, scope="tier1",
                         cursor=None, limit=500)["changes"]

    def documents(self, keys):
        """The documents of (entity_type, entity_id), by that key."""
        found = self.post("/api/mobile/sync/pull", device_id=self.device, refresh=[
            {"entity_type": kind, "entity_id": identity, "row_version": None}
            for kind, identity in keys])["changes"]
        return {(d["entity_type"], d["entity_id"]): d for d in found}


class Phone(Process):
    def __init__(self, server, data, *flags):
        super().__init__("phone", "--profile", "prokure", "--server", server, "--data", data,
                         *flags)
        self.last_id = 0
        self.heard = []

    def say(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def reply_to(self, request, **params):
        self.last_id += 1
        self.say({"id": self.last_id, "request": request, "params": params})
        return self.wait(lambda m: m.get("reply") == self.last_id)

    def ask(self, request, **params):
        """The result of a request; an error ends the test."""
        reply = self.reply_to(request, **params)
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

    def log_in(self, user):
        return self.ask("session.login", **credentials(user))


def credentials(user):
    return {"email": user["user"], "password": user["password"]}


def new_id(random_bytes=os.urandom):
    """A version 7 UUID."""
    digits = f"{int(time.time() * 1000):012x}" + "7000" + "8000" + random_bytes(6).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
