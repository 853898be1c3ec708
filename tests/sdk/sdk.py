"""sdk: tries each client with each operation and each kind of case, and with cases of its own."""

import argparse
import json
import subprocess
import sys
import threading
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import cases  # noqa: E402
import cases_assume  # noqa: E402, F401
import cases_batch  # noqa: E402, F401
import cases_iam  # noqa: E402, F401
import cases_lists  # noqa: E402, F401
import cases_password  # noqa: E402, F401
import cases_policy  # noqa: E402, F401
import cases_roles  # noqa: E402, F401
import cases_sts  # noqa: E402, F401
import cases_tags  # noqa: E402, F401
import cases_versions  # noqa: E402, F401
import model  # noqa: E402
from clients import CLIENTS, MORE, PATIENCE, Boto3, Cli, Helper, Key, build_skew  # noqa: E402
from support.house import ACCOUNT, REGION, Failed, House, clean_up_when_told_to_end  # noqa: E402


def allow(action, resource="*", effect="Allow"):
    return {"Effect": effect, "Action": action, "Resource": resource}


def make_keys(house, kinds):
    """Everybody who asks."""
    everything = allow("secretsmanager:*")
    narrow = [f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:sdk/narrow/{client.name}-??????" for client in kinds]
    keys = {"operator": house.make_user("operator", everything), "stranger": house.make_user("stranger"),
            "federator": house.make_user("federator", everything, allow(["sts:GetFederationToken", "sts:TagSession"])),
            "barred": house.make_user("barred", everything, allow("secretsmanager:Get*", effect="Deny")),
            "narrow": house.make_user("narrow", allow("secretsmanager:GetSecretValue", narrow)),
            "disabled": house.make_user("limited", everything), "deleted": house.make_key("limited", "deleted"),
            "root": house.keys("root"), "deleted user": house.make_user("leaver", everything), "unknown": ("AKIA" + "Z" * 16, "z" * 40)}
    house.user("key", "disable", "limited", keys["disabled"][0])
    house.user("key", "delete", "limited", keys["deleted"][0])
    for words in (("policy", "delete", "leaver", "only"), ("key", "delete", "leaver", keys["deleted user"][0]),
                  ("delete", "leaver")):
        house.user(*words)
    return {name: Key(*pair) for name, pair in keys.items()} | {"abroad": Key(*keys["operator"], region=cases.ABROAD)}


class Tally:
    """What passed and what failed, from all threads."""

    def __init__(self):
        self.passed = self.failed = 0
        self.lock = threading.Lock()

    def note(self, label, wrong=None):
        with self.lock:
            if wrong is None:
                self.passed += 1
            else:
                self.failed += 1
                print(f"FAILED {label}: {wrong}", flush=True)

    def run(self, label, function):
        try:
            function()
        except (model.Wrong, Failed, KeyError, AssertionError, OSError) as error:
            self.note(label, f"{type(error).__name__}: {error}" if not isinstance(error, model.Wrong) else error)
        except Exception:  # a case that is itself wrong
            self.note(label, traceback.format_exc())
        else:
            self.note(label)


class Trial:
    """One client, from its first case to its last."""

    def __init__(self, kind, house, keys, skew, options):
        self.client, self.arranging = kind(house, skew), Boto3(house, skew)
        self.keys, self.only = keys, options.only
        self.services = [name for name in options.services if name in kind.services]
        self.compared = model.Comparison()

    def case(self, tally, label, function):
        if self.only in f"{self.client.name}: {label}":
            context = cases.Case(self.client, self.arranging, self.keys, self.compared, label)
            tally.run(f"{self.client.name}: {label}", lambda: function(context))

    def missing(self, operation, kind):
        def fail(_):
            raise model.Wrong("there is no such case")
        return cases.pairs.get((operation, kind), fail)

    def members(self, tally, operation):
        never = self.compared.never_seen(operation)
        tally.note(f"{self.client.name}: {operation}: every output member",
                   f"never compared: {', '.join(never)}" if never else None)

    def tell(self):
        for service in self.services:
            public = set(model.public(service))
            print(f"{self.client.name}: {len(self.client.called & public)} of {len(public)} operations of {service} called and "
                  "answered", flush=True)

    def run(self, tally):
        operations = [operation for service in self.services for operation in model.served(service)]
        for operation in operations:
            for kind in cases.KINDS:
                self.case(tally, f"{operation}: {kind}", self.missing(operation, kind))
        for name, (service, function) in cases.others.items():
            if service in self.services and (self.client.clock or function not in cases.of_clocks):
                self.case(tally, name, function)
        for operation in operations if not self.only else ():
            self.members(tally, operation)
        self.client.end()
        self.arranging.end()


def check_list(tally):
    for service in model.SERVICES:
        unknown = model.unknown_operations(service)
        tally.note(f"every operation of the model of {service} is served or said not to be",
                   f"not: {', '.join(unknown)}" if unknown else None)


def check_comparison(tally):
    """The control: what differs by one member, name, type or value is found out."""
    right = {"ARN": "arn", "Name": "n", "VersionId": "v", "SecretString": "s", "VersionStages": ["AWSCURRENT"],
             "CreatedDate": model.Moment(1)}
    missing = {name: value for name, value in right.items() if name != "VersionId"}
    for label, reply in (("a missing member", missing), ("one too many", right | {"SecretBinary": b"s"}),
                         ("one that the model lacks", right | {"Extra": 1}), ("another type", right | {"CreatedDate": 1}),
                         ("null", right | {"SecretString": None}), ("another value", right | {"VersionStages": []})):
        try:
            model.Comparison().reply("GetSecretValue", reply, right)
        except model.Wrong:
            tally.note(label)
        else:
            tally.note(f"{label} in a reply is found out", "it is not")
    tally.run("a right reply is right", lambda: model.Comparison().reply("GetSecretValue", right, right))


def records(house):
    for path in house.journal():
        for line in path.read_text().splitlines():
            yield json.loads(line)


def check_journal(tally, house, trials):
    """The CLI does not tell how often it asked: the journal does. An id for each request, hence no retry."""
    cli = next(trial.client for trial in trials if isinstance(trial.client, Cli))
    told = len({record["requestID"] for record in records(house) if record.get("userAgent", "").startswith("aws-cli")
                and record["userIdentity"]["type"] != "Unknown"})
    tally.note("aws-cli: no request was repeated", None if told == cli.recognised else
               f"{cli.recognised} requests of a known principal were asked, the journal tells of {told}")
    code, said = house.verify()
    tally.note("the journal holds", said if code != 0 else None)


def say_library(tally, said):
    for one in said:
        if "case" in one:
            tally.note(f"{one['library']}: {one['case']}", one["wrong"])
    for one in said:
        if "called" in one:
            passed = sum("case" in other and other["library"] == one["library"] and not other["wrong"] for other in said)
            print(f"{one['library']}: {len(one['called'])} of {len(model.public('secretsmanager'))} operations "
                  f"({', '.join(one['called'])}), "
                  f"{passed} passed", flush=True)


def try_libraries(tally, kind, house, key, skew):
    """Those that stand on one SDK, in a process of their own."""
    libraries = kind(house, skew).libraries
    if not libraries.needs.exists():
        tally.note(f"the libraries on {kind.name} are there", "they are missing: script/deps sdk-all")
        return
    done = subprocess.run(libraries.command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                          env=kind(house, skew).environment(key) | libraries.environment)
    tally.note(f"the libraries on {kind.name} were tried", done.stderr if done.returncode else None)
    say_library(tally, [json.loads(line) for line in done.stdout.splitlines()])


def try_all(tally, options, kinds):
    with House("sdk") as house:
        house.init()
        settings = house.folder / "coffer.conf"
        settings.write_text("".join(f"region = {region}\n" for region in (REGION, cases.ABROAD, cases.FURTHER)))
        house.start("--config", settings)
        keys, skew = make_keys(house, kinds), build_skew(house.folder)
        trials = [Trial(kind, house, keys, skew, options) for kind in kinds if kind.needs.exists()]
        for kind in kinds:
            group = "sdk-all" if kind in MORE else "test"
            tally.note(f"{kind.name} is there", None if kind.needs.exists() else f"it is missing: script/deps {group}")
        threads = [threading.Thread(target=trial.run, args=(tally,), daemon=True) for trial in trials]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for trial in trials:
            trial.tell()
        for kind in filter(lambda kind: issubclass(kind, Helper), kinds) if kinds != CLIENTS else ():
            tally.run(f"the libraries on {kind.name} end in time",
                      lambda kind=kind: try_libraries(tally, kind, house, keys["operator"], skew))
        tally.run("the server ends cleanly", house.end)
        if not options.only:
            check_journal(tally, house, trials)


def main():
    parser = argparse.ArgumentParser(prog="script/test sdk", description="Tries unmodified AWS clients against the server.")
    parser.add_argument("services", nargs="*", metavar="SERVICE",
                        help=f"whose operations: {', '.join(model.SERVICES)}; all if none is said")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name holds TEXT, as in 'boto3: GetSecretValue'")
    parser.add_argument("--all", action="store_true", help="also the clients that script/deps sdk-all brings")
    options = parser.parse_args()
    options.services = options.services or list(model.SERVICES)
    if set(options.services) - set(model.SERVICES):
        parser.error(f"a service is one of {', '.join(model.SERVICES)}")
    clean_up_when_told_to_end()
    kinds = CLIENTS + MORE if options.all else CLIENTS
    tally = Tally()
    check_list(tally)
    check_comparison(tally)
    tally.run("a server with its users", lambda: try_all(tally, options, kinds))
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


sys.exit(main())
