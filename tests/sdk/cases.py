"""cases: what every client is tried with. A case of an operation has one of the four kinds; a case of its own has a name."""

import re
import time
import uuid

from clients import Key
from model import SERVICE_OF, Comparison, Moment, Wrong
from support.house import ACCOUNT, REGION

KINDS = ("success", "absence", "refusal", "bad input")
DAY = 24 * 60 * 60 * 1000
SLACK = 5 * 60 * 1000  # a loaded machine; far less than what a wrong unit would be off by
NAME = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
ABSENT = "Secrets Manager can't find the specified secret."
SIGNATURE = ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
             "and signing method. Consult the service documentation for details.")
TOKEN = "The security token included in the request is invalid."
# Without a carriage return: the AWS CLI itself reads files as text, and turns those into newlines.
UNICODE = "naïve 漢字 𝄞 \U0001f511 \"quotes\" \\back\\slash /slash\ttab\nline\u2028\u2029 \x7f\u00a0 end"
DEFAULT_KEY = "alias/aws/secretsmanager"
ABROAD, FURTHER = "eu-west-1", "ap-south-1"  # other regions of the server; "abroad" is the operator in the first

of_clocks = set()
pairs = {}   # (operation, kind): function
others = {}  # name: (service, function)
STATUS = {"AccessDenied": 403, "InvalidClientTokenId": 403, "SignatureDoesNotMatch": 403, "ExpiredToken": 403,
          "NoSuchEntity": 404, "EntityAlreadyExists": 409, "DeleteConflict": 409, "LimitExceeded": 409}  # all others: 400


def case(operation, kind):
    def keep(function):
        pairs[operation, kind] = function
        return function
    return keep


def other(function, service="secretsmanager"):
    others[function.__name__.replace("_", " ")] = (service, function)
    return function


def token():
    return str(uuid.uuid4())


def now_ms():
    return round(time.time() * 1000)


def near(moment, label):
    def matches(got):
        return isinstance(got, Moment) and abs(got - moment) < SLACK
    matches.__name__ = f"near {label} ({moment})"
    return matches


def just_now():
    return near(now_ms(), "now")


def today(got):
    """A moment of day granularity: midnight of today, or of yesterday when it has just been midnight."""
    return got % DAY == 0 and 0 <= now_ms() - got < 2 * DAY


def unordered(wanted):
    def matches(got):
        return sorted(got) == sorted(wanted)
    matches.__name__ = f"{wanted} in any order"
    return matches


def arn_of(name):
    def matches(got):
        return re.fullmatch(re.escape(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-") + "[A-Za-z0-9]{6}", got)
    matches.__name__ = f"the ARN of {name}"
    return matches


class Case:
    """One case of one client: asks, and judges the answer. `arranging` is the client that prepares what is not tried."""

    def __init__(self, client, arranging, keys, compared, label):
        self.client, self.arranging, self.keys, self.compared = client, arranging, keys, compared
        self.prefix = re.sub(r"[^A-Za-z0-9]+", "-", f"{client.name}/{label}")
        self.made = 0

    def name(self):
        self.made += 1
        return f"sdk/{self.prefix}/{self.made}"

    def arrange(self, operation, *, who="operator", **parameters):
        reply = self.arranging.ask(self.keys[who], operation, parameters)
        if reply.code:
            raise Wrong(f"while arranging, {operation}: {reply}")
        return reply.members

    def secret(self, value="first", **more):
        """A new secret: its name, ARN and first version."""
        name = more.pop("Name", None) or self.name()
        made = self.arrange("CreateSecret", Name=name, ClientRequestToken=token(), SecretString=value, **more)
        return name, made["ARN"], made["VersionId"]

    def ask(self, operation, *, who="operator", pages=None, **parameters):
        key = who if isinstance(who, Key) else self.keys[who]
        return self.client.ask(key, operation, parameters, pages)

    def gives(self, operation, expected, *, who="operator", pages=None, **parameters):
        """It succeeds at the first attempt, and every member is as expected."""
        reply = self.ask(operation, who=who, pages=pages, **parameters)
        if reply.code:
            raise Wrong(f"{operation} {short(parameters)}: {reply}")
        if reply.status not in (None, 200) or reply.attempts not in (None, 1):
            raise Wrong(f"{operation}: status {reply.status} after {reply.attempts} attempts")
        self.compared.reply(operation, reply.members, expected)
        return reply.members

    def refuses(self, operation, code, message, *, who="operator", **parameters):
        """It is refused at the first attempt, with this code and exactly this text."""
        reply = self.ask(operation, who=who, **parameters)
        if reply.code != code or not (message(reply.message) if callable(message) else reply.message == message):
            raise Wrong(f"{operation} {short(parameters)}: {short(reply)}; should be {code}: {short(message)}")
        again = code == "LimitExceeded"  # the one refusal that some clients take for a request to wait
        if reply.status not in (None, STATUS.get(code, 400)) or (reply.attempts not in (None, 1) and not again):
            raise Wrong(f"{operation}: status {reply.status} after {reply.attempts} attempts")

    def denied(self, operation, asked=None, **parameters):
        where = f" on resource: {asked}" if asked else ""
        service = SERVICE_OF[operation]
        self.refuses(operation, "AccessDeniedException" if service == "secretsmanager" else "AccessDenied",
                     f"User: arn:aws:iam::{ACCOUNT}:user/stranger is not authorized to perform: {service}:{operation}"
                     f"{where} because no identity-based policy allows the {service}:{operation} action",
                     who="stranger", **parameters)

    def stages(self, name, wanted):
        """Which labels stand on which version, as DescribeSecret tells; one without labels is not told."""
        told = self.ask("DescribeSecret", SecretId=name).members.get("VersionIdsToStages")
        got = {version: sorted(labels) for version, labels in (told or {}).items()}
        if got != {version: sorted(labels) for version, labels in wanted.items() if labels}:
            raise Wrong(f"the labels of {name} are {got}, not {wanted}")


def short(what):
    text = str(what)
    return text if len(text) < 400 else text[:300] + "..." + text[-80:]


def too_long(value, field, most):
    shown = "" if value is None else f" '{value}'"
    return (f"1 validation error detected: Value{shown} at '{field}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {most}")


# --- CreateSecret

@case("CreateSecret", "success")
def create(c):
    name, version = c.name(), token()
    made = c.gives("CreateSecret", {"ARN": arn_of(name), "Name": name, "VersionId": version},
                   Name=name, ClientRequestToken=version, SecretString="value", Description="what it is",
                   Tags=[{"Key": "team", "Value": "red"}, {"Key": "empty", "Value": ""}])
    c.gives("GetSecretValue", {"ARN": made["ARN"], "Name": name, "VersionId": version, "SecretString": "value",
                               "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, SecretId=name)
    # The SDK makes a token of its own.
    bare = c.name()
    c.gives("CreateSecret", {"ARN": arn_of(bare), "Name": bare, "VersionId": lambda v: uuid.UUID(v)}, Name=bare,
            SecretString="value")
    # Without a value there is no version.
    empty = c.name()
    c.gives("CreateSecret", {"ARN": arn_of(empty), "Name": empty}, Name=empty)


@case("CreateSecret", "absence")
def create_taken(c):
    name, _, _ = c.secret()
    c.refuses("CreateSecret", "ResourceExistsException", f"The operation failed because the secret {name} already exists.",
              Name=name, SecretString="other")
    c.arrange("DeleteSecret", SecretId=name)
    c.refuses("CreateSecret", "InvalidRequestException", "You can't create this secret because a secret with this name is "
              "already scheduled for deletion.", Name=name, SecretString="other")


@case("CreateSecret", "refusal")
def create_refused(c):
    name = c.name()
    c.denied("CreateSecret", name, Name=name, SecretString="value")
    c.refuses("DescribeSecret", "ResourceNotFoundException", ABSENT, SecretId=name)


@case("CreateSecret", "bad input")
def create_bad(c):
    c.refuses("CreateSecret", "ValidationException", NAME, Name=c.name() + " x", SecretString="value")
    c.refuses("CreateSecret", "ValidationException", too_long("d" * 2049, "description", 2048), Name=c.name(),
              Description="d" * 2049)


# --- GetSecretValue

@case("GetSecretValue", "success")
def read(c):
    name, arn, version = c.secret("my value")
    expected = {"ARN": arn, "Name": name, "VersionId": version, "SecretString": "my value", "VersionStages": ["AWSCURRENT"],
                "CreatedDate": just_now()}
    for which in (name, arn, arn[:-7]):
        c.gives("GetSecretValue", expected, SecretId=which)
    c.gives("GetSecretValue", expected, SecretId=name, VersionId=version, VersionStage="AWSCURRENT")


@case("GetSecretValue", "absence")
def read_absent(c):
    name, arn, version = c.secret()
    text = "Secrets Manager can't find the specified secret value for "
    c.refuses("GetSecretValue", "ResourceNotFoundException", ABSENT, SecretId=c.name())
    c.refuses("GetSecretValue", "ResourceNotFoundException", ABSENT, SecretId=arn[:-6] + "AAAAAA")
    c.refuses("GetSecretValue", "ResourceNotFoundException", text + "staging label: AWSPREVIOUS", SecretId=name,
              VersionStage="AWSPREVIOUS")
    other_version = token()
    c.refuses("GetSecretValue", "ResourceNotFoundException", text + f"VersionId: {other_version}", SecretId=name,
              VersionId=other_version)
    empty = c.name()
    c.arrange("CreateSecret", Name=empty, ClientRequestToken=token())
    c.refuses("GetSecretValue", "ResourceNotFoundException", text + "staging label: AWSCURRENT", SecretId=empty)


@case("GetSecretValue", "refusal")
def read_refused(c):
    name, arn, _ = c.secret()
    for which in (name, arn, c.name()):  # the same sentence whether it is there or not
        c.denied("GetSecretValue", which, SecretId=which)


@case("GetSecretValue", "bad input")
def read_bad(c):
    c.refuses("GetSecretValue", "ValidationException", NAME, SecretId="a b")
    name, _, version = c.secret()
    c.arrange("PutSecretValue", SecretId=name, ClientRequestToken=token(), SecretString="second")
    c.refuses("GetSecretValue", "InvalidRequestException",
              "You provided a VersionStage that is not associated to the provided VersionId.", SecretId=name, VersionId=version,
              VersionStage="AWSCURRENT")


# --- PutSecretValue

@case("PutSecretValue", "success")
def put(c):
    name, arn, _ = c.secret()
    second, third = token(), token()
    c.gives("PutSecretValue", {"ARN": arn, "Name": name, "VersionId": second, "VersionStages": ["AWSCURRENT"]},
            SecretId=name, ClientRequestToken=second, SecretString="second")
    c.gives("PutSecretValue", {"ARN": arn, "Name": name, "VersionId": third, "VersionStages": unordered(["blue", "green"])},
            SecretId=arn, ClientRequestToken=third, SecretString="third", VersionStages=["blue", "green"])
    c.gives("GetSecretValue", {"ARN": arn, "Name": name, "VersionId": second, "SecretString": "second",
                               "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, SecretId=name)
    c.gives("GetSecretValue", {"ARN": arn, "Name": name, "VersionId": third, "SecretString": "third",
                               "VersionStages": unordered(["blue", "green"]), "CreatedDate": just_now()}, SecretId=name,
            VersionStage="green")


@case("PutSecretValue", "absence")
def put_absent(c):
    c.refuses("PutSecretValue", "ResourceNotFoundException", ABSENT, SecretId=c.name(), SecretString="value")


@case("PutSecretValue", "refusal")
def put_refused(c):
    name, _, version = c.secret()
    c.denied("PutSecretValue", name, SecretId=name, SecretString="value")
    c.stages(name, {version: ["AWSCURRENT"]})


@case("PutSecretValue", "bad input")
def put_bad(c):
    name, _, _ = c.secret()
    c.refuses("PutSecretValue", "ValidationException", NAME, SecretId="a?b", SecretString="value")
    c.refuses("PutSecretValue", "InvalidParameterException",
              "You can't specify both a binary secret value and a string secret value in the same secret.", SecretId=name,
              SecretString="text", SecretBinary=b"binary")


# --- UpdateSecret

@case("UpdateSecret", "success")
def update(c):
    name, arn, first = c.secret(Description="old")
    second = token()
    c.gives("UpdateSecret", {"ARN": arn, "Name": name, "VersionId": second}, SecretId=name, ClientRequestToken=second,
            SecretString="second")
    c.gives("UpdateSecret", {"ARN": arn, "Name": name}, SecretId=name, Description="new")
    c.gives("DescribeSecret", {"ARN": arn, "Name": name, "Description": "new", "LastChangedDate": just_now(),
                               "CreatedDate": just_now(),
                               "VersionIdsToStages": {first: ["AWSPREVIOUS"], second: ["AWSCURRENT"]}}, SecretId=name)


@case("UpdateSecret", "absence")
def update_absent(c):
    c.refuses("UpdateSecret", "ResourceNotFoundException", ABSENT, SecretId=c.name(), Description="new")


@case("UpdateSecret", "refusal")
def update_refused(c):
    name, _, version = c.secret()
    c.denied("UpdateSecret", name, SecretId=name, SecretString="value")
    c.stages(name, {version: ["AWSCURRENT"]})


@case("UpdateSecret", "bad input")
def update_bad(c):
    c.refuses("UpdateSecret", "ValidationException", NAME, SecretId="a*b", Description="new")
    name, _, _ = c.secret()
    c.refuses("UpdateSecret", "ValidationException", too_long("d" * 2049, "description", 2048), SecretId=name,
              Description="d" * 2049)


# --- DescribeSecret

def described(c, operation, pick, expected, **parameters):
    """The day of the last reading is written behind the reader's back: asked for until it is there."""
    for _ in range(100):
        if "LastAccessedDate" in pick(c.ask(operation, **parameters).members):
            break
        time.sleep(0.1)
    return c.gives(operation, expected, **parameters)


@case("DescribeSecret", "success")
def describe(c):
    tags = [{"Key": "team", "Value": "red"}, {"Key": "empty", "Value": ""}]
    name, arn, first = c.secret(Description="what it is", Tags=tags, KmsKeyId=DEFAULT_KEY, Type="PartnerPassword")
    expected = {"ARN": arn, "Name": name, "Description": "what it is", "KmsKeyId": DEFAULT_KEY, "Tags": tags,
                "Type": "PartnerPassword", "CreatedDate": just_now(), "LastChangedDate": just_now(),
                "VersionIdsToStages": {first: ["AWSCURRENT"]}}
    c.gives("DescribeSecret", expected, SecretId=name)
    c.arrange("GetSecretValue", SecretId=name)
    expected["LastAccessedDate"] = today
    described(c, "DescribeSecret", lambda members: members, expected, SecretId=arn)
    c.arrange("DeleteSecret", SecretId=name, RecoveryWindowInDays=7)
    c.gives("DescribeSecret", expected | {"DeletedDate": just_now()}, SecretId=name)


@other
def a_partners_rotation_is_told(c):
    name, arn, first = c.secret()
    details = [{"Key": "adminSecretArn", "Value": "x"}, {"Key": "apiVersion", "Value": "v1"}]
    later(c, name, ExternalSecretRotationRoleArn=ROLE, ExternalSecretRotationMetadata=details,
          RotationRules={"ScheduleExpression": "rate(10 hours)", "Duration": "2h"})
    told = {"ARN": arn, "Name": name, "CreatedDate": just_now(), "LastChangedDate": just_now(), "RotationEnabled": True,
            "RotationRules": {"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(10 hours)", "Duration": "2h"},
            "ExternalSecretRotationRoleArn": ROLE, "ExternalSecretRotationMetadata": details,
            "NextRotationDate": lambda got: got % DAY == DAY - 1000 and -DAY < got - now_ms() < 2 * DAY}
    c.gives("DescribeSecret", told | {"VersionIdsToStages": {first: ["AWSCURRENT"]}}, SecretId=name)
    later(c, name, RotationLambdaARN=FUNCTION)
    c.gives("ListSecrets", {"SecretList": [told | {"SecretVersionsToStages": {first: ["AWSCURRENT"]},
                                                   "RotationLambdaARN": FUNCTION}]}, Filters=filtered(name))


@case("DescribeSecret", "absence")
def describe_absent(c):
    c.refuses("DescribeSecret", "ResourceNotFoundException", ABSENT, SecretId=c.name())


@case("DescribeSecret", "refusal")
def describe_refused(c):
    name, _, _ = c.secret()
    c.denied("DescribeSecret", name, SecretId=name)


@case("DescribeSecret", "bad input")
def describe_bad(c):
    c.refuses("DescribeSecret", "ValidationException", NAME, SecretId="a]b")


# --- ListSecrets

def filtered(name):
    return [{"Key": "name", "Values": [name]}]


@case("ListSecrets", "success")
def list_secrets(c):
    tags = [{"Key": "team", "Value": "red"}]
    prefix = c.name()
    name, arn, first = c.secret(Name=prefix + "/a", Description="what it is", Tags=tags, KmsKeyId=DEFAULT_KEY,
                                Type="PartnerPassword")
    bare, bare_arn, bare_first = c.secret(Name=prefix + "/b")
    c.arrange("GetSecretValue", SecretId=name)
    entry = {"ARN": arn, "Name": name, "Description": "what it is", "KmsKeyId": DEFAULT_KEY, "Tags": tags,
             "Type": "PartnerPassword", "CreatedDate": just_now(), "LastChangedDate": just_now(), "LastAccessedDate": today,
             "SecretVersionsToStages": {first: ["AWSCURRENT"]}}
    second = {"ARN": bare_arn, "Name": bare, "CreatedDate": just_now(), "LastChangedDate": just_now(),
              "SecretVersionsToStages": {bare_first: ["AWSCURRENT"]}}
    described(c, "ListSecrets", lambda members: members["SecretList"][0], {"SecretList": [entry, second]},
              Filters=filtered(prefix), SortBy="name", SortOrder="asc")
    page = c.gives("ListSecrets", {"SecretList": [entry], "NextToken": bool}, Filters=filtered(prefix), SortBy="name",
                   SortOrder="asc", MaxResults=1)
    c.gives("ListSecrets", {"SecretList": [second]}, Filters=filtered(prefix), SortBy="name", SortOrder="asc", MaxResults=2,
            NextToken=page["NextToken"])
    c.arrange("DeleteSecret", SecretId=name)
    c.gives("ListSecrets", {"SecretList": [second]}, Filters=filtered(prefix))
    c.gives("ListSecrets", {"SecretList": [entry | {"DeletedDate": just_now()}, second]}, Filters=filtered(prefix),
            SortBy="name", SortOrder="asc", IncludePlannedDeletion=True)


@case("ListSecrets", "absence")
def list_nothing(c):
    c.gives("ListSecrets", {"SecretList": []}, Filters=filtered(c.name()))


@case("ListSecrets", "refusal")
def list_refused(c):
    c.denied("ListSecrets")


@case("ListSecrets", "bad input")
def list_bad(c):
    c.refuses("ListSecrets", "ValidationException", "1 validation error detected: Value '101' at 'maxResults' failed to satisfy "
              "constraint: Member must have value less than or equal to 100", MaxResults=101)
    c.refuses("ListSecrets", "InvalidNextTokenException", "The NextToken value is invalid.", MaxResults=10, NextToken="nonsense")


# --- UpdateSecretVersionStage

@case("UpdateSecretVersionStage", "success")
def stage(c):
    name, arn, first = c.secret()
    c.gives("UpdateSecretVersionStage", {"ARN": arn, "Name": name}, SecretId=name, VersionStage="blue", MoveToVersionId=first)
    c.stages(name, {first: ["AWSCURRENT", "blue"]})
    c.gives("UpdateSecretVersionStage", {"ARN": arn, "Name": name}, SecretId=name, VersionStage="blue", RemoveFromVersionId=first)
    c.stages(name, {first: ["AWSCURRENT"]})


@case("UpdateSecretVersionStage", "absence")
def stage_absent(c):
    c.refuses("UpdateSecretVersionStage", "ResourceNotFoundException", ABSENT, SecretId=c.name(), VersionStage="blue",
              MoveToVersionId=token())


@case("UpdateSecretVersionStage", "refusal")
def stage_refused(c):
    name, _, first = c.secret()
    c.denied("UpdateSecretVersionStage", name, SecretId=name, VersionStage="blue", MoveToVersionId=first)
    c.stages(name, {first: ["AWSCURRENT"]})


@case("UpdateSecretVersionStage", "bad input")
def stage_bad(c):
    name, _, first = c.secret()
    second = token()
    c.arrange("PutSecretValue", SecretId=name, ClientRequestToken=second, SecretString="second")
    c.refuses("UpdateSecretVersionStage", "InvalidParameterException", "The parameter RemoveFromVersionId can't be empty. "
              f"Staging label AWSCURRENT is currently attached to version {second}, so you must explicitly reference that "
              "version in RemoveFromVersionId.", SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=first)
    c.stages(name, {second: ["AWSCURRENT"], first: ["AWSPREVIOUS"]})


# --- RotateSecret and CancelRotateSecret

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/partner"
NO_FUNCTION = "No Lambda rotation function ARN is associated with this secret."
UNUSABLE = ("Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the "
            "principal secretsmanager.amazonaws.com.")
TWO_SCHEDULES = "You cannot specify both rotation frequency and schedule expression together."
NEVER_ROTATED = ("You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you "
                 "didn't include such an ARN as a parameter in this call.")


def end_of_day_in(days):
    """23:59:59 UTC of the day that is so many days after today; today may have become tomorrow meanwhile."""
    asked = now_ms()

    def matches(got):
        return got in {(ms // DAY + days + 1) * DAY - 1000 for ms in (asked, now_ms())}
    matches.__name__ = f"the end of the day in {days} days"
    return matches


def later(c, name, **more):
    """Configures rotation without rotating."""
    c.arrange("RotateSecret", SecretId=name, ClientRequestToken=token(), RotateImmediately=False, **more)


@case("RotateSecret", "success")
def rotate(c):
    name, arn, first = c.secret()
    expected = {"ARN": arn, "Name": name, "CreatedDate": just_now(), "LastChangedDate": just_now(),
                "VersionIdsToStages": {first: ["AWSCURRENT"]}, "RotationEnabled": True, "RotationLambdaARN": FUNCTION}
    c.gives("RotateSecret", {"ARN": arn, "Name": name}, SecretId=name, ClientRequestToken=token(), RotationLambdaARN=FUNCTION,
            RotationRules={"AutomaticallyAfterDays": 30}, RotateImmediately=False)
    c.gives("DescribeSecret", expected | {"RotationRules": {"AutomaticallyAfterDays": 30},
                                          "NextRotationDate": end_of_day_in(30)}, SecretId=name)
    c.gives("RotateSecret", {"ARN": arn, "Name": name}, SecretId=arn, ClientRequestToken=token(), RotateImmediately=False,
            RotationRules={"ScheduleExpression": "rate(10 days)", "Duration": "3h"})
    c.gives("DescribeSecret", expected | {
        "RotationRules": {"AutomaticallyAfterDays": 10, "ScheduleExpression": "rate(10 days)", "Duration": "3h"},
        "NextRotationDate": end_of_day_in(10)}, SecretId=name)


@case("RotateSecret", "absence")
def rotate_absent(c):
    c.refuses("RotateSecret", "ResourceNotFoundException", ABSENT, SecretId=c.name(), ClientRequestToken=token())
    name, _, _ = c.secret()
    c.refuses("RotateSecret", "InvalidRequestException", NO_FUNCTION, SecretId=name, ClientRequestToken=token())


@case("RotateSecret", "refusal")
def rotate_refused(c):
    name, _, _ = c.secret()
    c.denied("RotateSecret", name, SecretId=name, ClientRequestToken=token())
    c.refuses("RotateSecret", "AccessDeniedException", UNUSABLE, SecretId=name, ClientRequestToken=token(),
              RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 1})
    c.arrange("PutSecretValue", SecretId=name, ClientRequestToken=token(), SecretString="next", VersionStages=["AWSPENDING"])
    c.refuses("RotateSecret", "InvalidRequestException",
              "A previous rotation isn't complete. That rotation will be reattempted.", SecretId=name,
              ClientRequestToken=token(), RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 1})


@case("RotateSecret", "bad input")
def rotate_bad(c):
    name, _, _ = c.secret()
    for rules, message in (
            ({"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(1 day)"}, TWO_SCHEDULES),
            ({"ScheduleExpression": "rate(3 hours)"}, "A schedule may recur every four hours at the most."),
            ({"ScheduleExpression": "cron(0 0 31 2 ? *)"}, "The schedule names a day that never comes."),
            ({"ScheduleExpression": "cron(0 20 * * ? *)", "Duration": "5h"},
             "The window must not extend into the next UTC day or into the next window.")):
        c.refuses("RotateSecret", "InvalidParameterException", message, SecretId=name, ClientRequestToken=token(),
                  RotationLambdaARN=FUNCTION, RotationRules=rules, RotateImmediately=False)
    c.refuses("RotateSecret", "ValidationException",
              "1 validation error detected: Value '1001' at 'rotationRules.automaticallyAfterDays' failed to satisfy constraint: "
              "Member must have value less than or equal to 1000", SecretId=name, ClientRequestToken=token(),
              RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 1001})


@case("CancelRotateSecret", "success")
def cancel_rotation(c):
    name, arn, first = c.secret()
    later(c, name, RotationLambdaARN=FUNCTION, RotationRules={"ScheduleExpression": "cron(0 8 1 * ? *)"})
    pending = token()
    c.arrange("PutSecretValue", SecretId=name, ClientRequestToken=pending, SecretString="next", VersionStages=["AWSPENDING"])
    c.gives("CancelRotateSecret", {"ARN": arn, "Name": name, "VersionId": pending}, SecretId=name)
    c.gives("DescribeSecret", {
        "ARN": arn, "Name": name, "CreatedDate": just_now(), "LastChangedDate": just_now(), "RotationEnabled": False,
        "RotationLambdaARN": FUNCTION, "VersionIdsToStages": {first: ["AWSCURRENT"], pending: ["AWSPENDING"]},
        "RotationRules": {"AutomaticallyAfterDays": lambda days: 28 <= days <= 31, "ScheduleExpression": "cron(0 8 1 * ? *)"}},
        SecretId=name)


@case("CancelRotateSecret", "absence")
def cancel_rotation_absent(c):
    c.refuses("CancelRotateSecret", "ResourceNotFoundException", ABSENT, SecretId=c.name())
    name, _, _ = c.secret()
    c.refuses("CancelRotateSecret", "InvalidRequestException", NEVER_ROTATED, SecretId=name)


@case("CancelRotateSecret", "refusal")
def cancel_rotation_refused(c):
    name, _, _ = c.secret()
    c.denied("CancelRotateSecret", name, SecretId=name)


@case("CancelRotateSecret", "bad input")
def cancel_rotation_bad(c):
    c.refuses("CancelRotateSecret", "ValidationException", NAME, SecretId="a b")


# --- Replicas

IN_PRIMARY = "Operation not permitted on a replica secret. Call must be made in primary secret's region."
IN_REPLICA = "Operation not permitted on a primary secret. Call must be made in replica secret's region."
NO_REGION = "Invalid replica region."


def regions(*names):
    return [{"Region": name} for name in names]


def in_sync(region, **more):
    return {"Region": region, "KmsKeyId": DEFAULT_KEY, "Status": "InSync", "StatusMessage": "Replication succeeded"} | more


def abroad(arn):
    return arn.replace(f":{REGION}:", f":{ABROAD}:")


def replicated(c, *more):
    """A secret with replicas, of which the one abroad was read: name, ARN, first version, how it stands."""
    name, arn, first = c.secret(AddReplicaRegions=regions(ABROAD, *more))
    c.arrange("GetSecretValue", who="abroad", SecretId=name)
    return name, arn, first, [in_sync(ABROAD, LastAccessedDate=today), *map(in_sync, more)]


def first_status(members):
    return members["ReplicationStatus"][0]


@case("ReplicateSecretToRegions", "success")
def replicate(c):
    name, arn, first = c.secret("kept")
    c.gives("ReplicateSecretToRegions", {"ARN": arn, "ReplicationStatus": [in_sync(ABROAD)]}, SecretId=name,
            AddReplicaRegions=regions(ABROAD))
    value = {"ARN": abroad(arn), "Name": name, "VersionId": first, "SecretString": "kept", "VersionStages": ["AWSCURRENT"],
             "CreatedDate": just_now()}
    c.gives("GetSecretValue", value, who="abroad", SecretId=name)
    described(c, "ReplicateSecretToRegions", first_status,
              {"ARN": arn, "ReplicationStatus": [in_sync(ABROAD, LastAccessedDate=today), in_sync(FURTHER)]}, SecretId=name,
              AddReplicaRegions=[{"Region": FURTHER, "KmsKeyId": DEFAULT_KEY}])
    second = token()
    c.arrange("PutSecretValue", SecretId=name, ClientRequestToken=second, SecretString="newer")
    c.gives("GetSecretValue", value | {"VersionId": second, "SecretString": "newer"}, who="abroad", SecretId=abroad(arn))


@case("ReplicateSecretToRegions", "absence")
def replicate_absent(c):
    c.refuses("ReplicateSecretToRegions", "ResourceNotFoundException", ABSENT, SecretId=c.name(),
              AddReplicaRegions=regions(ABROAD))


@case("ReplicateSecretToRegions", "refusal")
def replicate_refused(c):
    name, _, _ = c.secret()
    c.denied("ReplicateSecretToRegions", name, SecretId=name, AddReplicaRegions=regions(ABROAD))


@case("ReplicateSecretToRegions", "bad input")
def replicate_bad(c):
    name, _, _ = c.secret()
    for region in (REGION, "us-west-1"):
        c.refuses("ReplicateSecretToRegions", "InvalidParameterException", NO_REGION, SecretId=name,
                  AddReplicaRegions=regions(region))


@case("RemoveRegionsFromReplication", "success")
def unreplicate(c):
    name, arn, _, stands = replicated(c, FURTHER)
    described(c, "DescribeSecret", first_status, lambda _: True, SecretId=name)
    c.gives("RemoveRegionsFromReplication", {"ARN": arn, "ReplicationStatus": stands[:1]}, SecretId=name,
            RemoveReplicaRegions=[FURTHER])
    c.gives("RemoveRegionsFromReplication", {"ARN": arn, "ReplicationStatus": []}, SecretId=name,
            RemoveReplicaRegions=[ABROAD])
    c.refuses("GetSecretValue", "ResourceNotFoundException", ABSENT, who="abroad", SecretId=name)


@case("RemoveRegionsFromReplication", "absence")
def unreplicate_absent(c):
    c.refuses("RemoveRegionsFromReplication", "ResourceNotFoundException", ABSENT, SecretId=c.name(),
              RemoveReplicaRegions=[ABROAD])


@case("RemoveRegionsFromReplication", "refusal")
def unreplicate_refused(c):
    name, _, _ = c.secret(AddReplicaRegions=regions(ABROAD))
    c.denied("RemoveRegionsFromReplication", name, SecretId=name, RemoveReplicaRegions=[ABROAD])
    c.refuses("RemoveRegionsFromReplication", "InvalidParameterException", IN_PRIMARY, who="abroad", SecretId=name,
              RemoveReplicaRegions=[REGION])


@case("RemoveRegionsFromReplication", "bad input")
def unreplicate_bad(c):
    name, _, _ = c.secret(AddReplicaRegions=regions(ABROAD))
    c.refuses("RemoveRegionsFromReplication", "InvalidParameterException", NO_REGION, SecretId=name,
              RemoveReplicaRegions=["us-west-1"])


@case("StopReplicationToReplica", "success")
def promote(c):
    name, arn, first = c.secret("kept", AddReplicaRegions=regions(ABROAD))
    c.gives("StopReplicationToReplica", {"ARN": abroad(arn)}, who="abroad", SecretId=name)
    second = token()
    c.gives("PutSecretValue", {"ARN": abroad(arn), "Name": name, "VersionId": second, "VersionStages": ["AWSCURRENT"]},
            who="abroad", SecretId=name, ClientRequestToken=second, SecretString="its own")
    c.gives("GetSecretValue", {"ARN": arn, "Name": name, "VersionId": first, "SecretString": "kept",
                               "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, SecretId=name)


@case("StopReplicationToReplica", "absence")
def promote_absent(c):
    c.refuses("StopReplicationToReplica", "ResourceNotFoundException", ABSENT, who="abroad", SecretId=c.name())


@case("StopReplicationToReplica", "refusal")
def promote_refused(c):
    name, _, _ = c.secret(AddReplicaRegions=regions(ABROAD))
    c.denied("StopReplicationToReplica", name, SecretId=name)
    c.refuses("StopReplicationToReplica", "InvalidParameterException", IN_REPLICA, SecretId=name)


@case("StopReplicationToReplica", "bad input")
def promote_bad(c):
    c.refuses("StopReplicationToReplica", "ValidationException", NAME, SecretId="a b")


@other
def replicas_are_told(c):
    name, arn, first, stands = replicated(c)
    told = {"Name": name, "CreatedDate": just_now(), "LastChangedDate": just_now(), "PrimaryRegion": REGION}
    described(c, "DescribeSecret", first_status, told | {
        "ARN": arn, "ReplicationStatus": stands, "VersionIdsToStages": {first: ["AWSCURRENT"]}}, SecretId=name)
    c.gives("CreateSecret", {"ARN": arn, "Name": name, "VersionId": first, "ReplicationStatus": stands}, Name=name,
            ClientRequestToken=first, SecretString="first")
    c.gives("ListSecrets", {"SecretList": [told | {"ARN": arn, "SecretVersionsToStages": {first: ["AWSCURRENT"]}}]},
            Filters=filtered(name))


@other
def replicas_are_only_read(c):
    name, arn, first = c.secret(AddReplicaRegions=regions(ABROAD))
    c.refuses("PutSecretValue", "InvalidParameterException", IN_PRIMARY, who="abroad", SecretId=name,
              ClientRequestToken=token(), SecretString="other")
    c.refuses("DeleteSecret", "InvalidParameterException", IN_PRIMARY, who="abroad", SecretId=name)
    c.refuses("DeleteSecret", "InvalidParameterException",
              f"You can't delete secret {arn} that still has replica regions [{ABROAD}].", SecretId=name)


@other
def a_name_that_is_taken_abroad(c):
    name, arn, _ = c.secret("mine")
    c.arrange("CreateSecret", who="abroad", Name=name, ClientRequestToken=token(), SecretString="another's")
    failed = {"Region": ABROAD, "KmsKeyId": DEFAULT_KEY, "Status": "Failed",
              "StatusMessage": f"Replication failed: Secret name {name} already exists in region {ABROAD}."}
    c.gives("ReplicateSecretToRegions", {"ARN": arn, "ReplicationStatus": [failed]}, SecretId=name,
            AddReplicaRegions=regions(ABROAD))
    c.gives("ReplicateSecretToRegions", {"ARN": arn, "ReplicationStatus": [in_sync(ABROAD)]}, SecretId=name,
            AddReplicaRegions=regions(ABROAD), ForceOverwriteReplicaSecret=True)
    if c.arrange("GetSecretValue", who="abroad", SecretId=name)["SecretString"] != "mine":
        raise Wrong("the replica is not what its primary is")


# --- DeleteSecret

@case("DeleteSecret", "success")
def delete(c):
    for days in (None, 7):
        name, arn, _ = c.secret()
        window = {} if days is None else {"RecoveryWindowInDays": days}
        c.gives("DeleteSecret", {"ARN": arn, "Name": name, "DeletionDate": near(now_ms() + (days or 30) * DAY, "the window's end")},
                SecretId=name, **window)
        c.refuses("GetSecretValue", "InvalidRequestException",
                  "You can't perform this operation on the secret because it was marked for deletion.", SecretId=name)
    name, arn, _ = c.secret()
    c.gives("DeleteSecret", {"ARN": arn, "Name": name, "DeletionDate": just_now()}, SecretId=name,
            ForceDeleteWithoutRecovery=True)
    c.refuses("DescribeSecret", "ResourceNotFoundException", ABSENT, SecretId=name)
    c.secret(Name=name)  # the name is free again


@case("DeleteSecret", "absence")
def delete_absent(c):
    c.refuses("DeleteSecret", "ResourceNotFoundException", ABSENT, SecretId=c.name())


@case("DeleteSecret", "refusal")
def delete_refused(c):
    name, _, version = c.secret()
    c.denied("DeleteSecret", name, SecretId=name)
    c.denied("DeleteSecret", name, SecretId=name, ForceDeleteWithoutRecovery=True)
    c.stages(name, {version: ["AWSCURRENT"]})


@case("DeleteSecret", "bad input")
def delete_bad(c):
    name, _, _ = c.secret()
    c.refuses("DeleteSecret", "ValidationException", NAME, SecretId="a\\b")
    c.refuses("DeleteSecret", "InvalidParameterException",
              "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).", SecretId=name, RecoveryWindowInDays=6)
    c.refuses("DeleteSecret", "InvalidParameterException",
              "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.", SecretId=name,
              RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=True)


# --- RestoreSecret

@case("RestoreSecret", "success")
def restore(c):
    name, arn, version = c.secret("kept")
    c.arrange("DeleteSecret", SecretId=name)
    c.gives("RestoreSecret", {"ARN": arn, "Name": name}, SecretId=name)
    c.gives("GetSecretValue", {"ARN": arn, "Name": name, "VersionId": version, "SecretString": "kept",
                               "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, SecretId=name)


@case("RestoreSecret", "absence")
def restore_absent(c):
    c.refuses("RestoreSecret", "ResourceNotFoundException", ABSENT, SecretId=c.name())


@case("RestoreSecret", "refusal")
def restore_refused(c):
    name, _, _ = c.secret()
    c.arrange("DeleteSecret", SecretId=name)
    c.denied("RestoreSecret", name, SecretId=name)


@case("RestoreSecret", "bad input")
def restore_bad(c):
    c.refuses("RestoreSecret", "ValidationException", too_long("x" * 2049, "secretId", 2048), SecretId="x" * 2049)


# --- cases of their own

@other
def binary_values(c):
    value = bytes(range(256)) + b"\0\xff\n\r"
    name, first, second = c.name(), token(), token()
    arn = c.gives("CreateSecret", {"ARN": arn_of(name), "Name": name, "VersionId": first}, Name=name, ClientRequestToken=first,
                  SecretBinary=value)["ARN"]
    expected = {"ARN": arn, "Name": name, "VersionId": first, "SecretBinary": value, "VersionStages": ["AWSCURRENT"],
                "CreatedDate": just_now()}
    c.gives("GetSecretValue", expected, SecretId=name)
    c.gives("PutSecretValue", {"ARN": arn, "Name": name, "VersionId": second, "VersionStages": ["AWSCURRENT"]}, SecretId=name,
            ClientRequestToken=second, SecretBinary=value[::-1])
    c.gives("GetSecretValue", expected | {"VersionId": second, "SecretBinary": value[::-1]}, SecretId=name)


@other
def unicode_everywhere(c):
    name, version, tags = c.name(), token(), [{"Key": "ключ", "Value": "\u20ac \U0001f511"}]
    arn = c.gives("CreateSecret", {"ARN": arn_of(name), "Name": name, "VersionId": version}, Name=name,
                  ClientRequestToken=version, SecretString=UNICODE, Description="für 漢字 \U0001f511", Tags=tags)["ARN"]
    # Before anybody reads it: a day of reading would be told.
    c.gives("DescribeSecret", {"ARN": arn, "Name": name, "Description": "für 漢字 \U0001f511", "Tags": tags,
                               "CreatedDate": just_now(), "LastChangedDate": just_now(),
                               "VersionIdsToStages": {version: ["AWSCURRENT"]}}, SecretId=name)
    c.gives("GetSecretValue", {"ARN": arn, "Name": name, "VersionId": version, "SecretString": UNICODE,
                               "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, SecretId=name)


@other
def the_largest_value(c):
    name, arn, _ = c.secret()
    for value in ("v" * 65536, "\u20ac" * 21845 + "v"):
        version = token()
        c.gives("PutSecretValue", {"ARN": arn, "Name": name, "VersionId": version, "VersionStages": ["AWSCURRENT"]},
                SecretId=name, ClientRequestToken=version, SecretString=value)
        c.gives("GetSecretValue", {"ARN": arn, "Name": name, "VersionId": version, "SecretString": value,
                                   "VersionStages": ["AWSCURRENT"], "CreatedDate": just_now()}, SecretId=name)
    c.refuses("PutSecretValue", "ValidationException", too_long(None, "secretString", 65536), SecretId=name,
              SecretString="v" * 65537)


@other
def the_same_token_again(c):
    name, version = c.name(), token()
    made = {"ARN": arn_of(name), "Name": name, "VersionId": version}
    used = f"You can't use ClientRequestToken {{}} because that value is already in use for a version of secret {{}}."
    first = {"Name": name, "ClientRequestToken": version}
    arn = c.gives("CreateSecret", made, SecretString="one", **first)["ARN"]
    c.gives("CreateSecret", made | {"ARN": arn}, SecretString="one", **first)
    c.refuses("CreateSecret", "ResourceExistsException", used.format(version, arn), SecretString="two", **first)
    second = token()
    for operation, more in (("PutSecretValue", {"VersionStages": ["AWSCURRENT"]}), ("UpdateSecret", {})):
        same = {"SecretId": name, "ClientRequestToken": second}
        for _ in range(2):
            c.gives(operation, {"ARN": arn, "Name": name, "VersionId": second} | more, SecretString="two", **same)
        c.refuses(operation, "ResourceExistsException", used.format(second, arn), SecretString="three", **same)
    c.stages(name, {version: ["AWSPREVIOUS"], second: ["AWSCURRENT"]})


def put_version(c, name, **more):
    version = token()
    reply = c.ask("PutSecretValue", SecretId=name, ClientRequestToken=version, SecretString=version, **more)
    if reply.code:
        raise Wrong(f"PutSecretValue: {reply}")
    return version


@other
def labels_of_three_versions(c):
    name, _, one = c.secret()
    c.stages(name, {one: ["AWSCURRENT"]})
    two = put_version(c, name)
    c.stages(name, {two: ["AWSCURRENT"], one: ["AWSPREVIOUS"]})
    three = put_version(c, name)
    c.stages(name, {three: ["AWSCURRENT"], two: ["AWSPREVIOUS"]})


@other
def labels_with_a_pending_version(c):
    name, _, one = c.secret()
    two = put_version(c, name, VersionStages=["AWSCURRENT", "AWSPENDING"])
    c.stages(name, {two: ["AWSCURRENT", "AWSPENDING"], one: ["AWSPREVIOUS"]})
    three = put_version(c, name, VersionStages=["AWSPENDING"])
    c.stages(name, {three: ["AWSPENDING"], two: ["AWSCURRENT"], one: ["AWSPREVIOUS"]})


@other
def labels_moved_by_hand_and_back(c):
    name, arn, one = c.secret()
    two = put_version(c, name, VersionStages=["AWSPENDING", "mine"])
    moved = {"ARN": arn, "Name": name}
    c.gives("UpdateSecretVersionStage", moved, SecretId=name, VersionStage="AWSCURRENT", RemoveFromVersionId=one,
            MoveToVersionId=two)
    c.stages(name, {two: ["AWSCURRENT", "AWSPENDING", "mine"], one: ["AWSPREVIOUS"]})
    c.gives("UpdateSecretVersionStage", moved, SecretId=name, VersionStage="AWSCURRENT", RemoveFromVersionId=two,
            MoveToVersionId=one)
    c.stages(name, {one: ["AWSCURRENT"], two: ["AWSPREVIOUS", "AWSPENDING", "mine"]})
    three = put_version(c, name)  # who had AWSPREVIOUS loses it alone
    c.stages(name, {three: ["AWSCURRENT"], one: ["AWSPREVIOUS"], two: ["AWSPENDING", "mine"]})


@other
def current_cannot_be_taken_away(c):
    name, _, one = c.secret()
    c.refuses("UpdateSecretVersionStage", "InvalidParameterException", "You can only move staging label AWSCURRENT to a "
              "different secret version. It can't be completely removed.", SecretId=name, VersionStage="AWSCURRENT",
              RemoveFromVersionId=one)


@other
def all_pages_of_a_list(c):
    prefix = c.name()
    names = [f"{prefix}/{i:02}" for i in range(23)]
    for name in names:
        c.secret(Name=name)
    reply = c.ask("ListSecrets", pages=5, Filters=filtered(prefix + "/"))
    if reply.code or sorted(entry["Name"] for entry in reply.members["SecretList"]) != names:
        raise Wrong(f"not every secret once: {reply}")
    if reply.pages not in (None, 5):
        raise Wrong(f"{reply.pages} pages, not 5")


@other
def a_wrong_key(c):
    name, _, _ = c.secret()
    good = c.keys["operator"]
    wrong = Key(good.id, good.secret[:-1] + ("A" if good.secret[-1] != "A" else "B"))
    reply = c.ask("GetSecretValue", who=wrong, SecretId=name)
    if (reply.code, reply.message) != ("InvalidSignatureException", SIGNATURE):
        raise Wrong(str(reply))


@other
def dead_and_unknown_keys_alike(c):
    name, _, _ = c.secret()
    for who in ("deleted", "disabled", "unknown", "deleted user"):
        c.refuses("GetSecretValue", "UnrecognizedClientException", TOKEN, who=who, SecretId=name)


def of_clock(function):
    of_clocks.add(function)
    return function


@other
@of_clock
def a_clock_that_is_ahead(c):
    name, _, version = c.secret("value")
    good = c.keys["operator"]
    reply = c.ask("GetSecretValue", who=Key(good.id, good.secret, 600), SecretId=name)
    stamp = r"\d{8}T\d{6}Z"
    if c.client.corrects:
        if reply.code or reply.attempts != 2 or reply.members["VersionId"] != version:
            raise Wrong(f"{reply}, after {reply.attempts} attempts")
    elif reply.code != "InvalidSignatureException" or not re.fullmatch(
            rf"Signature not yet current: {stamp} is still later than {stamp} \({stamp} \+ 5 min\.\)", reply.message):
        raise Wrong(str(reply))


@other
def a_policy_that_denies(c):
    name, _, _ = c.secret()
    c.refuses("GetSecretValue", "AccessDeniedException",
              f"User: arn:aws:iam::{ACCOUNT}:user/barred is not authorized to perform: secretsmanager:GetSecretValue on "
              f"resource: {name} with an explicit deny in an identity-based policy", who="barred", SecretId=name)
    reply = c.ask("DescribeSecret", who="barred", SecretId=name)
    if reply.code:
        raise Wrong(str(reply))


@other
def a_policy_for_one_secret(c):
    """What the narrow user's policy names is in support of all clients: one name, six characters behind it."""
    mine, theirs = f"sdk/narrow/{c.client.name}", c.name()
    for name in (mine, theirs):
        c.secret("value", Name=name)
    reply = c.ask("GetSecretValue", who="narrow", SecretId=mine)
    if reply.code or reply.members["SecretString"] != "value":
        raise Wrong(str(reply))
    reply = c.ask("GetSecretValue", who="narrow", SecretId=theirs)
    if reply.code != "AccessDeniedException":
        raise Wrong(str(reply))
