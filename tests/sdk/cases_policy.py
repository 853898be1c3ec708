"""cases_policy: the four operations on the resource policy of a secret, and that it is judged, as every client is tried."""

import json

from cases import ABSENT, NAME, case, just_now, other
from support.house import ACCOUNT

STRANGER = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/stranger"}
MALFORMED = "MalformedPolicyDocumentException"
READ = "secretsmanager:GetSecretValue"


def policy(effect="Allow", principal=None, action=READ, **more):
    statement = {"Effect": effect, "Principal": principal or STRANGER, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


def done(c, operation, name, arn, **more):
    """PolicyName is newer than the models of the other clients, which leave out what they do not know."""
    if c.client.name == "boto3":
        more["PolicyName"] = "default"
    else:
        c.compared.seen.add(f"{operation}.output.PolicyName")
    return {"ARN": arn, "Name": name} | more


# --- PutResourcePolicy

@case("PutResourcePolicy", "success")
def put(c):
    name, arn, version = c.secret("shared")
    c.gives("PutResourcePolicy", done(c, "PutResourcePolicy", name, arn), SecretId=name, ResourcePolicy=policy())
    reply = c.ask("GetSecretValue", who="stranger", SecretId=name)
    assert reply.members.get("SecretString") == "shared", reply
    c.gives("PutResourcePolicy", done(c, "PutResourcePolicy", name, arn), SecretId=arn,
            ResourcePolicy=policy("Deny"), BlockPublicPolicy=True)
    c.denied("GetSecretValue", name, SecretId=name)


@case("PutResourcePolicy", "absence")
def put_absent(c):
    c.refuses("PutResourcePolicy", "ResourceNotFoundException", ABSENT, SecretId=c.name(), ResourcePolicy=policy())


@case("PutResourcePolicy", "refusal")
def put_refused(c):
    name, _, _ = c.secret()
    c.denied("PutResourcePolicy", name, SecretId=name, ResourcePolicy=policy())
    c.refuses("PutResourcePolicy", "PublicPolicyException",
              "You can't attach a resource-based policy that allows broad access to the secret.", SecretId=name,
              ResourcePolicy=policy(principal="*"), BlockPublicPolicy=True)


@case("PutResourcePolicy", "bad input")
def put_bad(c):
    name, _, _ = c.secret()
    c.refuses("PutResourcePolicy", "ValidationException", NAME, SecretId="a b", ResourcePolicy=policy())
    c.refuses("PutResourcePolicy", MALFORMED, "This resource policy contains an unsupported principal.", SecretId=name,
              ResourcePolicy=policy(principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}))
    c.refuses("PutResourcePolicy", MALFORMED, "This resource policy contains an invalid service principal.", SecretId=name,
              ResourcePolicy=policy(principal={"Service": "none.amazonaws.com"}))
    c.refuses("PutResourcePolicy", MALFORMED, "A condition key is not judged here, so it is not accepted.",
              SecretId=name, ResourcePolicy=policy(Condition={"Bool": {"aws:NoSuchKey": "true"}}))


# --- GetResourcePolicy

@case("GetResourcePolicy", "success")
def get(c):
    name, arn, _ = c.secret()
    c.gives("GetResourcePolicy", {"ARN": arn, "Name": name}, SecretId=name)
    c.arrange("PutResourcePolicy", SecretId=name, ResourcePolicy=policy())
    c.gives("GetResourcePolicy", done(c, "GetResourcePolicy", name, arn, ResourcePolicy=policy()), SecretId=name)


@case("GetResourcePolicy", "absence")
def get_absent(c):
    c.refuses("GetResourcePolicy", "ResourceNotFoundException", ABSENT, SecretId=c.name())


@case("GetResourcePolicy", "refusal")
def get_refused(c):
    name, _, _ = c.secret()
    c.arrange("PutResourcePolicy", SecretId=name, ResourcePolicy=policy())
    c.denied("GetResourcePolicy", name, SecretId=name)


@case("GetResourcePolicy", "bad input")
def get_bad(c):
    c.refuses("GetResourcePolicy", "ValidationException", NAME, SecretId="a b")


# --- DeleteResourcePolicy

@case("DeleteResourcePolicy", "success")
def delete(c):
    name, arn, _ = c.secret()
    c.arrange("PutResourcePolicy", SecretId=name, ResourcePolicy=policy())
    c.gives("DeleteResourcePolicy", done(c, "DeleteResourcePolicy", name, arn), SecretId=name)
    c.gives("GetResourcePolicy", {"ARN": arn, "Name": name}, SecretId=name)
    c.denied("GetSecretValue", name, SecretId=name)
    c.gives("DeleteResourcePolicy", done(c, "DeleteResourcePolicy", name, arn), SecretId=name)


@case("DeleteResourcePolicy", "absence")
def delete_absent(c):
    c.refuses("DeleteResourcePolicy", "ResourceNotFoundException", ABSENT, SecretId=c.name())


@case("DeleteResourcePolicy", "refusal")
def delete_refused(c):
    name, _, _ = c.secret()
    c.denied("DeleteResourcePolicy", name, SecretId=name)


@case("DeleteResourcePolicy", "bad input")
def delete_bad(c):
    c.refuses("DeleteResourcePolicy", "ValidationException", NAME, SecretId="a b")


# --- ValidateResourcePolicy

@case("ValidateResourcePolicy", "success")
def validate(c):
    name, arn, _ = c.secret()
    c.gives("ValidateResourcePolicy", {"PolicyValidationPassed": True, "ValidationErrors": []}, SecretId=name,
            ResourcePolicy=policy())
    c.gives("ValidateResourcePolicy",
            {"PolicyValidationPassed": False, "ValidationErrors": [
                {"CheckName": "BroadAccess", "ErrorMessage": "This resource policy grants broad access to your secret."}]},
            ResourcePolicy=policy(principal="*"))
    c.gives("GetResourcePolicy", {"ARN": arn, "Name": name}, SecretId=name)


@case("ValidateResourcePolicy", "absence")
def validate_absent(c):
    c.refuses("ValidateResourcePolicy", "ResourceNotFoundException", ABSENT, SecretId=c.name(), ResourcePolicy=policy())


@case("ValidateResourcePolicy", "refusal")
def validate_refused(c):
    name, _, _ = c.secret()
    c.denied("ValidateResourcePolicy", name, SecretId=name, ResourcePolicy=policy())


@case("ValidateResourcePolicy", "bad input")
def validate_bad(c):
    c.refuses("ValidateResourcePolicy", MALFORMED,
              "This resource policy contains a syntax error. An Effect is neither Allow nor Deny.",
              ResourcePolicy=policy("AllowSomething"))


# --- cases of their own

@other
def a_resource_policy_denies_whom_his_own_allows(c):
    name, _, _ = c.secret()
    c.arrange("PutResourcePolicy", SecretId=name,
              ResourcePolicy=policy("Deny", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/operator"}))
    c.refuses("GetSecretValue", "AccessDeniedException",
              f"User: arn:aws:iam::{ACCOUNT}:user/operator is not authorized to perform: {READ} on resource: {name} with an "
              "explicit deny in a resource-based policy", SecretId=name)


@other
def a_resource_policy_lasts_as_long_as_its_secret(c):
    name, arn, version = c.secret("first")
    c.arrange("PutResourcePolicy", SecretId=name, ResourcePolicy=policy())
    c.arrange("UpdateSecret", SecretId=name, Description="new")
    reply = c.ask("GetSecretValue", who="stranger", SecretId=arn)
    c.compared.reply("GetSecretValue", reply.members, {
        "ARN": arn, "Name": name, "VersionId": version, "SecretString": "first", "VersionStages": ["AWSCURRENT"],
        "CreatedDate": just_now()})
    c.arrange("DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)
    c.secret("second", Name=name)
    c.denied("GetSecretValue", name, SecretId=name)
