"""model: holds a reply against the public service model: each member that the model has is compared, or must be absent."""

import fnmatch
from pathlib import Path

import botocore.session

HERE = Path(__file__).resolve().parent
SESSION = botocore.session.get_session()
TYPES = {"string": str, "blob": bytes, "boolean": bool, "integer": int, "long": int, "list": list, "map": dict, "structure": dict}


class Moment(int):
    """A point in time, in milliseconds since 1970."""


TYPES["timestamp"] = Moment


class Wrong(Exception):
    """A reply is not what it should be."""


def lines(path):
    text = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in text if line]


def served(service):
    return lines(HERE / "served" / service)


SERVICES = {name: SESSION.get_service_model(name) for name in ("secretsmanager", "sts", "iam")}
SERVICE_OF = {operation: name for name in SERVICES for operation in served(name)}  # no two services have one of a name

# Of the model that this is written against; what came later is served as it is asked for.
LATER = {"AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"}
NOT_OURS = {name: lines(HERE.parent / "model" / name / "not-ours") for name in SERVICES}


def public(service):
    return sorted(set(SERVICES[service].operation_names) - LATER)


def model_of(operation):
    return SERVICES[SERVICE_OF[operation]].operation_model(operation)


def not_ours(service, path):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in NOT_OURS[service])


def unknown_operations(service):
    """Operations of the model that are neither served nor said not to be, and the other way round."""
    names = set(SERVICES[service].operation_names)
    return sorted(names ^ (set(served(service)) | {name for name in names if not_ours(service, name)}))


def names_a_secret(operation):
    shape = model_of(operation).input_shape
    return SERVICE_OF[operation] == "secretsmanager" and "SecretId" in shape.required_members


def outputs(operation):
    """Paths of all output members that are served, as tests/model writes them."""
    def walk(shape, path):
        if shape.type_name == "list":
            yield from walk(shape.member, path + "[]")
        for name, member in shape.members.items() if shape.type_name == "structure" else ():
            at = f"{path}.{name}"
            if not not_ours(SERVICE_OF[operation], at):
                yield at
                yield from walk(member, at)
    shape = model_of(operation).output_shape
    return set(walk(shape, f"{operation}.output")) if shape else set()


def about(expected):
    """Says what a matcher is called, or the value itself."""
    return getattr(expected, "__name__", None) or repr(expected)


class Comparison:
    """Compares replies, and remembers which members were there and right."""

    def __init__(self):
        self.seen = set()

    def reply(self, operation, got, expected):
        shape = model_of(operation).output_shape
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
