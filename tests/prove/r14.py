"""hostile JSON: what 1 MiB of it costs, from those who are known and from those who are not"""

import json

import client
from proof import ALL, House, cpu_ms, forget_peak, kib, settle, UNBOUNDED

BODY = 1 << 20  # the longest that is read


def padded(begin, piece, end):
    """`piece` as often as it fits; a string fills what is left."""
    n = (BODY - len(begin) - len(end) - 12) // len(piece)
    whole = begin + piece * n + end
    return whole[:-1] + b',"z":"' + b"x" * (BODY - len(whole) - 7) + b'"}'


def numbered():
    """Different names, as many as fit."""
    pieces, size, number = [], 0, 0
    while size < BODY - 64:
        pieces.append(b'"%x":0,' % number)
        size, number = size + len(pieces[-1]), number + 1
    return padded(b"{" + b"".join(pieces)[:-1], b" ", b"}")


SHAPES = {
    "flat": padded(b'{"SecretId":"one","a":"', b"x", b'"}'),
    "deep": padded(b'{"SecretId":"one","a":', b"[", b"}"),
    "deep objects": padded(b'{"SecretId":"one","a":', b'{"a":', b"}"),
    "wide": numbered(),
    "the same name": padded(b"{", b'"SecretId":"one",', b'"a":0}'),
    "empty objects": padded(b'{"SecretId":"one","a":[', b"{},", b"0]}"),
    "empty lists": padded(b'{"SecretId":"one","a":[', b"[],", b"0]}"),
    "escapes": padded(b'{"SecretId":"one","a":"', b"\\u0041", b'"}'),
    "numbers": padded(b'{"SecretId":"one","a":[', b"1e9,", b"0]}"),
    "garbage": b"\xff" * BODY,
}


class Sender:
    """Sends one shape again and again, and looks at the server meanwhile."""

    def __init__(self, house, key):
        self.house, self.key, self.pid = house, key, house.server.pid
        c = client.Client(house.port, house.ca)
        self.once(c, b"{}", True)
        c.drop()
        self.rest = kib(self.pid, "VmRSS")

    def once(self, c, body, known):
        """(status, error)"""
        more = {} if known else {"authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/"
                                 f"secretsmanager/aws4_request, SignedHeaders=host, Signature={'0' * 64}"}
        status, said = c.send(client.letter(self.key if known else None, "GetSecretValue", body, **more))
        reply = said.partition(b"\r\n")[2].strip()
        return status, json.loads(reply).get("__type", "").rpartition("#")[2] if reply else ""

    def send(self, c, body, known):
        """(status and error, CPU ms, the most memory in bodies, since before the first of all)"""
        forget_peak(self.pid)
        begun = cpu_ms(self.pid)
        said = self.once(c, body, known)
        return said, cpu_ms(self.pid) - begun, (kib(self.pid, "VmHWM") - self.rest) * 1024 / BODY

    def rounds(self, count, known):
        """By shape: what was said, the least CPU ms, the most memory; in turn, so that other programs trouble all alike."""
        c, results = client.Client(self.house.port, self.house.ca), {name: [] for name in SHAPES}
        for number in range(count + 1):
            for name, body in SHAPES.items():
                result = self.send(c, body, known)
                results[name] += [result] if number else []  # the first round is not counted
        c.drop()
        return {name: ({said for said, _, _ in of}, min(ms for _, ms, _ in of), max(factor for _, _, factor in of))
                for name, of in results.items()}


def tell(proof, who, results):
    for shape, (seen, ms, factor) in results.items():
        said = ", ".join(f"{status} {error}" for status, error in sorted(seen))
        proof.figure(f"{who}: {shape}", f"{ms:.1f} ms, {factor:.2f} of the body, {said}")


def measured(house, key, count, known):
    """The rounds, against a server that has just started and has one worker: so that what it keeps for the next request is
    counted, and once."""
    house.start("--workers", "1", *settle(house, UNBOUNDED))
    results = Sender(house, key).rounds(count, known)
    house.end()
    return results


def prove(proof):
    with House("prove") as house:
        house.init()
        house.start()
        house.make_user("reader", ALL)
        house.end()
        key, count = client.Key(house.folder / "reader.credentials"), proof.many(12, 3)
        known, unknown = (measured(house, key, count, who) for who in (True, False))
    proof.figure("each shape's body", f"{BODY >> 20} MiB, {count} times: the least CPU time, the most memory")
    tell(proof, "known", known)
    tell(proof, "unknown", unknown)
    own = max(ms for _, ms, _ in known.values()) - known["garbage"][1]
    proof.figure("the most CPU time that is JSON's own (above garbage, which ends at its first byte)", f"{own:.1f} ms")
    proof.gate("memory: no more than 2 times the body", max(f for _, _, f in [*known.values(), *unknown.values()]) <= 2)
    proof.gate("CPU: JSON's own is no more than 5 ms for 1 MiB", own <= 5)
    proof.gate("unknown: each shape gets the same answer, about who asks", len({frozenset(seen) for seen, _, _ in unknown.values()}) == 1
               and not any("Serialization" in error for seen, _, _ in unknown.values() for _, error in seen))
    proof.gate("unknown: no shape costs twice what 1 MiB of one string does (it is not parsed)",
               max(ms for _, ms, _ in unknown.values()) <= 2 * max(1, unknown["flat"][1]))
