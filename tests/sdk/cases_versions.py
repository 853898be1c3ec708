"""cases_versions: ListSecretVersionIds, as every client is tried with it."""

from cases import ABSENT, NAME, case, described, just_now, put_version, today


def version(name, *stages):
    return {"VersionId": name, "CreatedDate": just_now(), "KmsKeyIds": ["DefaultEncryptionKey"]} | (
        {"VersionStages": list(stages)} if stages else {})


@case("ListSecretVersionIds", "success")
def versions(c):
    name, arn, first = c.secret()
    second, third = put_version(c, name), put_version(c, name)
    labelled = [version(second, "AWSPREVIOUS"), version(third, "AWSCURRENT")]
    about = {"ARN": arn, "Name": name}
    c.gives("ListSecretVersionIds", about | {"Versions": labelled}, SecretId=name)
    c.gives("ListSecretVersionIds", about | {"Versions": [version(first), *labelled]}, SecretId=arn, IncludeDeprecated=True)
    page = c.gives("ListSecretVersionIds", about | {"Versions": labelled[:1], "NextToken": bool}, SecretId=name, MaxResults=1)
    c.gives("ListSecretVersionIds", about | {"Versions": labelled[1:]}, SecretId=name, MaxResults=1,
            NextToken=page["NextToken"])
    c.arrange("GetSecretValue", SecretId=name, VersionId=second)
    labelled[0]["LastAccessedDate"] = today
    described(c, "ListSecretVersionIds", lambda members: members["Versions"][0], about | {"Versions": labelled}, SecretId=name)


@case("ListSecretVersionIds", "absence")
def versions_absent(c):
    c.refuses("ListSecretVersionIds", "ResourceNotFoundException", ABSENT, SecretId=c.name())


@case("ListSecretVersionIds", "refusal")
def versions_refused(c):
    name, _, _ = c.secret()
    c.denied("ListSecretVersionIds", name, SecretId=name)


@case("ListSecretVersionIds", "bad input")
def versions_bad(c):
    c.refuses("ListSecretVersionIds", "ValidationException", NAME, SecretId="a]b")
    name, _, _ = c.secret()
    c.refuses("ListSecretVersionIds", "InvalidNextTokenException", "The NextToken value is invalid.", SecretId=name,
              MaxResults=2, NextToken="nonsense")
