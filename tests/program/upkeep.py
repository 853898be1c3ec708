"""upkeep: what is done to a whole data folder, also killed between every two of its steps: reseal, backup and restore, another
root."""

import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
import urllib.parse
import urllib.request

from __main__ import COFFER, PATIENCE, Closing, Place, coffer, mode
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
    shutil.copytree(place.data, f"{place.root}/pristine", ignore=shutil.ignore_patterns("socket"))
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


# --- backup ---

def serve_other(place, data, key):
    """The place goes on with another folder."""
    coffer("certificate", "--data", data, "--tls-host", "localhost", check=0)
    place.data, place.key = data, key
    return Client(place.start())


def filled(place):
    client = Client(place.start())
    client.run("put", "prod/db", "--tag", "team=weather", "--description", "first", stdin=b"hunter2")
    client.run("put", "prod/db", stdin=b"hunter3")
    client.run("put", "prod/big", stdin=b"x" * 60000)
    env = client.user("ci", ("secretsmanager:GetSecretValue", "*"))
    return client, env


def is_as_before(client, env):
    assert client.run("get", "prod/db").stdout == b"hunter3"
    assert client.run("get", "prod/db", "--label", "AWSPREVIOUS").stdout == b"hunter2"
    assert client.run("get", "prod/big", env=env).stdout == b"x" * 60000  # by the user's own key and policy
    assert b"prod/db" in client.run("list", "--filter", "tag-value=weather").stdout


def test_backup_of_a_running_server_is_restored(place):
    client, env = filled(place)
    file, data = f"{place.root}/b", f"{place.root}/restored"
    done = coffer("backup", "make", file, "--data", place.data, check=0)
    assert "as of commit" in done.stderr and mode(file) == 0o600, done
    done = coffer("backup", "make", f"{place.root}/odd", "--data", place.data, "--recipient", "zz", check=2)
    assert "64 hex digits" in done.stderr and not os.path.exists(f"{place.root}/odd"), done
    assert not os.listdir(f"{place.data}/backup")
    with open(file, "rb") as opened:
        text = opened.read()
    for mark in (b"hunter", b"prod/db", b"weather", b"first"):
        assert mark not in text, mark
    client.run("put", "prod/later", stdin=b"not in it")
    assert place.end() == 0
    opener = ("--seal", f"{place.data}/seal", "--key-file", place.key)
    done = coffer("backup", "check", file, *opener, check=0)
    assert "is whole" in done.stderr, done
    restore = ("backup", "restore", file, "--data", data, *opener, "--to-key-file", f"{place.root}/new.key", "--make-key-file")
    done = coffer(*restore)
    assert done.returncode == 2 and "--accept-resurrection" in done.stderr and not os.path.exists(data), done
    coffer("backup", "key", f"{place.root}/stranger", check=0)
    drawn = ("--to-key-file", f"{place.root}/new.key", "--make-key-file")
    done = coffer(*restore[:5], "--recipient-key", f"{place.root}/stranger", *drawn, "--accept-resurrection")
    assert done.returncode == 4 and not os.path.exists(f"{place.root}/new.key"), done
    done = coffer(*restore, "--accept-resurrection", check=0)
    assert "2 secrets, 1 users, 2 access keys" in done.stderr, done
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == ["access-key", "access-key", "user"], done
    assert "user ci\n" in done.stdout, done
    assert mode(data) == 0o700 and mode(f"{data}/seal") == 0o600
    coffer("verify", "--data", data, "--key-file", f"{place.root}/new.key", check=0)
    assert coffer("verify", "--data", data, "--key-file", place.key).returncode == 4, "the old key file opens it"
    old = place.data
    client = serve_other(place, data, f"{place.root}/new.key")
    is_as_before(client, env)
    client.refused(5, "get", "prod/later")
    client.run("put", "prod/db", stdin=b"hunter4")
    told = last_events(place, 99)
    assert [e["requestParameters"]["commit"] > 3 for e in told if e["eventName"] == "backup.restore"] == [True], told
    assert place.end() == 0
    place.data = old
    made = [e for e in last_events(place, 99) if e["eventName"] == "backup.make"]
    assert len(made) == 1 and made[0]["userIdentity"]["arn"].startswith("arn:coffer:local::uid/"), made


def test_backup_of_a_stopped_folder_for_a_recipient(place):
    client, env = filled(place)
    assert place.end() == 0
    file, data = f"{place.root}/b", f"{place.root}/restored"
    public = coffer("backup", "key", f"{place.root}/recipient", check=0).stdout.strip()
    assert len(public) == 64 and mode(f"{place.root}/recipient") == 0o600
    make = ("backup", "make", file, "--data", place.data, "--key-file", place.key)
    assert coffer(*make, "--recipient", public[:-1]).returncode == 2 and not os.path.exists(file)
    coffer(*make, "--recipient", public, check=0)
    done = coffer(*make)
    assert done.returncode == 6 and "exists already" in done.stderr, done
    shutil.rmtree(place.data)  # and with it the seal
    os.unlink(place.key)
    done = coffer("backup", "check", file, start_new_session=True)  # a passphrase is not asked for in vain
    assert done.returncode == 4 and "--seal FILE" in done.stderr, done
    coffer("backup", "key", f"{place.root}/stranger", check=0)
    done = coffer("backup", "check", file, "--recipient-key", f"{place.root}/stranger")
    assert done.returncode == 4 and "does not open" in done.stderr, done
    coffer("backup", "restore", file, "--data", data, "--recipient-key", f"{place.root}/recipient", "--to-passphrase-fd", "0",
           "--accept-resurrection", stdin="correct horse\n", check=0)
    coffer("reseal", "--data", data, "--passphrase-fd", "0", "--to-key-file", f"{place.root}/k", "--make-key-file",
           stdin="correct horse\n", check=0)
    is_as_before(serve_other(place, data, f"{place.root}/k"), env)
    assert place.end() == 0


def test_backup_with_its_seal(place):
    client, env = filled(place)
    file, data = f"{place.root}/b", f"{place.root}/restored"
    coffer("backup", "make", file, "--with-seal", "--data", place.data, check=0)
    assert place.end() == 0
    shutil.rmtree(place.data)
    coffer("backup", "restore", file, "--data", data, "--key-file", place.key, "--to-key-file", place.key,
           "--accept-resurrection", check=0)
    is_as_before(serve_other(place, data, place.key), env)
    # A backup of what came of a backup.
    coffer("backup", "make", f"{place.root}/b2", "--data", place.data, check=0)
    assert place.end() == 0
    coffer("backup", "restore", f"{place.root}/b2", "--data", f"{place.root}/again", "--seal", f"{data}/seal", "--key-file",
           place.key, "--to-key-file", place.key, "--accept-resurrection", check=0)
    is_as_before(serve_other(place, f"{place.root}/again", place.key), env)
    assert place.end() == 0


def test_a_damaged_backup_is_refused_before_anything_is_written(place):
    filled(place)
    file, data = f"{place.root}/b", f"{place.root}/restored"
    coffer("backup", "make", file, "--with-seal", "--data", place.data, check=0)
    assert place.end() == 0
    with open(file, "rb") as opened:
        whole = opened.read()
    restore = ("backup", "restore", file, "--data", data, "--key-file", place.key, "--to-key-file", place.key,
               "--accept-resurrection")
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:] for at in range(0, len(whole), len(whole) // 23)]
    for text in (*flipped, whole[:-1], whole[:len(whole) // 2], whole + b"x", b""):
        with open(file, "wb") as opened:
            opened.write(text)
        done = coffer(*restore)
        assert done.returncode in (4, 6) and done.stderr.count("\n") == 1, done
        assert not os.path.exists(data), "something was written"
    with open(file, "wb") as opened:
        opened.write(whole)
    coffer(*restore, check=0)
    done = coffer(*restore)
    assert done.returncode == 6 and "not empty" in done.stderr, done


def test_restore_killed_at_each_step(place):
    filled(place)
    file, data, killer, at = f"{place.root}/b", f"{place.root}/restored", Killer(place), 1
    coffer("backup", "make", file, "--with-seal", "--data", place.data, check=0)
    assert place.end() == 0
    opened = []
    while killer.kills(at, "backup", "restore", file, "--data", data, "--key-file", place.key, "--to-key-file", place.key,
                       "--accept-resurrection"):
        code = coffer("verify", "--data", data, "--key-file", place.key).returncode
        assert code in (0, 5), (at, code)  # whole, or no data folder yet
        opened.append(code == 0)
        shutil.rmtree(data, ignore_errors=True)
        at += 1
    assert opened == sorted(opened) and opened.count(False) > 20 and opened[-1], opened


# --- rotation of the root ---

def test_the_root_is_rotated(place):
    client, env = filled(place)
    assert place.end() == 0
    rotate = ("rotate-root", "--data", place.data, "--key-file", place.key)
    shutil.copytree(place.data, f"{place.root}/old", ignore=shutil.ignore_patterns("socket"))
    first = open(f"{place.data}/journal/public-1.key").read()
    with open(f"{place.root}/wrong", "wb", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(b"x" * 32)
    done = coffer("rotate-root", "--data", place.data, "--key-file", f"{place.root}/wrong")
    assert done.returncode == 4 and "does not open" in done.stderr, done
    done = coffer(*rotate, check=0)
    assert "has root 2 now" in done.stderr, done
    assert {"store.2", "store.old", "seal.new"}.isdisjoint(os.listdir(place.data)), os.listdir(place.data)
    assert "\ngeneration 2\n" in open(f"{place.data}/seal").read()
    assert "store: whole" in coffer("verify", "--data", place.data, "--key-file", place.key, check=0).stdout
    client = Client(place.start())
    is_as_before(client, env)
    client.run("put", "prod/db", stdin=b"hunter4")
    assert place.end() == 0
    # The old root opens nothing of it, nor the old journal's key signs what comes now; each key leads to the whole.
    shutil.copy(f"{place.root}/old/seal", f"{place.root}/seal-1")
    mixed = f"{place.root}/mixed"
    shutil.copytree(place.data, mixed, ignore=shutil.ignore_patterns("socket"))
    shutil.copy(f"{place.root}/seal-1", f"{mixed}/seal")
    assert coffer("verify", "--data", mixed, "--key-file", place.key).returncode == 6
    for generation in (1, 2):
        key = f"{place.data}/journal/public-{generation}.key"
        coffer("audit", "verify", "--data", place.data, "--public-key", key, check=0)
    assert open(f"{place.data}/journal/public-1.key").read() == first
    names = [e["eventName"] for e in last_events(place, 200)]
    assert names.index("journal.key") < names.index("root.rotate") < names.index("root.destroyed"), names
    coffer(*rotate, check=0)
    coffer(*rotate, check=0)
    os.unlink(f"{place.data}/journal/public-2.key")
    for generation in (1, 3, 4):
        key = f"{place.data}/journal/public-{generation}.key"
        coffer("audit", "verify", "--data", place.data, "--public-key", key, check=0)
    client = Client(place.start())
    assert client.run("get", "prod/db").stdout == b"hunter4"
    done = coffer(*rotate)
    assert done.returncode == 6 and "stop the server" in done.stderr, done
    assert place.end() == 0


def test_a_rotation_killed_at_each_step(place):
    filled(place)
    assert place.end() == 0
    rotated = []
    for at in each_kill(place, "rotate-root", "--data", place.data, "--key-file", place.key):
        done = coffer("verify", "--data", place.data, "--key-file", place.key)
        assert done.returncode == 0 and "journal: whole" in done.stdout, (at, done)
        seal = open(f"{place.data}/seal").read()
        rotated.append("\ngeneration 2\n" in seal)
        names = [e["eventName"] for e in last_events(place)]
        assert "root.rotate" in names or not rotated[-1], (at, "a change that is not in the journal")
        if at is not None and at % 7 == 0:  # it goes on
            coffer("rotate-root", "--data", place.data, "--key-file", place.key, check=0)
            coffer("verify", "--data", place.data, "--key-file", place.key, check=0)
            assert {"store.2", "store.3", "store.old", "seal.new"}.isdisjoint(os.listdir(place.data))
    assert rotated == sorted(rotated) and rotated.count(False) > 30 and rotated.count(True) > 5, rotated


def test_a_rotation_killed_goes_on_serving(place):
    """Right after the new seal counts, and the new store has not taken its place yet."""
    client, env = filled(place)
    assert place.end() == 0
    for at in each_kill(place, "rotate-root", "--data", place.data, "--key-file", place.key):
        if os.path.exists(f"{place.data}/store.2") and "\ngeneration 2\n" in open(f"{place.data}/seal").read():
            break
    client = Client(place.start())
    is_as_before(client, env)
    assert place.end() == 0 and not os.path.exists(f"{place.data}/store.2")


def test_what_the_journal_tells_of_since_goes_again(place):
    client, env = filled(place)
    where = ("--data", place.data)
    client.user("gone", ("secretsmanager:GetSecretValue", "*"))
    client.user("off", ("secretsmanager:GetSecretValue", "*"))
    client.user("tamed", ("secretsmanager:GetSecretValue", "*"))
    client.run("put", "prod/dropped", stdin=b"x")
    file, data = f"{place.root}/b", f"{place.root}/restored"
    coffer("backup", "make", file, "--with-seal", *where, check=0)

    def key_of(name):
        return re.search(r"AKIA\w+", open(f"{place.root}/{name}.key").read()).group()

    coffer("user", "key", "delete", "gone", key_of("gone"), *where, check=0)
    coffer("user", "policy", "delete", "gone", "p", *where, check=0)
    coffer("user", "delete", "gone", *where, check=0)
    coffer("user", "key", "disable", "off", key_of("off"), *where, check=0)
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    coffer("user", "policy", "put", "tamed", "p", "--file", "-", *where, stdin=json.dumps(deny), check=0)
    client.run("delete", "prod/dropped")
    long = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": [
        f"arn:aws:secretsmanager:us-east-1:123456789012:secret:x{n}-*" for n in range(60)]}]}
    coffer("user", "policy", "put", "ci", "long", "--file", "-", *where, stdin=json.dumps(long), check=0)
    coffer("user", "create", "new", *where, check=0)
    coffer("user", "delete", "new", *where, check=0)
    assert place.end() == 0
    restore = ("backup", "restore", file, "--data", data, "--key-file", place.key, "--to-key-file", place.key, "--journal")
    other = Place()  # whose journal this is not
    with Closing(other):
        other.start().end()
        done = coffer(*restore, f"{other.data}/journal")
        assert done.returncode == 6 and "not the one of the folder" in done.stderr and not os.path.exists(data), done
    done = coffer(*restore, f"{place.data}/journal", check=0)
    assert "1 left" in done.stderr and [line for line in done.stdout.splitlines() if line.startswith("left ")][0].startswith(
        "left user_policy.put"), done
    coffer("verify", "--data", data, "--key-file", place.key, check=0)
    client = serve_other(place, data, place.key)
    is_as_before(client, env)
    for name, code in (("gone", 3), ("off", 3), ("tamed", 4)):
        client.refused(code, "get", "prod/db", env={"AWS_SHARED_CREDENTIALS_FILE": f"{place.root}/{name}.key"})
    assert "deletion" in client.refused(6, "get", "prod/dropped")
    assert "gone" not in coffer("user", "list", "--data", data, check=0).stdout
    assert place.end() == 0


def test_a_backup_that_the_server_cannot_make(place):
    client, _ = filled(place)
    file = f"{place.root}/b"
    make = ("backup", "make", file, "--data", place.data)
    done = coffer("backup", "make", f"{place.root}/none/b", "--data", place.data)
    assert done.returncode == 5 and "no such folder" in done.stderr, done
    with open(f"{place.data}/backup", "w"):  # where a folder should be
        pass
    done = coffer(*make)
    assert done.returncode == 6 and "cannot be read or written" in done.stderr and not os.path.exists(file), done
    os.unlink(f"{place.data}/backup")
    coffer(*make, check=0)
    assert client.run("get", "prod/db").stdout == b"hunter3"
    assert place.end() == 0


def ask_iam(place, key_file, **asked):
    """What a client of AWS sends to IAM, signed with the key in a file."""
    key, secret = re.findall(r"^aws_\w+ *= *(\S+)$", open(key_file).read(), re.M)
    body = urllib.parse.urlencode({"Version": "2010-05-08", **asked})
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    host, scope = f"localhost:{place.port}", f"{at[:8]}/us-east-1/iam/aws4_request"

    def digest(text):
        return hashlib.sha256(text.encode()).hexdigest()

    canonical = f"POST\n/\n\nhost:{host}\nx-amz-date:{at}\n\nhost;x-amz-date\n{digest(body)}"
    code = b"AWS4" + secret.encode()
    for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest(canonical)}"):
        code = hmac.new(code, part.encode(), hashlib.sha256).digest()
    request = urllib.request.Request(f"https://{host}/", body.encode(), {
        "Content-Type": "application/x-www-form-urlencoded", "X-Amz-Date": at,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders=host;x-amz-date, Signature={code.hex()}"})
    context = ssl.create_default_context(cafile=f"{place.data}/tls/ca.pem")
    with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:
        return answer.read().decode()


def forge(segment, text):
    """One more record, as whoever can write the file could add one: chained, and under no signature."""
    sequence, before = re.search(r'"sequence":(\d+)(?:,"commit":\d+)?,"chain":"(\w+)"}}\n$', open(segment).read()).groups()
    number, commit = int(sequence) + 1, 1 << 40
    chain = hashlib.sha256(bytes.fromhex(before) + hashlib.sha256(text.encode()).digest() +
                           number.to_bytes(8, "big") + commit.to_bytes(8, "big")).hexdigest()
    with open(segment, "a") as file:
        file.write(f'{text},"sequence":{number},"commit":{commit},"chain":"{chain}"}}}}\n')


def test_of_the_journal_what_a_user_did_to_himself_and_nothing_unsigned(place):
    client, env = filled(place)
    own = client.user("own", ("iam:DeleteAccessKey", "*"))["AWS_SHARED_CREDENTIALS_FILE"]
    file, data, journal = f"{place.root}/b", f"{place.root}/restored", f"{place.root}/journal"
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    ask_iam(place, f"{place.root}/root", Action="CreateRole", RoleName="deploy", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": anybody}))
    ask_iam(place, f"{place.root}/root", Action="TagUser", UserName="ci", **{
        "Tags.member.1.Key": "team", "Tags.member.1.Value": "a", "Tags.member.2.Key": "shift", "Tags.member.2.Value": "b"})
    coffer("backup", "make", file, "--with-seal", "--data", place.data, check=0)
    ask_iam(place, own, Action="DeleteAccessKey", AccessKeyId=re.search(r"AKIA\w+", open(own).read()).group())
    ask_iam(place, f"{place.root}/root", Action="UntagUser", UserName="ci", **{"TagKeys.member.1": "team"})
    ask_iam(place, f"{place.root}/root", Action="DeleteRole", RoleName="deploy")
    assert place.end() == 0
    restore = ("backup", "restore", file, "--data", data, "--key-file", place.key, "--to-key-file", place.key, "--journal")
    written = [name for name in os.listdir(f"{place.data}/journal") if name.endswith(".journal") and os.path.getsize(f"{place.data}/journal/{name}")]
    last = max(written)
    os.mkdir(journal)
    with open(f"{place.data}/journal/{last}") as all_of_it, open(f"{journal}/{last}", "w") as unsigned:
        unsigned.write(all_of_it.readline())
    done = coffer(*restore, journal)
    assert done.returncode == 6 and "not the one of the folder" in done.stderr and not os.path.exists(data), done
    shutil.copy(f"{place.data}/journal/{last}", journal)
    allow = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    forge(f"{journal}/{last}", '{"recipientAccountId":"123456789012","awsRegion":"us-east-1","requestParameters":' + json.dumps(
        {"userName": "ci", "policyName": "mine", "policyDocument": allow}) + ',"coffer":{"format":1,"operation":"user_policy.put"')
    done = coffer(*restore, journal, check=0)
    assert "1 left" in done.stderr and any(line.startswith("left user_policy.put") for line in done.stdout.splitlines()), done
    client = serve_other(place, data, place.key)
    client.refused(3, "get", "prod/db", env={"AWS_SHARED_CREDENTIALS_FILE": own})
    assert "<RoleName>" not in ask_iam(place, f"{place.root}/root", Action="ListRoles")
    tags = ask_iam(place, f"{place.root}/root", Action="ListUserTags", UserName="ci")
    assert "shift" in tags and "team" not in tags, tags
    client.refused(4, "put", "prod/db", stdin=b"mine", env=env)
    assert place.end() == 0
