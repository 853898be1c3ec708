"""slow clients: heads and bodies by the byte, replies that nobody reads; what the good ones notice"""

import multiprocessing
import socket

import client
from proof import House, good_p99, kib, make_good, settle, trusting, UNBOUNDED

SLOW = 1300    # of each of the three kinds; all of them from one address
READS = 400
EACH = 1       # second between two bytes of a slow one
TURNS = 20     # in this time; in each, one that was cut off comes again
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
MORE = "connections = 20000\n"


def a_head(_key):
    return HEAD, b"x"


def a_body(_key):
    return (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
            b"X-Amz-Target: secretsmanager.GetSecretValue\r\nContent-Length: 60000\r\n\r\n" + b" " * 2000), b" "


def a_reader(key):
    """Asks for 60 KB again and again, and reads none of it."""
    return client.letter(key, "GetSecretValue", {"SecretId": "long"}) * 5, b""


KINDS = {"slow heads": a_head, "slow bodies": a_body, "slow readers": a_reader}


class Slow:
    """So many connections of a kind, in a process of their own, until told to end."""

    def __init__(self, house, kind, count):
        self.mine, theirs = multiprocessing.Pipe()
        key = client.Key(house.folder / "reader.credentials")
        self.process = multiprocessing.Process(target=self.run, args=(house, KINDS[kind], key, count, theirs), daemon=True)
        self.process.start()

    @staticmethod
    def connect(context, port):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(60)
        plain.connect(("127.0.0.1", port))
        return context.wrap_socket(plain, server_hostname="localhost")

    @classmethod
    def begin(cls, context, port, first):
        connection = cls.connect(context, port)
        connection.sendall(first)
        connection.settimeout(0.2)
        return connection

    @classmethod
    def run(cls, house, kind, key, count, pipe):
        """Who is cut off comes again, one at a time."""
        context, (first, piece) = trusting(house), kind(key)
        held, opened = [cls.begin(context, house.port, first) for _ in range(count)], count
        pipe.send(None)
        turn = 0
        while not pipe.poll(EACH / TURNS):  # a part of them at a time: not all in one burst
            turn += 1
            gone = {one for one in held[turn % TURNS::TURNS] if not cls.goes_on(one, piece)}
            held = [one for one in held if one not in gone]
            if len(held) < count:
                held.append(cls.begin(context, house.port, first))
                opened += 1
        pipe.send((opened, len(held)))

    @staticmethod
    def goes_on(connection, piece):
        """Is the server still willing?"""
        try:
            connection.sendall(piece)
            return True
        except OSError:
            return False

    def ready(self):
        self.mine.recv()

    def end(self):
        """(opened, held at the end)"""
        self.mine.send(None)
        told = self.mine.recv()
        self.process.join()
        return told


def prove(proof):
    count = proof.many(SLOW, 200)
    with House("prove") as house:
        house.init()
        house.start(*settle(house, UNBOUNDED + MORE))
        key = make_good(house)
        c = client.Client(house.port, house.ca)
        status, _ = c.ask(client.Key(house.folder / "reader.credentials"), "CreateSecret",
                          {"Name": "long", "SecretString": "x" * 60_000, "ClientRequestToken": "2" * 32})
        c.drop()
        proof.gate("it is set up", status == 200)
        before, rest = good_p99(house, key, READS), kib(house.server.pid, "VmRSS")
        slow = {kind: Slow(house, kind, count) for kind in KINDS}
        during, most = watch(house, key, slow)
        left = {kind: one.end() for kind, one in slow.items()}
        after = good_p99(house, key, READS)
        house.end()
    for kind, (opened, there) in left.items():
        proof.figure(f"{kind}: at once, opened in all, held at the end", f"{count:,}, {opened:,}, {there:,}")
    proof.figure("p99 of a good client in ms: before, during, after", f"{before:.2f}, {during:.2f}, {after:.2f}")
    proof.figure("memory of the server in MiB: before, the most", f"{rest / 1024:.0f}, {most / 1024:.0f}")
    proof.gate("p99 of a good client less than twice what it is without them", during < 2 * max(before, after))
    proof.gate("memory grows by less than 100 MiB", (most - rest) / 1024 < 100)


def watch(house, key, slow):
    """(p99 while all of them are there, the most memory)"""
    for one in slow.values():
        one.ready()
    during = good_p99(house, key, READS)
    return during, kib(house.server.pid, "VmHWM")
