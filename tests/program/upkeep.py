"""upkeep: what is done to a whole data folder, also killed between every two of its steps: reseal."""

import json
import os
import shutil
import signal
import subprocess

from __main__ import COFFER, PATIENCE, coffer, mode
from client import Client

HERE = os.path.dirname(os.path.abspath(__file__))


class Killer:
    """Runs a command that is killed right before one of its steps (tests/program/kill_at.c)."""

    def __init__(self, place):
        self.shim = f"{place.root}/kill_at.so"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-U_FORTIFY_SOURCE", "-o", self.shim,
                        f"{HERE}/kill_at.c", "-ldl"], check=True)

    def kills(self, at, *words):
        """False: it came to its end before."""
        done = subprocess.run([COFFER, *words], capture_output=True, text=True, timeout=PATIENCE,
                              env={**os.environ, "LD_PRELOAD": self.shim, "COFFER_KILL_AT": str(at)})
        assert done.returncode in (0, -signal.SIGKILL), (words, at, done)
        return done.returncode != 0


def last_events(place, n=20):
    said = coffer("audit", "tail", "--data", place.data, "--last", str(n), check=0).stdout
    return [json.loads(line) for line in said.splitlines()]


def test_reseal_to_a_passphrase_and_back(place):
    client = Client(place.start())
    client.run("put", "prod/kept", stdin=b"worth it")
    reseal = ("reseal", "--data", place.data)
    done = coffer(*reseal, "--key-file", place.key, "--to-passphrase-fd", "0", stdin="correct horse\n")
    assert done.returncode == 6 and "stop the server" in done.stderr, done
    assert place.end() == 0
    shutil.copy(f"{place.data}/seal", f"{place.root}/old-seal")
    coffer(*reseal, "--key-file", place.key, "--to-passphrase-fd", "0", stdin="correct horse\n", check=0)
    assert mode(f"{place.data}/seal") == 0o600 and not os.path.exists(f"{place.data}/seal.new")
    done = coffer("verify", "--data", place.data, "--key-file", place.key)
    assert done.returncode != 0 and "does not open" in done.stderr, done
    coffer("verify", "--data", place.data, "--passphrase-fd", "0", stdin="correct horse\n", check=0)
    event = [e for e in last_events(place) if e["eventName"] == "root.reseal"]
    assert len(event) == 1 and event[0]["userIdentity"]["arn"] == f"arn:coffer:local::uid/{os.geteuid()}", event
    coffer(*reseal, "--passphrase-fd", "0", "--to-key-file", f"{place.root}/other", "--make-key-file",
           stdin="correct horse\n", check=0)
    place.key = f"{place.root}/other"
    assert mode(place.key) == 0o600
    assert client.run("get", "prod/kept", env={"AWS_ENDPOINT_URL": f"https://localhost:{place.start().port}"}).stdout == b"worth it"
    assert place.end() == 0
    shutil.copy(f"{place.root}/old-seal", f"{place.data}/seal")  # as the manual says of old copies
    coffer("verify", "--data", place.data, "--key-file", f"{place.root}/key", check=0)


def test_reseal_refuses(place):
    reseal = ("reseal", "--data", place.data, "--key-file", place.key)
    before = open(f"{place.data}/seal", "rb").read()

    def refused(code, sentence, *words, **more):
        done = coffer(*reseal, *words, **more)
        assert done.returncode == code and sentence in done.stderr, done
        assert open(f"{place.data}/seal", "rb").read() == before and not os.path.exists(f"{place.data}/seal.new")

    refused(2, "Say one of")
    refused(2, "Say one of", "--to-passphrase", "--to-key-file", place.key)
    refused(2, "must not lie in the folder", "--to-key-file", f"{place.data}/key", "--make-key-file")
    refused(5, "no such file", "--to-key-file", f"{place.root}/none")
    refused(6, "exists already", "--to-key-file", place.key, "--make-key-file")
    refused(2, "8 characters", "--to-passphrase-fd", "0", stdin="short")
    refused(2, "no terminal", "--to-passphrase", start_new_session=True)
    os.mkdir(f"{place.data}/seal.new")  # what cannot be written over
    done = coffer(*reseal, "--to-passphrase-fd", "0", stdin="correct horse\n")
    assert done.returncode == 6 and "stays as it was" in done.stderr, done
    os.rmdir(f"{place.data}/seal.new")
    with open(os.open(f"{place.root}/wrong", os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        file.write(b"x" * 32)
    done = coffer("reseal", "--data", place.data, "--key-file", f"{place.root}/wrong", "--to-key-file", place.key)
    assert done.returncode == 4 and "does not open" in done.stderr, done
    assert open(f"{place.data}/seal", "rb").read() == before


def each_kill(place, *words):
    """Runs the command on a fresh copy of the folder for each of its steps, killed right before it; gives the step's number
    after each."""
    killer, at = Killer(place), 1
    shutil.copytree(place.data, f"{place.root}/pristine")
    while killer.kills(at, *words):
        yield at
        shutil.rmtree(place.data)
        shutil.copytree(f"{place.root}/pristine", place.data)
        at += 1
    yield None


def test_reseal_killed_at_each_step(place):
    other, changed = f"{place.root}/other", []
    with open(os.open(other, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        file.write(os.urandom(32))
    for at in each_kill(place, "reseal", "--data", place.data, "--key-file", place.key, "--to-key-file", other):
        opens = [coffer("verify", "--data", place.data, "--key-file", key).returncode == 0 for key in (place.key, other)]
        assert sum(opens) == 1, (at, opens)
        told = [e for e in last_events(place) if e["eventName"] == "root.reseal"]
        assert told or not opens[1], "a change that is not in the journal"
        changed.append(opens[1])
    assert changed[-1] and changed[-2] and changed == sorted(changed) and changed.count(False) > 20, changed
