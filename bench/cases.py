"""cases: what is measured, each against its yardstick. A case takes the frame (bench/run) and returns figures."""

import os
import random
import shutil
import statistics
import subprocess
import time
import uuid

import sign
import spent
from measure import Client, measure
from servers import BUILT, CLIENT_CORE, TOP, Coffer, family

TOOLS = BUILT / "bench"
SECRETS, REQUESTS, CONNECTIONS, BATCH = 10_000, 20_000, 64, 20
VALUE = "v" * 130  # with name, ARN, version and stage this makes a reply body of about 400 bytes


def name_of(number):
    return f"bench/secret-{number:07}"


def median(results, what):
    return statistics.median(r[what] for r in results)


def figures(name, coffer, yardstick, ratio, goal):
    return {"name": name, "coffer": round(coffer, 3), "yardstick": round(yardstick, 3), "ratio": round(ratio, 3), "goal": goal}


def signed(server, operation, bodies, users=Coffer.USERS):
    """Requests signed now, by the server's access keys in turn."""
    keys = [sign.Key(*pair) for pair in server.credentials()][:users]
    for i, body in enumerate(bodies):
        yield sign.request(keys[i % len(keys)], f"localhost:{server.port}", operation, body)


def reads(frame, server, secrets, users=Coffer.USERS):
    """The file of distinct GetSecretValue requests, uniform over the secrets."""
    chosen = (random.randrange(secrets) for _ in range(REQUESTS))
    return frame.requests("get", signed(server, "GetSecretValue", ({"SecretId": name_of(n)} for n in chosen), users))


def puts(frame, server, how_many, secret_of):
    bodies = ({"SecretId": name_of(secret_of(i)), "ClientRequestToken": str(uuid.uuid4()), "SecretString": VALUE}
              for i in range(how_many))
    return frame.requests("put", signed(server, "PutSecretValue", bodies))


def coffer(frame, folder="coffer", secrets=SECRETS):
    """A new Coffer that holds so many secrets, put there in process before it starts."""
    server = Coffer(frame.folder / folder, frame.certificate, frame.key).begin()
    server.stop()
    fill(server, secrets)
    return server.begin()


def fill(server, secrets):
    subprocess.run([TOOLS / "fill", server.data, server.key_file, "0", str(secrets)], check=True, stdin=subprocess.DEVNULL)


def reading(frame, server, secrets, *options):
    """A measurement that signs anew each time, since a signature holds for minutes only."""
    return lambda: measure(server, reads(frame, server, secrets), "--seconds", frame.seconds, *options)


def show_spent(frame, server, cpu_us, run):
    """Once more under perf, to say which part of the house takes how much."""
    if shutil.which("perf") is None:
        frame.say("  perf is missing: where the time goes is not shown")
        return
    sampler = spent.record(family(server.process.pid), frame.folder / "samples")
    run()
    sampler.terminate()
    sampler.wait()
    parts = spent.spent(frame.folder / "samples", server.program)
    total = sum(n for _, n in parts)
    frame.say("  of which   " + ("unknown: perf may not look here" if total == 0 else "") + ", ".join(f"{part} {cpu_us * n / total:.2f} us" for part, n in parts))


def against_nginx(frame, name, goal, *options):
    with coffer(frame) as server:
        size = measure(server, reads(frame, server, SECRETS), "--count", 1000, "--seconds", 5)["reply_bytes"]
        with frame.nginx(size) as nginx:
            ours, theirs = frame.in_turn(
                ("coffer", reading(frame, server, SECRETS, *options)),
                ("nginx", lambda: measure(nginx, frame.folder / "get.requests", "--seconds", frame.seconds, *options)))
        show_spent(frame, server, median(ours, "cpu_us"), reading(frame, server, SECRETS, *options))
    ours, theirs = median(ours, "cpu_us"), median(theirs, "cpu_us")
    return figures(name, ours, theirs, theirs / ours, goal)


def get_secret_tls(frame):
    """CPU us of a GetSecretValue over TLS, keep-alive, against nginx's constant reply of the same size."""
    return against_nginx(frame, "get-secret-tls", 0.75)


def tls_full(frame):
    """CPU us of a new TLS connection (full handshake, one request), against nginx."""
    return against_nginx(frame, "tls-full", 0.9, "--fresh")


def tls_resumed(frame):
    """CPU us of a resumed TLS connection (one request), against nginx."""
    return against_nginx(frame, "tls-resumed", 0.9, "--fresh", "--resume")


def get_secret_1e6(frame):
    """CPU us of a GetSecretValue at 1,000,000 secrets, against 1,000 secrets."""
    with coffer(frame, "few", 1000) as few, frame.million() as many:
        large, small = frame.in_turn(("1e6", reading(frame, many, frame.MILLION)), ("1e3", reading(frame, few, 1000)))
    large, small = median(large, "cpu_us"), median(small, "cpu_us")
    return figures("get-secret-1e6", large, small, small / large, 0.85)


def start_1e6(frame):
    """Seconds until a server with 1,000,000 secrets answers, against 1 s."""
    starts = []
    for _ in range(frame.rounds):
        with frame.million() as server:
            starts.append(server.start_seconds)
        frame.say(f"  started in {starts[-1]:.3f} s")
    took = statistics.median(starts)
    return figures("start-1e6", took, 1, 1 / took, 1)


def memory_1e6(frame):
    """MiB of VmRSS less RssFile after reading at 1,000,000 secrets, against 64 MiB."""
    with frame.million() as server:
        reading(frame, server, frame.MILLION)()
        used = server.memory_mib()
    return figures("memory-1e6", used, 64, 64 / used, 1)


LISTS = {
    "none": {},
    "name prefix": {"Filters": [{"Key": "name", "Values": [name_of(500)[:-2]]}]},  # 100 of them
    "wide prefix": {"Filters": [{"Key": "name", "Values": ["bench/"]}]},
    "by name, down": {"SortBy": "name", "SortOrder": "desc"},
    "newest first": {"SortOrder": "desc"},
    "last changed": {"SortBy": "last-changed-date", "SortOrder": "desc"},
    "last accessed": {"SortBy": "last-accessed-date"},
    "3 tagged": {"Filters": [{"Key": "tag-key", "Values": ["rare"]}, {"Key": "tag-value", "Values": ["yes"]}]},
    "half tagged": {"Filters": [{"Key": "tag-key", "Values": ["half"]}]},
}


def list_1e6(frame):
    """CPU us of a ListSecrets page of 100 at 1,000,000 secrets, against 1,000: the worst of several filters and orders."""
    def listing(server, body):
        return lambda: measure(server, frame.requests("list", signed(server, "ListSecrets", [body] * 2000)), "--seconds", frame.seconds)

    worst = None
    with coffer(frame, "few", 1000) as few, frame.million() as many:
        for name, body in LISTS.items():
            frame.say(f"  {name}")
            large, small = frame.in_turn(("1e6", listing(many, body)), ("1e3", listing(few, body)))
            if any(r["failed"] for r in large + small):
                frame.failed = True
            large, small = median(large, "cpu_us"), median(small, "cpu_us")
            frame.say(f"  {name}: {large:.0f} us against {small:.0f} us, ratio {small / large:.3f}")
            if worst is None or small / large < worst[0]:
                worst = small / large, large, small
    return figures("list-1e6", worst[1], worst[2], worst[0], 0.7)


def batch_get(frame):
    """Secrets a second by BatchGetSecretValue of 20, against 20 GetSecretValue."""
    def batches():
        chosen = ([name_of(n) for n in random.sample(range(SECRETS), BATCH)] for _ in range(REQUESTS // BATCH))
        return frame.requests("batch", signed(server, "BatchGetSecretValue", ({"SecretIdList": ids} for ids in chosen)))

    with coffer(frame) as server:
        measure(server, reads(frame, server, SECRETS), "--seconds", 1, "--connections", CONNECTIONS)
        together, alone = frame.in_turn(
            ("batches", lambda: measure(server, batches(), "--seconds", frame.seconds, "--connections", CONNECTIONS)),
            ("alone", reading(frame, server, SECRETS, "--connections", CONNECTIONS)))
    if any(r["failed"] for r in together + alone):
        frame.failed = True
    secrets, one = BATCH * median(together, "per_second"), median(alone, "per_second")
    return figures("batch-get", secrets, one, secrets / one, 4)


def put_run(frame, server, secret_of):
    how_many = int(30_000 * frame.seconds) + 10_000
    result = measure(server, puts(frame, server, how_many, secret_of), "--count", how_many, "--seconds", frame.seconds)
    if result["failed"]:
        frame.say(f"  {result['failed']} puts FAILED")
    return result


def put_recorded(frame, folder):
    """A round of puts over 10,000 secrets with its batches recorded, then the same batches on bare LMDB."""
    shutil.rmtree(frame.folder / folder, ignore_errors=True)
    coffer(frame, folder).stop()
    record, before = frame.folder / "record", frame.folder / "before"
    record.unlink(missing_ok=True)
    shutil.rmtree(before, ignore_errors=True)
    server = Coffer(frame.folder / folder, frame.certificate, frame.key)
    subprocess.run(["cp", "-a", "--sparse=always", server.data, before], check=True)
    with server.begin(LD_PRELOAD=str(TOOLS / "librecord.so"), COFFER_BENCH_RECORD=str(record)):
        result = put_run(frame, server, lambda _: random.randrange(SECRETS))
    store = next(before.rglob("data.mdb")).parent
    bare = frame.tool([TOOLS / "replay", store, record])
    result["bare_per_second"] = result["answered"] / bare["seconds"]
    frame.say(f"  replayed    {result['bare_per_second']:9.0f} a second on bare LMDB; {bare['transactions']} transactions, "
              f"{bare['puts']} rows put, {bare['deletes']} dropped, {bare['seconds']} s")
    return result


def put_durable(frame):
    """Durable PutSecretValue a second, 64 clients, against bare LMDB replaying the very batches."""
    results, = frame.in_turn(("coffer", lambda: put_recorded(frame, "durable")))
    ours, bare = median(results, "per_second"), median(results, "bare_per_second")
    return figures("put-durable", ours, bare, ours / bare, 0.70)


def put_hot(frame):
    """PutSecretValue a second with all clients on one secret, against uniform over 10,000."""
    with coffer(frame) as server:
        hot, uniform = frame.in_turn(("hot", lambda: put_run(frame, server, lambda _: 0)),
                                     ("uniform", lambda: put_run(frame, server, lambda _: random.randrange(SECRETS))))
    if any(r["failed"] for r in hot):
        frame.failed = True
    hot, uniform = median(hot, "per_second"), median(uniform, "per_second")
    return figures("put-hot", hot, uniform, hot / uniform, 0.5)


def fairness(frame):
    """p99 us of one principal with four connections at 200 a second: while another sends all it can, against alone."""
    quiet_options = ("--connections", 4, "--rate", 200, "--seconds", frame.seconds, "--first")

    def alone():
        return measure(server, reads(frame, server, SECRETS, users=1), *quiet_options)

    def beside():
        keys = [sign.Key(*pair) for pair in server.credentials()]
        loud = frame.requests("loud", (sign.request(keys[1], f"localhost:{server.port}", "GetSecretValue",
                                                    {"SecretId": name_of(n)}) for n in range(SECRETS)))
        other = Client(server, loud, "--seconds", frame.seconds + 2)
        other.go()
        result = alone()
        other.result()
        return result

    with coffer(frame) as server:
        quiet, crowded = frame.in_turn(("alone", alone), ("beside", beside))
    quiet, crowded = median(quiet, "p99_us"), median(crowded, "p99_us")
    return figures("fairness", crowded, quiet, quiet / crowded, 0.5)


def took_ms(command, environment):
    """From the start of a process to its end, in milliseconds; what it wrote."""
    read, write = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_CLOSE, write), (os.POSIX_SPAWN_CLOSE, read)]
    begun = time.perf_counter()
    pid = os.posix_spawn(command[0], command, environment, file_actions=actions)
    os.close(write)
    with open(read, "rb") as out:
        said = out.read()
    status = os.waitpid(pid, 0)[1]
    spent_ms = (time.perf_counter() - begun) * 1000
    if status != 0 or VALUE.encode() not in said:
        raise RuntimeError(f"{command[0]} ended with {status}: {said[:200]}")
    return spent_ms


def cli_get(frame):
    """Milliseconds of `coffer get`, from the start of the process to the value, TLS included, against curl --aws-sigv4."""
    name = "bench/cli"
    with Coffer(frame.folder / "coffer", frame.certificate, frame.key).begin() as server:
        key_id, secret = next(server.credentials())
        url = f"https://localhost:{server.port}"
        environment = {"PATH": os.environ["PATH"], "HOME": str(frame.folder), "AWS_ENDPOINT_URL": url, "AWS_REGION": server.REGION,
                       "AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_CA_BUNDLE": str(frame.certificate)}
        server.run("put", name, "--file", "-", input=VALUE, env=environment)
        ours = [str(server.program), "get", name]
        theirs = [shutil.which("curl"), "-qsS", "--cacert", str(frame.certificate), "--user", f"{key_id}:{secret}",
                  "--aws-sigv4", f"aws:amz:{server.REGION}:secretsmanager", "-H", "X-Amz-Target: secretsmanager.GetSecretValue",
                  "-H", "Content-Type: application/x-amz-json-1.1", "-d", f'{{"SecretId":"{name}"}}', f"{url}/"]
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {CLIENT_CORE})
        pairs = [(took_ms(ours, environment), took_ms(theirs, environment)) for _ in range(int(20 * frame.rounds * frame.seconds))]
        os.sched_setaffinity(0, cores)
    ours, theirs = (statistics.median(one) for one in zip(*pairs))
    frame.say(f"  {len(pairs)} of each in turn: coffer get {ours:.2f} ms, curl {theirs:.2f} ms")
    return figures("cli-get", ours, theirs, theirs / ours, 1)


def policy_decision(frame):
    """One decision over 10 policies of 10 statements each against one SHA-256 of 1,024 bytes, in nanoseconds, in turn in one process."""
    rounds = [frame.tool([TOOLS / "policy"]) for _ in range(frame.rounds)]
    kinds = {kind: [statistics.median(r[kind][what] for r in rounds) for what in ("decision_ns", "sha256_ns")] for kind in rounds[0]}
    words = {"mixed": "over ten services", "named": "all about the one service", "all": "each matching but for its last condition"}
    for kind, (ours, theirs) in kinds.items():
        frame.say(f"  statements {words[kind]}: {ours:.0f} ns, SHA-256 {theirs:.0f} ns, ratio {theirs / ours:.2f}")
    ours, theirs = kinds["mixed"]
    return figures("policy-decision", ours, theirs, theirs / ours, 0.6)


def self_check(frame):
    """nginx against nginx: what the harness itself adds or loses."""
    key = sign.Key("AKIDEXAMPLE", "x")
    requests = frame.requests("get", (sign.request(key, "localhost", "GetSecretValue", {"SecretId": name_of(i)})
                                      for i in range(REQUESTS)))
    with frame.nginx(700) as first, frame.nginx(700) as second:
        one, two = frame.in_turn(("one", lambda: measure(first, requests, "--seconds", frame.seconds)),
                                 ("another", lambda: measure(second, requests, "--seconds", frame.seconds)))
    one, two = median(one, "cpu_us"), median(two, "cpu_us")
    return figures("self-check", one, two, two / one, 0.95)


CASES = {
    "get-secret-tls": get_secret_tls,
    "get-secret-1e6": get_secret_1e6,
    "put-durable": put_durable,
    "put-hot": put_hot,
    "start-1e6": start_1e6,
    "list-1e6": list_1e6,
    "memory-1e6": memory_1e6,
    "tls-full": tls_full,
    "tls-resumed": tls_resumed,
    "batch-get": batch_get,
    "fairness": fairness,
    "cli-get": cli_get,
    "policy-decision": policy_decision,
    "self-check": self_check,
}
