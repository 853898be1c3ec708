"""cases_roles: what every client is tried with of IAM's roles."""

import json
import re

from cases import case, just_now
from cases_iam import ARN, NAME, POLICY, TAGS, name_of

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{ARN}root"},
                                                             "Action": "sts:AssumeRole"}]})
ABSENT = "The role with name nothing cannot be found."


def told(name, path="/", trust=TRUST, **more):
    return {"Path": path, "RoleName": name, "RoleId": lambda got: re.fullmatch("AROA[A-Z2-7]{17}", got), "CreateDate": just_now(),
            "Arn": f"{ARN}role{path}{name}", "AssumeRolePolicyDocument": trust, "MaxSessionDuration": 3600} | more


def role(c, **more):
    name = name_of(c)
    c.arrange("CreateRole", who="root", RoleName=name, **{"AssumeRolePolicyDocument": TRUST} | more)
    return name


def role_with_policy(c):
    name = role(c)
    c.arrange("PutRolePolicy", who="root", RoleName=name, PolicyName="read", PolicyDocument=POLICY)
    return name


def absent(operation, **more):
    @case(operation, "absence")
    def function(c):
        c.refuses(operation, "NoSuchEntity", ABSENT, who="root", RoleName="nothing", **more)


def refused(operation, **more):
    @case(operation, "refusal")
    def function(c):
        name = role(c)
        c.denied(operation, f"role {name}", RoleName=name, **more)


def bad_name(operation, **more):
    @case(operation, "bad input")
    def function(c):
        c.refuses(operation, "ValidationError", f"1 validation error detected: Value 'a b' at 'roleName' {NAME}", who="root",
                  RoleName="a b", **more)


for one, needs in (("GetRole", {}), ("UpdateRole", {"Description": "x"}), ("DeleteRole", {}), ("ListRolePolicies", {}),
                   ("UpdateAssumeRolePolicy", {"PolicyDocument": TRUST}),
                   ("PutRolePolicy", {"PolicyName": "read", "PolicyDocument": POLICY}),
                   ("GetRolePolicy", {"PolicyName": "read"}), ("DeleteRolePolicy", {"PolicyName": "read"})):
    absent(one, **needs)
    refused(one, **needs)
    bad_name(one, **needs)


@case("CreateRole", "success")
def create_role(c):
    name = name_of(c)
    c.gives("CreateRole", {"Role": told(name, "/team/", Description="What it is", MaxSessionDuration=7200, Tags=TAGS)}, who="root",
            RoleName=name, Path="/team/", AssumeRolePolicyDocument=TRUST, Description="What it is", MaxSessionDuration=7200, Tags=TAGS)


@case("CreateRole", "absence")
def create_role_for_nobody(c):
    nobody = TRUST.replace(f"{ARN}root", f"{ARN}user/nobody")
    c.refuses("CreateRole", "MalformedPolicyDocument", lambda text: text, who="root", RoleName=name_of(c),
              AssumeRolePolicyDocument=nobody)
    name = role(c)
    c.refuses("CreateRole", "EntityAlreadyExists", f"Role with name {name} already exists.", who="root", RoleName=name,
              AssumeRolePolicyDocument=TRUST)


@case("CreateRole", "refusal")
def create_role_refused(c):
    name = name_of(c)
    c.denied("CreateRole", f"{ARN}role/{name}", RoleName=name, AssumeRolePolicyDocument=TRUST)


@case("CreateRole", "bad input")
def create_role_bad(c):
    c.refuses("CreateRole", "ValidationError", "1 validation error detected: Value '43201' at 'maxSessionDuration' failed to satisfy "
              "constraint: Member must have value less than or equal to 43200", who="root", RoleName=name_of(c),
              AssumeRolePolicyDocument=TRUST, MaxSessionDuration=43201)


@case("GetRole", "success")
def get_role(c):
    name = role(c, Description="What it is", Tags=TAGS)
    c.gives("GetRole", {"Role": told(name, Description="What it is", Tags=TAGS)}, who="root", RoleName=name)


@case("ListRoles", "success")
def list_roles(c):
    path = f"/{name_of(c)}/"
    first, second = role(c, Path=path, Description="What it is"), role(c, Path=path)
    one, other = told(first, path, Description="What it is"), told(second, path)
    c.gives("ListRoles", {"Roles": [one, other], "IsTruncated": False}, who="root", PathPrefix=path)
    page = c.gives("ListRoles", {"Roles": [one], "IsTruncated": True, "Marker": bool}, who="root", PathPrefix=path, MaxItems=1)
    c.gives("ListRoles", {"Roles": [other], "IsTruncated": False}, who="root", PathPrefix=path, Marker=page["Marker"])


@case("ListRoles", "absence")
def list_no_roles(c):
    c.gives("ListRoles", {"Roles": [], "IsTruncated": False}, who="root", PathPrefix="/nothing/is/here/")


@case("ListRoles", "refusal")
def list_roles_refused(c):
    c.denied("ListRoles", f"{ARN}role/")


@case("ListRoles", "bad input")
def list_roles_bad(c):
    c.refuses("ListRoles", "ValidationError", r"1 validation error detected: Value 'x' at 'pathPrefix' failed to satisfy "
              r"constraint: Member must satisfy regular expression pattern: \u002F[\u0021-\u007F]*", who="root", PathPrefix="x")


@case("UpdateRole", "success")
def update_role(c):
    name = role(c)
    c.gives("UpdateRole", {}, who="root", RoleName=name, Description="new", MaxSessionDuration=7200)
    c.gives("GetRole", {"Role": told(name, Description="new", MaxSessionDuration=7200)}, who="root", RoleName=name)


@case("UpdateAssumeRolePolicy", "success")
def update_trust(c):
    name, other = role(c), TRUST.replace("sts:AssumeRole", "sts:*")
    c.gives("UpdateAssumeRolePolicy", {}, who="root", RoleName=name, PolicyDocument=other)
    c.gives("GetRole", {"Role": told(name, trust=other)}, who="root", RoleName=name)


@case("DeleteRole", "success")
def delete_role(c):
    name = role_with_policy(c)
    c.refuses("DeleteRole", "DeleteConflict", "Cannot delete entity, must delete policies first.", who="root", RoleName=name)
    c.arrange("DeleteRolePolicy", who="root", RoleName=name, PolicyName="read")
    c.gives("DeleteRole", {}, who="root", RoleName=name)
    c.refuses("GetRole", "NoSuchEntity", f"The role with name {name} cannot be found.", who="root", RoleName=name)


@case("PutRolePolicy", "success")
def put_role_policy(c):
    name = role(c)
    c.gives("PutRolePolicy", {}, who="root", RoleName=name, PolicyName="read", PolicyDocument=POLICY)
    c.gives("GetRolePolicy", {"RoleName": name, "PolicyName": "read", "PolicyDocument": POLICY}, who="root", RoleName=name,
            PolicyName="read")


@case("GetRolePolicy", "success")
def get_role_policy(c):
    name = role_with_policy(c)
    c.gives("GetRolePolicy", {"RoleName": name, "PolicyName": "read", "PolicyDocument": POLICY}, who="root", RoleName=name,
            PolicyName="read")
    c.refuses("GetRolePolicy", "NoSuchEntity", "The role policy with name none cannot be found.", who="root", RoleName=name,
              PolicyName="none")


@case("ListRolePolicies", "success")
def list_role_policies(c):
    name = role_with_policy(c)
    c.arrange("PutRolePolicy", who="root", RoleName=name, PolicyName="more", PolicyDocument=POLICY)
    c.gives("ListRolePolicies", {"PolicyNames": ["read", "more"], "IsTruncated": False}, who="root", RoleName=name)
    c.gives("ListRolePolicies", {"PolicyNames": ["read"], "IsTruncated": True, "Marker": bool}, who="root", RoleName=name, MaxItems=1)


@case("DeleteRolePolicy", "success")
def delete_role_policy(c):
    name = role_with_policy(c)
    c.gives("DeleteRolePolicy", {}, who="root", RoleName=name, PolicyName="read")
    c.gives("ListRolePolicies", {"PolicyNames": [], "IsTruncated": False}, who="root", RoleName=name)
