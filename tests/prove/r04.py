"""an error at every call to the disk: nothing is acknowledged that is not there

The server runs under strace, which lets one call of one kind fail in each thread: the first, the second... until none is left.
Changes and reads are asked for meanwhile; it is killed, opened again without a fault, and held against what it answered."""

import re
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import dataclass

from proof import ALL, House, records, teller
from support.house import Failed

# Its calls that change a file of the data folder, but for `write`, with which it also logs and wakes its threads.
CALLS = ("pwrite64", "writev", "fdatasync", "fsync", "ftruncate", "fallocate", "renameat")
ERRORS = ("EIO", "ENOSPC", "EINTR")
SECRETS = 5
INJECTED = re.compile(r"^\d+ +(\d+\.\d+) .*\(INJECTED\)", re.M)
ENDING = 5  # seconds that an end may take


@dataclass
class Answer:
    """What was asked for, when, and what became of it."""
    change: bool
    name: str
    token: str
    begun: float
    status: int
    id: str


class Point:
    """A copy of the folder, and one fault in it; `fault` is (call, error, number), or None."""

    def __init__(self, house, whole, key, fault):
        self.house, self.key, self.fault, self.answers = house, key, fault, []
        self.trace, house.data = house.folder / "trace", house.folder / "copy"
        shutil.rmtree(house.data, ignore_errors=True)
        subprocess.run(["cp", "-a", "--sparse=always", whole, house.data], check=True)

    def strace(self):
        words = ["strace", "-D", "-f", "-qq", "-ttt", "-e", f"trace={','.join(CALLS)}", "-o", str(self.trace)]
        if self.fault:
            words += ["-e", "inject={}:error={}:when={}".format(*self.fault)]
        return words

    def ask(self, asker, change, name, token, operation, **parameters):
        begun = time.time()
        status, _ = asker.tell(operation, **parameters)
        self.answers.append(Answer(change, name, token, begun, status, asker.id_of_reply))

    def load(self):
        asker = teller(self.house, self.key)
        for number in range(SECRETS):
            name, first, second = f"r4/{number}", f"{number:032}", f"{number:031}b"
            self.ask(asker, True, name, first, "CreateSecret", Name=name, SecretString=first * 9, ClientRequestToken=first)
            self.ask(asker, True, name, second, "PutSecretValue", SecretId=name, SecretString=second * 9, ClientRequestToken=second)
            self.ask(asker, False, name, None, "GetSecretValue", SecretId=name)
        asker.close()

    def run(self):
        """Did it start?"""
        try:
            self.house.start("--audit", "strict", under=self.strace())
            self.load()
            return True
        except Failed:
            return False

    def ends(self):
        """Did it end by itself?"""
        try:
            self.house.server.wait(ENDING)
            return True
        except subprocess.TimeoutExpired:
            return False

    def kill(self):
        self.house.server.kill()
        self.house.server.wait()

    def injected(self):
        """When the fault fell for the first time; None: never."""
        found = INJECTED.search(self.trace.read_text())
        return float(found[1]) if found else None

    def untrue(self):
        """What was answered and is not so, once it is opened without a fault."""
        self.house.start()  # which appends what was committed and could not be told: doc/journal.md
        told = {record.get("requestID") for record in records(self.house)}
        wrong = [f"{one.name}: answered without a record" for one in self.answers if one.status == 200 and one.id not in told]
        asker = teller(self.house, self.key)
        for one in self.answers:
            if one.change and one.status == 200:
                status, reply = asker.tell("GetSecretValue", SecretId=one.name, VersionId=one.token)
                if status != 200 or reply["SecretString"] != one.token * 9:
                    wrong.append(f"{one.name}: acknowledged, and not there: {status}")
        asker.close()
        self.kill()
        code, said = self.house.verify()
        return wrong + ([f"the journal: {said}"] if code else [])


class Sums(Counter):
    """Over all points."""

    def __init__(self):
        super().__init__()
        self.wrong = []

    def take(self, point):
        started = point.run()
        at = point.injected()
        sync = at is not None and point.fault[0] == "fdatasync" and point.fault[1] == "EIO"
        ended = sync and point.ends()
        point.kill()
        self["points"] += at is not None
        self["started"] += started
        self["acknowledged"] += sum(one.change and one.status == 200 for one in point.answers)
        self["refused or unanswered"] += sum(one.status != 200 for one in point.answers)
        if sync:
            self["failed syncs"] += 1
            self["ended by itself"] += ended
            self["acknowledged after a failed sync"] += sum(one.change and one.status == 200 and one.begun > at
                                                            for one in point.answers)
        self.wrong += [f"{point.fault}: {what}" for what in point.untrue()]


def house_with_user(house):
    house.init()
    house.start()
    key = house.make_user("writer", ALL)
    house.end()
    return key


def counted(house, whole, key):
    """How often each call is made by one thread, at most."""
    point, found = Point(house, whole, key, None), Counter()
    point.run()
    house.end()
    for thread, call in re.findall(r"^(\d+) +\S+ (\w+)\(", point.trace.read_text(), re.M):
        found[thread, call] += 1
    return {call: max([n for (_, of), n in found.items() if of == call], default=0) for call in CALLS}


def prove(proof):
    sums = Sums()
    with House("prove") as house:
        whole, key = house.data, house_with_user(house)
        calls = counted(house, whole, key)
        faults = [(call, error, number) for call in CALLS for error in ERRORS for number in range(1, calls[call] + 1)]
        few = proof.many(len(faults), 30)
        for number in range(few):
            sums.take(Point(house, whole, key, faults[number * len(faults) // few]))
    proof.figure("calls in a thread", ", ".join(f"{call} {n}" for call, n in calls.items() if n))
    proof.figure("errors", ", ".join(ERRORS))
    for name in ("points", "started", "acknowledged", "refused or unanswered", "failed syncs", "ended by itself",
                 "acknowledged after a failed sync"):
        proof.figure(name, sums[name])
    for wrong in sums.wrong[:10]:
        print(f"   {wrong}")
    proof.gate(f"each of {few} faults fell", sums["points"] == few)
    proof.gate("0 false acknowledgements, and every answer has its record", not sums.wrong)
    proof.gate("after a sync that failed with EIO nothing is acknowledged, and the server ends",
               sums["acknowledged after a failed sync"] == 0 and sums["ended by itself"] == sums["failed syncs"] > 0)
