#!/usr/bin/env python3
"""The wire cases of HTTP, TLS and the connection, against a server: run.py SERVER [CASE...]

A file of cases/ says the status that is expected, then the bytes to send: line by line, with \\r, \\n and \\xNN spelt
out (a line's own end counts for nothing). Each is sent whole, byte by byte, and over TLS.
"""
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = b"Host: localhost\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
warnings.simplefilter("ignore", DeprecationWarning)  # of the old TLS versions that are refused here
LONG = 20  # seconds that nothing here should ever take


class Server:
    def __init__(self, program, folder, *options):
        self.folder = folder
        self.certify("one")
        self.process = subprocess.Popen([program, folder + "/cert.pem", folder + "/key.pem", *options],
                                        stdout=subprocess.PIPE, text=True, env={**os.environ, "UBSAN_OPTIONS": "halt_on_error=1"})
        self.port = {}
        for _ in range(5 if "--proxied" in options else 2):
            name, port = self.process.stdout.readline().split()
            self.port[name] = int(port)

    def certify(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", self.folder + "/key.pem", "-out", self.folder + "/cert.pem", "-subj", "/CN=" + name,
                        "-addext", "subjectAltName=DNS:localhost"], check=True, stderr=subprocess.DEVNULL)
        os.chmod(self.folder + "/key.pem", 0o600)

    def plain(self):
        connection = socket.create_connection(("127.0.0.1", self.port["plain"]), timeout=LONG)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def context(self, **limits):
        context = ssl.create_default_context(cafile=self.folder + "/cert.pem")
        for name, version in limits.items():
            setattr(context, name, version)
        return context

    def tls(self, context=None, session=None):
        connection = socket.create_connection(("127.0.0.1", self.port["tls"]), timeout=LONG)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return (context or self.context()).wrap_socket(connection, server_hostname="localhost", session=session)

    def through(self, name, header, context=None, split=False):
        """A connection as a balancer opens it: the header, then (but to proxied-plain) TLS."""
        connection = socket.create_connection(("127.0.0.1", self.port[name]), timeout=LONG)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if split:
            send_bytes(connection, header)
        else:
            connection.sendall(header)
        return connection if name == "proxied-plain" else (context or self.context()).wrap_socket(connection, server_hostname="localhost")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        said = self.process.stdout.read()
        assert self.process.wait(LONG) == 0, "exit %d" % self.process.returncode
        return said


class Reply:
    """One reply, read from a connection; `rest` is what came behind it."""

    def __init__(self, connection, rest=b""):
        while b"\r\n\r\n" not in rest:
            piece = connection.recv(65536)
            if not piece:
                raise EOFError(rest)
            rest += piece
        head, rest = rest.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        length = int(self.headers.get("content-length", 0)) if self.status != 100 else 0
        while len(rest) < length:
            piece = connection.recv(65536)
            if not piece:
                raise EOFError(rest)
            rest += piece
        self.body, self.rest = rest[:length], rest[length:]


def ended(connection):
    """The peer closes; nothing more comes."""
    while True:
        try:
            piece = connection.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return True
        if not piece:
            return True
        raise AssertionError("more came: %r" % piece[:60])


def case(path):
    with open(path, encoding="ascii") as file:
        status, *lines = file.read().split("\n")
    return int(status), "".join(lines).encode("ascii").decode("unicode_escape").encode("latin-1")


def send_bytes(connection, wire):
    try:
        for i in range(len(wire)):
            connection.send(wire[i:i + 1])
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before the end: allowed


def check_case(server, name):
    status, wire = case(os.path.join(HERE, "cases", name))
    for connect, send in ((server.plain, lambda c: c.sendall(wire)), (server.plain, lambda c: send_bytes(c, wire)),
                          (server.tls, lambda c: c.sendall(wire))):
        with connect() as connection:
            send(connection)
            reply = Reply(connection)
            assert reply.status == status, "%d instead of %d" % (reply.status, status)
            if status != 200:
                assert reply.headers["connection"] == "close"
                assert ended(connection)
    return 3


def keeps_alive_and_answers_in_order(server):
    with server.tls() as c:
        for i in range(50):
            body = b"n%d" % i
            c.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            assert Reply(c).body == body


def answers_pipelined_requests(server):
    for connect in (server.plain, server.tls):
        with connect() as c:
            wire = b"".join(b"POST %s HTTP/1.1\r\n%sContent-Length: 3\r\n\r\n%03d" %
                            (b"/park" if i % 3 == 0 else b"/echo", HOST, i) for i in range(40))
            c.sendall(wire)
            rest = b""
            for i in range(40):
                reply = Reply(c, rest)
                rest = reply.rest
                assert reply.body == b"%03d" % i, reply.body
            assert rest == b""


def answers_what_was_parked(server):
    def one():
        with server.tls() as c:
            for _ in range(20):
                c.sendall(b"POST /park HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nhere")
                assert Reply(c).body == b"here"
    run_many(one, 8)


def run_many(one, count):
    faults = []

    def guarded():
        try:
            one()
        except Exception as fault:  # pylint: disable=broad-except
            faults.append(fault)
    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def frees_a_parked_request_whose_peer_has_gone(server):
    for _ in range(20):
        c = server.plain()
        c.sendall(b"POST /park HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nhere")
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        c.close()
    with server.plain() as c:
        c.sendall(GET)
        assert Reply(c).status == 200


def continues_when_asked(server):
    with server.tls() as c:
        c.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert Reply(c).status == 100
        c.sendall(b"body")
        assert Reply(c).body == b"body"


def refuses_from_the_head(server):
    with server.tls() as c:
        c.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"x-amz-content-sha256: wrong\r\nContent-Length: 1000000\r\n\r\n")
        assert Reply(c).status == 403
        assert ended(c)


def takes_a_long_body_and_gives_it_back(server):
    body = bytes(range(256)) * 4096
    for connect in (server.plain, server.tls):
        with connect() as c:
            c.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            assert Reply(c).body == body
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 7777]), body[i:i + 7777])
                              for i in range(0, len(body), 7777))
            c.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
            assert Reply(c).body == body


def waits_for_a_slow_reader(server):
    with server.tls() as c:
        c.sendall(b"GET /big HTTP/1.1\r\n" + HOST + b"\r\n" + GET)
        with server.tls() as other:  # the loop serves others meanwhile
            other.sendall(GET)
            assert Reply(other).status == 200
        reply = Reply(c)
        assert len(reply.body) == 1 << 20
        assert Reply(c, reply.rest).status == 200


def puts_a_refusal_in_the_place_of_what_was_not_recorded(server):
    with server.tls() as c:
        c.sendall(b"GET /unrecorded HTTP/1.1\r\n" + HOST + b"\r\n")
        assert Reply(c).status == 503
        c.sendall(GET)
        assert Reply(c).status == 200


def closes_when_asked(server):
    for connect in (server.plain, server.tls):
        with connect() as c:
            c.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n" + GET)
            assert Reply(c).headers["connection"] == "close"
            assert ended(c)


def answers_a_half_closed_connection(server):
    with server.plain() as c:
        c.sendall(GET)
        c.shutdown(socket.SHUT_WR)
        assert Reply(c).status == 200
        assert ended(c)


def sends_no_body_to_a_head(server):
    with server.plain() as c:
        c.sendall(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n")
        c.sendall(GET)
        received = b""
        while received.count(b"HTTP/1.1 200") < 2:
            received += c.recv(65536)
        assert b"\r\n\r\nHTTP/1.1 200" in received


def speaks_tls_1_3_and_1_2_and_nothing_older(server):
    for version, name in ((ssl.TLSVersion.TLSv1_3, b"TLSv1.3"), (ssl.TLSVersion.TLSv1_2, b"TLSv1.2")):
        with server.tls(server.context(minimum_version=version, maximum_version=version)) as c:
            c.sendall(b"GET /tls HTTP/1.1\r\n" + HOST + b"\r\n")
            assert Reply(c).body == name
            assert c.compression() is None
    old = server.context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    weak = server.context(maximum_version=ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers("AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA")
    for context in (old, weak):
        try:
            server.tls(context).close()
        except ssl.SSLError:
            continue
        raise AssertionError("was accepted")


def resumes_by_ticket(server):
    for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        context = server.context(minimum_version=version, maximum_version=version)
        with server.tls(context) as c:
            c.sendall(GET)
            Reply(c)
            session = c.session
        assert session.has_ticket
        with server.tls(context, session) as c:
            assert c.session_reused
            c.sendall(GET)
            assert Reply(c).status == 200


def says_what_garbage_deserves(server):
    with socket.create_connection(("127.0.0.1", server.port["tls"]), timeout=LONG) as c:
        c.sendall(GET)
        assert ended_or_alert(c)
    with server.plain() as c:
        c.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert Reply(c).status == 400


def ended_or_alert(connection):
    try:
        piece = connection.recv(100)
    except ConnectionResetError:
        return True
    return piece == b"" or piece[0] == 21


def reloads_the_certificate(server):
    before = server.tls()
    context = server.context()
    server.certify("two")
    server.process.send_signal(signal.SIGHUP)
    assert server.process.stdout.readline() == "reloaded\n"
    with server.tls() as c:
        assert ("commonName", "two") in [pair for rdn in c.getpeercert()["subject"] for pair in rdn]
    before.sendall(GET)
    assert Reply(before).status == 200
    before.close()
    try:
        server.tls(context).close()
    except ssl.SSLCertVerificationError:
        pass
    else:
        raise AssertionError("the old certificate is still shown")
    with open(server.folder + "/cert.pem", "a+", encoding="ascii") as file:
        file.seek(0)
        text = file.read()
        file.truncate(0)
        file.write("nonsense")
    server.process.send_signal(signal.SIGHUP)
    assert server.process.stdout.readline() == "tls.certificate\n"
    with open(server.folder + "/cert.pem", "w", encoding="ascii") as file:
        file.write(text)
    with server.tls() as c:
        c.sendall(GET)
        assert Reply(c).status == 200


def closes_who_is_slow(server):
    """Limits of one second: an unfinished handshake and an idle connection end, a slow head or body is told 408."""
    with socket.create_connection(("127.0.0.1", server.port["tls"]), timeout=LONG) as c:
        assert ended(c)
    with server.tls() as c:
        c.sendall(b"GET / HTTP/1.1\r\n")
        assert Reply(c).status == 408
        assert ended(c)
    with server.plain() as c:
        c.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\nabc")
        assert Reply(c).status == 408
        assert ended(c)
    with server.plain() as c:
        c.sendall(GET)
        assert Reply(c).status == 200
        assert ended(c)


def closes_the_slowest_body_at_the_ceiling(server):
    """1 MiB for all, a sixteenth (64 KiB) per address: the second unfinished body of this address is one too many."""
    head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 60000\r\n\r\n"
    with server.plain() as slow, server.plain() as fast:
        slow.sendall(head + b"a" * 5000)
        fast.sendall(head + b"a" * 30000)
        replies = []
        for c in (slow, fast):
            c.settimeout(0.5)
            try:
                replies.append(Reply(c).status)
            except TimeoutError:
                replies.append(None)
        assert replies.count(503) == 1, replies
        other = (slow, fast)[replies.index(None)]
        other.settimeout(LONG)
        other.sendall(b"a" * (55000 if other is slow else 30000))
        assert len(Reply(other).body) == 60000


PROXY = b"\r\n\r\n\0\r\nQUIT\n"
FOR_4 = PROXY + b"\x21\x11\0\x0c" + bytes([203, 0, 113, 7, 127, 0, 0, 1, 0xd4, 0x31, 0x20, 0xfb])
FOR_6 = PROXY + b"\x21\x21\0\x24" + bytes.fromhex("20010db8" + "00" * 11 + "07" + "00" * 15 + "01" + "d43120fb")
ITSELF = PROXY + b"\x20\0\0\0"
PEER = b"GET /peer HTTP/1.1\r\nX-Forwarded-For: 198.51.100.9\r\nForwarded: for=198.51.100.9\r\n" + HOST + b"\r\n"


def believes_a_proxy_whom_it_speaks_for(server):
    besides = b"\x20\0\x08" + b"\x01\0\0\0\0abc"  # a TLV: what the client's TLS was
    long = FOR_4[:14] + bytes([len(FOR_4) - 16 + 11 >> 8, len(FOR_4) - 16 + 11 & 255]) + FOR_4[16:] + besides
    for name in ("proxied", "proxied-plain"):
        for header, peer in ((FOR_4, b"203.0.113.7"), (FOR_6, b"2001:db8::7"), (ITSELF, b"127.0.0.1"), (long, b"203.0.113.7")):
            for split in (False, True):
                with server.through(name, header, split=split) as c:
                    for _ in range(3):
                        c.sendall(PEER)
                        assert Reply(c).body == peer, (name, header, split)
    with socket.create_connection(("127.0.0.1", server.port["proxied-plain"]), timeout=LONG) as c:
        c.sendall(FOR_4 + PEER + PEER)  # in one piece with what is behind it
        first = Reply(c)
        assert first.body == Reply(c, first.rest).body == b"203.0.113.7"


def takes_tls_in_one_piece_with_the_header(server):
    """As a balancer does that has waited for the client's first bytes."""
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = server.context().wrap_bio(inside, outside, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", server.port["proxied"]), timeout=LONG) as c:
        header = FOR_6
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                c.sendall(header + outside.read())
                header = b""
                inside.write(c.recv(65536))
        tls.write(PEER)
        c.sendall(outside.read())
        answer = b""
        while b"2001:db8::7" not in answer:
            try:
                answer += tls.read(65536)
            except ssl.SSLWantReadError:
                inside.write(c.recv(65536))


def believes_nobody_else(server):
    def refused(connect):
        try:
            with connect() as c:
                c.sendall(PEER)
                return ended(c)
        except (ConnectionError, ssl.SSLError, OSError):
            return True

    hello = server.tls  # a listener that is not marked takes no header: it is no TLS
    assert refused(lambda: server.through("closed", FOR_4))
    for name in ("proxied", "proxied-plain"):
        assert refused(lambda n=name: server.through(n, b""))  # a client who comes himself
        for header in (b"PROXY TCP4 203.0.113.7 127.0.0.1 54321 8443\r\n", FOR_4 + FOR_6, PROXY + b"\x21\x12\0\x0c" + FOR_4[16:],
                       PROXY + b"\x21\0\0\0", PROXY + b"\x21\x11\xff\xff" + FOR_4[16:], PROXY + b"\x11\x11\0\x0c" + FOR_4[16:]):
            if header == FOR_4 + FOR_6 and name == "proxied-plain":
                continue  # the second is the request there, and answered with 400
            assert refused(lambda n=name, h=header: server.through(n, h)), (name, header)
    with server.plain() as c:
        c.sendall(FOR_4 + PEER)
        assert Reply(c).status == 400
    with hello() as c:
        c.sendall(PEER)
        assert Reply(c).body == b"127.0.0.1"


def closes_a_proxy_that_is_slow(server):
    with socket.create_connection(("127.0.0.1", server.port["proxied"]), timeout=LONG) as c:
        c.sendall(FOR_4[:20])
        assert ended(c)


def ends_cleanly(server):
    idle = server.tls()
    busy = server.tls()
    busy.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nbo")
    idle.sendall(GET)
    Reply(idle)
    server.process.send_signal(signal.SIGTERM)
    assert ended(idle)
    busy.sendall(b"dy")
    reply = Reply(busy)
    assert reply.body == b"body" and reply.headers["connection"] == "close"
    assert ended(busy)
    assert server.process.wait(LONG) == 0
    assert server.process.stdout.read() == "cut 0\n"


USUAL = [keeps_alive_and_answers_in_order, answers_pipelined_requests, answers_what_was_parked,
         frees_a_parked_request_whose_peer_has_gone, continues_when_asked, refuses_from_the_head,
         takes_a_long_body_and_gives_it_back, waits_for_a_slow_reader,
         puts_a_refusal_in_the_place_of_what_was_not_recorded, closes_when_asked, answers_a_half_closed_connection,
         sends_no_body_to_a_head, speaks_tls_1_3_and_1_2_and_nothing_older, resumes_by_ticket,
         says_what_garbage_deserves, reloads_the_certificate]
PROXIED = [believes_a_proxy_whom_it_speaks_for, takes_tls_in_one_piece_with_the_header, believes_nobody_else]
QUICK = [closes_who_is_slow, closes_the_slowest_body_at_the_ceiling]


def main():
    program, wanted = sys.argv[1], sys.argv[2:]
    passed, failed = 0, 0

    def attempt(name, what, *arguments):
        nonlocal passed, failed
        if wanted and name not in wanted:
            return
        try:
            what(*arguments)
            passed += 1
        except Exception as fault:  # pylint: disable=broad-except
            failed += 1
            print("FAILED %s: %s: %s" % (name, type(fault).__name__, fault))

    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, folder, "--threads", "2")
        for name in sorted(os.listdir(os.path.join(HERE, "cases"))):
            attempt(name, check_case, server, name)
        for what in USUAL:
            attempt(what.__name__, what, server)
        server.end()
        server = Server(program, folder, "--threads", "2", "--proxied")
        for what in PROXIED:
            attempt(what.__name__, what, server)
        server.end()
        server = Server(program, folder, "--quick", "--proxied")
        for what in [*QUICK, closes_a_proxy_that_is_slow]:
            attempt(what.__name__, what, server)
        server.end()
        server = Server(program, folder)
        attempt("ends_cleanly", ends_cleanly, server)
        server.process.kill()
        server.process.wait()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
