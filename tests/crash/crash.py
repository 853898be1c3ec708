"""crash: kills a server under load, opens it again, and holds what it has against what it acknowledged."""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import behind  # noqa: E402
from asker import Asker  # noqa: E402
from expected import CURRENT, Asked, Secret, candidates, value_of  # noqa: E402
from support.house import REGION, TOP, Failed, House, clean_up_when_told_to_end  # noqa: E402

LEAST_MS, MOST_MS = 2, 60  # of load before a kill
KILLS_PER_FOLDER = 50      # then a new data folder, so that looking at everything stays cheap
SAMPLE = 40                # older secrets that are looked at again after each kill
TERMS_PER_FOLDER = 5       # ends in peace under the same load, after the kills
OPENING_MS = 40            # one in four is killed again within this time of opening
STRICT = ("--audit", "strict")
HOT = 8                    # writers that share one secret


class Wrong(Exception):
    """Something that was acknowledged is not so."""


class Corrupt(Wrong):
    """What is there cannot be read, or is something else."""


def built(name):
    """Where script/test or tools/tree put it."""
    folder = Path(os.environ.get("COFFER_BUILD", TOP / "build/release"))
    return folder / "tests/crash" / name


def load(house, key, *words):
    """Runs the load; (its lines, when the server was killed)."""
    done = subprocess.run([built("crash_load"), "--port", str(house.port), "--ca", house.ca, *map(str, words)],
                          env={"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1], "AWS_REGION": REGION,
                               "TSAN_OPTIONS": "report_bugs=0"},  # the load is not what is tested
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    *lines, last = done.stdout.splitlines() or [""]
    if done.returncode != 0 or not last.startswith("killed\t"):
        raise Failed(f"the load: exit {done.returncode}: {done.stderr}{done.stdout[-500:]}")
    return [Asked.read(line) for line in lines], int(last.split("\t")[1])


class Journal:
    """Reads what is new in it."""

    def __init__(self, house):
        self.house, self.at, self.ids = house, {}, set()

    def new(self):
        records = []
        for path in self.house.journal():
            with open(path, "rb") as segment:
                segment.seek(self.at.get(path, 0))
                text = segment.read()
            whole = text[:text.rfind(b"\n") + 1]
            self.at[path] = self.at.get(path, 0) + len(whole)
            records += [json.loads(line) for line in whole.splitlines()]
        return [record for record in records if "eventID" in record]

    def once(self, records):
        """No record twice, over all that was read."""
        for record in records:
            if record["eventID"] in self.ids:
                raise Wrong(f"the journal tells {record['eventID']} twice")
            self.ids.add(record["eventID"])


def secret_of(record):
    about = record.get("requestParameters", {})
    return about.get("secretId") or about.get("name")


class Folder:
    """One data folder, from its making to its last check."""

    def __init__(self, house, figures, seed, options=()):
        self.house, self.figures, self.seed, self.options = house, figures, seed, options
        self.random = random.Random(seed)
        self.known = {}  # name: Secret
        self.journal = Journal(house)
        self.key = None

    def open(self):
        self.house.init()
        self.house.start(*self.options)
        self.key = self.house.make_user("writer", {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"})

    # --- looking

    def value(self, asker, name, token, size):
        status, reply = asker.ask("GetSecretValue", SecretId=name, VersionId=token)
        if status != 200:
            raise Wrong(f"{name}: version {token} was acknowledged, and is not there: {reply}")
        if reply.get("SecretString") != value_of(token, size):
            raise Corrupt(f"{name}: version {token} has another value")

    def described(self, asker, name):
        """As a Secret without values."""
        status, reply = asker.ask("DescribeSecret", SecretId=name)
        if status == 200:
            labels = {label: token for token, labels in reply.get("VersionIdsToStages", {}).items() for label in labels}
            return Secret(True, "DeletedDate" in reply, reply.get("Description"), {}, labels)
        if reply.get("__type") != "ResourceNotFoundException":
            raise Corrupt(f"{name}: {status} {reply}")
        return Secret()

    def values(self, asker, name, state):
        """Every version of it; taken back first if it is deleted, since only then it can be read."""
        if state.deleted:
            status, reply = asker.ask("RestoreSecret", SecretId=name)
            if status != 200:
                raise Wrong(f"{name}: cannot be taken back: {reply}")
            state.deleted = False
        for token, size in state.values.items():
            self.value(asker, name, token, size)

    def look(self, asker, name, states):
        """Which of these states it is in."""
        got = self.described(asker, name)
        for state in states:
            if (got.there, got.deleted, got.description, got.stages()) == (state.there, state.deleted, state.description,
                                                                           state.stages()):
                self.values(asker, name, state)
                return state
        raise Wrong(f"{name}: is {got}; should be {' or '.join(map(str, states))}")

    # --- after a kill

    def reads(self, asked):
        """What was read under load was what its one writer had written."""
        for i, one in enumerate(asked):
            if one.answered and not one.acknowledged:
                raise Wrong(f"{one.operation} of {one.secret} was refused: {one.reply}")
            if one.operation == "GetSecretValue" and one.acknowledged:
                state = candidates(Secret(), asked[:i])[0][0]
                reply, token = json.loads(one.reply), state.labels[CURRENT]
                if reply["VersionId"] != token or reply["SecretString"] != value_of(token, state.values[token]):
                    raise Wrong(f"{one.secret}: read {reply['VersionId']}, which was not current")

    def own_secret(self, asker, name, asked, told):
        self.reads(asked)
        states, unheard = candidates(Secret(), asked)
        state = self.look(asker, name, states)
        applied = unheard is not None and state is states[1]
        self.figures["unheard but done"] += applied
        heard = sum(one.acknowledged and one.writes for one in asked)
        if told[name] != heard + applied:
            raise Wrong(f"{name}: {heard + applied} changes, and the journal tells of {told[name]}")
        self.known[name] = state

    def hot_secret(self, asker, name, asked, told, first):
        """Written by several at once: which of them was last is not known, only which was not."""
        puts = {one.token: one for one in asked if one.operation == "PutSecretValue"}
        heard = [one for one in puts.values() if one.acknowledged]
        for one in heard:
            self.value(asker, name, one.token, int(one.detail))
        done = sum(asker.ask("GetSecretValue", SecretId=name, VersionId=one.token)[0] == 200
                   for one in puts.values() if not one.answered)
        current = self.described(asker, name).labels.get(CURRENT)
        if current == first and heard or current != first and current not in puts:
            raise Wrong(f"{name}: {current} is current")
        if current != first and puts[current].answered:
            later = [one.token for one in heard if one.begun > puts[current].ended]
            if later or not puts[current].acknowledged:
                raise Wrong(f"{name}: {current} is current, but {later} came after it")
        if told[name] != len(heard) + done + 1:
            raise Wrong(f"{name}: {len(heard) + done + 1} changes, and the journal tells of {told[name]}")
        self.figures["unheard but done"] += done

    def recorded(self, asked, records):
        """Every answer has its one record, and every acknowledged change its commit."""
        self.journal.once(records)
        by_id = {record["requestID"]: record for record in records}
        for one in (one for one in asked if one.answered):
            record = by_id.get(one.id)
            if record is None:
                raise Wrong(f"{one.operation} of {one.secret} was answered, and is not in the journal")
            if one.writes and one.acknowledged and not record["coffer"].get("commit"):
                raise Wrong(f"{one.operation} of {one.secret}: its record tells no commit")

    def check(self, asked, hot, first):
        records = self.journal.new()
        told = Counter(secret_of(record) for record in records if not record.get("readOnly") and "errorCode" not in record)
        older = self.random.sample(sorted(self.known), min(SAMPLE, len(self.known)))
        asker = Asker(self.house, self.key, REGION)
        self.each(asker, older, lambda name: self.look(asker, name, [self.known[name]]))
        by_secret = {}
        for one in asked:
            by_secret.setdefault(one.secret, []).append(one)
        shared = by_secret.pop(hot, [])
        self.each(asker, by_secret, lambda name: self.own_secret(asker, name, by_secret[name], told))
        self.each(asker, [hot], lambda name: self.hot_secret(asker, name, shared, told, first))
        asker.close()
        self.recorded(asked, records)

    def each(self, asker, names, look):
        """All of them are looked at; the first thing that is wrong is raised at the end."""
        wrong = []
        for name in names:
            try:
                look(name)
            except Wrong as error:
                self.figures["corrupt" if isinstance(error, Corrupt) else "lost"] += 1
                wrong.append(error)
        if wrong:
            raise Wrong("; ".join(map(str, wrong[:3])))

    # --- a kill

    def make_hot(self, number):
        asker = Asker(self.house, self.key, REGION)
        name, token = f"crash/{number}/hot", f"{number:08}-hot-of-this-round-{self.seed:016x}"
        status, reply = asker.ask("CreateSecret", Name=name, ClientRequestToken=token, SecretString=token)
        asker.close()
        if status != 200:
            raise Wrong(f"{name}: {reply}")
        return name, token

    def strike(self, number, writers, after=None, by=signal.SIGKILL):
        """Load, and the kill in its midst (after so many us of it); what `check` wants to know of it."""
        hot, first = self.make_hot(number)
        after = after or self.random.randint(LEAST_MS * 1000, MOST_MS * 1000)
        asked, killed = load(self.house, self.key, "--kill", self.house.server.pid, "--signal", int(by), "--after", after,
                             "--writers", writers, "--hot", HOT, "--round", number, "--seed", self.seed)
        self.ended(-9 if by == signal.SIGKILL else 0)
        flying = sum(one.writes and not one.answered and one.begun < killed for one in asked)
        if by == signal.SIGTERM:
            self.figures["ends in peace under load"] += 1
            return asked, hot, first
        self.figures["kills"] += 1
        self.figures["kills with unacknowledged writes in flight"] += flying > 0
        self.figures["unacknowledged writes in flight"] += flying
        self.figures["acknowledged writes"] += sum(one.writes and one.acknowledged for one in asked)
        return asked, hot, first

    def ended(self, expected):
        code = self.house.server.wait(30)
        if code != expected:
            raise Wrong(f"the server ended with {code}, not {expected}: {self.house.said()[-1000:]}")

    def end_in_peace(self, number, writers):
        """SIGTERM under load: a clean exit, and nothing is lost either."""
        struck = self.strike(number, writers, by=signal.SIGTERM)
        self.holds("whole", "after SIGTERM")
        self.house.start(*self.options)
        self.check(*struck)

    def kill_while_opening(self):
        """Recovery must bear it, too."""
        self.house.launch(*self.options)
        try:
            self.house.server.wait(self.random.uniform(0, OPENING_MS / 1000))
        except subprocess.TimeoutExpired:
            self.house.server.kill()
        self.ended(-9)
        self.figures["kills while opening"] += 1

    def kill(self, number, writers):
        struck = self.strike(number, writers)
        self.holds(None, "after the kill")
        if self.random.random() < 0.25:
            self.kill_while_opening()
        self.figures.reopened.append(self.house.start(*self.options) * 1000)
        self.check(*struck)

    def holds(self, only, when):
        code, said = self.house.verify()
        if code != 0 or (only and only not in said):
            raise Wrong(f"the journal, {when}: {said}")

    def close(self):
        """Everything once more, then an end in peace."""
        asker = Asker(self.house, self.key, REGION)
        self.each(asker, self.known, lambda name: self.look(asker, name, [self.known[name]]))
        asker.close()
        self.house.end()
        self.holds("whole", "at the end")


class Figures(Counter):
    """What is told at the end."""

    def __init__(self):
        super().__init__()
        self.reopened = []

    def tell(self, seed):
        print(f"seed {seed}")
        for name in ("kills", "kills while opening", "ends in peace under load", "acknowledged writes",
                     "kills with unacknowledged writes in flight", "unacknowledged writes in flight", "unheard but done"):
            print(f"{name}: {self[name]}")
        print(f"acknowledged writes lost: {self['lost']}")
        print(f"corrupt: {self['corrupt']}")
        if self.reopened:
            times = sorted(self.reopened)
            print(f"reopened in ms: p50 {times[len(times) // 2]:.0f}, p99 {times[len(times) * 99 // 100]:.0f}")


class Tally:
    """What passed and what failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def run(self, label, function):
        try:
            function()
        except (Wrong, Failed, KeyError, ValueError, OSError, subprocess.SubprocessError) as error:
            self.failed += 1
            print(f"FAILED {label}: {type(error).__name__}: {error}", flush=True)
            return False
        self.passed += 1
        return True


def kill_in_folder(tally, figures, options, first):
    """The kills of one data folder. False: something was wrong."""
    with House("crash") as house:
        folder = Folder(house, figures, options.seed + first, STRICT if first // KILLS_PER_FOLDER % 2 else ())
        if not tally.run(f"folder of kill {first}", folder.open):
            return False
        for number in range(first, min(first + KILLS_PER_FOLDER, options.kills)):
            if not tally.run(f"kill {number}", lambda: folder.kill(number, options.writers)):
                return False
        for number in range(options.kills + first, options.kills + first + TERMS_PER_FOLDER):
            if not tally.run(f"SIGTERM {number}", lambda: folder.end_in_peace(number, options.writers)):
                return False
        return tally.run("everything once more", folder.close)


def kill_all(tally, figures, options):
    begun = time.monotonic()
    for first in range(0, options.kills, KILLS_PER_FOLDER):
        if not kill_in_folder(tally, figures, options, first):
            return
        print(f"... {figures['kills']} of {options.kills} kills, {figures['acknowledged writes']} acknowledged writes, "
              f"{time.monotonic() - begun:.0f} s", flush=True)


def in_flight(figures):
    if figures["kills with unacknowledged writes in flight"] * 2 <= figures["kills"]:
        raise Wrong("most kills met no unacknowledged write: they show nothing")
    if figures["acknowledged writes"] < figures["kills"]:
        raise Wrong("too few writes were acknowledged before the kills")


def put_back(options):
    """The control of the kills: a data folder that is put back behind the server's back has to be found out."""
    with House("crash") as house:
        folder, before = Folder(house, Figures(), options.seed), house.folder / "before"
        folder.open()
        house.end()
        shutil.copytree(house.data, before, ignore=shutil.ignore_patterns("socket"))
        house.start()
        struck = folder.strike(0, options.writers, 500_000)
        shutil.rmtree(house.data)
        shutil.move(before, house.data)
        house.start()
        try:
            folder.check(*struck)
        except Wrong:
            print(f"a data folder that was put back: {folder.figures['lost']} secrets are found to be lost")
    if folder.figures["lost"] < 10:
        raise Wrong("a data folder that was put back is not found out")


def traced(*options, **more):
    """Under the shim: one writer, then many; what is to be said of their answers."""
    with House("trace") as house:
        key, log = house.init(), house.folder / "trace"
        house.start(*options, env={**os.environ, "LD_PRELOAD": str(built("libcrash_shim.so")), "COFFER_SHIM": str(log), **more})
        asked = load(house, key, "--each", 200, "--writers", 1, "--round", 1)[0]
        asked += load(house, key, "--each", 40, "--writers", 64, "--round", 2)[0]
        house.end()
        verdict = behind.judge(log, asked)
    print(f"traced {' '.join([*options, *more]) or '(as usual)'}: {verdict}")
    if verdict.writes < 1000:
        raise Wrong("too few writes were traced")
    return verdict


def as_usual():
    verdict = traced()
    if verdict.uncommitted or verdict.unwritten:
        raise Wrong("an answer left before its commit or its record")


def strictly():
    verdict = traced(*STRICT)
    if verdict.uncommitted or verdict.unwritten or verdict.unsynced:
        raise Wrong("an answer left before its commit, or before its record was synced")


def unsynced():
    verdict = traced(*STRICT, COFFER_SHIM_UNSYNCED="1")
    if verdict.uncommitted != verdict.writes or verdict.unsynced != verdict.answers:
        raise Wrong("a server that does not sync is not found out")


def main():
    parser = argparse.ArgumentParser(prog="script/test crash", description="Kills a loaded server, and looks what it has lost.")
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="how many; 100 if not said")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(48), help="of an earlier run")
    parser.add_argument("--writers", type=int, default=64, metavar="N", help="at once; 64 if not said")
    options = parser.parse_args()
    clean_up_when_told_to_end()
    tally, figures = Tally(), Figures()
    print(f"seed {options.seed}", flush=True)
    tally.run("each acknowledgement behind its commit", as_usual)
    tally.run("strict: each answer behind the sync of its record", strictly)
    tally.run("a server that does not sync is found out", unsynced)
    tally.run("a data folder that was put back is found out", lambda: put_back(options))
    kill_all(tally, figures, options)
    tally.run("unacknowledged writes were in flight", lambda: in_flight(figures))
    figures.tell(options.seed)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
