"""behind: shows from what the shim wrote down that nothing was acknowledged before the disk had it.

LMDB's commit is: pages written, fdatasync, then the meta page through a descriptor that waits for the disk (O_DSYNC). Each
acknowledged write must have a whole commit between the last byte of its request and the first byte of its reply."""

import bisect
import struct
from dataclasses import dataclass

ROOM = 1 << 20  # SHIM_ROOM
WRITE, SYNC, RECV, SEND = 1, 2, 3, 4
STORE, JOURNAL, DSYNC = 1, 2, 4
EVENT = struct.Struct("<QQBBHI")
HEAD = struct.Struct("<QQ")


@dataclass(frozen=True)
class Event:
    """One call: when it began and ended, what it was, on what, and whose."""
    begun: int
    ended: int
    kind: int
    file: int
    port: int


def read(path):
    """The events, in the order of their beginnings."""
    with open(path, "rb") as log:
        _, count = HEAD.unpack(log.read(HEAD.size))
        if count > ROOM:
            raise ValueError("the shim's room was too small: events were lost")
        body = log.read(count * EVENT.size)
    return sorted((Event(*fields[:5]) for fields in EVENT.iter_unpack(body)), key=lambda event: event.begun)


def commits(events):
    """(begin of the first page's write, end of the meta page's) of each finished commit; the committer is one thread."""
    found, pages, synced = [], None, None
    for event in events:
        if event.file & STORE == 0:
            continue
        if event.kind == SYNC:
            synced = event
        elif event.kind == WRITE and event.file & DSYNC == 0:
            pages, synced = (event if pages is None or synced else pages), None
        elif event.kind == WRITE and pages and synced and pages.ended < synced.begun and synced.ended < event.begun:
            found.append((pages.begun, event.ended))
            pages = synced = None
    return found


def exchanges(events):
    """By port: (end of the last receiving, begin of the first sending) of each request and reply, handshakes among them."""
    found, last = {}, {}
    for event in events:
        if event.kind == RECV:
            last[event.port] = event
        elif event.kind == SEND and event.port in last:
            found.setdefault(event.port, []).append((last.pop(event.port).ended, event.begun))
    return found


def journal_syncs(events):
    """(begin of a record's write, end of the first sync that began after it)."""
    found, waiting = [], []
    for event in (event for event in events if event.file & JOURNAL):
        if event.kind == WRITE:
            waiting.append(event)
        elif event.kind == SYNC:
            found += [(write.begun, event.ended) for write in waiting if write.ended < event.begun]
            waiting = [write for write in waiting if write.ended >= event.begun]
    return found


class Within:
    """Is one of these (begin, end) wholly within a stretch of time?"""

    def __init__(self, spans):
        self.spans = sorted(spans)

    def __call__(self, begin, end):
        at = bisect.bisect_right(self.spans, (begin, 0))
        return any(span[1] < end for span in self.spans[at:at + 256])


@dataclass
class Verdict:
    """Of how many answers what was not true."""
    writes: int = 0       # acknowledged
    uncommitted: int = 0  # without a whole commit between request and reply
    answers: int = 0      # also of reads
    unwritten: int = 0    # whose record was not written before
    unsynced: int = 0     # whose record was not synced before

    def add(self, one, committed, written, synced):
        self.answers += 1
        self.unwritten += not written
        self.unsynced += not synced
        if one.writes and one.acknowledged:
            self.writes += 1
            self.uncommitted += not committed


def judge(path, asked):
    """Holds all answers against what the shim wrote down."""
    events, verdict = read(path), Verdict()
    by_port = exchanges(events)
    committed, synced = Within(commits(events)), Within(journal_syncs(events))
    written = Within((event.begun, event.ended) for event in events if event.kind == WRITE and event.file & JOURNAL)
    for port in {one.port for one in asked}:
        mine = [one for one in asked if one.port == port and one.answered]
        # The first request may have come together with the end of the handshake, whose tickets are no reply.
        for one, span in list(zip(mine, by_port.get(port, [])[-len(mine):]))[1:]:
            verdict.add(one, committed(*span), written(*span), synced(*span))
    return verdict
