"""leaks: one run of tests/leak for the two figures that read it."""

import functools
import re

from proof import run


@functools.cache
def looked(quick):
    """(exit, what tests/leak said)."""
    return run("leak/run", *(["--no-control"] if quick else []))


def hits(said, kind):
    """(form of memory, hits) of each line about a kind of place."""
    found = []
    for line in said.splitlines():
        told = re.match(rf"(ok   |FAIL:) (memfd_secret|fallback) \(.*?\): {re.escape(kind)}: (\d+) hits", line)
        if told:
            found.append((told[2], int(told[3])))
    return found


def tell(proof, kinds):
    """A figure for each kind of place, and the gate."""
    code, said = looked(proof.quick)
    if proof.quick:
        print("   (--quick: without the build that leaks on purpose)")
    for line in re.findall(r"(?m)^== (.*)$", said):
        proof.figure("searched", line)
    sums = {kind: hits(said, kind) for kind in kinds}
    for kind, found in sums.items():
        proof.figure(f"hits in: {kind}", ", ".join(f"{count} ({form})" for form, count in found) or "not said")
    proof.gate("0 hits in all of them, under both forms of memory",
               all(len(found) == 2 and not any(count for _, count in found) for found in sums.values()))
    proof.gate("the search finds what a leaking build leaves" if not proof.quick else "every request went as it should", code == 0)
    if code != 0:
        print(said[-2000:])
