"""cases_sts: what every client is tried with of STS."""

import re

from cases import SIGNATURE, TOKEN, case
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
