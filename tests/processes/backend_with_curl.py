#!/usr/bin/env python3
"""curl logs in, refreshes, pulls and pushes against `landfall-sim backend`, and the process keeps
the contract of its flags, its first line and its exit codes.

Usage: backend_with_curl.py <landfall-sim>
"""

import json
import signal
import socket
import subprocess
import tempfile
import time

from landfall_processes import SIM, check

OPERATION = "01980000-0000-7000-8000-000000000001"


class Backend:
    """A running backend; leaving the block ends it with a signal and expects a clean exit."""

    def __init__(self, *flags, ends_with=signal.SIGTERM):
        self.flags = flags
        self.ends_with = ends_with

    def __enter__(self):
        command = [SIM, "backend", "--profile", "prokure", *self.flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.hello = json.loads(self.process.stdout.readline())
        self.origin = self.hello["listening"]
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(self.ends_with)
        code = self.process.wait(timeout=60)
        if kind is None:
            check("nothing else on standard output", "", self.process.stdout.read())
            check("exit code after a signal", 0, code)

    def call(self, method, path, body=None, token=None, raw=None):
        """(status, body as JSON) of one call of curl."""
        command = ["curl", "--silent", "--show-error", "--max-time", "60", "--request", method]
        command += ["--write-out", "\n%{http_code}", self.origin + path]
        command += ["--header", "X-Device-Id: curl"]
        if token:
            command += ["--header", f"Authorization: Bearer {token}"]
        if body is not None or raw is not None:
            command += ["--header", "Content-Type: application/json", "--data-binary", "@-"]
        text = raw if raw is not None else json.dumps(body)
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        answer, status = done.stdout.rsplit("\n", 1)
        return int(status), json.loads(answer)


def log_in(backend):
    user = backend.hello["users"][0]
    status, session = backend.call("POST", "/api/auth/login", {
        "email": user["user"], "password": user["password"],
        "device_id": "curl", "platform": "ANDROID"})
    check("login", 200, status)
    return session


def approval_of(backend, token):
    """An operation that approves one of the user's pending approvals."""
    status, page = backend.call("POST", "/api/mobile/sync/pull", {
        "device_id": "curl", "scope": "tier1", "cursor": None, "limit": 500}, token)
    check("pull", 200, status)
    approval = next(d for d in page["changes"] if d["entity_type"] == "approval")
    return {
        "id": OPERATION, "entity_type": "approval", "entity_id": approval["entity_id"],
        "action": "approve", "schema": 1, "base_version": approval["row_version"],
        "created_at": "2026-01-01T08:00:00.000Z", "payload": {}}


def push(backend, token, operation):
    status, answer = backend.call("POST", "/api/mobile/sync/push",
                                  {"device_id": "curl", "operations": [operation]}, token)
    check("push", 200, status)
    check("one result", 1, len(answer["results"]))
    return answer["results"][0]


def speaks_with_curl():
    with Backend("--port", "0") as backend:
        check("profile", "prokure", backend.hello["profile"])
        check("speed", 1, backend.hello["speed"])
        session = log_in(backend)
        status, session = backend.call("POST", "/api/mobile/auth/refresh", {
            "refreshToken": session["refreshToken"], "device_id": "curl"})
        check("refresh", 200, status)
        token = session["accessToken"]
        approval = approval_of(backend, token)
        for replayed in (False, True):
            result = push(backend, token, approval)
            check("status", "applied", result["status"])
            check("replayed", replayed, result.get("replayed", False))
        status, ledger = backend.call("GET", "/_sim/ledger")
        check("ledger", 200, status)
        check("pushed twice, done once", [(OPERATION, 1)],
              [(identity, seen["effects"]) for identity, seen in ledger["operations"].items()])
        check("nothing wrong, nothing lost", ([], 0), (ledger["violations"], ledger["dropped"]))
        check("only to be read", 405, backend.call("POST", "/_sim/ledger", {})[0])


def refuses_nonsense():
    with Backend("--port", "0", ends_with=signal.SIGINT) as backend:
        status, answer = backend.call("POST", "/api/auth/login", raw="{")
        check("cut JSON", (400, "BAD_JSON"), (status, answer["error"]["code"]))
        status, answer = backend.call("POST", "/api/mobile/sync/push", raw=" " * 5_000_000)
        check("a body of 5 MB", (413, "PAYLOAD_TOO_LARGE"), (status, answer["error"]["code"]))
        with socket.create_connection(("127.0.0.1", int(backend.origin.rsplit(":", 1)[1]))) as peer:
            peer.sendall(b"what is this\r\n\r\n")
            answer = b""
            while chunk := peer.recv(4096):
                answer += chunk
        check("no HTTP", True, answer.startswith(b"HTTP/1.1 400"))
        # The backend still answers.
        log_in(backend)


def runs_at_its_pace():
    began = int(time.time() * 1000)
    with Backend("--port", "0", "--speed", "20", "--epoch", str(began - 60_000)) as backend:
        check("speed", 20, backend.hello["speed"])
        status, clock = backend.call("GET", "/_sim/clock")
        check("clock", 200, status)
        check("pace", (20, began - 60_000), (clock["speed"], clock["epoch"]))
        least = began - 60_000 + 20 * 60_000
        check("a minute is twenty", True, clock["now"] >= least)
        most = began - 60_000 + 20 * (int(time.time() * 1000) + 1_000 - (began - 60_000))
        check("and not more", True, clock["now"] <= most)


def remembers_in_a_file():
    with tempfile.TemporaryDirectory() as folder:
        with Backend("--port", "0", "--db", folder + "/backend.db") as backend:
            token = log_in(backend)["accessToken"]
            push(backend, token, approval_of(backend, token))
        with Backend("--port", "0", "--db", folder + "/backend.db") as backend:
            status, answer = backend.call("POST", "/api/mobile/sync/receipts",
                                          {"ids": [OPERATION]}, token)
            check("receipts", 200, status)
            check("the receipt outlived the process", "applied", answer["receipts"][0]["status"])


def exit_code(*flags):
    command = [SIM, "backend", *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    check("an exit with an error says why", True, len(done.stderr) > 0)
    return done.returncode


def says_why_it_cannot():
    check("no profile", 2, exit_code("--port", "0"))
    check("unknown profile", 2, exit_code("--profile", "nobody", "--port", "0"))
    check("no port", 2, exit_code("--profile", "prokure", "--port", "70000"))
    check("no speed", 2, exit_code("--profile", "prokure", "--port", "0", "--speed", "0"))
    check("no file", 3, exit_code("--profile", "prokure", "--port", "0", "--db", "/nowhere/at/all"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        check("port in use", 3, exit_code("--profile", "prokure", "--port", port))


for test in (speaks_with_curl, refuses_nonsense, runs_at_its_pace, remembers_in_a_file,
             says_why_it_cannot):
    test()
    print("ok", test.__name__)
