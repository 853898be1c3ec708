"""measure: one run of bench/load against one server."""

import json
import subprocess

from servers import BUILT, CLIENT_CORE, SERVER_CORE, core_busy, cpu_seconds

LOAD = BUILT / "bench" / "load"


class Client:
    """A bench/load that is connected and waits for its signal."""

    def __init__(self, server, requests, *options):
        self.line = ""
        self.process = subprocess.Popen([LOAD, "--to", server.to, "--requests", requests, "--core", str(CLIENT_CORE),
                                         "--hold", *map(str, options)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            self.process.wait()
            raise RuntimeError("bench/load could not connect")

    def go(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def wait(self):
        self.line = self.process.stdout.readline()

    def result(self):
        if not self.line:
            self.wait()
        self.process.communicate()
        if not self.line:
            raise RuntimeError("bench/load gave no result")
        return json.loads(self.line)


def measure(server, requests, *options):
    """The client's own figures, and CPU time of the server per answered request, in microseconds."""
    client = Client(server, requests, *options)
    before, busy = cpu_seconds(server.process.pid), core_busy()
    client.go()
    client.wait()
    after, busy_after = cpu_seconds(server.process.pid), core_busy()
    result = client.result()
    threads = {name: after[name] - before.get(name, 0) for name in after}
    result["threads"] = {name: round(used, 2) for name, used in threads.items() if used > 0.005}
    result["cpu_us"] = sum(threads.values()) / max(1, result["answered"]) * 1e6
    result["server_core"] = (busy_after[SERVER_CORE] - busy[SERVER_CORE]) / result["seconds"]
    result["client_core"] = (busy_after[CLIENT_CORE] - busy[CLIENT_CORE]) / result["seconds"]
    return result
