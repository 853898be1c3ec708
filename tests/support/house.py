"""house: a Coffer of its own for a test: a data folder in a temporary place, users, and a server over TLS on a free port."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
ACCOUNT = "123456789012"
REGION = "us-east-1"
PATIENCE = 30  # seconds that nothing here should ever take


def program():
    """What script/test names, else what tools/tree release made."""
    return Path(os.environ.get("COFFER", TOP / "build/coffer"))


def clean_up_when_told_to_end():
    """SIGTERM unwinds as an interrupt from the keyboard does: servers and folders go."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Failed(Exception):
    """What the house could not do."""


class House:
    """A context manager; leaves nothing behind, whatever happens within."""

    def __init__(self, name):
        self.folder = Path(tempfile.mkdtemp(prefix=f"coffer-{name}."))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.ca = self.data / "tls/ca.pem"
        self.server = None
        self.port = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server is not None and self.server.poll() is None:
            self.server.kill()
            self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words, stdin=None):
        """A command of the program; what it printed."""
        done = subprocess.run([program(), *map(str, words)], input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode != 0:
            raise Failed(f"coffer {' '.join(map(str, words))}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def init(self):
        """The data folder; the key file and the root's access key lie beside it."""
        self.run("init", "--data", self.data, "--key-file", self.folder / "root.key", "--make-key-file", "--account", ACCOUNT,
                 "--region", REGION, "--credentials-file", self.folder / "root.credentials", "--tls-host", "localhost")
        return self.keys("root")

    def keys(self, name):
        """(access key id, secret access key) out of NAME.credentials."""
        text = (self.folder / f"{name}.credentials").read_text()
        return tuple(re.search(rf"^{word} *= *(\S+)", text, re.M).group(1)
                     for word in ("aws_access_key_id", "aws_secret_access_key"))

    def user(self, *words, stdin=None):
        return self.run("user", *words, "--data", self.data, stdin=stdin)

    def make_user(self, name, *statements):
        """A user with one key and, with statements, one policy; its keys."""
        self.user("create", name)
        if statements:
            policy = {"Version": "2012-10-17", "Statement": list(statements)}
            self.user("policy", "put", name, "only", "--file", "-", stdin=json.dumps(policy))
        return self.make_key(name, name)

    def make_key(self, user, file):
        self.user("key", "create", user, "--credentials-file", self.folder / f"{file}.credentials")
        return self.keys(file)

    def launch(self, *options, under=(), **more):
        """Begins to start the server, `under` a program that runs it if one is said; returns where its words begin in the
        log."""
        seen = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.server = subprocess.Popen(
                [*under, program(), "server", "--data", self.data, "--key-file", self.folder / "root.key", "--listen", "127.0.0.1:0",
                 "--watch", "127.0.0.1:0", *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        return seen

    def start(self, *options, **more):
        """Starts the server; returns how many seconds it took until it listened."""
        begun, seen = time.monotonic(), self.launch(*options, **more)
        while time.monotonic() < begun + PATIENCE:
            said = self.said(seen)
            if '"event":"server.ready"' in said:
                self.port = int(re.search(r'"event":"server.listening".*?"port":"?(\d+)', said).group(1))
                return time.monotonic() - begun
            if self.server.poll() is not None:
                break
            time.sleep(0.001)
        raise Failed(f"the server did not start (exit {self.server.poll()}): {self.said(seen)[-2000:]}")

    def said(self, since=0):
        """What the server logged."""
        with open(self.log, "rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def end(self):
        """As an operator ends it; whatever is not clean about it is told."""
        self.server.terminate()
        code = self.server.wait(PATIENCE)
        if code != 0:
            raise Failed(f"the server ended with {code}: {self.said()[-2000:]}")

    def journal(self):
        """The journal's files, oldest first."""
        return sorted((self.data / "journal").glob("*.journal"))

    def verify(self):
        """What `coffer audit verify` says: its exit and its words."""
        done = subprocess.run([program(), "audit", "verify", "--data", self.data], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE * 10)
        return done.returncode, done.stdout + done.stderr
