"""proof: what the figures are told with, and what several of them need."""

import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "crash"), str(HERE.parent / "leak"), str(HERE.parent)]

from asker import Asker  # noqa: E402
from support.house import REGION, TOP, House, program  # noqa: E402

ALL = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
# For figures that open many connections from one address, and ask more often than clients do.
UNBOUNDED = "connections_per_address = 0\nhandshakes_per_second = 0\nrate_per_principal = 0\nrate_per_account = 0\n"
GONE = (OSError, http.client.HTTPException, json.JSONDecodeError)


class Proof:
    """One figure: what it found, and whether each of its gates held."""

    def __init__(self, quick):
        self.quick, self.missed = quick, 0

    def many(self, whole, quick):
        """How often: `quick` is for a machine with little time, and is said to be less."""
        if self.quick:
            print(f"   (--quick: {quick:,}, not {whole:,})")
        return quick if self.quick else whole

    def figure(self, name, value):
        print(f"   {name}: {value:,}" if isinstance(value, int) else f"   {name}: {value}", flush=True)

    def gate(self, what, held):
        self.missed += not held
        print(f"   {'PASS' if held else 'FAIL'} {what}", flush=True)


class Teller(Asker):
    """Asks, and keeps the request's id of the last reply; None: there was no reply."""

    def tell(self, operation, **parameters):
        body = json.dumps(parameters).encode()
        self.id_of_reply = None
        try:
            self.connection.request("POST", "/", body, self.head(f"secretsmanager.{operation}", body))
            reply = self.connection.getresponse()
            said = json.loads(reply.read() or b"{}")
        except GONE:
            self.connection.close()
            return None, {}
        self.id_of_reply = reply.headers.get("x-amzn-requestid")
        return reply.status, said


def teller(house, key):
    return Teller(house, key, REGION)


def settle(house, text):
    """Settings for house.start(*settle(...))."""
    path = house.folder / "coffer.conf"
    path.write_text(text)
    return "--config", path


def run(*words, seconds=1800):
    """(exit, what was printed) of a test that is there already; `words[0]` is below tests/."""
    done = subprocess.run([TOP / "tests" / words[0], *map(str, words[1:])], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=seconds,
                          env={**os.environ, "COFFER": str(program()), "PYTHONDONTWRITEBYTECODE": "1"})
    return done.returncode, done.stdout + done.stderr


def built(name):
    return Path(os.environ.get("COFFER_BUILD", TOP / "build/release")) / name


def number(pattern, text):
    """The number that a test printed; -1: it did not."""
    found = re.search(pattern, text)
    return int(found[1]) if found else -1


# --- a process, as the kernel sees it ---

def kib(pid, field):
    """VmRSS, VmHWM..."""
    return number(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())


def forget_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def cpu_ms(pid):
    """Of all its threads."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6


# --- clients ---

def trusting(house):
    return ssl.create_default_context(cafile=house.ca)


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def good_p99(house, key, count, runs=5):
    """The 99th percentile in ms of so many reads, one after the other; the least of some runs, so that what other programs on
    the machine do is not taken for ours. A read that fails is infinitely long."""
    asker, least = teller(house, key), float("inf")
    for _ in range(runs):
        times = []
        for _ in range(count):
            begun = time.monotonic()
            status, _ = asker.tell("GetSecretValue", SecretId="good")
            times.append((time.monotonic() - begun) * 1000 if status == 200 else float("inf"))
        least = min(least, percentile(times, 0.99))
    asker.close()
    return least


def make_good(house):
    """A user, and the secret that good_p99 reads; the user's key."""
    key = house.make_user("reader", ALL)
    asker = teller(house, key)
    asker.tell("CreateSecret", Name="good", SecretString="x" * 100, ClientRequestToken="1" * 32)
    asker.close()
    return key


def records(house, path=None):
    """The journal's records, the last one if it is whole."""
    found = []
    for segment in sorted((path or house.data / "journal").glob("*.journal")):
        text = segment.read_bytes()
        found += [json.loads(line) for line in text[:text.rfind(b"\n") + 1].splitlines()] if segment.name != "next.journal" else []
    return found


class Mounted:
    """A small file system in the place of a folder of the house; what the folder held is on it."""

    def __init__(self, folder, *words):
        self.folder, self.words = Path(folder), words

    def __enter__(self):
        aside = self.folder.with_name(self.folder.name + ".aside")
        self.folder.rename(aside)
        self.folder.mkdir(mode=0o700)
        subprocess.run(["mount", *map(str, self.words), str(self.folder)], check=True, stdin=subprocess.DEVNULL)
        subprocess.run(["chown", "--reference", aside, self.folder], check=True)
        subprocess.run(["chmod", "--reference", aside, self.folder], check=True)
        subprocess.run(["cp", "-a", "--sparse=always", f"{aside}/.", str(self.folder)], check=True)
        return self

    def remount(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.folder)], check=True)

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.folder)], check=False) if not os.path.ismount(self.folder) else \
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


__all__ = [name for name in dir() if not name.startswith("_")]
