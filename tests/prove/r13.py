"""many idle TLS connections: bytes of each, and what the others notice"""

import resource
import socket
import ssl
import subprocess
import sys
import time

from proof import House, good_p99, kib, make_good, settle, trusting, UNBOUNDED

MOST, SPARE = 9500, 300  # connections; descriptors for all else
READS = 400

# A server that has OpenSSL's part of a connection and nothing else: the yardstick. Python frees idle buffers as we do.
YARDSTICK = """
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0), backlog=100)
print(listener.getsockname()[1], flush=True)
held = []
while True:
    plain = listener.accept()[0]
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = context.wrap_socket(plain, server_side=True)
    connection.recv(100)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
    held.append(connection)
"""
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect(context, port, count):
    """So many connections, each of which asked for something once."""
    held = []
    for _ in range(count):
        connection = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20), server_hostname="localhost")
        connection.sendall(GET)
        connection.recv(4096)
        held.append(connection)
    return held


def close(held):
    for connection in held:
        connection.close()


def bytes_each(pid, context, port, count):
    """What `count` more connections take, each; and the connections."""
    first = connect(context, port, 100)  # what is taken once, is taken
    before = kib(pid, "VmRSS")
    held = connect(context, port, count)
    time.sleep(1.5)  # an idle connection gives back what it can within a second
    return (kib(pid, "VmRSS") - before) * 1024 / count, first + held


def yardstick(house, context, count):
    with subprocess.Popen([sys.executable, "-c", YARDSTICK, house.data / "tls/server.pem", house.data / "tls/server.key"],
                          stdout=subprocess.PIPE, text=True) as other:
        try:
            each, held = bytes_each(other.pid, context, int(other.stdout.readline()), count)
            close(held)
        finally:
            other.kill()
    return each


def prove(proof):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(proof.many(MOST, 1000), hard - SPARE)
    with House("prove") as house:
        house.init()
        house.start(*settle(house, UNBOUNDED + "connections = 20000\nidle_seconds = 3600\n"))
        key, context = make_good(house), trusting(house)
        before = good_p99(house, key, READS)
        begun = time.monotonic()
        each, held = bytes_each(house.server.pid, context, house.port, count)
        seconds = time.monotonic() - begun
        during = good_p99(house, key, READS)
        there = sum(alive(connection) for connection in held[::50])
        close(held)
        after = good_p99(house, key, READS)
        openssl = yardstick(house, context, min(count, 1000))
        house.end()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    proof.figure("idle connections, opened in", f"{count:,}, {seconds:.0f} s")
    proof.figure("bytes of each in the server", round(each))
    proof.figure("bytes of each in a server that has OpenSSL's part alone", round(openssl))
    proof.figure("p99 of a good client in ms: before, during, after", f"{before:.2f}, {during:.2f}, {after:.2f}")
    proof.gate("all are held and answer", there == len(held[::50]))
    proof.gate("no more than 20 KiB of each beyond OpenSSL's", each - openssl <= 20 << 10)
    proof.gate("p99 of a good client less than twice what it is without them", during < 2 * max(before, after))


def alive(connection):
    try:
        connection.sendall(GET)
        return connection.recv(4096).startswith(b"HTTP/1.1 ")
    except (OSError, ssl.SSLError):
        return False
