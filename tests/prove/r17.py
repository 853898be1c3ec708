"""memory after use: a marked secret is nowhere in the server's or the command line's"""

import leaks
from proof import run


def prove(proof):
    leaks.tell(proof, ("memory", "core", "values inside the region, after use"))
    code, said = run("program/run", "test_client_leaves_no_secret_where_it_could_be_read")
    proof.gate("the command line, stopped half way through `get` and `put`: 0 hits in memory, arguments, environment",
               code == 0 and "1 passed, 0 failed" in said)
    if code != 0:
        print(said[-1000:])
