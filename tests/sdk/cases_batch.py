"""cases_batch: BatchGetSecretValue, as every client is tried with it."""

from cases import ABSENT, NAME, case, filtered, just_now, other, token
from model import Wrong
from support.house import ACCOUNT

EITHER = "Either 'SecretIdList' or 'Filters' must be provided, but not both."


def value(arn, name, version, **held):
    return {"ARN": arn, "Name": name, "VersionId": version, "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()} | held


def problem(name, code, message):
    return {"SecretId": name, "ErrorCode": code, "Message": message}


@case("BatchGetSecretValue", "success")
def batch(c):
    prefix = c.name()
    first, first_arn, first_version = c.secret("one", Name=prefix + "/a")
    second, second_version = prefix + "/b", token()
    second_arn = c.arrange("CreateSecret", Name=second, ClientRequestToken=second_version, SecretBinary=b"\0two\xff")["ARN"]
    one = value(first_arn, first, first_version, SecretString="one")
    two = value(second_arn, second, second_version, SecretBinary=b"\0two\xff")
    c.gives("BatchGetSecretValue", {"SecretValues": [two, one], "Errors": []}, SecretIdList=[second, first_arn])
    c.gives("BatchGetSecretValue", {"SecretValues": [one, two], "Errors": []}, Filters=filtered(prefix))
    page = c.gives("BatchGetSecretValue", {"SecretValues": [one], "Errors": [], "NextToken": bool}, Filters=filtered(prefix),
                   MaxResults=1)
    c.gives("BatchGetSecretValue", {"SecretValues": [two], "Errors": []}, Filters=filtered(prefix), MaxResults=2,
            NextToken=page["NextToken"])


@case("BatchGetSecretValue", "absence")
def batch_absent(c):
    name, arn, version = c.secret("one")
    gone, bad = c.name(), "a b"
    c.gives("BatchGetSecretValue",
            {"SecretValues": [value(arn, name, version, SecretString="one")],
             "Errors": [problem(gone, "ResourceNotFoundException", ABSENT), problem(bad, "ValidationException", NAME)]},
            SecretIdList=[gone, name, bad])
    c.gives("BatchGetSecretValue", {"SecretValues": [], "Errors": []}, Filters=filtered(gone))


@case("BatchGetSecretValue", "refusal")
def batch_refused(c):
    name, _, _ = c.secret()
    c.denied("BatchGetSecretValue", SecretIdList=[name])


@case("BatchGetSecretValue", "bad input")
def batch_bad(c):
    c.refuses("BatchGetSecretValue", "InvalidParameterException", EITHER, SecretIdList=["a"], Filters=filtered("a"))
    c.refuses("BatchGetSecretValue", "InvalidParameterException", EITHER)
    c.refuses("BatchGetSecretValue", "InvalidNextTokenException", "The NextToken value is invalid.", Filters=filtered("a"),
              MaxResults=2, NextToken="nonsense")


@other
def a_batch_judges_each_secret(c):
    """Who may read all but one kind of value gets the others' words for it."""
    name, _, _ = c.secret()
    denied = (f"User: arn:aws:iam::{ACCOUNT}:user/barred is not authorized to perform: secretsmanager:GetSecretValue on "
              f"resource: {name} with an explicit deny in an identity-based policy")
    reply = c.ask("BatchGetSecretValue", who="barred", SecretIdList=[name])
    if reply.code or reply.members != {"SecretValues": [], "Errors": [problem(name, "AccessDeniedException", denied)]}:
        raise Wrong(str(reply))


@other
def a_batch_of_the_largest_values(c):
    wanted = []
    for _ in range(20):
        name, arn, version = c.secret("v" * 65536)
        wanted.append(value(arn, name, version, SecretString="v" * 65536))
    c.gives("BatchGetSecretValue", {"SecretValues": wanted, "Errors": []}, SecretIdList=[one["Name"] for one in wanted])
