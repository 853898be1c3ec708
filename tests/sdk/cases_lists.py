"""cases_lists: filters, orders and pages of ListSecrets, as every client is tried with them."""

from cases import Wrong, other


def listed(c, wanted, pages=None, **members):
    """Those names of this case, in this order."""
    reply = c.ask("ListSecrets", pages=pages, **members) if pages else c.ask("ListSecrets", **members)
    names = None if reply.code else [entry["Name"] for entry in reply.members["SecretList"]]
    if names != wanted:
        raise Wrong(f"{members}: {names or reply}, not {wanted}")


def where(**filters):
    return [{"Key": key.replace("_", "-"), "Values": value if isinstance(value, list) else [value]} for key, value in filters.items()]


@other
def filters_of_a_list(c):
    prefix = c.name()
    red, blue, bare = [f"{prefix}/{name}" for name in ("Red", "blue", "none")]
    c.secret(Name=red, Description="The first", Tags=[{"Key": "team", "Value": "red"}, {"Key": prefix, "Value": "one"}])
    c.secret(Name=blue, Description="a second one", Tags=[{"Key": "team", "Value": "reddish"}, {"Key": prefix, "Value": "two"}])
    c.secret(Name=bare)
    listed(c, [red, blue, bare], Filters=where(name=prefix))
    listed(c, [red, blue], Filters=where(name=[prefix + "/R", prefix + "/b"]))
    listed(c, [red, bare], Filters=where(name=[prefix, "!" + blue]))
    listed(c, [red, blue], Filters=where(tag_key=prefix))
    listed(c, [red, blue], Filters=where(tag_key=prefix, tag_value="red"))
    listed(c, [blue], Filters=where(tag_key=prefix, tag_value="redd"))
    listed(c, [blue, bare], Filters=where(name=prefix, tag_value="!one"))
    listed(c, [blue], Filters=where(name=prefix, description="SECOND"))
    listed(c, [blue], Filters=where(name=prefix, all="one second"))
    listed(c, [], Filters=where(name=prefix, all="econd"))
    listed(c, [], Filters=where(name=prefix, primary_region="us-west-2"))
    listed(c, [], Filters=where(name=prefix, owning_service="rds"))
    listed(c, [bare, blue, red], Filters=where(name=prefix), SortOrder="desc")
    listed(c, [bare, blue, red], Filters=where(name=prefix), SortBy="name", SortOrder="desc")
    c.arrange("UpdateSecret", SecretId=red, Description="again")
    listed(c, [blue, bare, red], Filters=where(name=prefix), SortBy="last-changed-date")
    c.arrange("GetSecretValue", SecretId=blue)
    c.arrange("TagResource", SecretId=bare, Tags=[{"Key": prefix, "Value": "three"}])
    listed(c, [red, blue, bare], Filters=where(tag_key=prefix))
    c.arrange("UntagResource", SecretId=red, TagKeys=[prefix])
    listed(c, [blue, bare], Filters=where(tag_key=prefix))


@other
def pages_of_a_filtered_list(c):
    prefix = c.name()
    names = [f"{prefix}/{i:02}" for i in range(11)]
    for i, name in enumerate(names):
        c.secret(Name=name, Tags=[{"Key": prefix, "Value": "odd" if i % 2 else "even"}])
    listed(c, names[::2], pages=2, Filters=where(tag_key=prefix, tag_value="even"))
    listed(c, names[::-1], pages=3, Filters=where(tag_key=prefix), SortBy="name", SortOrder="desc")
