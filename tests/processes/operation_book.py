"""What the host of a phone knows of its operations, kept outside of what a kill of the phone can
take, and how it is held in the end against the phone's own account, the backend's ledger and its
documents.
"""

import collections
import sys
import time

from landfall_processes import PATIENCE_S, Observer, Phone, check, credentials, new_id

# The ladder of retries and the life of a token pass in seconds.
SPEED = 20
# Refusals that say no more than "not now".
NOT_NOW = ("engine.opening", "engine.locked", "engine.closing")
# On a busy machine a call may last longer than a phone waits for it.
LOGIN_LATER = ("login.no_connection", "login.server_error", "session.busy")


class Operation:
    """One operation as its host knows it."""

    def __init__(self, home, entity_type, entity_id, action, payload):
        self.home = home
        self.id = new_id(home.draw.randbytes)
        self.lane = (entity_type, entity_id)
        self.action = action
        self.payload = payload
        self.acknowledgement = None
        self.unanswered = 0  # hand-ins of which nobody knows what became
        self.found_out = None  # what the first answer said of those before it: "kept" or "absent"

    def params(self):
        return {"id": self.id, "entity_type": self.lane[0], "entity_id": self.lane[1],
                "action": self.action, "payload": self.payload}

    def on_reply(self, reply):
        if "result" in reply:
            result = reply["result"]
            if not self.acknowledgement and self.unanswered > 1:
                self.found_out = "kept" if result["repeated"] else "absent"
            self.unanswered = 0
            if self.acknowledgement:
                check(f"{self.id}: asked again", True, result["repeated"])
                check(f"{self.id}: its place", self.acknowledgement["seq"], result["seq"])
            else:
                self.acknowledgement = result
            check("the id that is acknowledged", self.id, result["id"])
        elif reply["error"].get("class") != "indeterminate":
            # A phone that was killed before its first pull knows no version to stand on yet.
            is_early = not self.acknowledgement and reply["error"].get("field") == "base_version"
            check(f"{self.id}: a refusal that means not now", True,
                  is_early or reply["error"]["code"] in NOT_NOW or reply["error"])
            self.unanswered -= 1


class Home:
    """What outlives the processes of one phone: its directory, its user, what it was handed."""

    def __init__(self, backend, user, directory, draw):
        self.backend = backend
        self.user = user
        self.directory = directory
        self.draw = draw
        self.operations = {}
        self.approvals = []  # to comment on
        self.retried = set()  # by their user, after all attempts had failed
        self.logins = 0

    def start(self):
        return Phone(self.backend.origin, self.directory, "--speed", str(SPEED), "--epoch",
                     str(self.backend.epoch))

    def add(self, *arguments):
        operation = Operation(self, *arguments)
        self.operations[operation.id] = operation
        return operation

    def ask_some_again(self, share):
        """What was never answered in this share of the lanes; whole lanes and in order, because a
        note needs its document."""
        lanes = collections.defaultdict(list)
        for operation in self.operations.values():
            if operation.unanswered and not operation.acknowledgement:
                lanes[operation.lane].append(operation)
        chosen = self.draw.sample(list(lanes), round(share * len(lanes)))
        return [operation for lane in chosen for operation in lanes[lane]]

    def some_work(self):
        """One thing that a user does, as one to three operations."""
        kind = self.draw.choice(("create", "create", "note", "note", "comment"))
        requisitions = [o for o in self.operations.values()
                        if o.action == "create" and o.acknowledgement]
        if kind == "comment":
            return [self.add("approval", self.draw.choice(self.approvals), "comment",
                             {"comment": f"Comment {len(self.operations)}"})]
        if kind == "note" and requisitions:
            lane = self.draw.choice(requisitions).lane
            return [self.add(*lane, "note", {"note": f"Note {len(self.operations)}"})]
        lane = ("pr", new_id(self.draw.randbytes))
        work = [self.add(*lane, "create", {"title": "Cement"})]
        for _ in range(self.draw.randrange(3)):
            work.append(self.add(*lane, "note", {"note": f"Note {len(self.operations)}"}))
        return work

    def work(self, bouts):
        """What the host hands in next: new work, and some of what was never answered, again."""
        operations = self.ask_some_again(self.draw.choice((0, 0, 0.1, 0.5)))
        for _ in range(bouts):
            operations += self.some_work()
        return operations


# --- in the end

def get_ready(home, phone):
    """Waits until a phone is ready, logging in where its session was lost."""
    def matters(message):
        data = message.get("data", {})
        return (message.get("event") == "engine.state" and data["state"] == "ready" or
                message.get("event") == "session.status" and
                data["status"] in ("unauthenticated", "reauthRequired"))
    while phone.wait(matters)["event"] == "session.status":
        home.logins += 1
        reply = phone.reply_to("session.login", **credentials(home.user))
        check("a login that may be tried again", True,
              "result" in reply or reply["error"]["code"] in LOGIN_LATER or reply["error"])


def ask_again(phone, operations):
    for operation in operations:
        operation.unanswered += 1
        operation.on_reply(phone.reply_to("operations.enqueue", **operation.params()))


def come_to_rest(home, phone):
    """Waits until nothing is owed to the server. What was killed in every attempt has failed, and
    its user tries it again; a receipt may be quicker."""
    give_up_at = time.monotonic() + PATIENCE_S
    while owed := phone.ask("operations.list")["operations"]:
        if time.monotonic() > give_up_at:
            sys.exit(f"still owed: {[phone.ask('operations.explain', id=o['id']) for o in owed]}")
        for operation in owed:
            if operation["state"] == "failed":
                home.retried.add(operation["id"])
                phone.reply_to("operations.retry", id=operation["id"])
        time.sleep(0.1)


def list_all(phone):
    found = []
    while page := phone.ask("operations.list", settled=True, limit=500,
                            after_seq=found[-1]["seq"] if found else 0)["operations"]:
        found += page
    return found


def settle(homes):
    """Lets every phone finish what it was handed; returns what each says of its operations."""
    phones = [(home, home.start()) for home in homes]
    for home, phone in phones:
        get_ready(home, phone)
        ask_again(phone, home.ask_some_again(0.5))
    accounts = []
    for home, phone in phones:
        come_to_rest(home, phone)
        accounts.append(list_all(phone))
        acknowledged = [o for o in home.operations.values() if o.acknowledgement]
        check("acknowledged and lost", set(),
              {o.id for o in acknowledged} - {entry["id"] for entry in accounts[-1]})
        ask_again(phone, acknowledged)
        phone.stop()
    return accounts


def check_account(home, account, effects):
    """The phone and the ledger tell the same story of each operation."""
    known = {o["id"]: o for o in account}
    check("what the phone was never handed", set(), known.keys() - home.operations.keys())
    for operation in home.operations.values():
        what = f"{operation.action} {operation.id}"
        effect = effects.get(operation.id, {"effects": 0})
        check(f"{what}: effects of what the phone knows", int(operation.id in known),
              effect["effects"])
        if operation.acknowledgement:
            check(f"{what}: its place", operation.acknowledgement["seq"],
                  known[operation.id]["seq"])
        elif not operation.unanswered:
            check(f"{what}: refused, so unknown", False, operation.id in known)
        if operation.id in known:
            check(f"{what}: state", "applied", known[operation.id]["state"])


def check_lanes(home, account, effects, observer):
    """First in, first out, and documents that show every effect once. What its user retried comes
    after what was made later."""
    lanes = collections.defaultdict(list)
    for entry in account:
        lanes[(entry["entity_type"], entry["entity_id"])].append(entry["id"])
    documents = observer.documents(lanes)
    for lane, identities in lanes.items():
        by_effect = sorted(identities, key=lambda identity: effects[identity]["server_seq"])
        if home.retried.isdisjoint(identities):
            check(f"{lane}: the order of effects", identities, by_effect)
        data = documents[lane]["data"]
        if lane[0] == "approval":
            shown = [c["operation_id"] for c in data["comments"]]
            check(f"{lane}: comments", by_effect, [i for i in shown if i in home.operations])
        else:
            check(f"{lane}: version", len(identities), documents[lane]["row_version"])
            last = home.operations[by_effect[-1]]
            check(f"{lane}: the last word", last.payload.get("note"), data.get("note"))


def check_all(backend, homes, accounts):
    ledger = backend.call("GET", "/_sim/ledger")
    check("records that the ledger lost", 0, ledger["dropped"])
    check("what a phone must not do", [], ledger["violations"])
    effects = ledger["operations"]
    handed_in = {identity for home in homes for identity in home.operations}
    check("effects of what nobody handed in", set(), effects.keys() - handed_in)
    for home, account in zip(homes, accounts):
        check_account(home, account, effects)
        observer = Observer(backend, home.user)
        check_lanes(home, account, effects, observer)
        for identity, status in observer.statuses(home.operations).items():
            check(f"{identity}: receipt", "applied" if identity in effects else "unseen", status)
