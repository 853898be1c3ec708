"""client: the commands that ask a server over the network as any AWS client does, over TLS, against a running one."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import ssl
import subprocess
import termios
import threading
import time

from __main__ import COFFER, PATIENCE, Closing, Place, coffer, mode

ACCOUNT = "123456789012"


class Client:
    """What a person has in the environment: where the server is, whom to trust, and an access key in a file."""

    def __init__(self, place):
        self.place = place
        self.env = {"PATH": os.environ["PATH"], "HOME": place.root, "TERM": "xterm", "COFFER_DATA": f"{place.root}/none",
                    "AWS_ENDPOINT_URL": f"https://localhost:{place.port}", "AWS_CA_BUNDLE": f"{place.data}/tls/ca.pem",
                    "AWS_SHARED_CREDENTIALS_FILE": f"{place.root}/root"}

    def run(self, *words, check=0, stdin=b"", env=(), cwd=None):
        done = subprocess.run([COFFER, *words], input=stdin, capture_output=True, timeout=PATIENCE, cwd=cwd,
                              env={k: v for k, v in {**self.env, **dict(env)}.items() if v is not None})
        assert check is None or done.returncode == check, f"coffer {words} ended with {done.returncode}: {done}"
        return done

    def json(self, *words, **more):
        return json.loads(self.run(*words, **more).stdout)

    def refused(self, code, *words, **more):
        done = self.run(*words, check=code, **more)
        assert done.stdout == b"", done
        return done.stderr.decode()

    def user(self, name, *statements):
        """The environment of a user who may what the statements say."""
        where = ("--data", self.place.data)
        coffer("user", "create", name, *where, check=0)
        coffer("key", "create", name, "--credentials-file", f"{self.place.root}/{name}.key", *where, check=0)
        policy = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in statements]}
        coffer("user", "policy", "put", name, "p", "--file", "-", *where, stdin=json.dumps(policy), check=0)
        return {"AWS_SHARED_CREDENTIALS_FILE": f"{self.place.root}/{name}.key"}

    def at_terminal(self, *words, answers=(), env=(), interrupts=signal.SIG_DFL):
        """The command with a terminal of its own; for each prompt that ends so, what is typed. (exit code, what was shown)"""
        pid, fd = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, interrupts)  # whoever started us may ignore it, as shells do behind &
            os.execve(COFFER, [COFFER, *words], {**self.env, **dict(env)})
        shown, answers, until = b"", list(answers), time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not select.select([fd], [], [], 0.05)[0]:
                continue
            try:
                more = os.read(fd, 65536)
            except OSError:
                break
            if not more:
                break
            shown += more
            if answers and shown.endswith(answers[0][0]) and (answers[0][2] or echoes_not(fd)):
                os.write(fd, answers.pop(0)[1])
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


def echoes_not(fd):
    until = time.monotonic() + PATIENCE
    while termios.tcgetattr(fd)[3] & termios.ECHO:
        assert time.monotonic() < until, "the terminal still echoes"
        time.sleep(0.005)
    return True


def test_store_shows_nothing_of_what_was_asked(place):
    """What waits in the store for the journal is sealed, and what is kept too: killed at any time, the file shows neither."""
    client = Client(place.start())
    client.run("put", "prod/seen", "--description", "described-4711", "--tag", "tagged-4711=worth-4711", stdin=b"v")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Sid": "stated4711",
                                                      "Action": "secretsmanager:DeleteSecret", "Resource": "*"}]}
    client.run("policy", "put", "prod/seen", "--file", "-", stdin=json.dumps(policy).encode())
    place.server.kill()
    place.server.wait()
    with open(f"{place.data}/store/data.mdb", "rb") as file:
        kept = file.read()
    assert b"prod/seen" in kept and b"o/\0\0\0\0" in kept, "this is not where it is"
    for mark in (b"4711", b"eventName", b"requestParameters"):
        assert mark not in kept, mark
    assert place.start().end() == 0
    said = coffer("audit", "tail", "--data", place.data, "--last", "9", check=0).stdout
    assert "tagged-4711" in said and said.count('"CreateSecret"') == 1, said


def test_client_values_come_back_as_they_were(place):
    c = Client(place.start())
    controls = bytes(range(1, 32)) * 2000
    for name, value in (("text", "wörld \"quoted\" \\ \t\n".encode()), ("zero", b"a\0b"), ("bytes", bytes(range(256)) * 256),
                        ("most", b"x" * 65536), ("controls", controls), ("long/name_+=.@-", b"1")):
        made = c.json("put", name, stdin=value)
        assert made["Name"] == name and re.fullmatch(r"[0-9a-f-]{36}", made["VersionId"]), made
        assert c.run("get", name).stdout == value, name
        assert c.run("get", made["ARN"]).stdout == value, name
    assert "SecretBinary" in c.json("get", "zero", "--output", "json")
    assert c.json("get", "text", "--output", "json")["SecretString"].encode() == "wörld \"quoted\" \\ \t\n".encode()
    c.run("put", "text", "--binary", stdin=b"abc")
    assert c.json("get", "text", "--output", "json")["SecretBinary"] == "YWJj"
    assert place.end() == 0


def test_client_values_may_be_as_long_as_the_server_takes(place):
    with open(f"{place.root}/coffer.conf", "w") as file:
        file.write("secret_value_bytes = 262144\n")
    c = Client(place.start("--config", f"{place.root}/coffer.conf"))
    c.run("put", "most", stdin=b"\1" * 100000 + b"x" * 162144)
    assert c.run("get", "most").stdout == b"\1" * 100000 + b"x" * 162144
    assert "262144" in c.refused(6, "put", "most", stdin=b"x" * 262145)
    assert place.end() == 0


def test_client_put_makes_or_adds(place):
    c = Client(place.start())
    noted = c.run("put", "a", stdin=b"one\n").stderr.decode()
    assert "--trim" in noted, noted
    assert c.run("put", "a", "--trim", stdin=b"two\r\n").stderr == b""
    assert c.run("get", "a").stdout == b"two" and c.run("get", "a", "--label", "AWSPREVIOUS").stdout == b"one\n"
    version = c.json("put", "a", "--label", "next", "--label", "later", stdin=b"three")["VersionId"]
    assert c.run("get", "a").stdout == b"two" and c.run("get", "a", "--version-id", version).stdout == b"three"
    assert c.run("get", "a", "--label", "later").stdout == b"three"
    assert "already exists" in c.refused(6, "put", "a", "--new", stdin=b"x")
    assert "already exists" in c.refused(6, "put", "a", "--tag", "k=v", stdin=b"x")
    c.refused(5, "put", "b", "--label", "next", stdin=b"x")
    c.run("put", "b", "--description", "of b", "--tag", "k=v", "--tag", "l=", stdin=b"x")
    assert b"Tags:\nKEY " in c.run("describe", "b", "--output", "table").stdout
    c.run("put", "--new", "--", "-begins-so", stdin=b"x")
    assert c.run("get", "--", "-begins-so").stdout == b"x"
    told = c.json("describe", "b")
    assert told["Description"] == "of b" and told["Tags"] == [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": ""}], told
    value = f"{place.root}/value"
    with open(value, "wb") as file:
        file.write(b"from a file\n")
    assert c.run("put", "c", "--file", value).stderr == b"" and c.run("get", "c").stdout == b"from a file\n"
    c.run("put", "c", "--file", "-", stdin=b"piped")
    for stdin in (b"", b"\n"):
        said = c.refused(2, "put", "c", "--trim", stdin=stdin)
        assert "nothing was stored" in said, said
    assert "less than or equal to 65536" in c.refused(2, "put", "c", stdin=b"x" * 65537)  # the server's bound, which may be raised
    assert f"{value}.not: " in c.refused(5, "put", "c", "--file", f"{value}.not")
    assert c.run("get", "c").stdout == b"piped"
    assert place.end() == 0


def test_client_takes_no_value_as_an_argument(place):
    c = Client(place.start())
    said = c.refused(2, "put", "a", "the-secret")
    assert "coffer put NAME" in said and "the-secret" not in said, said
    said = c.refused(2, "put", "a", "--value=the-secret")
    assert "--value" in said and "the-secret" not in said, said
    assert place.end() == 0


def test_client_get_to_file_and_field(place):
    c = Client(place.start())
    c.run("put", "db", stdin=b'{"user": "a\\nb", "port": 5432, "nested": {"x": [1]}, "none": null}')
    assert c.run("get", "db", "--field", "user").stdout == b"a\nb"
    assert c.run("get", "db", "--field", "port").stdout == b"5432"
    assert c.run("get", "db", "--field", "nested").stdout == b'{"x": [1]}'
    assert "no such field" in c.refused(5, "get", "db", "--field", "absent")
    c.run("put", "plain", stdin=b"no json")
    c.refused(5, "get", "plain", "--field", "x")
    path = f"{place.root}/out"
    assert c.run("get", "plain", "--file", path).stdout == b""
    assert mode(path) == 0o600 and open(path, "rb").read() == b"no json"
    assert f"{path}: " in c.refused(6, "get", "plain", "--file", path)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([COFFER, "get", "plain"], env=c.env, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == 1 and b"standard output" in done.stderr, done
    assert place.end() == 0


def test_client_lists(place):
    c = Client(place.start())
    assert c.run("list", "--output", "table").stdout == b"No secrets.\n"
    assert c.run("list", "--output", "text").stdout == b"" and c.json("list") == {"SecretList": []}
    for n in range(130):
        c.run("put", f"{'even' if n % 2 == 0 else 'odd'}/{n:03}", stdin=b"x")
    c.run("put", "tagged", "--tag", "team=weather", "--description", "a,\tb", stdin=b"x")
    everything = c.json("list")["SecretList"]
    assert len(everything) == 131 and len({one["Name"] for one in everything}) == 131
    assert {one["Name"][:4] for one in c.json("list", "even/")["SecretList"]} == {"even"}
    assert len(c.json("list", "--max", "101")["SecretList"]) == 101
    assert c.json("list", "nothing")["SecretList"] == []
    assert [one["Name"] for one in c.json("list", "--filter", "tag-key=team")["SecretList"]] == ["tagged"]
    text = c.run("list", "tagged", "--output", "text").stdout.decode()
    assert text.startswith("tagged\t") and text.endswith("\ta,?b\n") and text.count("\n") == 1, text
    table = c.run("list", "--output", "table").stdout.decode().splitlines()
    assert table[0].startswith("NAME ") and len(table) == 132 and "\033" not in "".join(table), table[:3]
    assert "KEY=VALUE" in c.refused(2, "list", "--filter", "team")
    assert "ValidationException" in c.refused(2, "list", "--filter", "colour=red")
    assert "--max" in c.refused(2, "list", "--max", "0")
    assert place.end() == 0


def test_client_deletes_and_restores(place):
    c = Client(place.start())
    c.run("put", "a", stdin=b"x")
    assert "DeletionDate" in c.json("delete", "a", "--days", "7")
    assert "marked for deletion" in c.refused(6, "get", "a")
    assert c.json("list")["SecretList"] == [] and len(c.json("list", "--deleted")["SecretList"]) == 1
    c.run("restore", "a")
    assert c.run("get", "a").stdout == b"x"
    assert "--yes" in c.refused(2, "delete", "a", "--now")
    assert "7 to 30" in c.refused(2, "delete", "a", "--days", "6")
    code, shown = c.at_terminal("delete", "a", "--now", answers=[(b"to go on: ", b"b\n", True)])
    assert code == 2 and b"nothing was deleted" in shown and c.run("get", "a").stdout == b"x", shown
    code, shown = c.at_terminal("delete", "a", "--now", answers=[(b"to go on: ", b"a\n", True)])
    assert code == 0, shown
    c.refused(5, "get", "a")
    c.run("put", "b", stdin=b"x")
    c.run("delete", "b", "--now", "--yes")
    c.refused(5, "restore", "b")
    assert place.end() == 0


def test_client_labels_and_tags(place):
    c = Client(place.start())
    versions = [c.json("put", "a", stdin=value)["VersionId"] for value in (b"one", b"two")]
    at = {one["Label"]: one["VersionId"] for one in c.json("label", "a")["Labels"]}
    assert at == {"AWSPREVIOUS": versions[0], "AWSCURRENT": versions[1]}, at
    c.run("label", "a", "AWSCURRENT", "AWSPREVIOUS")
    assert c.run("get", "a").stdout == b"one"
    assert b"already" in c.run("label", "a", "AWSCURRENT", versions[0]).stderr
    c.run("label", "a", "blue", versions[1])
    assert c.run("get", "a", "--label", "blue").stdout == b"two"
    c.run("label", "a", "blue", "AWSCURRENT")
    assert c.run("get", "a", "--label", "blue").stdout == b"one"
    c.run("label", "a", "blue", "--remove")
    assert "no version" in c.refused(5, "label", "a", "blue", "--remove")
    assert "no version of a has the label green" in c.refused(5, "label", "a", "blue", "green")
    assert c.run("label", "a", "--output", "table").stdout.split()[:2] == [b"LABEL", b"VERSION"]
    assert "coffer label NAME" in c.refused(2, "label", "a", "blue")
    c.refused(5, "label", "nothing")
    c.run("tag", "a", "k=v", "l=w=x")
    assert c.json("tag", "a")["Tags"] == [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w=x"}]
    c.run("tag", "a", "m=1", "--remove", "k")
    assert c.run("tag", "a", "--output", "text").stdout == b"l\tw=x\nm\t1\n"
    assert "KEY=VALUE" in c.refused(2, "tag", "a", "k")
    assert place.end() == 0


def test_client_tells_the_history(place):
    c = Client(place.start())
    versions = [c.json("put", "a", stdin=b"%d" % n)["VersionId"] for n in range(3)]
    only = c.user("ci", ("secretsmanager:PutSecretValue", "*"))
    versions.append(c.json("put", "a", stdin=b"x", env=only)["VersionId"])
    c.refused(4, "history", "a", env=only)
    told = {one["VersionId"]: one for one in c.json("history", "a")["Versions"]}
    assert set(told) == set(versions) and "CreatedBy" not in told[versions[0]], told
    assert told[versions[3]]["VersionStages"] == ["AWSCURRENT"] and "VersionStages" not in told[versions[0]], told
    told = {one["VersionId"]: one.get("CreatedBy") for one in c.json("history", "a", "--data", place.data)["Versions"]}
    root, ci = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:user/ci"
    assert told == {versions[0]: root, versions[1]: root, versions[2]: root, versions[3]: ci}, told
    table = c.run("history", "a", "--data", place.data, "--output", "table").stdout.decode().splitlines()
    assert table[0].split() == ["VERSION", "CREATED", "LABELS", "READ", "BY"] and len(table) == 5, table
    assert f"{place.root}/no/journal: " in c.refused(5, "history", "a", "--data", f"{place.root}/no")
    c.refused(5, "history", "nothing")
    assert place.end() == 0


def test_client_makes_passwords(place):
    c = Client(place.start())
    one, two = (c.run("random").stdout.decode() for _ in range(2))
    assert len(one) == len(two) == 32 and one != two
    assert re.fullmatch(r"[d-z0-9]{20}", c.run("random", "--length", "20", "--no-uppercase", "--no-punctuation", "--exclude", "abc",
                                               ).stdout.decode())
    assert c.run("random", "--length", "4").stdout and c.refused(2, "random", "--length", "3")
    assert len(c.run("random", "--length", "3", "--any").stdout) == 3
    path = f"{place.root}/password"
    assert c.run("random", "--file", path).stdout == b"" and mode(path) == 0o600 and len(open(path, "rb").read()) == 32
    assert place.end() == 0


def test_client_policies(place):
    c = Client(place.start())
    c.run("put", "a", stdin=b"x")
    assert b"has none" in c.run("policy", "get", "a", check=5).stderr
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:DeleteSecret", "Resource": "*"}]}).encode()
    assert c.json("policy", "check", "a", stdin=policy)["PolicyValidationPassed"] is True
    assert b"has none" in c.run("policy", "get", "a", check=5).stderr
    c.run("policy", "put", "a", stdin=policy)
    assert json.loads(c.run("policy", "get", "a").stdout) == json.loads(policy)
    c.refused(4, "delete", "a")
    public = policy.replace(b"Deny", b"Allow")
    assert "PublicPolicyException" in c.refused(2, "policy", "put", "a", "--block-public", stdin=public)
    assert "MalformedPolicyDocumentException" in c.refused(2, "policy", "put", "a", "--file", "-", stdin=b"{")
    c.run("policy", "delete", "a")
    c.run("policy", "get", "a", check=5)
    assert "get, put, check or delete" in c.refused(2, "policy", "show", "a")
    assert f"{place.root}/absent: " in c.refused(5, "policy", "put", "a", "--file", f"{place.root}/absent")
    assert place.end() == 0


def test_client_refusals_say_what_why_and_what_next(place):
    c = Client(place.start())
    c.run("put", "prod/database", stdin=b"x")
    said = c.refused(5, "get", "prod/databse")
    assert "ResourceNotFoundException, request " in said and "did you mean 'prod/database'?" in said, said
    said = c.refused(5, "get", "something/else")
    assert "did you mean" not in said and "in the region us-east-1 (--region)" in said, said
    only = c.user("ci", ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:prod/*"))
    assert c.run("get", "prod/database", env=only).stdout == b"x"
    said = c.refused(4, "put", "prod/database", stdin=b"y", env=only)
    assert "not authorized" in said and "coffer user policy put" in said and "AccessDeniedException, request " in said, said
    said = c.refused(5, "get", "prod/databse", env=only)  # it may not list, so it is told no names
    assert "did you mean" not in said, said
    key = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wrong"}
    assert "UnrecognizedClientException" in c.refused(3, "get", "a", env=key)
    with open(f"{place.root}/root") as file:
        key["AWS_ACCESS_KEY_ID"] = re.search(r"aws_access_key_id = (\S+)", file.read())[1]
    said = c.refused(3, "get", "a", env=key)
    assert "InvalidSignatureException" in said and "--region" in said, said
    assert "valid region" in c.refused(3, "get", "prod/database", "--region", "eu-west-1")
    said = c.refused(5, "get", "prod/database", "--version-id", "0" * 32)
    assert "VersionId" in said and "did you mean" not in said, said  # the secret is there; the version is not
    assert b"VersionStages: AWSCURRENT\n" in c.run("put", "prod/database", "--output", "table", stdin=b"y").stdout
    assert c.run("get", "prod/database", "--output", "json").stdout.endswith(b"}\n")
    c.run("delete", "prod/database")
    assert "coffer restore" in c.refused(6, "get", "prod/database")
    assert place.end() == 0


def test_client_says_what_to_do_when_a_certificate_has_expired(place):
    key, made, old = (f"{place.root}/expired.{end}" for end in ("key", "made", "pem"))
    for words in (("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", made,
                   "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
                  ("x509", "-in", made, "-signkey", key, "-days", "-1", "-out", old)):
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=PATIENCE)
    os.chmod(key, 0o600)
    c = Client(place.start("--certificate", old, "--private-key", key))
    said = c.refused(7, "get", "a", "--ca", old)
    assert "expired" in said and "coffer certificate --replace" in said, said
    assert place.end() == 0


def test_client_finds_its_settings_where_aws_clients_do(place):
    c = Client(place.start())
    c.run("put", "a", stdin=b"x")
    with open(f"{place.root}/root") as file:
        key_id, secret = re.findall(r"= (\S+)\n", file.read())[:2]
    none = {name: None for name in ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_SHARED_CREDENTIALS_FILE")}
    endpoint, ca = c.env["AWS_ENDPOINT_URL"], c.env["AWS_CA_BUNDLE"]
    told = ("--endpoint", endpoint, "--ca", ca)
    assert "AWS_ENDPOINT_URL" in c.refused(2, "get", "a", env=none)
    assert "access key" in c.refused(3, "get", "a", *told, env=none)
    by_env = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
    assert c.run("get", "a", *told, env={**none, **by_env}).stdout == b"x"
    assert c.run("get", "a", env={**by_env, "AWS_ENDPOINT_URL": "https://localhost:1",
                                  "AWS_ENDPOINT_URL_SECRETS_MANAGER": endpoint}).stdout == b"x"
    os.mkdir(f"{place.root}/.aws")
    with open(f"{place.root}/.aws/config", "w") as file:
        file.write(f"# a comment\n[default]\nregion = eu-west-1\n[profile one]\nendpoint_url = {endpoint}\nca_bundle={ca}\n"
                   f"region = us-east-1\n\n[profile \"two words\"]\r\nservices = local\r\nregion = us-east-1\r\n"
                   f"ca_bundle = {ca}\n[services local]\nssm =\n  endpoint_url = http://wrong.test\nsecrets_manager =\n"
                   f"  endpoint_url = {endpoint}\n[profile odd]\nendpoint_url = {endpoint}\nregion = x y\nca_bundle = {ca}\n")
    with open(f"{place.root}/.aws/credentials", "w") as file:
        for name in ("one", "two words", "odd"):
            file.write(f"[{name}]\naws_access_key_id={key_id}\naws_secret_access_key = {secret}\n")
    for profile in ("one", "two words"):
        assert c.run("get", "a", "--profile", profile, env=none).stdout == b"x"
        assert c.run("get", "a", env={**none, "AWS_PROFILE": profile}).stdout == b"x"
    wrong = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wrong"}
    c.refused(3, "get", "a", env={**none, **wrong, "AWS_PROFILE": "one"})  # the environment's key goes before that
    assert c.run("get", "a", "--profile", "one", env={**none, **wrong}).stdout == b"x"
    assert "AWS_ENDPOINT_URL" in c.refused(2, "get", "a", "--profile", "one",
                                           env={**none, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"})
    assert "three: There is no such profile" in c.refused(2, "get", "a", *told, "--profile", "three", env=none)
    assert "cannot have" in c.refused(2, "get", "a", "--profile", "odd", env=none)
    assert c.run("get", "a", env={"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"}).stdout == b"x"
    assert place.end() == 0


def test_client_believes_no_certificate_it_cannot_check(place):
    c = Client(place.start())
    c.run("put", "a", stdin=b"x")
    with Closing(Place()) as other:
        said = c.refused(7, "get", "a", "--ca", f"{other.data}/tls/ca.pem")
    assert "not accepted" in said and "--ca" in said, said
    assert "not accepted" in c.refused(7, "get", "a", env={"AWS_CA_BUNDLE": None})
    said = c.refused(7, "get", "a", "--endpoint", f"https://127.0.0.1:{place.port}")  # the certificate says localhost
    assert "mismatch" in said, said
    assert f"{place.root}/absent" in c.refused(2, "get", "a", "--ca", f"{place.root}/absent")
    assert "plain http" in c.refused(2, "get", "a", "--endpoint", "http://example.com")
    for url in ("localhost:8443", "ftp://localhost", "https://", "https://user@localhost", "https://local host",
                "https://localhost:port", "https://localhost:8443?x"):
        assert "endpoint" in c.refused(2, "get", "a", "--endpoint", url), url
    assert place.end() == 0


class Fake:
    """A server that takes one connection and does with it what it is told: for what a real one never does."""

    def __init__(self, place, behave, tls=True):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        self.url = f"{'https' if tls else 'http'}://localhost:{self.listener.getsockname()[1]}"
        self.place, self.behave, self.tls = place, behave, tls
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        raw, _ = self.listener.accept()
        raw.settimeout(PATIENCE)
        try:
            if self.tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(f"{self.place.data}/tls/server.pem", f"{self.place.data}/tls/server.key")
                raw = context.wrap_socket(raw, server_side=True)
            self.behave(raw)
        except OSError:
            pass
        finally:
            raw.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()


def take_request(connection):
    """All of it: what is left unread when a connection is closed cuts off what was sent."""
    taken, whole = b"", None
    while whole is None or len(taken) < whole:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("half a request")
        taken += more
        if whole is None and b"\r\n\r\n" in taken:
            whole = taken.index(b"\r\n\r\n") + 4 + int(re.search(rb"Content-Length: (\d+)", taken)[1])


def answering(*pieces, goodbye=False):
    def behave(connection):
        take_request(connection)
        for piece in pieces:
            connection.sendall(piece)
        if goodbye and isinstance(connection, ssl.SSLSocket):
            connection.unwrap()
    return behave


def test_client_takes_odd_servers(place):
    place.port = 1
    c = Client(place)
    body = b'{"SecretString":"split over pieces"}'
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, body[i:i + 1]) for i in range(len(body))) + b"0\r\n\r\n"
    for tls in (True, False):
        for pieces in ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunks),
                       (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body[:5], body[5:]),
                       (b"HTTP/1.0 200 OK\r\n\r\n", body)):
            with Fake(place, answering(*pieces, goodbye=True), tls) as fake:
                assert c.run("get", "a", "--endpoint", fake.url).stdout == b"split over pieces", pieces
    for pieces, word in (((b"SSH-2.0-OpenSSH_9\r\n",), "no server of this kind"),
                         ((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",), "ended"),
                         ((), "ended"),
                         ((b"HTTP/1.0 200 OK\r\n\r\n", body), "ended"),  # cut: nobody said goodbye
                         ((b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",), "no value"),
                         ((b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",), "no value"),
                         ((b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"SecretString\":\"\\x\"}",), "no value"),
                         ((b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * (17 << 20),), "no server of this kind")):
        with Fake(place, answering(*pieces)) as fake:
            said = c.refused(7, "get", "a", "--endpoint", fake.url)
            assert word in said, (pieces[0][:60] if pieces else b"", said)
    with Fake(place, lambda connection: connection.recv(65536) and connection.sendall(b"no TLS"), tls=False) as fake:
        assert "TLS" in c.refused(7, "get", "a", "--endpoint", fake.url.replace("http:", "https:"))
    with Fake(place, answering(b"HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\nContent-Length: 0\r\n\r\n")) as fake:
        assert "status 302" in c.refused(2, "get", "a", "--endpoint", fake.url)
    with Fake(place, answering(b"HTTP/1.1 403 No\r\nContent-Length: 28\r\n\r\n{\"message\":\"\\u001b[31mred\\n2\"}"[:-1] + b"}")) as fake:
        said = c.refused(4, "get", "a", "--endpoint", fake.url)
        assert "\033" not in said, said


def test_client_prompts_without_echo(place):
    c = Client(place.start())
    code, shown = c.at_terminal("put", "a", answers=[(b"Value of a: ", b"typed secret\n", False), (b"Again: ", b"typed secret\n", False)])
    assert code == 0 and b"typed" not in shown and b"VersionId: " in shown, shown
    assert c.run("get", "a").stdout == b"typed secret"
    code, shown = c.at_terminal("put", "a", answers=[(b"Value of a: ", b"one\n", False), (b"Again: ", b"two\n", False)])
    assert code == 2 and b"differ" in shown and c.run("get", "a").stdout == b"typed secret", shown
    code, shown = c.at_terminal("put", "a", answers=[(b"Value of a: ", b"\x03", False)])
    assert code == -2 and c.run("get", "a").stdout == b"typed secret", (code, shown)
    code, shown = c.at_terminal("put", "a", answers=[(b"Value of a: ", b"half\x03", False)], interrupts=signal.SIG_IGN)
    assert code == 2 and b"Interrupted" in shown and c.run("get", "a").stdout == b"typed secret", (code, shown)
    assert place.end() == 0


def test_client_at_a_terminal(place):
    c = Client(place.start())
    c.run("put", "a", stdin=b"value")
    c.run("put", "line", stdin=b"value\n")
    c.run("put", "escape", stdin=b"\033]0;title\007")
    assert c.at_terminal("get", "a") == (0, b"value\r\n") and c.at_terminal("get", "line") == (0, b"value\r\n")
    c.run("put", "short-escape", "--description", "a\u009b2Jb", stdin="\u009b2J".encode())
    for name in ("escape", "short-escape"):
        code, shown = c.at_terminal("get", name)
        assert code == 2 and b"--file" in shown and b"\033" not in shown and b"\xc2\x9b" not in shown, shown
    assert b"Description: a?2Jb" in c.at_terminal("describe", "short-escape")[1]
    bold = c.at_terminal("list")[1]
    assert bold.startswith(b"\033[1mNAME "), bold
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        plain = c.at_terminal("list", env=env)[1]
        assert plain.startswith(b"NAME ") and b"\033" not in plain, plain
    assert c.at_terminal("list", env={"NO_COLOR": ""})[1] == bold
    assert c.at_terminal("list", "--output", "json")[1].startswith(b'{"SecretList":[')
    assert b"Name: a" in c.at_terminal("describe", "a")[1]
    assert place.end() == 0


def locked(flags):
    return "lo" in flags.split()


def readable_memory(pid):
    """All that can be read of a process but what is locked: the sensitive region, where memfd_secret is not to be had."""
    found, span = [], None
    with open(f"/proc/{pid}/smaps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) ", line)
            if head:
                span = (int(head[1], 16), int(head[2], 16), head[3])
            elif line.startswith("VmFlags:") and span[2][0] == "r" and not locked(line[8:]):
                try:
                    memory.seek(span[0])
                    found.append(memory.read(span[1] - span[0]))
                except (OSError, OverflowError, ValueError):
                    pass
    return b"".join(found)


def test_client_leaves_no_secret_where_it_could_be_read(place):
    """Stopped with the value half received and half sent: argv, environment, memory and core files are searched."""
    place.port = 1
    c = Client(place)
    mark, key = "MARKED-VALUE-20934820", "MARKED-KEY-8712387123"
    held, seen = threading.Event(), threading.Event()

    def behave(connection):
        take_request(connection)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"SecretString":"' + mark.encode())
        seen.set()
        held.wait(PATIENCE)

    with open(f"{place.root}/config", "w") as file:
        file.write(f"[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {key}\n")
    in_variables = {**c.env, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": key}
    in_config = {**c.env, "AWS_CONFIG_FILE": f"{place.root}/config", "AWS_SHARED_CREDENTIALS_FILE": f"{place.root}/absent"}
    for words, env in ((("get", "a"), in_variables), (("put", "a"), in_variables), (("get", "a"), in_config)):
        held.clear(), seen.clear()
        with Fake(place, behave) as fake:
            child = subprocess.Popen([COFFER, *words, "--endpoint", fake.url], env=env, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            child.stdin.write(mark.encode())
            child.stdin.close()
            child.stdin = None
            assert seen.wait(PATIENCE)
            wait_until_asleep(child.pid)
            with open(f"/proc/{child.pid}/limits") as limits:
                assert re.search(r"Max core file size\s+0\s+0\s", limits.read())
            if os.getuid() == 0:  # nobody else may look at all
                for name in ("cmdline", "environ"):
                    with open(f"/proc/{child.pid}/{name}", "rb") as file:
                        text = file.read()
                        assert mark.encode() not in text and key.encode() not in text, name
                memory = readable_memory(child.pid)
                assert b"SecretId" in memory, "nothing was searched"
                for text in (mark, key):
                    assert text.encode() not in memory, (words, text)
            held.set()
            child.communicate(timeout=PATIENCE)


def wait_until_asleep(pid):
    """It has read what there was, and waits for more."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with open(f"/proc/{pid}/syscall") as file:
            if file.read().split()[0] in ("45", "207"):  # recvfrom, on x86-64 and on aarch64
                return
        time.sleep(0.005)
    raise AssertionError("it never waited")


def test_client_completions_know_every_command(place):
    names = re.findall(r"^  ([\w-]+) ", coffer("--help", check=0).stdout, re.M)
    assert {"get", "put", "history", "policy", "completion", "key"} <= set(names), names
    script = f"{place.root}/completion"
    with open(script, "w") as file:
        file.write(coffer("completion", "bash", check=0).stdout)

    def completed(*words):
        code = (f"source {script}; COMP_WORDS=(coffer {' '.join(words)}); COMP_CWORD={len(words)}; _coffer; "
                'printf "%s\\n" "${COMPREPLY[@]}"')
        return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout.split()

    assert completed("''") == names
    assert completed("pu") == ["put"] and completed("audit", "t") == ["tail"]
    assert completed("get", "--v") == ["--version-id"] and completed("list", "--output", "j") == ["json"]
    for name in names:
        options = re.findall(r"^  (--[a-z-]+)", coffer(name, "--help", check=0).stdout, re.M) if name != "version" else []
        assert len(options) == len(set(options)), f"{name} has an option twice: {options}"
        assert set(options) <= set(completed(name, "--")), name
    made = f"{os.environ.get('COFFER_BUILD', '')}/share"  # what `meson install` puts where shells look
    if os.path.isdir(made):
        with open(f"{made}/coffer") as bash, open(f"{made}/_coffer") as other:
            assert bash.read() == coffer("completion", "bash", check=0).stdout and other.read().startswith("#compdef coffer\n")
    zsh = coffer("completion", "zsh", check=0).stdout
    assert zsh.startswith("#compdef coffer\n") and all(f"\n    {name})\n" in zsh for name in names)
    assert "bash" in coffer("completion", "fish", check=2).stderr


def test_the_manual_names_every_command_and_option(place):
    with open(os.path.join(os.path.dirname(__file__), "../../man/coffer.1")) as file:
        manual = file.read().replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace('"', "")
    for name in re.findall(r"^  ([\w-]+) ", coffer("--help", check=0).stdout, re.M):
        assert f"coffer {name}" in manual, name
        for option in re.findall(r"^  (--[a-z-]+)", coffer(name, "--help", check=0).stdout, re.M) if name != "version" else []:
            assert option in manual, (name, option)


def test_client_wrong_words_are_told(place):
    assert "did you mean 'describe'?" in coffer("descirbe", check=2).stderr
    assert "did you mean 'list'?" in coffer("lst", check=2).stderr
    assert "did you mean" not in coffer("frobnicate", check=2).stderr
    assert "did you mean --label?" in coffer("get", "a", "--labl", "x", check=2).stderr
    assert "no roles yet" in coffer("role", "list", check=2).stderr
    for name in ("get", "put", "describe", "delete", "restore", "history", "label", "tag", "policy"):
        assert f"it is: coffer {name} " in coffer(name, check=2).stderr, name
        assert coffer(name, "--help", check=0).stdout.startswith(f"usage: coffer {name} "), name
    assert "--output is table, json or text" in Client_of_nobody("get", "a", "--output", "xml")


def Client_of_nobody(*words):
    return coffer(*words, "--endpoint", "https://localhost:1", check=2,
                  env={**os.environ, "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b"}).stderr


def test_audit_tail_is_filtered(place):
    c = Client(place.start())
    c.run("put", "prod/db", stdin=b"x")
    c.run("put", "prod/db-2", stdin=b"x")
    c.run("get", "prod/db")
    c.refused(4, "get", "prod/db", env=c.user("nobody", ("secretsmanager:ListSecrets", "*")))
    assert place.end() == 0

    def tail(*words):
        return [json.loads(line) for line in coffer("audit", "tail", "--data", place.data, "--last", "100", *words,
                                                    check=0).stdout.splitlines()]

    assert [one["eventName"] for one in tail("--secret", "prod/db")] == ["PutSecretValue", "CreateSecret", "GetSecretValue",
                                                                         "GetSecretValue"]
    assert len(tail("--secret", "prod/db", "--last", "1")) == 1
    assert [one["userIdentity"]["userName"] for one in tail("--denied")] == ["nobody"]
    assert tail("--principal", "nobody") == tail("--denied") == tail("--principal", f"arn:aws:iam::{ACCOUNT}:user/nobody")
    assert {one["eventName"] for one in tail("--action", "getsecretvalue")} == {"GetSecretValue"}
    assert tail("--since", "2999-01-01T00:00:00Z") == [] and len(tail("--since", "1h")) > 4
    assert "--since" in coffer("audit", "tail", "--data", place.data, "--since", "soon", check=2).stderr
    table = coffer("audit", "tail", "--data", place.data, "--denied", "--output", "table", check=0).stdout.splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  ", table[1]), table
    whole = coffer("audit", "tail", "--data", place.data, "--last", "100", "--output", "table", check=0).stdout.splitlines()
    kept = [line for line in whole if "journal.checkpoint" in line]
    assert kept and all(re.match(r"20\d\d-.*Z ", line) for line in kept), whole
    assert len(table) == 2 and re.search(r"user/nobody +GetSecretValue +prod/db .* AccessDeniedException$", table[1]), table
