"""cases_assume: what every client is tried with of AssumeRole."""

import json
import re

from cases import case, just_now
from cases_iam import ARN
from cases_roles import role
from cases_sts import READS, credentials
from clients import Key
from support.house import ACCOUNT


def trust(who, action="sts:AssumeRole", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": who}, "Action": action} | more]})


OPERATOR = f"{ARN}user/operator"


def assumed(name, session, seconds, **more):
    return credentials(seconds) | more | {"AssumedRoleUser": {
        "AssumedRoleId": lambda got: re.fullmatch("AROA[A-Z2-7]{17}:" + session, got),
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"}}


@case("AssumeRole", "success")
def assume(c):
    name = role(c, AssumeRolePolicyDocument=trust(OPERATOR, ["sts:AssumeRole", "sts:TagSession"]))
    c.arrange("PutRolePolicy", who="root", RoleName=name, PolicyName="read", PolicyDocument=READS)
    asked = {"RoleArn": f"{ARN}role/{name}", "RoleSessionName": "work"}
    made = c.gives("AssumeRole", assumed(name, "work", 3600), **asked)["Credentials"]
    c.gives("AssumeRole", assumed(name, "work", 900, PackedPolicySize=lambda percent: 0 < percent < 100), DurationSeconds=900,
            Policy=READS, Tags=[{"Key": "team", "Value": "red"}], **asked)
    work = Key(made["AccessKeyId"], made["SecretAccessKey"], token=made["SessionToken"])
    secret, arn, version = c.secret("read by a role")
    c.gives("GetSecretValue", {"ARN": arn, "Name": secret, "VersionId": version, "SecretString": "read by a role",
                               "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, who=work, SecretId=secret)
    c.refuses("DescribeSecret", "AccessDeniedException", f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/work is not authorized "
              f"to perform: secretsmanager:DescribeSecret on resource: {secret} because no identity-based policy allows the "
              "secretsmanager:DescribeSecret action", who=work, SecretId=secret)


def untrusted(c, name, who="operator", **more):
    arn = f"{ARN}role/{name}"
    c.refuses("AssumeRole", "AccessDenied", f"User: {ARN}user/{who} is not authorized to perform: sts:AssumeRole on resource: {arn}",
              who=who, RoleArn=arn, RoleSessionName="work", **more)


@case("AssumeRole", "absence")
def assume_nothing(c):
    untrusted(c, "nothing")


@case("AssumeRole", "refusal")
def assume_refused(c):
    name = role(c, AssumeRolePolicyDocument=trust(OPERATOR, Condition={"StringEquals": {"sts:ExternalId": "ours"}}))
    untrusted(c, name, "stranger", ExternalId="ours")
    untrusted(c, name, ExternalId="theirs")
    untrusted(c, name)
    c.gives("AssumeRole", assumed(name, "work", 3600), RoleArn=f"{ARN}role/{name}", RoleSessionName="work", ExternalId="ours")
    c.refuses("AssumeRole", "AccessDenied", "Roles may not be assumed by root accounts.", who="root", RoleSessionName="work",
              RoleArn=f"{ARN}role/{role(c)}")


@case("AssumeRole", "bad input")
def assume_badly(c):
    name = role(c, AssumeRolePolicyDocument=trust(OPERATOR))
    c.refuses("AssumeRole", "ValidationError", "a-role-of-twenty-letters is invalid", RoleArn="a-role-of-twenty-letters",
              RoleSessionName="work")
    c.refuses("AssumeRole", "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
              RoleArn=f"{ARN}role/{name}", RoleSessionName="work", DurationSeconds=3601)
