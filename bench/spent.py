"""spent: where a server's CPU time goes, by the part of the house that spent it or had it spent.

A sample belongs to the innermost frame of ours that is not a helper's (base, codec, crypto): what OpenSSL, the C library
and the kernel do, they do for somebody; but what the kernel does for net/ are sockets, not TLS. perf samples the CPU clock, since a virtual machine may have no counters.
"""

import collections
import re
import subprocess

HELPERS = ("base/", "codec/", "crypto/")
PARTS = (  # first match names the part
    ("net/tls", "TLS"), ("net/stream", "TLS"), ("net/http", "HTTP"), ("net/", "sockets and loop"), ("llhttp.c", "HTTP"), ("api.c", "HTTP"),
    ("sigv4/", "signature"), ("wire/aws/auth", "signature"), ("wire/shape", "JSON and shapes"), ("wire/", "wire"),
    ("core/policy", "policy"), ("core/authorise", "policy"), ("core/identity", "identity"), ("core/audit", "audit"),
    ("core/record", "records"), ("core/", "operations"), ("keeper/", "keeper"), ("store/", "store"), ("server/", "server"),
)
FREQUENCY = 1997


def record(pids, data):
    """Begins to sample processes; terminate() of the result ends it."""
    return subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", str(FREQUENCY), "--call-graph", "dwarf,16384",
                             "-p", ",".join(map(str, pids)), "-o", str(data)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def samples(data):
    """Yields the stack of each sample, innermost first, as (address within its file, file), and whether the kernel ran."""
    text = subprocess.run(["perf", "script", "-i", str(data), "--no-inline", "-F", "comm,ip,sym,dso"],
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout
    stack = []
    for line in text.splitlines() + [""]:
        frame = re.match(r"\s+([0-9a-f]+) .* \(([^()]*)\)$", line)
        if frame:
            stack.append((int(frame.group(1), 16), frame.group(2)))
        elif stack:
            yield stack, stack[0][1].startswith("[")
            stack = []


def places(program, addresses):
    """The source file, as 'folder/file.c', of each address of the program; of the function that others are inlined in."""
    text = subprocess.run(["addr2line", "-a", "-i", "-e", program], input="\n".join(map(hex, addresses)),
                          capture_output=True, text=True).stdout
    found, address = {}, None
    for line in text.splitlines():
        if line.startswith("0x"):
            address = int(line, 16)
        else:
            at = line.rfind("/src/")
            found[address] = line[at + 5 if at >= 0 else line.rfind("/") + 1:].split(":")[0]
    return found


def part_of(stack, in_kernel):
    ours = [place for place in stack if place and not place.startswith("?")]
    for place in [p for p in ours if not p.startswith(HELPERS)] or ours:
        if in_kernel and place.startswith("net/"):
            return "sockets and loop"
        for beginning, part in PARTS:
            if place.startswith(beginning):
                return part
        return place
    return "elsewhere"


def spent(data, program):
    """Counts of samples by part, most first."""
    program = str(program.resolve())
    stacks = [([address for address, file in stack if file == program], in_kernel) for stack, in_kernel in samples(data)]
    where = places(program, {address for stack, _ in stacks for address in stack})
    return collections.Counter(part_of([where.get(address) for address in stack], in_kernel)
                               for stack, in_kernel in stacks).most_common()
