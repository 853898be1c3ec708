"""a backup under load is of one moment, comes back whole, and is refused when a bit of it is otherwise

64 writers change two secrets each, the second always after the first was acknowledged, while a backup is made of a server with
many others. It is restored into another folder and held against what was acknowledged. Then bits of a small one are flipped."""

import hashlib
import json
import random
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from proof import ALL, UNBOUNDED, House, built, settle, teller
from support.house import program

WRITERS = 64
LONG = 1800


class Writer(threading.Thread):
    """Counts up in a/N, then in b/N; keeps when each number was sent and acknowledged."""

    def __init__(self, house, key, number, stop):
        super().__init__()
        self.asker, self.number, self.stop, self.sent, self.told, self.wrong = teller(house, key), number, stop, [], [], 0

    def put(self, place, n):
        token = f"{place}{n:031}"
        status, _ = self.asker.tell("PutSecretValue", SecretId=f"{place}/{self.number}", SecretString=str(n), ClientRequestToken=token)
        self.wrong += status != 200

    def run(self):
        for place in "ab":
            self.asker.tell("CreateSecret", Name=f"{place}/{self.number}", SecretString="0", ClientRequestToken="0" * 32)
        n = 0
        while not self.stop.is_set() and not self.wrong:
            n += 1
            self.sent.append(time.monotonic())
            self.put("a", n)
            self.told.append(time.monotonic())
            self.put("b", n)
        self.asker.close()

    def bounds(self, begun, ended):
        """The least and the most that a/N may be in what was taken between."""
        return sum(at < begun for at in self.told), sum(at < ended for at in self.sent)


def coffer(*words):
    begun = time.monotonic()
    done = subprocess.run([program(), *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONG)
    return done.returncode, done.stderr, time.monotonic() - begun


def opener(house):
    return "--seal", house.data / "seal", "--key-file", house.folder / "root.key"


def restore(house, file, other):
    code, said, seconds = coffer("backup", "restore", file, "--data", other.data, *opener(house), "--to-key-file",
                                 other.folder / "root.key", "--make-key-file", "--accept-resurrection")
    other.run("certificate", "--data", other.data, "--tls-host", "localhost")
    return seconds if code == 0 else print(f"   {said}")


def whole(house, key):
    """A digest over all that is listed of what nobody changes, and over some values."""
    asker, digest, token, names = teller(house, key), hashlib.sha256(), {}, 0
    while token is not None:
        _, page = asker.tell("ListSecrets", MaxResults=100, SortBy="name", SortOrder="asc",
                             Filters=[{"Key": "name", "Values": ["bench/"]}], **token)
        for one in page["SecretList"]:
            one.pop("LastAccessedDate", None)
            digest.update(json.dumps(one, sort_keys=True).encode())
            names += 1
            if names % 199 == 0:
                digest.update(asker.tell("GetSecretValue", SecretId=one["Name"])[1]["SecretString"].encode())
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    asker.close()
    return names, digest.hexdigest()


def fits(writer, asker, begun, ended):
    """Is it a state that the writer's two secrets had at one moment, and none that was acknowledged before is missing?"""
    a, b = [int(asker.tell("GetSecretValue", SecretId=f"{place}/{writer.number}")[1]["SecretString"]) for place in "ab"]
    least, most = writer.bounds(begun, ended)
    return least <= a <= most and a - 1 <= b <= a


def under_load(proof, house, key, file):
    stop = threading.Event()
    writers = [Writer(house, key, number, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    while min(len(writer.told) for writer in writers) < 3:
        time.sleep(0.01)
    begun = time.monotonic()
    code, said, seconds = coffer("backup", "make", file, "--data", house.data)
    ended = time.monotonic()
    stop.set()
    for writer in writers:
        writer.join()
    proof.gate(f"a backup was made while {WRITERS} wrote, and no write failed",
               code == 0 and not any(writer.wrong for writer in writers) or print(f"   {said}"))
    proof.figure("puts acknowledged while it was made", sum(begun < at < ended for writer in writers for at in writer.told))
    return writers, begun, ended, seconds


def prove_whole(proof):
    count = proof.many(100_000, 3_000)
    with House("prove") as house, House("prove") as other:
        house.init()
        subprocess.run([built("bench/fill"), house.data, house.folder / "root.key", "0", str(count)], check=True,
                       stdin=subprocess.DEVNULL)
        house.start(*settle(house, UNBOUNDED))
        key, file = house.make_user("writer", ALL), house.folder / "backup"
        writers, begun, ended, loaded = under_load(proof, house, key, file)
        quiet = coffer("backup", "make", house.folder / "quiet", "--data", house.data)[2]
        before = whole(house, key)
        house.end()
        restored = restore(house, file, other)
        other.start(*settle(other, UNBOUNDED))
        asker = teller(other, key)
        right = sum(fits(writer, asker, begun, ended) for writer in writers)
        asker.close()
        after = whole(other, key)
        other.end()
        for name, seconds in (("backup under load", loaded), ("backup", quiet), ("restore", restored)):
            proof.figure(f"seconds for 100,000 secrets, {name}", f"{seconds * 100_000 / count:.1f}")
        proof.figure("bytes for a secret in the backup", file.stat().st_size // count)
        proof.gate(f"each of {WRITERS} writers is found at one moment, with all that was acknowledged before", right == WRITERS)
        proof.gate(f"{count:,} secrets are listed alike, and values are the same", before == after and before[0] == count)
        proof.gate("under 10 s for 100,000 secrets, backup and restore each", max(quiet, restored) * 100_000 / count < 10)


def prove_flips(proof):
    flips = proof.many(10_000, 200)
    with House("prove") as house:
        house.init()
        made = house.folder / "small"
        house.run("backup", "make", made, "--data", house.data, "--key-file", house.folder / "root.key")
        text, chance = made.read_bytes(), random.Random(25)

        def refused(number):
            at, bit, file = chance.randrange(len(text)), 1 << number % 8, house.folder / f"flip-{number}"
            file.write_bytes(text[:at] + bytes([text[at] ^ bit]) + text[at + 1:])
            code = coffer("backup", "check", file, *opener(house))[0]
            file.unlink()
            return code in (4, 6)

        with ThreadPoolExecutor(2) as pool:
            found = sum(pool.map(refused, range(flips)))
        proof.figure("bytes of that backup", len(text))
        proof.gate("as it was made, it is whole", coffer("backup", "check", made, *opener(house))[0] == 0)
        proof.gate(f"{found:,} of {flips:,} flipped bits were found", found == flips)


def prove(proof):
    prove_whole(proof)
    prove_flips(proof)
