"""What the names of columns say: of labels, keys, times, personal data, and what comes after the label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from scoring.projects.origins import plain_name

LABELS = {"label", "target", "y", "class", "outcome", "response", "ziel"}
LABEL_STARTS = ("is", "has", "did", "will", "was", "target", "label")
LABEL_STEMS = {
    "churn", "churned", "default", "defaulted", "survived", "fraud", "converted", "cancelled", "canceled",
    "returned", "diagnosis", "species", "cultivar", "late", "delayed", "won", "clicked", "purchased",
    "attrition", "died", "spam",
}  # fmt: skip
KEYS = {"id", "key", "uuid", "guid", "code", "nr", "no", "number", "nummer", "index", "idx", "rownames", "pk"}
TIMES = (
    "created",
    "ordered",
    "order",
    "booked",
    "started",
    "start",
    "signed",
    "opened",
    "event",
    "date",
    "time",
    "day",
)
BIRTH = {"birth", "born", "dob", "birthday", "birthdate", "geburtsdatum", "geburtstag"}
PERSONAL = {
    "an e-mail address": {"email", "mail", "mails", "emails"},
    "a telephone number": {"phone", "mobile", "telephone", "telefon", "handy", "fax", "cellphone", "phonenumber"},
    "a name of a person": {
        "firstname", "lastname", "surname", "fullname", "forename", "vorname", "nachname", "username", "middlename",
        "maidenname",
    },
    "a postal address": {"address", "street", "adresse", "strasse", "addressline"},
    "an account or card number": {"iban", "bic", "creditcard", "cardnumber", "ccnumber"},
    "an official number": {"ssn", "passport", "socialsecurity", "nin", "taxid", "licenseplate", "ahv"},
    "a date of birth": BIRTH,
    "an address in a network": {"ip", "ipaddress", "mac", "macaddress"},
}  # fmt: skip
PERSON = {
    "customer",
    "client",
    "patient",
    "employee",
    "user",
    "person",
    "contact",
    "owner",
    "guest",
    "kunde",
    "kunden",
}
LATER = {
    "result", "results", "outcome", "cancelled", "canceled", "cancellation", "closed", "resolved",
    "resolution", "ended", "final", "actual", "refund", "refunded", "returned", "settled", "completed",
    "terminated", "termination", "payout",
}  # fmt: skip
EARLIER = {"previous", "prior", "last", "past", "historical", "former", "prev", "before", "earlier"}
"""Words of what was known before, whatever else the name says."""
POSITIVES = {
    "yes", "true", "y", "t", "1", "ja", "oui", "si", "sí", "late", "delayed", "churned", "churn",
    "positive", "pos", "default", "fraud", "malignant", "bad", "died", "dead", "spam", "win", "won", "high",
    "sick", "present", "case", "cancelled", "canceled",
}  # fmt: skip
"""Values of a label that are likely to be the ones to predict."""
STEM = 4


def words(name: str) -> list[str]:
    """Return the words of a name, whatever divides them.

    Examples
    --------
    >>> words("customerEmail"), words("Kunden-Nr."), words("is_churned")
    (['customer', 'email'], ['kunden', 'nr'], ['is', 'churned'])
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in plain_name(spaced).removeprefix("t_").split("_") if word]


def label_score(name: str) -> int:
    """Return how much a name looks like that of a label: 3 by its name alone, 0 if not at all."""
    parts = words(name)
    if plain_name(name) in LABELS or (parts and parts[0] in ("target", "label")):
        return 3
    if parts and (parts[0] in LABEL_STARTS or parts[-1] in LABEL_STEMS):
        return 2
    return 0


def is_key_name(name: str) -> bool:
    """Return whether a name is that of an identifier."""
    parts = words(name)
    return bool(parts) and (
        parts[-1] in KEYS or parts[0] in ("id", "row") or "".join(parts).endswith("rownames")
    )


def time_score(name: str) -> int:
    """Return how much the name of a date looks like the time of prediction."""
    parts = words(name)
    return max((len(TIMES) - TIMES.index(part) for part in parts if part in TIMES), default=0)


def personal_by_name(name: str) -> str | None:
    """Return what personal data the name of a column promises.

    Examples
    --------
    >>> personal_by_name("E-Mail"), personal_by_name("first name"), personal_by_name("Sepal.Length")
    ('an e-mail address', 'a name of a person', None)
    """
    parts = words(name)
    joined = {*parts, *("".join(pair) for pair in pairwise(parts))}
    for kind, own_words in PERSONAL.items():
        if joined & own_words:
            return kind
    if "name" in parts and (set(parts) & PERSON):
        return "a name of a person"
    return None


def comes_later(name: str, label: str) -> bool:
    """Return whether a name says that the value comes with or after the label.

    Examples
    --------
    >>> [comes_later(name, "is_churned") for name in ("churn_reason", "cancelled_at", "plan", "previous_churns")]
    [True, True, False, False]
    """
    own = {_stem(word) for word in words(label) if word not in LABEL_STARTS and len(word) > STEM}
    parts = words(name)
    if EARLIER & set(parts):
        return False
    return bool(set(parts) & LATER) or any(
        _stem(word) in own for word in parts if len(word) >= STEM and word != "date"
    )


def free_name(name: str, taken: Iterable[str], suffix: str) -> str:
    """Return a name, with a suffix as often as it takes to be none of those that are taken."""
    lowered = {other.lower() for other in taken}
    while name.lower() in lowered:
        name += suffix
    return name


def _stem(word: str) -> str:
    return re.sub(r"(ed|d|es|s|ing|ion|e)$", "", word)
