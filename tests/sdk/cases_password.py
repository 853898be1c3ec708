"""cases_password: GetRandomPassword, as every client is tried with it. It speaks of no secret, so what would be absent are
characters to choose from."""

import string

from cases import case

SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def made_of(length, *sets):
    """So many characters, at least one of each set and none beside them."""
    def matches(got):
        return len(got) == length and all(any(c in one for c in got) for one in sets) and set(got) <= set("".join(sets))
    matches.__name__ = f"{length} characters of {sets}"
    return matches


@case("GetRandomPassword", "success")
def password(c):
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, SIGNS)
    first = c.gives("GetRandomPassword", {"RandomPassword": made_of(32, *kinds)})
    second = c.gives("GetRandomPassword", {"RandomPassword": made_of(32, *kinds)})
    assert first != second, "the same password twice"
    c.gives("GetRandomPassword", {"RandomPassword": made_of(4096, string.ascii_lowercase + " ")}, PasswordLength=4096,
            ExcludeUppercase=True, ExcludeNumbers=True, ExcludePunctuation=True, IncludeSpace=True)
    c.gives("GetRandomPassword", {"RandomPassword": "77"}, PasswordLength=2, ExcludeCharacters="012345689" + SIGNS,
            ExcludeUppercase=True, ExcludeLowercase=True, RequireEachIncludedType=False)


@case("GetRandomPassword", "absence")
def no_characters(c):
    c.refuses("GetRandomPassword", "InvalidParameterException", "All characters have been excluded from selection.",
              ExcludeUppercase=True, ExcludeLowercase=True, ExcludeNumbers=True, ExcludePunctuation=True)


@case("GetRandomPassword", "refusal")
def password_refused(c):
    c.denied("GetRandomPassword")


@case("GetRandomPassword", "bad input")
def password_bad(c):
    c.refuses("GetRandomPassword", "InvalidParameterException", "Password length is too short based on the required types.",
              PasswordLength=3)
    c.refuses("GetRandomPassword", "ValidationException", "1 validation error detected: Value '4097' at 'passwordLength' failed "
              "to satisfy constraint: Member must have value less than or equal to 4096", PasswordLength=4097)
