"""a full disk under the store: reads go on, changes are refused for now, all heals, nothing is lost"""

import subprocess
from collections import Counter

from proof import ALL, House, Mounted, settle, teller, UNBOUNDED

DISK, BALLAST = 48 << 20, 20 << 20  # Coffer takes 16 MiB of space ahead
VALUE = "v" * 60_000
MOST = 2000  # changes that the disk never takes


class Disk:
    """An ext4 as the store's folder; some of it is given free later."""

    def __init__(self, house):
        self.house, self.image = house, house.folder / "disk"
        self.image.touch()
        subprocess.run(["truncate", "-s", str(DISK), self.image], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", self.image], check=True)
        self.mounted = Mounted(house.data / "store", "-o", "loop", self.image)

    def __enter__(self):
        self.mounted.__enter__()
        self.ballast = self.mounted.folder / "ballast"
        self.ballast.write_bytes(b"\1" * BALLAST)
        return self

    def __exit__(self, *what):
        self.mounted.__exit__(*what)

    def free(self):
        self.ballast.unlink()


class Client:
    """Writes what it numbers, and knows what was acknowledged."""

    def __init__(self, house, key):
        self.house, self.key, self.number, self.kept, self.refusals = house, key, 0, {}, Counter()
        self.open()

    def open(self):
        self.asker = teller(self.house, self.key)

    def change(self):
        """Was it acknowledged?"""
        self.number += 1
        name, value = f"r6/{self.number}", f"{self.number:08}{VALUE}"
        status, reply = self.asker.tell("CreateSecret", Name=name, SecretString=value, ClientRequestToken=f"{self.number:032}")
        if status == 200:
            self.kept[name] = value
        else:
            self.refusals[f"{status} {reply.get('__type')}"] += 1
        return status == 200

    def read(self):
        """(read as they were, tried)"""
        right = 0
        for name, value in self.kept.items():
            status, reply = self.asker.tell("GetSecretValue", SecretId=name)
            right += status == 200 and reply["SecretString"] == value
        return right, len(self.kept)


def fill(client, after):
    """Until it is refused, and so many times after that."""
    for _ in range(MOST):
        if not client.change():
            break
    return sum(client.change() for _ in range(after))


def again(house, client):
    house.server.kill()
    house.server.wait()
    seconds = house.start(*settle(house, UNBOUNDED))
    client.open()
    return seconds


def full(proof, house, disk, client):
    late = fill(client, proof.many(200, 50))
    read = client.read()
    proof.figure("disk, of which given free later", f"{DISK >> 20} MiB, {BALLAST >> 20} MiB")
    proof.figure("changes acknowledged until the disk was full", len(client.kept))
    proof.figure("refusals then", ", ".join(f"{what} {n}" for what, n in client.refusals.items()))
    proof.figure("acknowledged in between", late)
    proof.figure("read while full", f"{read[0]} of {read[1]}")
    started = again(house, client)
    read_again = client.read()
    proof.figure("killed and started on the full disk", f"{started * 1000:.0f} ms, read {read_again[0]} of {read_again[1]}")
    disk.free()
    healed = sum(client.change() for _ in range(20))
    proof.figure("changes acknowledged of 20, with room again", healed)
    again(house, client)
    at_last = client.read()
    proof.figure("read after another kill", f"{at_last[0]} of {at_last[1]}")
    proof.gate("reads while full: 100 %", read[0] == read[1] and read_again[0] == read_again[1])
    proof.gate("each refusal is a 5xx, which clients repeat", client.refusals and all(what[0] == "5" for what in client.refusals))
    proof.gate("it heals by itself", healed == 20)
    proof.gate("0 acknowledged changes lost", at_last[0] == at_last[1])


def prove(proof):
    with House("prove") as house:
        house.init()
        with Disk(house) as disk:
            house.start(*settle(house, UNBOUNDED))
            full(proof, house, disk, Client(house, house.make_user("writer", ALL)))
            house.end()
