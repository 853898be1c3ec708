"""scan: what is looked for, in which spellings, and where."""

import base64
import pathlib
import re
import secrets
import string
import subprocess

CHUNK = 8 << 20
PAGE = bytes(4096)
DIGITS = string.ascii_letters + string.digits
EDGE = 12  # of a mark: its first and last bytes, alike in all marks of a run


def spellings(raw):
    """The raw bytes as they stand, in hex, in base64 at each of three alignments, and in UTF-16."""
    found = {"raw": raw, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode()}
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw)
        # what the neighbours have a share in, is not looked for
        found[f"base64+{before}"] = text[-(-before * 8 // 6):(before + len(raw)) * 8 // 6]
    if raw.isascii():
        found["utf-16le"], found["utf-16be"] = raw.decode().encode("utf-16-le"), raw.decode().encode("utf-16-be")
    return found


class Marks:
    """Marks that are planted: EDGE bytes, a number, EDGE other bytes. A search for the two edges finds each of them, also
    half overwritten; the number tells which it was."""

    def __init__(self):
        self.head, self.tail = ("".join(secrets.choice(DIGITS) for _ in range(EDGE)) for _ in range(2))
        self.what = []

    def make(self, what):
        self.what.append(what)
        return f"{self.head}{len(self.what) - 1:08d}{self.tail}"

    def needles(self):
        return [(f"a mark's {part}, {how}", needle) for part, edge in (("head", self.head), ("tail", self.tail))
                for how, needle in spellings(edge.encode()).items()]

    def name(self, around):
        """What was planted with the number near a hit, if it can be read there."""
        number = re.search(re.escape(self.head.encode()) + rb"(\d{8})", around) or \
            re.search(rb"(\d{8})" + re.escape(self.tail.encode()), around)
        return self.what[int(number[1])] if number and int(number[1]) < len(self.what) else "which one cannot be told"


def needles_of(name, raw):
    """Both halves of something that was not planted, but is known."""
    half = len(raw) // 2
    return [(f"{name} ({part} half, {how})", needle) for part, piece in (("first", raw[:half]), ("second", raw[half:]))
            for how, needle in spellings(piece).items()]


def check_spellings():
    """A search that finds nothing has to be one that would find."""
    raw = b"spell me"
    for before in range(4):
        whole = b"\1" * before + raw + b"\2\3"
        for how, text in (("raw", whole), ("hex", whole.hex().encode()), ("base64", base64.b64encode(whole)),
                          ("utf-16", whole.decode().encode("utf-16-le"))):
            if not any(needle in text for needle in spellings(raw).values()):
                raise SystemExit(f"leak: the search does not find {how} behind {before} bytes")


def dense(data):
    """Without pages of zeros, of which memory is full: nothing that is looked for holds one."""
    pages = (data[at:at + len(PAGE)] for at in range(0, len(data), len(PAGE)))
    return b"".join(page for page in pages if page != PAGE)


def search(data, needles, marks, where, hits):
    data = dense(data)
    for name, needle in needles:
        at = data.find(needle)
        while at >= 0:
            about = marks.name(data[max(0, at - 64):at + 64]) if name.startswith("a mark") else ""
            hits.append((where, name, about))
            at = data.find(needle, at + 1)


def search_file(path, needles, marks, where, hits):
    with open(path, "rb") as file:
        before = b""
        while piece := file.read(CHUNK):
            search(before + piece, needles, marks, where, hits)
            before = piece[-4096:] if len(piece) == CHUNK else b""


def search_folder(folder, needles, marks, hits):
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            search_file(path, needles, marks, f"file {path.relative_to(folder.parent)}", hits)
            count += 1
    return count


def mappings(pid):
    """(from, to, what, region): region for the sensitive one in its fallback form (locked, not dumped, wiped on fork)."""
    text = pathlib.Path(f"/proc/{pid}/smaps").read_text()
    for head, rest in re.findall(r"^([0-9a-f]+-[0-9a-f]+ .*)\n((?:[A-Z].*\n)*)", text, re.M):
        fields = head.split(None, 5)
        begin, end = (int(x, 16) for x in fields[0].split("-"))
        flags = re.search(r"VmFlags: (.*)", rest)[1].split()
        yield begin, end, fields[1], fields[5] if len(fields) > 5 else "", {"lo", "dd", "wf"} <= set(flags)


def search_memory(pid, needles, marks, hits, hits_in_region):
    """All that root reads. (bytes read, bytes of sensitive regions that the kernel did not show). Files of the data
    folder are searched as files."""
    read = hidden = 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, mode, what, region in mappings(pid):
            if mode[0] != "r" or what.endswith("data.mdb") or what == "[vvar]" or what == "[vsyscall]":
                continue
            at, before = begin, b""
            while at < end:
                memory.seek(at)
                try:
                    piece = memory.read(min(CHUNK, end - at))
                except OSError:
                    piece = b""
                if not piece:
                    hidden += end - at if "secretmem" in what else 0
                    break
                search(before + piece, needles, marks, f"memory {what or 'heap or stack'} {mode}",
                       hits_in_region if region else hits)
                read += len(piece)
                at, before = at + len(piece), piece[-4096:]
    return read, hidden


def core(pid, folder):
    """A core dump of the running process."""
    done = subprocess.run(["gcore", "-o", str(folder / "core"), str(pid)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    path = folder / f"core.{pid}"
    if not path.exists():
        raise SystemExit(f"leak: gcore made no core dump: {done.stdout[-400:]}{done.stderr[-400:]}")
    return path
