"""malformed HTTP and smuggling: nothing ambiguous is accepted, and nothing behind it is heard"""

import itertools
import random
import socket
import sys
import tempfile

from proof import HERE, built, number, run

SEED = 15
LONG = 20  # seconds
INSIDE = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

# Pairs of which one alone may be right: what a request's end is, or whom it is for, would depend on the reader.
LENGTHS = (b"Content-Length: %d", b"content-length:%d", b"Content-Length: %d ", b"CONTENT-LENGTH:\t%d")
OTHERS = (b"Content-Length: 0", b"Content-Length: +5", b"Content-Length: 5, 5", b"Content-Length: 0x5", b"Content-Length:",
          b"Content-Length: 5 5", b"Content-Length: -1", b"Content-Length: 99999999999999999999",
          b"Transfer-Encoding: chunked", b"transfer-encoding:chunked", b"Transfer-Encoding: identity",
          b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding:\tchunked",
          b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding : chunked", b"Transfer_Encoding: chunked\r\nContent-Length: 1",
          b"Transfer-Encoding\x00: chunked", b"X: y\r\n Transfer-Encoding: chunked", b"X: y\rTransfer-Encoding: chunked",
          b"X: y\nTransfer-Encoding: chunked", b"Content-Length\x00: 5", b"Content-Length : 5", b"Host: elsewhere",
          b"Host:", b"X-Y: a\x00b", b"\x01X: y", b": empty", b"no colon")
TARGETS = (b"/", b"/a", b"/.")


def requests():
    """Each pair in both orders, for each spelling and each target, with a request where a body would be."""
    for length, other, target, first in itertools.product(LENGTHS, OTHERS, TARGETS, (True, False)):
        pair = (length % len(INSIDE), other)
        lines = pair if first else pair[::-1]
        yield b"POST %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n%s" % (target, b"\r\n".join(lines), INSIDE)


def replies(port, wire):
    """The statuses of all that is answered until the peer closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=LONG) as connection:
        got = b""
        try:
            connection.sendall(wire)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                got += piece
        except ConnectionError:
            pass
    return [int(part.split(b" ", 1)[0]) for part in got.split(b"HTTP/1.1 ")[1:]]


def smuggled(proof, server):
    wires = list(requests())
    random.Random(SEED).shuffle(wires)
    wires = wires[:proof.many(len(wires), 200)]
    accepted, twice, silent = [], [], []
    for wire in wires:
        got = replies(server.port["plain"], wire)
        accepted += [wire] if any(status < 300 for status in got) else []
        twice += [wire] if len(got) > 1 else []
        silent += [wire] if not got else []
    proof.figure("ambiguous requests sent", len(wires))
    proof.figure("accepted", len(accepted))
    proof.figure("of which the part behind was answered, too", len(twice))
    proof.figure("closed without a word", len(silent))
    for wire in (accepted + twice)[:5]:
        print(f"   {wire!r}")
    proof.gate("0 accepted, 0 smuggled", not accepted and not twice)


def prove(proof):
    code, said = run("wire/http/run.py", built("tests/wire/http/http_test_server"))
    corpus = list((HERE.parent / "wire/http/cases").iterdir())
    refused = sum(not path.read_text().startswith("200") for path in corpus)
    proof.figure("corpus: requests, of which to be refused", f"{len(corpus)}, {refused}; each whole, byte by byte, and over TLS")
    proof.figure("checks of them and of the connection", number(r"(\d+) passed", said))
    proof.gate("each is answered as it should be", code == 0)
    if code != 0:
        print(said[-2000:])
    sys.path.insert(0, str(HERE.parent / "wire/http"))
    from run import Server  # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory(prefix="coffer-prove.") as folder:
        server = Server(built("tests/wire/http/http_test_server"), folder)
        try:
            smuggled(proof, server)
        finally:
            server.process.terminate()
            server.process.wait(LONG)
