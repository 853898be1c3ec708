"""kill -9 at random moments of a load: nothing acknowledged is lost"""

from proof import number, run


def prove(proof):
    kills = proof.many(300, 10)
    code, said = run("crash/run", "--kills", kills)
    done, lost, corrupt = (number(rf"(?m)^{name}: (\d+)$", said) for name in ("kills", "acknowledged writes lost", "corrupt"))
    p99 = number(r"reopened in ms: p50 \d+, p99 (\d+)", said)
    for name in ("kills", "kills while opening", "acknowledged writes", "unacknowledged writes in flight"):
        proof.figure(name, number(rf"(?m)^{name}: (\d+)$", said))
    proof.figure("acknowledged writes lost", lost)
    proof.figure("corrupt", corrupt)
    proof.figure("reopened in ms, p99", p99)
    proof.gate("0 lost, 0 corrupt, and every check around the kills passed", code == 0 and (done, lost, corrupt) == (kills, 0, 0))
    proof.gate("reopened in less than 200 ms (p99)", 0 <= p99 < 200)
    if code != 0:
        print(said[-2000:])
