"""everything written: a marked secret is in no file, log, reply of a refusal, metric or argument"""

import json
import random
import time

import client
import leaks
import scan
from proof import ALL, House

SEED = 18
REST = 0.2      # seconds after the last reply
PATIENCE = 1.5  # seconds: of what was cut off in the middle the server waits for the rest
AT_ONCE = 100


class Spoiler:
    """Requests that carry a mark and are spoilt in one place."""

    def __init__(self, key, marks):
        self.key, self.mark, self.random = key, marks.make("malformed request"), random.Random(SEED)

    def letter(self):
        body = {"SecretId": "one", "SecretString": self.mark, "ClientRequestToken": "3" * 32}
        raw = bytearray(client.letter(self.key, "PutSecretValue", json.dumps(body).encode()))
        how, at = self.random.randrange(5), self.random.randrange(len(raw))
        if how == 0:
            raw[at] ^= 1 << self.random.randrange(8)
        elif how == 1:
            raw[at:at] = self.random.randbytes(self.random.randrange(1, 9))
        elif how == 2:
            del raw[at:at + self.random.randrange(1, 9)]
        elif how == 3:
            raw[at:at + 4] = self.random.randbytes(4)
        else:
            del raw[at:]
        return bytes(raw)


def send(house, spoiler, count):
    """So many of them at once, each over a connection of its own; the replies, of which some may be none. Who is refused
    often is answered late."""
    connections, replies = [], []
    for _ in range(count):
        connections.append(client.Client(house.port, house.ca).connect())
        connections[-1].sendall(spoiler.letter())
    until = time.monotonic() + PATIENCE
    for connection in connections:
        connection.settimeout(max(0.01, until - time.monotonic()))
        try:
            replies.append(connection.recv(65536))
        except OSError:
            replies.append(b"")
        connection.close()
    return replies


def malformed(proof):
    count, marks, hits = proof.many(10_000, 300), scan.Marks(), []
    with House("prove") as house:
        house.init()
        config = house.folder / "coffer.conf"
        config.write_text("handshakes_per_second = 0\nconnections_per_address = 0\n")
        house.start("--config", config)
        house.make_user("writer", ALL)
        spoiler = Spoiler(client.Key(house.folder / "writer.credentials"), marks)
        answered = 0
        for _ in range(count // AT_ONCE):
            replies = send(house, spoiler, AT_ONCE)
            answered += sum(map(bool, replies))
            scan.search(b"".join(replies), marks.needles(), marks, "reply", hits)
        time.sleep(REST)
        scan.search_memory(house.server.pid, marks.needles(), marks, hits, hits)
        alive = house.server.poll() is None
        house.end()
        scan.search_file(house.log, marks.needles(), marks, "log", hits)
        files = scan.search_folder(house.data, marks.needles(), marks, hits)
    proof.figure("seed", SEED)
    proof.figure("malformed requests, of which answered", f"{count:,}, {answered:,}")
    proof.figure("hits in their replies, the log, memory and files", f"{len(hits)} ({files} files)")
    for hit in sorted(set(map(str, hits)))[:10]:
        print(f"   {hit}")
    proof.gate("0 hits after them, and the server is there", not hits and alive)


def prove(proof):
    leaks.tell(proof, ("file", "log", "reply", "said", "proc"))
    malformed(proof)
