"""cases_sts: what every client is tried with of STS."""

import json
import re

from cases import SIGNATURE, TOKEN, case, just_now, near, now_ms
from clients import Key
from support.house import ACCOUNT


def a_user_id(got):
    return re.fullmatch("AIDA[A-Z0-9]{17}", got)


# --- GetCallerIdentity

@case("GetCallerIdentity", "success")
def caller(c):
    c.gives("GetCallerIdentity", {"UserId": a_user_id, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/operator"})
    c.gives("GetCallerIdentity", {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"}, who="root")
    c.gives("GetCallerIdentity", {"UserId": a_user_id, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/operator"},
            who="abroad")


@case("GetCallerIdentity", "absence")
def caller_absent(c):
    for who in ("unknown", "disabled", "deleted", "deleted user"):
        c.refuses("GetCallerIdentity", "InvalidClientTokenId", TOKEN, who=who)


@case("GetCallerIdentity", "refusal")
def caller_cannot_be_refused(c):
    """What has no right to anything is told who it is all the same."""
    c.gives("GetCallerIdentity", {"UserId": a_user_id, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/stranger"},
            who="stranger")


@case("GetCallerIdentity", "bad input")
def caller_with_a_wrong_secret(c):
    c.refuses("GetCallerIdentity", "SignatureDoesNotMatch", SIGNATURE, who=Key(c.keys["operator"].id, "w" * 40))


# --- GetAccessKeyInfo

@case("GetAccessKeyInfo", "success")
def owner_of_a_key(c):
    c.gives("GetAccessKeyInfo", {"Account": ACCOUNT}, who="root", AccessKeyId=c.keys["stranger"].id)
    c.gives("GetAccessKeyInfo", {"Account": ACCOUNT}, who="root", AccessKeyId=session(c, "stranger").id)


@case("GetAccessKeyInfo", "absence")
def owner_of_no_key(c):
    c.refuses("GetAccessKeyInfo", "ValidationError", "Access Key AKIAZZZZZZZZZZZZZZZZ is not valid.", who="root",
              AccessKeyId="AKIAZZZZZZZZZZZZZZZZ")


@case("GetAccessKeyInfo", "refusal")
def owner_refused(c):
    c.denied("GetAccessKeyInfo", AccessKeyId=c.keys["stranger"].id)


@case("GetAccessKeyInfo", "bad input")
def owner_of_a_strange_key(c):
    c.refuses("GetAccessKeyInfo", "ValidationError", "1 validation error detected: Value 'AKIA/AAAAAAAAAAAAAAA' at 'accessKeyId' "
              r"failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]*", who="root",
              AccessKeyId="AKIA/AAAAAAAAAAAAAAA")


# --- GetSessionToken

def long(words, least, most=None):
    def matches(got):
        return least <= len(got) <= (most or least) and re.fullmatch(words, got)
    matches.__name__ = f"{least} of {words}"
    return matches


def credentials(seconds):
    return {"Credentials": {"AccessKeyId": long("ASIA[A-Z2-7]+", 20), "SecretAccessKey": long("[A-Za-z0-9+/]+", 40),
                            "SessionToken": long("[A-Za-z0-9+/]+=*", 100, 4096),
                            "Expiration": near(now_ms() + seconds * 1000, f"in {seconds} s")}}


def session(c, who, **more):
    """A session of somebody's, as a key."""
    made = c.arrange("GetSessionToken", who=who, **more)["Credentials"]
    return Key(made["AccessKeyId"], made["SecretAccessKey"], token=made["SessionToken"])


@case("GetSessionToken", "success")
def get_session(c):
    c.gives("GetSessionToken", credentials(43200), who="stranger")
    c.gives("GetSessionToken", credentials(900), who="stranger", DurationSeconds=900)
    c.gives("GetSessionToken", credentials(3600), who="root", DurationSeconds=129600)
    mine = session(c, "operator")
    c.gives("GetCallerIdentity", {"UserId": a_user_id, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/operator"}, who=mine)
    name, arn, version = c.secret("read in a session")
    c.gives("GetSecretValue", {"ARN": arn, "Name": name, "VersionId": version, "SecretString": "read in a session",
                               "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, who=mine, SecretId=name)


@case("GetSessionToken", "absence")
def get_session_as_nobody(c):
    c.refuses("GetSessionToken", "InvalidClientTokenId", TOKEN, who="deleted user")
    for key in (Key(session(c, "stranger").id, "w" * 40), Key(session(c, "stranger").id, "w" * 40, token="A" * 200)):
        c.refuses("GetCallerIdentity", "InvalidClientTokenId", TOKEN, who=key)


@case("GetSessionToken", "refusal")
def get_session_refused(c):
    c.refuses("GetSessionToken", "AccessDenied", "Cannot call GetSessionToken with session credentials", who=session(c, "stranger"))
    c.refuses("GetSessionToken", "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.",
              SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/any", TokenCode="123456")
    mine, name = session(c, "stranger"), c.secret()[0]
    c.refuses("GetSecretValue", "AccessDeniedException", f"User: arn:aws:iam::{ACCOUNT}:user/stranger is not authorized to perform: "
              f"secretsmanager:GetSecretValue on resource: {name} because no identity-based policy allows the "
              "secretsmanager:GetSecretValue action", who=mine, SecretId=name)


@case("GetSessionToken", "bad input")
def get_session_too_long(c):
    c.refuses("GetSessionToken", "ValidationError", "1 validation error detected: Value '129601' at 'durationSeconds' failed to "
              "satisfy constraint: Member must have value less than or equal to 129600", DurationSeconds=129601)


# --- GetFederationToken

READS = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
                                                             "Resource": "*"}]})


def federated(name, seconds, packed):
    return credentials(seconds) | {"PackedPolicySize": packed, "FederatedUser": {
        "FederatedUserId": f"{ACCOUNT}:{name}", "Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"}}


@case("GetFederationToken", "success")
def federate(c):
    c.gives("GetFederationToken", federated("bare", 43200, 0), who="federator", Name="bare")
    made = c.gives("GetFederationToken", federated("reader", 900, lambda percent: 0 < percent < 100), who="federator", Name="reader", DurationSeconds=900,
                   Policy=READS, Tags=[{"Key": "team", "Value": "red"}])["Credentials"]
    reader = Key(made["AccessKeyId"], made["SecretAccessKey"], token=made["SessionToken"])
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/reader"
    c.gives("GetCallerIdentity", {"UserId": f"{ACCOUNT}:reader", "Account": ACCOUNT, "Arn": arn}, who=reader)
    name, secret, version = c.secret("read by a federated user")
    c.gives("GetSecretValue", {"ARN": secret, "Name": name, "VersionId": version, "SecretString": "read by a federated user",
                               "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, who=reader, SecretId=name)
    c.refuses("DescribeSecret", "AccessDeniedException", f"User: {arn} is not authorized to perform: secretsmanager:DescribeSecret on "
              f"resource: {name} because no session policy allows the secretsmanager:DescribeSecret action", who=reader,
              SecretId=name)


@case("GetFederationToken", "absence")
def federate_with_no_policy(c):
    c.refuses("GetFederationToken", "ValidationError", "Policy arn:aws:iam::aws:policy/ReadOnlyAccess does not exist or is not "
              "attachable.", who="federator", Name="any", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}])


@case("GetFederationToken", "refusal")
def federate_refused(c):
    c.denied("GetFederationToken", f"arn:aws:sts::{ACCOUNT}:federated-user/any", Name="any")


@case("GetFederationToken", "bad input")
def federate_bad(c):
    c.refuses("GetFederationToken", "MalformedPolicyDocument", lambda text: text, who="federator", Name="any", Policy="{")
    c.refuses("GetFederationToken", "ValidationError", "1 validation error detected: Value 'a/b' at 'name' failed to satisfy "
              r"constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*", who="federator", Name="a/b")
