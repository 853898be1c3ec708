"""servers: starts and stops what is measured, and says what it costs."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILT = Path(os.environ.get("COFFER_BUILD", TOP / "build" / "tuned"))  # the tree that is measured
TICK = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_certificate(folder):
    """A P-256 key and its own certificate, for every server of this run."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not certificate.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "30", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                       check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        key.chmod(0o600)
    return certificate, key


def family(pid):
    """A process and all its descendants."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except FileNotFoundError:
            continue
        for child in children:
            yield from family(int(child))


def cpu_seconds(pid):
    """utime + stime of all threads of a process and its descendants, by thread name."""
    used = {}
    for process in family(pid):
        for stat in Path(f"/proc/{process}/task").glob("*/stat"):
            try:
                name, rest = stat.read_text().split("(", 1)[1].rsplit(")", 1)
            except FileNotFoundError:
                continue
            fields = rest.split()
            used[name] = used.get(name, 0) + (int(fields[11]) + int(fields[12])) / TICK
    return used


def core_busy():
    """Seconds that each of our two cores has worked since it was started."""
    busy = {}
    for line in Path("/proc/stat").read_text().splitlines():
        fields = line.split()
        if fields[0] in (f"cpu{SERVER_CORE}", f"cpu{CLIENT_CORE}"):
            n = [int(f) for f in fields[1:9]]
            busy[int(fields[0][3:])] = (sum(n) - n[3] - n[4]) / TICK
    return busy


class Server:
    """A running server on a free port of loopback; a context manager."""

    running = []

    def __init__(self, folder, port=None):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.process = None

    @property
    def to(self):
        return f"127.0.0.1:{self.port}"

    def start(self, command, **more):
        self.log = open(self.folder / "log", "ab")
        begun = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", str(SERVER_CORE), *map(str, command)], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, start_new_session=True, **more)
        Server.running.append(self)
        self.wait_until_ready()
        self.start_seconds = time.monotonic() - begun

    def is_ready(self):
        socket.create_connection(("127.0.0.1", self.port), 1).close()
        return True

    def wait_until_ready(self, patience=60):
        end = time.monotonic() + patience
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.is_ready():
                    return
            except OSError:
                pass
            time.sleep(0.002)
        self.stop()
        raise RuntimeError(f"{type(self).__name__} did not start:\n" + (self.folder / "log").read_text()[-2000:])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.process:
            self.log.close()
            Server.running.remove(self)
        self.process = None

    @staticmethod
    def stop_all():
        for server in list(Server.running):
            server.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Nginx(Server):
    """The yardstick: a constant reply whose body has the given size."""

    def __init__(self, folder, certificate, key, body_bytes):
        super().__init__(folder)
        words = {"FOLDER": folder, "CERTIFICATE": certificate, "KEY": key, "PORT": self.port, "BODY": "x" * body_bytes}
        text = (TOP / "bench" / "nginx.conf").read_text()
        for word, value in words.items():
            text = text.replace(f"@{word}@", str(value))
        (folder / "nginx.conf").write_text(text)
        self.start([TOP / ".cache/nginx/usr/sbin/nginx", "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"])


class Coffer(Server):
    """Coffer on a data folder of its own: ten users with one access key each, one loop, the given certificate."""

    USERS = 10
    ACCOUNT, REGION = "123456789012", "us-east-1"

    def __init__(self, folder, certificate, key, *settings):
        super().__init__(folder)
        self.program = BUILT / "src" / "bin" / "coffer"
        self.data, self.key_file = folder / "data", folder / "root.key"
        self.watch = free_port()
        (folder / "coffer.conf").write_text(
            f"data = {self.data}\nkey_file = {self.key_file}\ncertificate = {certificate}\nprivate_key = {key}\n"
            f"listen = 127.0.0.1:{self.port}\nwatch = 127.0.0.1:{self.watch}\nworkers = 1\naudit = written\n"
            "versions_kept = 100\nconnections = 10000\nconnections_per_address = 10000\nhandshakes_per_second = 1000000\n"
            + "".join(f"{line}\n" for line in settings))

    def is_ready(self):
        with socket.create_connection(("127.0.0.1", self.watch), 1) as s:
            s.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return b" 200 " in s.recv(4096).split(b"\r\n")[0]

    def run(self, *words, **more):
        more = {"stdin": subprocess.DEVNULL, **more} if "input" not in more else more
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True, **more)
        if done.returncode != 0:
            raise RuntimeError(f"coffer {words[0]}: {done.stderr}")
        return done.stdout

    def begin(self, **environment):
        """Makes the folder if it is new, starts, and makes the users if there are none."""
        new = not self.data.exists()
        if new:
            self.run("init", "--data", self.data, "--key-file", self.key_file, "--make-key-file", "--account", self.ACCOUNT,
                     "--region", self.REGION, "--credentials-file", self.folder / "root.credentials")
        self.start([self.program, "server", "--config", self.folder / "coffer.conf"], env={**os.environ, **environment})
        if new:
            self.make_users()
        return self

    def make_users(self):
        policy = self.folder / "policy.json"
        policy.write_text('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["secretsmanager:ListSecrets","secretsmanager:BatchGetSecretValue"],"Resource":"*"},'
                          '{"Effect":"Allow","Action":"secretsmanager:*",'
                          f'"Resource":"arn:aws:secretsmanager:{self.REGION}:{self.ACCOUNT}:secret:bench/*"}}]}}')
        for i in range(self.USERS):
            name = f"bench-{i}"
            self.run("user", "create", name, "--data", self.data)
            self.run("user", "key", "create", name, "--data", self.data, "--credentials-file", self.folder / f"{name}.credentials")
            self.run("user", "policy", "put", name, "bench", "--file", policy, "--data", self.data)

    def credentials(self):
        """(id, secret) of each user."""
        for i in range(self.USERS):
            words = dict(line.split(" = ", 1) for line in (self.folder / f"bench-{i}.credentials").read_text().splitlines()
                         if " = " in line)
            yield words["aws_access_key_id"], words["aws_secret_access_key"]

    def memory_mib(self):
        """VmRSS less RssFile, of all its processes."""
        kib = 0
        for process in family(self.process.pid):
            fields = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
            kib += int(fields["VmRSS"].split()[0]) - int(fields["RssFile"].split()[0])
        return kib / 1024
