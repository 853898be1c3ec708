"""the journal: any change of it is found by `coffer audit verify`"""

import random
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from proof import ALL, House, program, teller

SEED = 8
RECORDS = 60


def flip(lines, rng):
    line = rng.randrange(len(lines))
    at, bit = rng.randrange(len(lines[line])), 1 << rng.randrange(8)
    lines[line] = lines[line][:at] + bytes([lines[line][at] ^ bit]) + lines[line][at + 1:]


def drop(lines, rng):
    """Of the last line, see cut_lines."""
    del lines[rng.randrange(len(lines) - 1)]


def double(lines, rng):
    line = rng.randrange(len(lines))
    lines.insert(rng.randrange(len(lines)), lines[line])


def move(lines, rng):
    old = list(lines)
    while lines == old:
        lines.insert(rng.randrange(len(lines)), lines.pop(rng.randrange(len(lines))))


def swap_words(lines, rng):
    """A record that says something else, spelt as it should be."""
    line = rng.randrange(len(lines))
    words = [found.span(1) for found in re.finditer(rb'":"(\w+)"', lines[line])]
    begin, end = rng.choice(words)
    lines[line] = lines[line][:begin] + b"forged" + lines[line][end:]


def cut_lines(lines, rng):
    """The end cut off cleanly: found by the checkpoint that was kept elsewhere. The last line is that checkpoint, which tells
    of no request: without it alone nothing is lost, and all before it stands."""
    del lines[rng.randrange(1, len(lines) - 1):]


def cut_bytes(lines, rng):
    text = b"".join(lines[:-1])
    lines[:] = [text[:rng.randrange(1, len(text))]]


KINDS = (flip, drop, double, move, swap_words, cut_lines, cut_bytes)


class Journal:
    """A whole journal, its last checkpoint, and copies with one change each."""

    def __init__(self, house):
        house.init()
        house.start()
        key = house.make_user("reader", ALL)
        asker = teller(house, key)
        asker.tell("CreateSecret", Name="one", SecretString="x", ClientRequestToken="1" * 32)
        for _ in range(RECORDS):
            asker.tell("GetSecretValue", SecretId="one")
        asker.close()
        house.end()
        self.house, (self.segment,) = house, [path for path in house.journal() if path.name != "next.journal"]
        self.text = self.segment.read_bytes()
        last = re.findall(rb'"anchors":(\d+),"head":"([0-9a-f]{64})"', self.text)[-1]
        self.since = b":".join(last).decode()

    def verify(self, data):
        return subprocess.run([program(), "audit", "verify", "--data", data, "--since", self.since], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=60).returncode

    def found(self, number):
        """Is change `number` found? (its kind, the answer)"""
        rng, kind = random.Random(SEED * 1_000_000 + number), KINDS[number % len(KINDS)]
        lines = self.text.splitlines(keepends=True)
        kind(lines, rng)
        data = self.house.folder / f"copy{number}"
        (data / "journal").mkdir(parents=True, mode=0o700)
        shutil.copy(self.segment.parent / "public-1.key", data / "journal")
        (data / "journal" / self.segment.name).write_bytes(b"".join(lines))
        code = self.verify(data)
        shutil.rmtree(data)
        return kind.__name__, code, b"".join(lines) == self.text


def prove(proof):
    count = proof.many(10_000, 350)
    with House("prove") as house:
        journal = Journal(house)
        whole = journal.verify(house.data)
        with ThreadPoolExecutor(4) as pool:
            results = [result for result in pool.map(journal.found, range(count)) if not result[2]]
    proof.figure("seed", SEED)
    proof.figure("records", len(journal.text.splitlines()))
    for kind in KINDS:
        codes = [code for name, code, _ in results if name == kind.__name__]
        proof.figure(f"{kind.__name__}: found of tried", f"{sum(code != 0 for code in codes)} of {len(codes)}")
    proof.gate("the journal as it was is whole", whole == 0)
    proof.gate(f"every one of {len(results):,} changes is found", all(0 < code < 64 for _, code, _ in results))
