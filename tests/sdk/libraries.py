"""libraries: what AWS builds on boto3 to read secrets, unmodified, each tried as it is meant to be used. Everything else comes
from the environment, as in anybody's function. Prints a JSON line for each case and one for the operations of each library."""

import json
import traceback
import uuid

import boto3
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from aws_secretsmanager_caching import InjectSecretString, SecretCache, SecretCacheConfig
from botocore.exceptions import ClientError

plain = boto3.client("secretsmanager")
cases = []


class Used:
    """A client whose operations are counted."""

    def __init__(self):
        self.client = boto3.client("secretsmanager")
        self.asked = []
        self.client.meta.events.register("after-call.secrets-manager", lambda model, **_: self.asked.append(model.name))


used = {"caching-python": Used(), "powertools-python": Used()}
cache = SecretCache(SecretCacheConfig(), used["caching-python"].client)
provider = parameters.SecretsProvider(boto3_client=used["powertools-python"].client)


def case(library):
    def keep(function):
        cases.append((library, function))
        return function
    return keep


def secret(**value):
    name = f"sdk/libraries/{uuid.uuid4()}"
    plain.create_secret(Name=name, **value)
    return name


def same(got, wanted):
    if got != wanted:
        raise ValueError(f"{got!r}, not {wanted!r}")


@case("caching-python")
def text_is_asked_for_once(u):
    name = secret(SecretString="naïve 漢字")
    for _ in range(3):
        same(cache.get_secret_string(name), "naïve 漢字")
    same(u.asked, ["DescribeSecret", "GetSecretValue"])


@case("caching-python")
def bytes_come_back(u):
    same(cache.get_secret_binary(secret(SecretBinary=b"\0\xff")), b"\0\xff")


@case("caching-python")
def what_is_put_is_seen_when_refreshed(u):
    name = secret(SecretString="one")
    same(cache.get_secret_string(name), "one")
    plain.put_secret_value(SecretId=name, SecretString="two")
    same(cache.get_secret_string(name), "one")
    same(cache.refresh_secret_now(name), True)
    same(cache.get_secret_string(name), "two")
    same(cache.get_secret_string(name, "AWSPREVIOUS"), "one")


@case("caching-python")
def a_function_is_given_it(u):
    same(InjectSecretString(secret(SecretString="word"), cache)(lambda text: text)(), "word")


@case("caching-python")
def an_absent_one_is_refused(u):
    try:
        cache.get_secret_string("sdk/libraries/absent")
    except ClientError as error:
        same(error.response["Error"]["Code"], "ResourceNotFoundException")
    else:
        raise ValueError("it is there")


@case("powertools-python")
def one_is_asked_for_once(u):
    name = secret(SecretString='{"user":"u"}')
    for _ in range(3):
        same(provider.get(name, transform="json", max_age=300), {"user": "u"})
    same(u.asked, ["GetSecretValue"])


@case("powertools-python")
def several_come_in_one(u):
    names = [secret(SecretString=f"value {i}") for i in range(3)]
    same(provider.get_multiple(names), {name: f"value {i}" for i, name in enumerate(names)})
    same(u.asked, ["BatchGetSecretValue"])


@case("powertools-python")
def one_is_made_and_changed(u):
    name = f"sdk/libraries/{uuid.uuid4()}"
    provider.set(name, "one")
    same(provider.get(name, force_fetch=True), "one")
    provider.set(name, {"two": 2})
    same(provider.get(name, force_fetch=True, transform="json"), {"two": 2})


@case("powertools-python")
def an_absent_one_is_an_error(u):
    try:
        provider.get("sdk/libraries/absent")
    except GetParameterError as error:
        same("ResourceNotFoundException" in str(error), True)
    else:
        raise ValueError("it is there")


called = {library: set() for library in used}
for library, function in cases:
    used[library].asked.clear()
    try:
        function(used[library])
        wrong = None
    except Exception:  # of the library, or of the case
        wrong = traceback.format_exc()
    called[library] |= set(used[library].asked)
    print(json.dumps({"library": library, "case": function.__name__.replace("_", " "), "wrong": wrong}), flush=True)
for library, operations in called.items():
    print(json.dumps({"library": library, "called": sorted(operations)}), flush=True)
