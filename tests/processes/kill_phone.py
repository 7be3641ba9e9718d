#!/usr/bin/env python3
"""A phone is killed with SIGKILL two hundred times at random moments: while it starts, in bursts of
a few milliseconds after a start, with acknowledgements on their way, while it sends; at times the
host dies with it, before it has read an answer. In the end
every acknowledged operation had its effect at the backend exactly once, nothing had one that was
never handed in, and what was never answered is absent or applied once (INV-Q1, Q2, Q3, Q4).

What was acknowledged is kept in this process, as the lines were read: outside of what a kill can
take. The moments follow from the seed; what runs when does not, so that a seed repeats a run only
nearly.

Usage: kill_phone.py <landfall-sim> [--seed N] [--kills N]
"""

import argparse
import collections
import queue
import random
import signal
import statistics
import tempfile
import time

from landfall_processes import PATIENCE_S, Backend, Observer, check, credentials
from operation_book import LOGIN_LATER, SPEED, Home, check_all, settle

# A user may have three devices; one is the observer's.
PHONES_A_USER = 2
# What is seen of a process, in this order; the states of an operation among them.
MOMENTS = ("spawned", "opened", "ready", "acknowledged", "sending", "applied")


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("sim")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--kills", type=int, default=200)
    return parser.parse_args()


class Plan:
    """When to kill: so long after this moment of the process's life; when work is handed in; and
    whether the answers to it die with the host, unread."""

    def __init__(self, after, delay_s, works_at="ready", bouts=3, answers_die=False):
        self.after = after
        self.delay_s = delay_s
        self.works_at = works_at
        self.bouts = bouts
        self.answers_die = answers_die


def draw_plans(draw, usual_start_s):
    """The plan of the next life, or those of a burst of short ones."""
    kind = draw.choices(("start", "ready", "acknowledged", "sending", "later", "unread", "burst"),
                        (20, 15, 20, 25, 10, 5, 3))[0]
    bouts = draw.randint(1, 8)
    if kind == "start":
        return [Plan("spawned", draw.uniform(0, 1.2 * usual_start_s),
                     draw.choice(("spawned", "ready")), bouts)]
    if kind == "burst":
        after = draw.choice(("spawned", "opened"))
        return [Plan(after, draw.uniform(0, 0.008)) for _ in range(4)]
    if kind == "unread":
        return [Plan("ready", draw.uniform(0.01, 0.1), "ready", bouts, answers_die=True)]
    delay_s_max = {"ready": 0.02, "acknowledged": 0.01, "sending": 0.02, "later": 0.5}[kind]
    return [Plan("ready" if kind == "later" else kind, draw.uniform(0, delay_s_max), "ready",
                 bouts)]


class Life:
    """One process of a phone, from its start to the kill."""

    def __init__(self, home, plan):
        self.home = home
        self.plan = plan
        self.asked = {}  # request id -> operation
        self.moments = {}  # name -> when it first was
        self.kill_at = None
        self.reached("spawned")
        self.phone = home.start()

    def reached(self, moment):
        if moment in self.moments:
            return
        now = self.moments[moment] = time.monotonic()
        if moment == self.plan.after:
            self.kill_at = now + self.plan.delay_s
        elif moment == "ready" and self.kill_at is None:
            # What it waits for may not come: everything was sent, or nothing is due.
            self.kill_at = now + 1

    def hand_in(self, operations):
        for operation in operations:
            operation.unanswered += 1
            self.phone.last_id += 1
            self.asked[self.phone.last_id] = operation
        for number, operation in list(self.asked.items())[-len(operations):]:
            self.phone.say({"id": number, "request": "operations.enqueue",
                            "params": operation.params()})

    def log_in(self):
        self.home.logins += 1
        self.phone.last_id += 1
        self.phone.say({"id": self.phone.last_id, "request": "session.login",
                        "params": credentials(self.home.user)})

    def on_message(self, message, is_alive):
        if operation := self.asked.pop(message.get("reply"), None):
            if self.plan.answers_die:
                return
            operation.on_reply(message)
            if operation.acknowledgement:
                self.reached("acknowledged")
        elif message.get("event") == "engine.state":
            check("the engine works", True, message["data"]["state"] != "failed" or message)
            self.reached("opened")
            if message["data"]["state"] == "ready" and "ready" not in self.moments:
                self.reached("ready")
                if is_alive and self.plan.works_at == "ready":
                    self.hand_in(self.home.work(self.plan.bouts))
        elif message.get("event") == "session.status":
            if is_alive and message["data"]["status"] in ("unauthenticated", "reauthRequired"):
                self.log_in()
        elif message.get("event") == "operation.changed":
            self.reached(message["data"]["state"])
        elif "error" in message:
            # The status that comes with it asks for another one.
            check("a login that may be tried again", True,
                  message["error"]["code"] in LOGIN_LATER or message["error"])

    def live(self):
        """Returns once the process is gone and its last word was read."""
        if self.plan.works_at == "spawned":
            self.hand_in(self.home.work(self.plan.bouts))
        give_up_at = self.moments["spawned"] + PATIENCE_S
        while self.kill_at is None or time.monotonic() < self.kill_at:
            until = give_up_at if self.kill_at is None else self.kill_at
            try:
                message = self.phone.next(max(0, until - time.monotonic()))
            except queue.Empty:
                check("the phone goes on", True, self.kill_at is not None)
                break
            self.on_message(message, True)
        self.phone.process.kill()
        self.phone.ends(-signal.SIGKILL)
        for message in self.phone.rest():
            self.on_message(message, False)
        self.phone.process.stdin.close()
        self.phone.process.stdout.close()


class Run:
    def __init__(self, folder, arguments):
        self.draw = random.Random(arguments.seed)
        self.kills = arguments.kills
        self.backend = Backend("--speed", str(SPEED), "--seed", "1")
        self.backend.epoch = self.backend.call("GET", "/_sim/clock")["epoch"]
        approvals = {user["user"]: self.approvals_of(user) for user in self.backend.users}
        self.homes = []
        for number in range(PHONES_A_USER * len(self.backend.users)):
            user = self.backend.users[number % len(self.backend.users)]
            home = Home(self.backend, user, f"{folder}/phone{number}", self.draw)
            home.approvals = approvals[user["user"]]
            self.homes.append(home)
        self.starts_s = [0.5]
        self.deaths = collections.Counter()

    def approvals_of(self, user):
        documents = Observer(self.backend, user).pull()
        return [d["entity_id"] for d in documents if d["entity_type"] == "approval"]

    def pick_home(self, killed):
        """Phones come into use one after the other, so that first starts die as well; the old ones
        come back after a while, with tokens that have expired."""
        born = 1 + killed * len(self.homes) // self.kills
        return self.draw.choice(self.homes[:born])

    def kill_all(self):
        killed = 0
        while killed < self.kills or self.missed() and killed < 3 * self.kills:
            home = self.pick_home(min(killed, self.kills - 1))
            for plan in draw_plans(self.draw, statistics.median(self.starts_s)):
                life = Life(home, plan)
                life.live()
                self.note_death(life)
                killed += 1

    def missed(self):
        """The kinds of death that so many kills should have met."""
        return [m for m in MOMENTS if not self.deaths[m]] if self.kills >= 100 else []

    def note_death(self, life):
        moments = life.moments
        if "ready" in moments:
            self.starts_s.append(moments["ready"] - moments["spawned"])
        self.deaths[max(MOMENTS, key=lambda m: (m in moments, MOMENTS.index(m)))] += 1

    def report(self, known):
        """Says what was seen; a run that missed a kind of death or of operation proves less than it
        claims."""
        operations = [o for home in self.homes for o in home.operations.values()]
        kinds = collections.Counter(
            "acknowledged" if o.acknowledgement else
            "refused" if not o.unanswered else
            "never answered and applied" if o.id in known else
            "never answered and absent" for o in operations)
        found_out = collections.Counter(o.found_out for o in operations)
        print(f"{self.deaths.total()} kills, by the last that was seen of the process: "
              + ", ".join(f"{self.deaths[moment]} {moment}" for moment in MOMENTS))
        print(f"{len(operations)} operations handed in: "
              + ", ".join(f"{count} {kind}" for kind, count in kinds.items())
              + f"; of those that lost an answer {found_out['kept']} were found kept when asked"
              f" again, {found_out['absent']} absent"
              f"; {sum(len(home.retried) for home in self.homes)} retried by their user,"
              f" {sum(home.logins for home in self.homes)} logins;"
              f" a start takes {statistics.median(self.starts_s):.2f} s")
        if self.kills >= 100:
            check("every kind of death", [], self.missed())
            # Refused is only what comes before its user's first login, which few lives are long
            # enough for.
            met = {"acknowledged": kinds["acknowledged"],
                   "kept, its answer lost": kinds["never answered and applied"] + found_out["kept"],
                   "lost before it was kept":
                       kinds["never answered and absent"] + found_out["absent"]}
            check("every kind of operation", [], [kind for kind in met if not met[kind]])


def run(arguments):
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        it = Run(folder, arguments)
        it.kill_all()
        accounts = settle(it.homes)
        check_all(it.backend, it.homes, accounts)
        it.report({entry["id"] for account in accounts for entry in account})
        it.backend.stop()


run(parse_arguments())
