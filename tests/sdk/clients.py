"""clients: the SDKs that are tried, unmodified: pointed at the server by AWS_ENDPOINT_URL, and made to trust it by the
variable that each of them has for that."""

import base64
import datetime
import json
import os
import re
import subprocess
import tempfile
import threading
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from support.house import REGION, TOP
from model import SERVICE_OF, SERVICES, Moment, Wrong, model_of

HERE = Path(__file__).resolve().parent
PYTHON = TOP / ".cache/python/bin"
NODE = TOP / ".cache/node/node_modules"
MORE_PYTHON = TOP / ".cache/python-all"  # with --all
MORE_NODE = TOP / ".cache/node-all/node_modules"
GO, JAVA, RUST = TOP / ".cache/go", TOP / ".cache/java", TOP / ".cache/rust/build/debug"
PATIENCE = 60
DOOR = ("UnrecognizedClientException", "InvalidSignatureException", "InvalidClientTokenId", "SignatureDoesNotMatch")


@dataclass(frozen=True)
class Key:
    """As whom and in which region a client asks; `ahead`: by how many seconds its clock goes wrong; `token`: a session's."""
    id: str
    secret: str
    ahead: int = 0
    region: str = REGION
    token: str = None


@dataclass
class Reply:
    """What came back; a refusal has a code. attempts None: this client does not tell."""
    members: dict = field(default_factory=dict)
    code: str = None
    message: str = None
    status: int = None
    attempts: int = None
    pages: int = None
    id: str = None

    def __str__(self):
        return f"{self.code}: {self.message}" if self.code else f"success {self.members}"


@dataclass(frozen=True)
class Libraries:
    """What AWS builds on an SDK: a program that tries it, and says so in lines."""
    needs: Path
    command: tuple
    environment: dict


def sent(value):
    """As JSON for the helpers in other processes."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: sent(one) for name, one in value.items()}
    return [sent(one) for one in value] if isinstance(value, list) else value


def got(value):
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        if set(value) == {"$moment"}:
            return Moment(value["$moment"])
        return {name: got(one) for name, one in value.items()}
    return [got(one) for one in value] if isinstance(value, list) else value


def plain_policies(members):
    """IAM sends a policy percent-coded: some clients undo that, and read it."""
    if isinstance(members, list):
        return [plain_policies(one) for one in members]
    if not isinstance(members, dict):
        return members
    plain = {name: plain_policies(value) for name, value in members.items()}
    for name in plain.keys() & {"PolicyDocument", "AssumeRolePolicyDocument"}:
        value = members[name]
        plain[name] = json.dumps(value) if isinstance(value, dict) else urllib.parse.unquote(value)
    return plain


def pages_of(reply, size):
    """How many requests one call took."""
    return max(1, -(-len(reply.members.get("SecretList", ())) // size)) if size else 1


class Client:
    """One SDK. `skew`: the library that makes a clock go wrong."""
    trust = "AWS_CA_BUNDLE"
    clock = True  # can be made to go wrong
    services = tuple(SERVICES)
    corrects = False  # takes the time from a refusal's Date, and asks again

    def __init__(self, house, skew):
        self.house, self.skew = house, skew
        self.recognised = 0  # requests of a principal that the server knew
        self.called = set()  # operations that were answered

    def environment(self, key):
        env = {"PATH": f"{PYTHON}:/usr/bin:/bin", "HOME": str(self.house.folder), "LANG": "C.UTF-8", "TZ": "UTC",
               "AWS_ENDPOINT_URL": f"https://localhost:{self.house.port}", self.trust: str(self.house.ca),
               "AWS_REGION": key.region, "AWS_DEFAULT_REGION": key.region, "AWS_EC2_METADATA_DISABLED": "true",
               "AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
        if key.token:
            env["AWS_SESSION_TOKEN"] = key.token
        if key.ahead:
            env |= {"LD_PRELOAD": str(self.skew), "COFFER_SKEW": str(key.ahead)}
        return env

    def ask(self, key, operation, parameters, pages=None):
        reply = self.put(key, operation, parameters, pages)
        self.recognised += 0 if reply.code in DOOR else pages_of(reply, pages)
        if not reply.code:
            self.called.add(operation)
        reply.members = plain_policies(reply.members)
        return reply

    def end(self):
        pass


class Helper(Client):
    """A helper process for each key, asked by lines."""
    command = ()
    libraries = None  # what AWS builds on it, tried with --all

    def __init__(self, house, skew):
        super().__init__(house, skew)
        self.processes = {}
        self.lock = threading.Lock()

    def process(self, key):
        if key not in self.processes:
            self.processes[key] = subprocess.Popen(self.command, env=self.environment(key), text=True, stdin=subprocess.PIPE,
                                                   stdout=subprocess.PIPE)
        return self.processes[key]

    def put(self, key, operation, parameters, pages):
        with self.lock:
            process = self.process(key)
            process.stdin.write(json.dumps({"service": SERVICE_OF[operation], "operation": operation, "parameters": sent(parameters), "pages": pages}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        if not line:
            raise Wrong(f"{type(self).__name__} died, exit {process.wait(PATIENCE)}")
        said = json.loads(line)
        return Reply(got(said.get("reply", {})), said.get("code"), said.get("message"), said.get("status"),
                     said.get("attempts"), said.get("pages"), said.get("id"))

    def end(self):
        for process in self.processes.values():
            process.stdin.close()
            process.stdout.close()
            process.wait(PATIENCE)


class Boto3(Helper):
    """boto3 for Python."""
    name = "boto3"
    needs = PYTHON / "python3"
    command = (str(needs), str(HERE / "boto3_client.py"))
    libraries = Libraries(MORE_PYTHON, (str(needs), str(HERE / "libraries.py")), {"PYTHONPATH": str(MORE_PYTHON)})


class Node(Helper):
    """The AWS SDK for JavaScript, version 3."""
    name = "javascript"
    trust = "NODE_EXTRA_CA_CERTS"
    corrects = True
    needs = NODE / "@aws-sdk/client-sts"
    command = (str(PYTHON / "node"), str(HERE / "node_client.mjs"))
    libraries = Libraries(MORE_NODE, (str(PYTHON / "node"), str(HERE / "libraries.mjs")), {"COFFER_NODE_MODULES": str(MORE_NODE)})

    def environment(self, key):
        return super().environment(key) | {"COFFER_NODE_MODULES": str(NODE)}


class Go(Helper):
    """The AWS SDK for Go, version 2: only with --all."""
    name = "go"
    clock = False  # the system is asked without the C library
    services = ("secretsmanager",)
    needs = GO / "go_client"
    command = (str(needs),)
    libraries = Libraries(GO / "go_libraries", (str(GO / "go_libraries"),), {})


class Java(Helper):
    """The AWS SDK for Java, version 2: only with --all. It trusts a store of its own."""
    name = "java"
    corrects = True
    services = ("secretsmanager",)
    needs = JAVA / "classes/Client.class"

    def __init__(self, house, skew):
        super().__init__(house, skew)
        store, password = house.folder / "trust.p12", "changeit"
        if not store.exists():
            subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "coffer", "-keystore", store, "-storetype", "PKCS12",
                            "-storepass", password, "-file", house.ca], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        java = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp", f"{JAVA}/jars/*:{JAVA}/classes",
                f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={password}")
        self.command = (*java, "Client")
        self.libraries = Libraries(JAVA / "classes/Libraries.class", (*java, "Libraries"), {})

    def environment(self, key):
        return {name: value for name, value in super().environment(key).items() if name != self.trust}


class Rust(Helper):
    """The AWS SDK for Rust: only with --all."""
    name = "rust"
    trust = "SSL_CERT_FILE"
    corrects = True
    services = ("secretsmanager",)
    needs = RUST / "rust_client"
    command = (str(needs),)
    libraries = Libraries(RUST / "libraries", (str(RUST / "libraries"),), {})


def dashed(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


class Cli(Client):
    """The AWS CLI: a process for each call; values come from files, never from arguments."""
    name = "aws-cli"
    needs = PYTHON / "aws"

    def words(self, parameters, folder):
        pages = {name: value for name, value in parameters.items() if name in ("MaxItems", "Marker")}
        if pages:  # as arguments these two are the CLI's own
            yield from ("--cli-input-json", json.dumps(pages))
        for name, value in parameters.items():
            if name in pages:
                continue
            yield ("--no-" if value is False else "--") + dashed(name)
            if isinstance(value, bool):
                continue
            if name in ("SecretString", "SecretBinary"):
                binary = isinstance(value, bytes)
                path = Path(folder) / name
                path.write_bytes(value if binary else value.encode())
                yield f"{'fileb' if binary else 'file'}://{path}"
            else:
                yield value if isinstance(value, str) else json.dumps(value)

    def put(self, key, operation, parameters, pages):
        # One page is what an operation answers; all pages only when asked for.
        paging = ["--page-size", str(pages)] if pages else [] if "MaxResults" in parameters else ["--no-paginate"]
        with tempfile.TemporaryDirectory(dir=self.house.folder) as folder:
            done = subprocess.run([str(self.needs), SERVICE_OF[operation], dashed(operation), "--output", "json", *paging,
                                   *self.words(parameters, folder)], env=self.environment(key), capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=PATIENCE)
        if done.returncode == 0:
            return Reply(self.read(model_of(operation).output_shape, json.loads(done.stdout or "{}")))
        said = re.search(r"An error occurred \((\w+)\) when calling the (\w+) operation(?: \(reached max retries: (\d+)\))?: ?"
                         r"(.*)", done.stderr, re.S)
        if not said or said.group(2) != operation:
            raise Wrong(f"aws {dashed(operation)}: exit {done.returncode}: {done.stderr.strip()}")
        return Reply(code=said.group(1), message=said.group(4).strip(), attempts=int(said.group(3)) + 1 if said.group(3) else None)

    def read(self, shape, value):
        """The CLI prints what was on the wire: numbers or text for moments, base64 for bytes."""
        kind = shape.type_name if shape else None
        if kind == "structure" and isinstance(value, dict):
            return {name: self.read(shape.members[name], one) if name in shape.members else one for name, one in value.items()}
        if kind == "list" and isinstance(value, list):
            return [self.read(shape.member, one) for one in value]
        if kind == "blob" and isinstance(value, str):
            return base64.b64decode(value)
        if kind == "timestamp" and isinstance(value, str):
            return Moment(round(datetime.datetime.fromisoformat(value).timestamp() * 1000))
        return Moment(round(value * 1000)) if kind == "timestamp" and isinstance(value, (int, float)) else value


CLIENTS = (Boto3, Cli, Node)
MORE = (Go, Java, Rust)  # with --all


def build_skew(folder):
    """The library that makes a client's clock go wrong."""
    library = folder / "skew.so"
    subprocess.run([os.environ.get("CC", "gcc"), "-O1", "-fPIC", "-shared", "-o", library, HERE / "skew.c"], check=True,
                   stdin=subprocess.DEVNULL)
    return library
