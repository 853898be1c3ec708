"""doctor: each check of `coffer doctor` made to find something once, and a sound set-up found sound."""

import ctypes
import http.server
import json
import os
import resource
import shutil
import signal
import subprocess
import threading
import time

from __main__ import COFFER, PATIENCE, coffer
from client import Client

HERE = os.path.dirname(os.path.abspath(__file__))


class Doctor:
    """Asks `coffer doctor` about a place, in an environment that has nothing but what is said."""

    def __init__(self, place):
        self.place = place
        os.mkdir(f"{place.root}/bin")
        self.env = {"PATH": f"{place.root}/bin", "HOME": place.root}

    def ask(self, *words, data=True, env=(), limits=(), check=None):
        """(exit code, {check: (state, what was found)})"""

        def lower():
            if limits:
                ctypes.CDLL(None).prctl(24, 14, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_IPC_LOCK: also root heeds the limit
            for limit, most in limits:
                resource.setrlimit(limit, (most, most))

        where = ("--data", self.place.data) if data else ()
        done = subprocess.run([COFFER, "doctor", *where, "--output", "json", *words], capture_output=True, text=True,
                              timeout=PATIENCE, preexec_fn=lower, env={**self.env, **dict(env)})
        assert done.stdout, done
        said = json.loads(done.stdout)
        for one in said["checks"]:
            assert one["found"] and ("mend" in one) == (one["state"] in ("warn", "bad")), one
        for state in ("ok", "warn", "bad", "skipped"):
            assert said[state] == sum(one["state"] == state for one in said["checks"]), said
        assert done.returncode == (1 if said["bad"] else 0), done
        return {one["check"]: (one["state"], one["found"]) for one in said["checks"]}

    def finds(self, name, state, words, *arguments, **more):
        found = self.ask(*arguments, **more)[name]
        assert found[0] == state and words in found[1], (name, found)

    def program(self, path, text):
        path = f"{self.place.root}/{path}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755)
        return path

    def machine(self, kind):
        """The environment in which the machine looks like one of tests/program/machine.c."""
        shim, swaps = f"{self.place.root}/machine.so", f"{self.place.root}/swaps"
        if not os.path.exists(shim):
            subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", shim, f"{HERE}/machine.c", "-ldl"], check=True)
            with open(swaps, "w") as file:
                file.write("Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 1000 0 -2\n")
        return {"LD_PRELOAD": shim, "MACHINE": kind, "SWAPS": swaps, "ASAN_OPTIONS": "verify_asan_link_order=0"}


def make_certificate(folder, name, days, env=()):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-days", str(days), "-keyout", f"{folder}/{name}.key",
                    "-out", f"{folder}/{name}.pem"], check=True, capture_output=True, env={**os.environ, **dict(env)})
    os.chmod(f"{folder}/{name}.key", 0o600)


def test_doctor_finds_a_sound_set_up_sound(place):
    place.start()
    doctor, client = Doctor(place), Client(place)
    env = {name: value for name, value in client.env.items() if name.startswith("AWS_")}
    found = doctor.ask("--key-file", place.key, env=env)
    wrong = {name: what for name, what in found.items() if what[0] in ("warn", "bad")}
    # what the machine has is the machine's: its disk, its memory, its kernel
    assert not set(wrong) - {"disk-space", "file-system", "locked-memory", "memory-form", "open-files", "swap", "confinement"}, wrong
    for name in ("clock", "folder", "key-file", "private-key", "certificate", "certificate-key", "certificate-name", "admin-socket",
                 "server", "root-key", "endpoint", "endpoint-ignored", "ca-bundle", "trust", "clock-skew", "access-key"):
        assert found[name][0] == "ok", (name, found[name])
    table = coffer("doctor", "--data", place.data, "--output", "table", env={**doctor.env, **env}).stdout
    assert "ok       certificate " in table and table.rstrip().splitlines()[-1].endswith("skipped"), table
    assert "ok\tcertificate\t" in coffer("doctor", "--data", place.data, "--output", "text", env={**doctor.env, **env}).stdout
    assert all(secret not in table for secret in open(f"{place.root}/root").read().split() if len(secret) == 40), table


def test_doctor_looks_at_a_folder(place):
    doctor = Doctor(place)
    doctor.finds("server", "warn", "no server answers")
    doctor.finds("admin-socket", "skipped", "")
    doctor.finds("folder", "skipped", "no data folder at", data=False, env={"COFFER_DATA": f"{place.root}/none"})
    doctor.finds("folder", "bad", "no folder that can be entered", "--data", f"{place.root}/none", data=False)
    doctor.finds("folder", "bad", "holds no seal", "--data", f"{place.root}/bin", data=False)
    for name in ("", "/seal", "/store", "/tls/server.key", "/journal"):
        before = os.stat(place.data + name).st_mode & 0o777
        os.chmod(place.data + name, 0o777)
        doctor.finds("folder", "bad", "open to others")
        os.chmod(place.data + name, before)
    doctor.finds("folder", "ok", "")
    os.chmod(f"{place.data}/tls/server.key", 0o640)
    doctor.finds("private-key", "bad", "open to others")
    os.unlink(f"{place.data}/tls/server.key")
    doctor.finds("private-key", "bad", "not there")
    doctor.finds("certificate-key", "skipped", "")


def test_doctor_looks_at_a_key_file(place):
    doctor = Doctor(place)
    doctor.finds("key-file", "skipped", "none is named")
    doctor.finds("key-file", "ok", "", "--key-file", place.key)
    doctor.finds("key-file", "bad", "not there", "--key-file", f"{place.root}/none")
    os.symlink(place.key, f"{place.root}/link")
    doctor.finds("key-file", "bad", "is a link", "--key-file", f"{place.root}/link")
    shutil.copy(place.key, f"{place.data}/inside")
    doctor.finds("key-file", "bad", "lies in the data folder", "--key-file", f"{place.data}/inside")
    os.chmod(place.key, 0o644)
    with open(f"{place.root}/coffer.conf", "w") as file:
        file.write(f"data = {place.data}\nkey_file = {place.key}\n")
    doctor.finds("key-file", "bad", "open to others", "--config", f"{place.root}/coffer.conf", data=False)
    os.chmod(place.key, 0o600)
    os.truncate(place.key, 31)
    doctor.finds("key-file", "bad", "31 bytes, not 32", "--key-file", place.key)


def test_doctor_looks_at_a_certificate(place):
    doctor, tls = Doctor(place), f"{place.data}/tls"
    doctor.finds("certificate-name", "bad", "does not name coffer.example", "--endpoint", "https://coffer.example:8443")
    doctor.finds("certificate-name", "ok", "localhost", "--endpoint", "https://localhost:1")
    make_certificate(tls, "server", 3)
    doctor.finds("certificate", "warn", "ends on")
    doctor.finds("certificate-key", "ok", "")
    make_certificate(tls, "other", 100)
    os.replace(f"{tls}/other.key", f"{tls}/server.key")
    doctor.finds("certificate-key", "bad", "is not the key")
    doctor.finds("certificate", "bad", "expired on", env=doctor.machine("2090"))
    doctor.finds("certificate", "bad", "does not hold yet", env=doctor.machine("1985"))
    with open(f"{tls}/server.pem", "w") as file:
        file.write("-----BEGIN CERTIFICATE-----\nnonsense\n")
    doctor.finds("certificate", "bad", "no certificate (PEM)")
    doctor.finds("certificate-name", "skipped", "", "--endpoint", "https://localhost:1")


def test_doctor_asks_the_server(place):
    with open(f"{place.root}/coffer.conf", "w") as file:
        file.write("confine = off\n")
    place.start("--config", f"{place.root}/coffer.conf")
    doctor, client = Doctor(place), Client(place)
    doctor.finds("server", "ok", "ready")
    doctor.finds("confinement", "warn", "confined by")
    doctor.finds("root-key", "ok", "not used lately")
    client.run("list")
    until = time.monotonic() + PATIENCE
    while doctor.ask()["root-key"][0] == "ok":  # the mark of its use is written in a while
        assert time.monotonic() < until
    doctor.finds("root-key", "warn", "was used on")
    os.chmod(f"{place.data}/admin/socket", 0o666)
    doctor.finds("admin-socket", "bad", "mode 0666")


def test_doctor_says_that_a_server_is_sealed(place):
    coffer("init", "--data", f"{place.root}/sealed", "--passphrase-fd", "0", "--credentials-file", f"{place.root}/other",
           "--tls-host", "localhost", stdin="a long passphrase of mine\n", check=0)
    server = subprocess.Popen([COFFER, "server", "--data", f"{place.root}/sealed", "--listen", "127.0.0.1:0", "--watch", "127.0.0.1:0"],
                              stdin=subprocess.DEVNULL, stderr=place.log, start_new_session=True)
    place.server = server
    place.wait_event("server.sealed")
    Doctor(place).finds("server", "bad", "not ready", "--data", f"{place.root}/sealed", data=False)
    server.send_signal(signal.SIGTERM)
    assert server.wait(PATIENCE) == 0


def test_doctor_looks_at_the_machine(place):
    doctor = Doctor(place)
    doctor.finds("disk-space", "bad", "less than the journal's next segment", env=doctor.machine("full"))
    doctor.finds("file-system", "bad", "NFS", env=doctor.machine("nfs"))
    doctor.finds("swap", "warn", "/dev/sda2", env=doctor.machine("swap"))
    doctor.finds("clock", "bad", "1985-01-22, which cannot be", env=doctor.machine("1985"))
    doctor.finds("locked-memory", "warn", "instead of 16 MiB", limits=[(resource.RLIMIT_MEMLOCK, 4 << 20)])
    doctor.finds("memory-form", "warn", "locked memory", env={"COFFER_SENSITIVE": "fallback"})
    doctor.finds("open-files", "warn", "at most 100 open files", limits=[(resource.RLIMIT_NOFILE, 100)])
    place.start()
    Client(place).run("list")
    assert place.end() == 0
    journal = next(name for name in os.listdir(f"{place.data}/journal") if name[0].isdigit())
    os.utime(f"{place.data}/journal/{journal}", (4000000000, 4000000000))
    doctor.finds("clock", "bad", "written to later")


def test_doctor_looks_at_a_client(place):
    place.start()
    doctor, client = Doctor(place), Client(place)
    env = {name: value for name, value in client.env.items() if name.startswith("AWS_")}
    nowhere = {"COFFER_DATA": f"{place.root}/none"}
    doctor.finds("endpoint", "skipped", "no endpoint")
    doctor.finds("endpoint", "bad", "No server is named", data=False, env=nowhere)
    doctor.finds("endpoint", "bad", "That is no endpoint", env={**env, "AWS_ENDPOINT_URL": "localhost"})
    ignoring = {**env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    doctor.finds("endpoint-ignored", "bad", "ask AWS itself", env=ignoring)
    make_certificate(place.root, "foreign", 100)
    foreign = f"{place.root}/foreign.pem"
    doctor.finds("ca-bundle", "bad", "does not hold the authority", env={**env, "AWS_CA_BUNDLE": foreign})
    doctor.finds("ca-bundle", "bad", "no such file", env={**env, "AWS_CA_BUNDLE": f"{place.root}/none"})
    with open(f"{place.root}/both.pem", "w") as file:
        file.write(open(foreign).read() + open(f"{place.data}/tls/ca.pem").read())
    doctor.finds("ca-bundle", "ok", "holds the authority", env={**env, "AWS_CA_BUNDLE": f"{place.root}/both.pem"})
    doctor.finds("node-ca", "bad", "does not hold", env={**env, "NODE_EXTRA_CA_CERTS": foreign})
    doctor.finds("trust", "bad", "not accepted", env={**env, "AWS_CA_BUNDLE": foreign})
    doctor.finds("trust", "bad", "Nobody answers", env={**env, "AWS_ENDPOINT_URL": "https://localhost:1"})
    doctor.finds("access-key", "bad", "no access key", env={**env, "AWS_SHARED_CREDENTIALS_FILE": f"{place.root}/none"})
    wrong = {"AWS_ACCESS_KEY_ID": "AKIA" + "A" * 16, "AWS_SECRET_ACCESS_KEY": "x" * 40}
    doctor.finds("access-key", "bad", "UnrecognizedClientException", env={**env, **wrong})
    doctor.finds("access-key", "ok", "recognised", env={**env, **client.user("nobody", ("secretsmanager:GetSecretValue", "*"))})


def test_doctor_looks_at_client_versions(place):
    doctor = Doctor(place)
    env = {"AWS_ENDPOINT_URL": "https://localhost:1"}
    for name in ("aws-cli", "boto3"):
        doctor.finds(name, "skipped", "there is no")
    doctor.program("v2/2.9.19/dist/aws", "")
    os.symlink(f"{place.root}/v2/2.9.19/dist/aws", f"{place.root}/bin/aws")
    doctor.finds("aws-cli", "warn", "2.9.19, which ignores", env=env)
    doctor.finds("aws-cli", "warn", "2.9.19, which ignores")
    os.unlink(f"{place.root}/bin/aws")
    python = doctor.program("bin/python3", "#!/bin/sh\necho 1.26.27\n")
    doctor.program("bin/aws", f"#!{python}\n")
    doctor.finds("boto3", "warn", "1.26.27, which ignores", env=env)
    doctor.finds("aws-cli", "warn", "1.26.27, which ignores", env=env)
    doctor.program("bin/python3", "#!/bin/sh\necho 1.40.0\n")
    doctor.finds("boto3", "ok", "1.40.0", env=env)
    doctor.finds("aws-cli", "ok", "1.40.0", env=env)
    doctor.program("bin/python3", "#!/bin/sh\nexit 1\n")
    doctor.finds("boto3", "skipped", "there is no boto3", env=env)
    doctor.finds("aws-cli", "skipped", "does not show its version", env=env)
    doctor.program("bin/node", "")
    doctor.finds("node-ca", "warn", "there is a node", env={**env, "AWS_CA_BUNDLE": f"{place.data}/tls/ca.pem"})


class Late(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(200)
        self.send_header("Date", "Sun, 30 Aug 2015 12:36:00 GMT")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_doctor_finds_two_clocks_apart(place):
    with http.server.HTTPServer(("127.0.0.1", 0), Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Doctor(place).finds("clock-skew", "bad", "signatures hold 5 minutes", "--endpoint", f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
