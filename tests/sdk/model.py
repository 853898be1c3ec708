"""model: holds a reply against the public service model: each member that the model has is compared, or must be absent."""

import fnmatch
from pathlib import Path

import botocore.session

HERE = Path(__file__).resolve().parent
SERVICE = botocore.session.get_session().get_service_model("secretsmanager")
TYPES = {"string": str, "blob": bytes, "boolean": bool, "integer": int, "long": int, "list": list, "map": dict, "structure": dict}


class Moment(int):
    """A point in time, in milliseconds since 1970."""


TYPES["timestamp"] = Moment


class Wrong(Exception):
    """A reply is not what it should be."""


def lines(path):
    text = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in text if line]


def served():
    return lines(HERE / "served")


# Of the model that this is written against; what came later is served as it is asked for.
PUBLIC = sorted(set(SERVICE.operation_names) - {"AssociateCrossAccountReplica", "DisassociateCrossAccountReplica",
                                                "ListResourcePolicies"})
NOT_OURS = lines(HERE.parent / "model/not-ours")


def not_ours(path):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in NOT_OURS)


def unknown_operations():
    """Operations of the model that are neither served nor said not to be, and the other way round."""
    return sorted(set(SERVICE.operation_names) ^ (set(served()) | {o for o in SERVICE.operation_names if not_ours(o)}))


def names_a_secret(operation):
    return "SecretId" in SERVICE.operation_model(operation).input_shape.required_members


def outputs(operation):
    """Paths of all output members that are served, as tests/model writes them."""
    def walk(shape, path):
        if shape.type_name == "list":
            yield from walk(shape.member, path + "[]")
        for name, member in shape.members.items() if shape.type_name == "structure" else ():
            at = f"{path}.{name}"
            if not not_ours(at):
                yield at
                yield from walk(member, at)
    shape = SERVICE.operation_model(operation).output_shape
    return set(walk(shape, f"{operation}.output")) if shape else set()


def about(expected):
    """Says what a matcher is called, or the value itself."""
    return getattr(expected, "__name__", None) or repr(expected)


class Comparison:
    """Compares replies, and remembers which members were there and right."""

    def __init__(self):
        self.seen = set()

    def reply(self, operation, got, expected):
        shape = SERVICE.operation_model(operation).output_shape
        if shape:
            self.value(shape, got, expected, f"{operation}.output")
        elif got != expected:
            raise Wrong(f"{operation} gives {got}, and has no output")

    def value(self, shape, got, expected, path):
        if type(got) is not TYPES[shape.type_name]:
            raise Wrong(f"{path} is {type(got).__name__}, the model says {shape.type_name}")
        if callable(expected):
            if not expected(got):
                raise Wrong(f"{path} is {got!r}, which is not {about(expected)}")
        elif shape.type_name == "structure":
            self.structure(shape, got, expected, path)
        elif shape.type_name == "list" and shape.member.type_name == "structure":
            self.list(shape, got, expected, path)
        elif got != expected:
            raise Wrong(f"{path} is {got!r}, not {expected!r}")

    def list(self, shape, got, expected, path):
        if len(got) != len(expected):
            raise Wrong(f"{path} has {len(got)} elements, not {len(expected)}")
        for one, wanted in zip(got, expected):
            self.value(shape.member, one, wanted, path + "[]")

    def structure(self, shape, got, expected, path):
        for name in got:
            if name not in shape.members:
                raise Wrong(f"{path} has a member {name}, which the model lacks")
            if name not in expected:
                raise Wrong(f"{path}.{name} should be absent, and is {got[name]!r}")
        for name, wanted in expected.items():
            if name not in got:
                raise Wrong(f"{path}.{name} is absent")
            self.value(shape.members[name], got[name], wanted, f"{path}.{name}")
            self.seen.add(f"{path}.{name}")

    def never_seen(self, operation):
        return sorted(outputs(operation) - self.seen)
