"""cases_tags: TagResource and UntagResource, as every client is tried with them."""

from cases import ABSENT, NAME, case, other

DELETED = "You can't perform this operation on the secret because it was marked for deletion."
RED, EMPTY = {"Key": "team", "Value": "red"}, {"Key": "empty", "Value": ""}


def tagged(c, name, wanted):
    got = c.arrange("DescribeSecret", SecretId=name).get("Tags", [])
    assert got == wanted, f"the tags of {name} are {got}, not {wanted}"


@case("TagResource", "success")
def tag(c):
    name, arn, _ = c.secret(Tags=[{"Key": "team", "Value": "blue"}])
    c.gives("TagResource", {}, SecretId=name, Tags=[RED, EMPTY])
    tagged(c, name, [RED, EMPTY])
    c.gives("TagResource", {}, SecretId=arn, Tags=[RED])
    tagged(c, name, [RED, EMPTY])


@case("TagResource", "absence")
def tag_absent(c):
    c.refuses("TagResource", "ResourceNotFoundException", ABSENT, SecretId=c.name(), Tags=[RED])


@case("TagResource", "refusal")
def tag_refused(c):
    name, _, _ = c.secret()
    c.denied("TagResource", name, SecretId=name, Tags=[RED])
    tagged(c, name, [])


@case("TagResource", "bad input")
def tag_bad(c):
    name, _, _ = c.secret()
    c.refuses("TagResource", "ValidationException", NAME, SecretId="a b", Tags=[RED])
    c.refuses("TagResource", "InvalidParameterException", "You can't modify system tags. Tag key: 'aws:x'.", SecretId=name,
              Tags=[{"Key": "aws:x", "Value": ""}])
    c.refuses("TagResource", "ValidationException", "1 validation error detected: Value '" + "v" * 257 + "' at "
              "'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256",
              SecretId=name, Tags=[{"Key": "k", "Value": "v" * 257}])
    c.arrange("DeleteSecret", SecretId=name)
    c.refuses("TagResource", "InvalidRequestException", DELETED, SecretId=name, Tags=[RED])


@case("UntagResource", "success")
def untag(c):
    name, arn, _ = c.secret(Tags=[RED, EMPTY])
    c.gives("UntagResource", {}, SecretId=name, TagKeys=["team", "nobody"])
    tagged(c, name, [EMPTY])
    c.gives("UntagResource", {}, SecretId=arn, TagKeys=["empty"])
    tagged(c, name, [])


@case("UntagResource", "absence")
def untag_absent(c):
    c.refuses("UntagResource", "ResourceNotFoundException", ABSENT, SecretId=c.name(), TagKeys=["team"])


@case("UntagResource", "refusal")
def untag_refused(c):
    name, _, _ = c.secret(Tags=[RED])
    c.denied("UntagResource", name, SecretId=name, TagKeys=["team"])
    tagged(c, name, [RED])


@case("UntagResource", "bad input")
def untag_bad(c):
    name, _, _ = c.secret()
    c.refuses("UntagResource", "ValidationException", NAME, SecretId="a?b", TagKeys=["team"])
    c.arrange("DeleteSecret", SecretId=name)
    c.refuses("UntagResource", "InvalidRequestException", DELETED, SecretId=name, TagKeys=["team"])


@other
def fifty_tags_and_one_more(c):
    tags = [{"Key": f"k{i:02}", "Value": "v"} for i in range(50)]
    name, _, _ = c.secret(Tags=tags)
    c.refuses("TagResource", "InvalidParameterException", "The secret would have more tags than it may have.", SecretId=name,
              Tags=[RED])
    c.gives("UntagResource", {}, SecretId=name, TagKeys=["k07"])
    c.gives("TagResource", {}, SecretId=name, Tags=[RED])
    tagged(c, name, tags[:7] + tags[8:] + [RED])
