"""a full disk under the journal: no secret is read without its record"""

import time
from collections import Counter

from proof import ALL, House, Mounted, records, settle, teller, UNBOUNDED

MOST = 20_000  # reads that 1 MiB of journal never takes


def fill(asker, after):
    """Reads until one is refused, and so many after that. (ids of those answered, what refusals there were)"""
    answered, refusals, left = [], Counter(), after
    for _ in range(MOST):
        status, reply = asker.tell("GetSecretValue", SecretId="one")
        if status == 200:
            answered.append(asker.id_of_reply)
        else:
            refusals[f"{status} {reply.get('__type')}"] += 1
            left -= 1
        if left == 0:
            break
    return answered, refusals


def change(asker, number):
    return asker.tell("CreateSecret", Name=f"r7/{number}", SecretString="x", ClientRequestToken=f"{number:032}")[0]


def journalled(house):
    return {record.get("requestID") for record in records(house)}


def full(proof, house, mounted, key, audit):
    asker = teller(house, key)
    changes = Counter(change(asker, number) for number in range(20))
    answered, refusals = fill(asker, proof.many(500, 100))
    told = journalled(house)
    untold = sum(one not in told for one in answered)
    proof.figure(f"{audit}: changes without a reserve", ", ".join(f"{status} {n}" for status, n in changes.items()))
    proof.figure(f"{audit}: reads answered until the journal was full", len(answered))
    proof.figure(f"{audit}: refusals then", ", ".join(f"{what} {n}" for what, n in refusals.items()))
    proof.figure(f"{audit}: reads answered without a record", untold)
    mounted.remount("size=200m")
    healed = 0
    for number in range(100, 140):
        healed += change(asker, number) == 200
        if not healed:
            time.sleep(0.2)  # it looks for room once a second
    proof.figure(f"{audit}: changes acknowledged of 40, with room again", healed)
    house.server.kill()
    house.server.wait()
    told = journalled(house)
    lost = sum(one not in told for one in answered)
    code, said = house.verify()
    proof.gate(f"{audit}: 0 reads without a record, also after a kill", untold == lost == 0 < len(answered))
    proof.gate(f"{audit}: what cannot be recorded is refused with a 5xx", refusals and all(what[0] == "5" for what in refusals))
    proof.gate(f"{audit}: it heals by itself, and the journal is whole", healed > 0 and code == 0)


def prove(proof):
    for audit in ("written", "strict"):
        with House("prove") as house:
            house.init()
            house.start()
            key = house.make_user("reader", ALL)
            asker = teller(house, key)
            asker.tell("CreateSecret", Name="one", SecretString="x", ClientRequestToken="1" * 32)
            asker.close()
            house.end()
            (house.data / "journal/next.journal").unlink(missing_ok=True)
            with Mounted(house.data / "journal", "-t", "tmpfs", "-o", "size=1m", "none") as mounted:
                house.start("--audit", audit, *settle(house, UNBOUNDED))
                full(proof, house, mounted, key, audit)
