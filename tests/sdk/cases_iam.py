"""cases_iam: what every client is tried with of IAM."""

import json
import re
import time

from cases import case, just_now, today
from cases_sts import a_user_id
from clients import Key
from model import Wrong
from support.house import ACCOUNT

ARN = f"arn:aws:iam::{ACCOUNT}:"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
                                                              "Resource": "*"}]})
TAGS = [{"Key": "team", "Value": "red + blue"}, {"Key": "empty", "Value": ""}]
NAME = r"failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+"


def name_of(c):
    return re.sub("[^A-Za-z0-9-]", "-", c.name())[-64:]


def told(name, path="/", **more):
    return {"Path": path, "UserName": name, "UserId": a_user_id, "Arn": f"{ARN}user{path}{name}", "CreateDate": just_now()} | more


def user(c, **more):
    name = name_of(c)
    c.arrange("CreateUser", who="root", UserName=name, **more)
    return name


def user_with_key(c):
    name = user(c)
    made = c.arrange("CreateAccessKey", who="root", UserName=name)["AccessKey"]
    return name, Key(made["AccessKeyId"], made["SecretAccessKey"])


def absent(c, operation, **more):
    c.refuses(operation, "NoSuchEntity", "The user with name nobody cannot be found.", who="root", UserName="nobody", **more)


def bad_name(c, operation, **more):
    c.refuses(operation, "ValidationError", f"1 validation error detected: Value 'a b' at 'userName' {NAME}", who="root",
              UserName="a b", **more)


def refused(c, operation, **more):
    name = user(c)
    c.denied(operation, f"user {name}", UserName=name, **more)
    return name


def a_key_id(got):
    return re.fullmatch("AKIA[A-Z2-7]{16}", got)


def a_secret(got):
    return re.fullmatch("[A-Za-z0-9+/]{40}", got)


# --- users

@case("CreateUser", "success")
def create_user(c):
    name = name_of(c)
    c.gives("CreateUser", {"User": told(name, "/team/", Tags=TAGS)}, who="root", UserName=name, Path="/team/", Tags=TAGS)
    plain = name_of(c)
    c.gives("CreateUser", {"User": told(plain)}, who="root", UserName=plain)


@case("CreateUser", "absence")
def create_user_twice(c):
    name = user(c)
    c.refuses("CreateUser", "EntityAlreadyExists", f"User with name {name} already exists.", who="root", UserName=name)


@case("CreateUser", "refusal")
def create_user_refused(c):
    name = name_of(c)
    c.denied("CreateUser", f"{ARN}user/{name}", UserName=name)
    c.refuses("GetUser", "NoSuchEntity", f"The user with name {name} cannot be found.", who="root", UserName=name)
    boundary = f"{ARN}policy/none"
    c.refuses("CreateUser", "NoSuchEntity", f"Scope ARN: {boundary} does not exist or is not attachable.", who="root",
              UserName=name, PermissionsBoundary=boundary)


@case("CreateUser", "bad input")
def create_user_bad(c):
    bad_name(c, "CreateUser")


@case("GetUser", "success")
def get_user(c):
    name = user(c, Path="/team/", Tags=TAGS)
    c.gives("GetUser", {"User": told(name, "/team/", Tags=TAGS)}, who="root", UserName=name)


@case("GetUser", "absence")
def get_user_absent(c):
    absent(c, "GetUser")


@case("GetUser", "refusal")
def get_user_refused(c):
    refused(c, "GetUser")
    c.denied("GetUser", "user stranger")


@case("GetUser", "bad input")
def get_user_bad(c):
    bad_name(c, "GetUser")


@case("ListUsers", "success")
def list_users(c):
    path = f"/{name_of(c)}/"
    first, second = (user(c, Path=path) for _ in range(2))
    c.gives("ListUsers", {"Users": [told(first, path), told(second, path)], "IsTruncated": False}, who="root", PathPrefix=path)
    page = c.gives("ListUsers", {"Users": [told(first, path)], "IsTruncated": True, "Marker": bool}, who="root", PathPrefix=path,
                   MaxItems=1)
    c.gives("ListUsers", {"Users": [told(second, path)], "IsTruncated": False}, who="root", PathPrefix=path,
            Marker=page["Marker"])


@case("ListUsers", "absence")
def list_no_users(c):
    c.gives("ListUsers", {"Users": [], "IsTruncated": False}, who="root", PathPrefix="/nobody/is/here/")


@case("ListUsers", "refusal")
def list_users_refused(c):
    c.denied("ListUsers", f"{ARN}user/")


@case("ListUsers", "bad input")
def list_users_bad(c):
    c.refuses("ListUsers", "ValidationError", r"1 validation error detected: Value 'x' at 'pathPrefix' failed to satisfy "
              r"constraint: Member must satisfy regular expression pattern: \u002F[\u0021-\u007F]*", who="root", PathPrefix="x")


@case("UpdateUser", "success")
def update_user(c):
    name, key = user_with_key(c)
    other = name_of(c)
    c.gives("UpdateUser", {}, who="root", UserName=name, NewUserName=other, NewPath="/moved/")
    c.gives("GetUser", {"User": told(other, "/moved/")}, who="root", UserName=other)
    c.gives("GetCallerIdentity", {"UserId": a_user_id, "Account": ACCOUNT, "Arn": f"{ARN}user/moved/{other}"}, who=key)


@case("UpdateUser", "absence")
def update_user_absent(c):
    absent(c, "UpdateUser", NewPath="/x/")


@case("UpdateUser", "refusal")
def update_user_refused(c):
    refused(c, "UpdateUser", NewPath="/x/")


@case("UpdateUser", "bad input")
def update_user_bad(c):
    c.refuses("UpdateUser", "ValidationError", f"1 validation error detected: Value 'a b' at 'newUserName' {NAME}", who="root",
              UserName=user(c), NewUserName="a b")


@case("DeleteUser", "success")
def delete_user(c):
    name = user(c)
    c.gives("DeleteUser", {}, who="root", UserName=name)
    c.refuses("GetUser", "NoSuchEntity", f"The user with name {name} cannot be found.", who="root", UserName=name)


@case("DeleteUser", "absence")
def delete_user_absent(c):
    absent(c, "DeleteUser")


@case("DeleteUser", "refusal")
def delete_user_refused(c):
    refused(c, "DeleteUser")
    name, _ = user_with_key(c)
    c.refuses("DeleteUser", "DeleteConflict", "Cannot delete entity, must remove referenced objects first.", who="root",
              UserName=name)


@case("DeleteUser", "bad input")
def delete_user_bad(c):
    bad_name(c, "DeleteUser")


# --- tags

@case("TagUser", "success")
def tag_user(c):
    name = user(c)
    c.gives("TagUser", {}, who="root", UserName=name, Tags=TAGS)
    c.gives("GetUser", {"User": told(name, Tags=TAGS)}, who="root", UserName=name)


@case("TagUser", "absence")
def tag_user_absent(c):
    absent(c, "TagUser", Tags=TAGS)


@case("TagUser", "refusal")
def tag_user_refused(c):
    refused(c, "TagUser", Tags=TAGS)


@case("TagUser", "bad input")
def tag_user_bad(c):
    c.refuses("TagUser", "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.", who="root",
              UserName=user(c), Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])


@case("UntagUser", "success")
def untag_user(c):
    name = user(c, Tags=TAGS)
    c.gives("UntagUser", {}, who="root", UserName=name, TagKeys=["TEAM", "none"])
    c.gives("ListUserTags", {"Tags": TAGS[1:], "IsTruncated": False}, who="root", UserName=name)


@case("UntagUser", "absence")
def untag_user_absent(c):
    absent(c, "UntagUser", TagKeys=["team"])


@case("UntagUser", "refusal")
def untag_user_refused(c):
    refused(c, "UntagUser", TagKeys=["team"])


@case("UntagUser", "bad input")
def untag_user_bad(c):
    bad_name(c, "UntagUser", TagKeys=["team"])


@case("ListUserTags", "success")
def list_tags(c):
    name = user(c, Tags=TAGS)
    c.gives("ListUserTags", {"Tags": TAGS, "IsTruncated": False}, who="root", UserName=name)
    c.gives("ListUserTags", {"Tags": TAGS[:1], "IsTruncated": True, "Marker": bool}, who="root", UserName=name, MaxItems=1)


@case("ListUserTags", "absence")
def list_tags_absent(c):
    absent(c, "ListUserTags")


@case("ListUserTags", "refusal")
def list_tags_refused(c):
    refused(c, "ListUserTags")


@case("ListUserTags", "bad input")
def list_tags_bad(c):
    bad_name(c, "ListUserTags")


# --- access keys

@case("CreateAccessKey", "success")
def create_key(c):
    name = user(c)
    made = c.gives("CreateAccessKey", {"AccessKey": {"UserName": name, "AccessKeyId": a_key_id, "Status": "Active",
                                                     "SecretAccessKey": a_secret, "CreateDate": just_now()}}, who="root",
                   UserName=name)["AccessKey"]
    c.gives("GetCallerIdentity", {"UserId": a_user_id, "Account": ACCOUNT, "Arn": f"{ARN}user/{name}"},
            who=Key(made["AccessKeyId"], made["SecretAccessKey"]))


@case("CreateAccessKey", "absence")
def create_key_absent(c):
    absent(c, "CreateAccessKey")


@case("CreateAccessKey", "refusal")
def create_key_refused(c):
    refused(c, "CreateAccessKey")
    c.denied("CreateAccessKey", "user stranger")
    name, _ = user_with_key(c)
    c.arrange("CreateAccessKey", who="root", UserName=name)
    c.refuses("CreateAccessKey", "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", who="root", UserName=name)


@case("CreateAccessKey", "bad input")
def create_key_bad(c):
    bad_name(c, "CreateAccessKey")


@case("ListAccessKeys", "success")
def list_keys(c):
    name, key = user_with_key(c)
    first = {"UserName": name, "AccessKeyId": key.id, "Status": "Active", "CreateDate": just_now()}
    second = first | {"AccessKeyId": c.arrange("CreateAccessKey", who="root", UserName=name)["AccessKey"]["AccessKeyId"]}
    c.gives("ListAccessKeys", {"AccessKeyMetadata": [first, second], "IsTruncated": False}, who="root", UserName=name)
    page = c.gives("ListAccessKeys", {"AccessKeyMetadata": [first], "IsTruncated": True, "Marker": bool}, who="root", UserName=name,
                   MaxItems=1)
    c.gives("ListAccessKeys", {"AccessKeyMetadata": [second], "IsTruncated": False}, who="root", UserName=name,
            Marker=page["Marker"])


@case("ListAccessKeys", "absence")
def list_keys_absent(c):
    absent(c, "ListAccessKeys")


@case("ListAccessKeys", "refusal")
def list_keys_refused(c):
    refused(c, "ListAccessKeys")


@case("ListAccessKeys", "bad input")
def list_keys_bad(c):
    c.refuses("ListAccessKeys", "ValidationError", "Invalid Marker.", who="root", UserName=user(c), Marker="none")


NO_KEY = "The Access Key with id AKIAZZZZZZZZZZZZZZZZ cannot be found."


@case("UpdateAccessKey", "success")
def update_key(c):
    name, key = user_with_key(c)
    c.gives("UpdateAccessKey", {}, who="root", UserName=name, AccessKeyId=key.id, Status="Inactive")
    c.refuses("GetCallerIdentity", "InvalidClientTokenId", "The security token included in the request is invalid.", who=key)
    c.gives("UpdateAccessKey", {}, who="root", UserName=name, AccessKeyId=key.id, Status="Active")
    c.gives("GetCallerIdentity", {"UserId": a_user_id, "Account": ACCOUNT, "Arn": f"{ARN}user/{name}"}, who=key)


@case("UpdateAccessKey", "absence")
def update_key_absent(c):
    c.refuses("UpdateAccessKey", "NoSuchEntity", NO_KEY, who="root", UserName=user(c), AccessKeyId="AKIAZZZZZZZZZZZZZZZZ",
              Status="Active")


@case("UpdateAccessKey", "refusal")
def update_key_refused(c):
    name, key = user_with_key(c)
    c.denied("UpdateAccessKey", f"user {name}", UserName=name, AccessKeyId=key.id, Status="Inactive")


@case("UpdateAccessKey", "bad input")
def update_key_bad(c):
    name, key = user_with_key(c)
    c.refuses("UpdateAccessKey", "ValidationError", "1 validation error detected: Value 'Off' at 'status' failed to satisfy "
              "constraint: Member must satisfy enum value set: [Active, Inactive, Expired]", who="root", UserName=name,
              AccessKeyId=key.id, Status="Off")


@case("DeleteAccessKey", "success")
def delete_key(c):
    name, key = user_with_key(c)
    c.gives("DeleteAccessKey", {}, who="root", UserName=name, AccessKeyId=key.id)
    c.refuses("GetCallerIdentity", "InvalidClientTokenId", "The security token included in the request is invalid.", who=key)


@case("DeleteAccessKey", "absence")
def delete_key_absent(c):
    c.refuses("DeleteAccessKey", "NoSuchEntity", NO_KEY, who="root", UserName=user(c), AccessKeyId="AKIAZZZZZZZZZZZZZZZZ")


@case("DeleteAccessKey", "refusal")
def delete_key_refused(c):
    name, key = user_with_key(c)
    c.denied("DeleteAccessKey", f"user {name}", UserName=name, AccessKeyId=key.id)


@case("DeleteAccessKey", "bad input")
def delete_key_bad(c):
    c.refuses("DeleteAccessKey", "ValidationError", "1 validation error detected: Value 'AKIA/AAAAAAAAAAAAAAA' at 'accessKeyId' "
              r"failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+", who="root", UserName=user(c),
              AccessKeyId="AKIA/AAAAAAAAAAAAAAA")


@case("GetAccessKeyLastUsed", "success")
def key_last_used(c):
    name, key = user_with_key(c)
    never = {"UserName": name, "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}
    c.gives("GetAccessKeyLastUsed", never, who="root", AccessKeyId=key.id)
    c.gives("GetCallerIdentity", {"UserId": a_user_id, "Account": ACCOUNT, "Arn": f"{ARN}user/{name}"}, who=key)
    # The mark of a use is written after some seconds; by then it is either still as never, or of today.
    used = {"UserName": name, "AccessKeyLastUsed": {"LastUsedDate": today, "ServiceName": "N/A", "Region": "N/A"}}
    deadline = time.monotonic() + 120
    while c.ask("GetAccessKeyLastUsed", who="root", AccessKeyId=key.id).members["AccessKeyLastUsed"] == never["AccessKeyLastUsed"]:
        if time.monotonic() > deadline:
            raise Wrong("a use of a key is not told two minutes later")
        time.sleep(1)
    c.gives("GetAccessKeyLastUsed", used, who="root", AccessKeyId=key.id)


@case("GetAccessKeyLastUsed", "absence")
def key_last_used_absent(c):
    c.refuses("GetAccessKeyLastUsed", "NoSuchEntity", NO_KEY, who="root", AccessKeyId="AKIAZZZZZZZZZZZZZZZZ")


@case("GetAccessKeyLastUsed", "refusal")
def key_last_used_refused(c):
    name, key = user_with_key(c)
    c.denied("GetAccessKeyLastUsed", f"user {name}", AccessKeyId=key.id)


@case("GetAccessKeyLastUsed", "bad input")
def key_last_used_bad(c):
    c.refuses("GetAccessKeyLastUsed", "ValidationError", "1 validation error detected: Value 'AKIA/AAAAAAAAAAAAAAA' at "
              r"'accessKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+", who="root",
              AccessKeyId="AKIA/AAAAAAAAAAAAAAA")


# --- inline policies

@case("PutUserPolicy", "success")
def put_policy(c):
    name, key = user_with_key(c)
    secret, arn, version = c.secret("by a policy of IAM's")
    expected = {"ARN": arn, "Name": secret, "VersionId": version, "SecretString": "by a policy of IAM's",
                "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}
    c.gives("PutUserPolicy", {}, who="root", UserName=name, PolicyName="read", PolicyDocument=POLICY)
    c.gives("GetSecretValue", expected, who=key, SecretId=secret)


@case("PutUserPolicy", "absence")
def put_policy_absent(c):
    absent(c, "PutUserPolicy", PolicyName="read", PolicyDocument=POLICY)


@case("PutUserPolicy", "refusal")
def put_policy_refused(c):
    refused(c, "PutUserPolicy", PolicyName="read", PolicyDocument=POLICY)
    c.denied("PutUserPolicy", "user stranger", UserName="stranger", PolicyName="all", PolicyDocument=POLICY)


@case("PutUserPolicy", "bad input")
def put_policy_bad(c):
    c.refuses("PutUserPolicy", "MalformedPolicyDocument", lambda text: text, who="root", UserName=user(c), PolicyName="read",
              PolicyDocument='{"Statement": ')


@case("GetUserPolicy", "success")
def get_policy(c):
    name = user(c)
    c.arrange("PutUserPolicy", who="root", UserName=name, PolicyName="read", PolicyDocument=POLICY)
    c.gives("GetUserPolicy", {"UserName": name, "PolicyName": "read", "PolicyDocument": POLICY}, who="root", UserName=name,
            PolicyName="read")


@case("GetUserPolicy", "absence")
def get_policy_absent(c):
    c.refuses("GetUserPolicy", "NoSuchEntity", "The user policy with name read cannot be found.", who="root", UserName=user(c),
              PolicyName="read")


@case("GetUserPolicy", "refusal")
def get_policy_refused(c):
    refused(c, "GetUserPolicy", PolicyName="read")


@case("GetUserPolicy", "bad input")
def get_policy_bad(c):
    c.refuses("GetUserPolicy", "ValidationError", f"1 validation error detected: Value 'a b' at 'policyName' {NAME}", who="root",
              UserName=user(c), PolicyName="a b")


@case("ListUserPolicies", "success")
def list_policies(c):
    name = user(c)
    for policy in ("read", "more"):
        c.arrange("PutUserPolicy", who="root", UserName=name, PolicyName=policy, PolicyDocument=POLICY)
    c.gives("ListUserPolicies", {"PolicyNames": ["read", "more"], "IsTruncated": False}, who="root", UserName=name)
    c.gives("ListUserPolicies", {"PolicyNames": ["read"], "IsTruncated": True, "Marker": bool}, who="root", UserName=name, MaxItems=1)


@case("ListUserPolicies", "absence")
def list_policies_absent(c):
    absent(c, "ListUserPolicies")


@case("ListUserPolicies", "refusal")
def list_policies_refused(c):
    refused(c, "ListUserPolicies")


@case("ListUserPolicies", "bad input")
def list_policies_bad(c):
    bad_name(c, "ListUserPolicies")


@case("DeleteUserPolicy", "success")
def delete_policy(c):
    name = user(c)
    c.arrange("PutUserPolicy", who="root", UserName=name, PolicyName="read", PolicyDocument=POLICY)
    c.gives("DeleteUserPolicy", {}, who="root", UserName=name, PolicyName="read")
    c.gives("ListUserPolicies", {"PolicyNames": [], "IsTruncated": False}, who="root", UserName=name)


@case("DeleteUserPolicy", "absence")
def delete_policy_absent(c):
    c.refuses("DeleteUserPolicy", "NoSuchEntity", "The user policy with name read cannot be found.", who="root", UserName=user(c),
              PolicyName="read")


@case("DeleteUserPolicy", "refusal")
def delete_policy_refused(c):
    refused(c, "DeleteUserPolicy", PolicyName="read")


@case("DeleteUserPolicy", "bad input")
def delete_policy_bad(c):
    bad_name(c, "DeleteUserPolicy", PolicyName="read")
