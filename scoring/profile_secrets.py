"""Secrets in a profile: they come from the environment, and stay out of every text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

SCRUBBED = "DBT_ENV_SECRET_"
"""How the variables are called whose values dbt keeps out of its logs."""
SECRET_KEYS = re.compile(
    r"(.*_)?(password|passwd|passphrase|secret|secret_key|token|access_key|account_key|api_key|private_key"
    r"|encryption_key|secret_access_key)|motherduck_token|extra_http_headers",
    re.IGNORECASE,
)
"""Whose whole value is a secret."""
NAMING_KEYS = re.compile(r"(.*_)?(access_)?key_id", re.IGNORECASE)
"""Whose value names a secret: it may come from any variable."""
NO_SECRETS = re.compile(r"kms_key_id", re.IGNORECASE)
PASSWORD = re.compile(
    r"(?:password|passwd|token|secret|accountkey|sharedaccesssignature)\s*=\s*('(?:\\.|[^'\\])*'|[^\s;&'\"]+)"
    r"|\w://[^\s/:@]*:([^\s/]+)(?=@)",
    re.IGNORECASE,
)
"""A password within a connection string: as libpq writes it, in a URL, or in one of Azure or MotherDuck."""
SHORTEST = 4
"""Shorter texts occur in others by chance."""
OTHERS = ("PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Variables beside dbt's own that DuckDB's extensions take secrets from."""
HIDDEN = "*****"


def problems(profile: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Return where an output of a profile holds secrets that are not from the environment, one text each.

    Parameters
    ----------
    profile
        The output as dbt rendered it.
    environment
        The variables of the process.

    Examples
    --------
    >>> profile = {"attach": [{"alias": "crm", "path": "host=db password=hunter22"}]}
    >>> problems(profile, {"DBT_ENV_SECRET_CRM": "hunter22"})
    []
    >>> problems(profile, {"CRM": "hunter22"})
    ['the password in attach.crm.path is from the variable CRM']
    >>> problems(profile, {})
    ['the password in attach.crm.path is written out']
    """
    scrubbed = [value for name, value in environment.items() if name.startswith(SCRUBBED)]
    texts = []
    for place, key, value in _leaves(profile, ""):
        for secret, what in _secrets(place, key, value):
            if _is_from(secret, scrubbed):
                continue
            origin = next((name for name, text in environment.items() if text == secret), None)
            if NAMING_KEYS.fullmatch(key) and origin is not None:
                continue
            where = "is written out" if origin is None else f"is from the variable {origin}"
            texts.append(f"{what}{place} {where}")
    return texts


def redacted(text: str, environment: Mapping[str, str]) -> str:
    """Return a text without secrets of the environment and without passwords in connection strings.

    Examples
    --------
    >>> redacted("cannot connect to 'host=db password=hunter22 user=x'", {})
    "cannot connect to 'host=db password=***** user=x'"
    """
    secrets = {
        value
        for name, value in environment.items()
        if (name.startswith(SCRUBBED) or name in OTHERS) and value.strip()
    }
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return PASSWORD.sub(lambda match: match[0].replace(_password(match), HIDDEN), text)


def has_password(text: str) -> bool:
    """Return whether a text is a connection string, or holds one, with a password."""
    return PASSWORD.search(text) is not None


def _leaves(part: Any, place: str, key: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the values of a profile with their places and keys. A list's parts go by their names or numbers."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            # What is below a secret key is secret, too.
            inner = key if SECRET_KEYS.fullmatch(key) else str(name)
            yield from _leaves(value, f"{place}.{name}" if place else str(name), inner)
    elif isinstance(part, list):
        for number, value in enumerate(part, start=1):
            label = (value.get("alias") or value.get("name")) if isinstance(value, Mapping) else None
            yield from _leaves(value, f"{place}.{label or number}", key)
    elif part is not None and not isinstance(part, bool):
        yield place, key, str(part)


def _secrets(place: str, key: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield the secrets in a value, and how a sentence begins that says where each is."""
    # There it is the name of a secret.
    is_name = place.startswith("attach.") and key == "secret"
    if value and not is_name and not NO_SECRETS.fullmatch(key):
        if SECRET_KEYS.fullmatch(key) or NAMING_KEYS.fullmatch(key):
            yield value, ""
        else:
            yield from (
                (_password(match).strip("'"), "the password in ") for match in PASSWORD.finditer(value)
            )


def _password(match: re.Match[str]) -> str:
    return match[1] or match[2]


def _is_from(secret: str, values: list[str]) -> bool:
    return any(
        value == secret
        or (len(secret) >= SHORTEST and secret in value)
        or (len(value) >= SHORTEST and value in secret)
        for value in values
        if value
    )
