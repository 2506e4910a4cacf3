"""A node's message as the run history keeps it: what went wrong, without values of the data."""

from __future__ import annotations

import re

HEADER = re.compile(r"^(?:[A-Z]\w+ )+Error in \w+(?: \w+)? [^\n]*\n\s*")
"""What dbt writes first, as ``Runtime Error in model orders (models/orders.sql)``."""
KIND = re.compile(r"^(?P<kind>[A-Z]\w*(?: [\w]+)* Error|[A-Z]\w*(?:Error|Exception)):?\s*")
BEFORE_DATA = ("Binder Error", "Catalog Error", "Compilation Error")
"""Errors from before any row is read: their words are those of the project, its names and its SQL."""
OF_A_VALUE = ("Conversion Error", "Constraint Error", "Out of Range Error", "Parser Error", "IO Error")
"""Errors whose own words come first, and values after the first quotation mark or digit."""
SENTENCE = re.compile(r"^(.*?[.!?])(?:\s|$)")


def first_sentence(message: str | None, *, is_compilation: bool = False) -> str | None:
    """Return the first sentence of dbt's message on a node, as far as it cannot hold a value of the data.

    An error that comes before any row is read is kept. Of one that names a value, what follows the first
    quotation mark or digit is left out; of any other, as one of Python code or of `error()`, all but its kind.

    Parameters
    ----------
    message
        What dbt gives.
    is_compilation
        Whether dbt wrote it itself, as ``Got 3 results, configured to fail if != 0`` on a test.
    """
    text = (message or "").strip()
    if not text:
        return None
    is_compilation = is_compilation or text.startswith("Compilation Error in ")
    text = HEADER.sub("", text)
    line = text.splitlines()[0].strip()
    if is_compilation:
        return _sentence(line)
    kind = KIND.match(line)
    if kind is None:
        return "Error"
    name, words = kind["kind"], line[kind.end() :]
    if name in BEFORE_DATA:
        return f"{name}: {_sentence(words)}"
    if name in OF_A_VALUE:
        kept = re.split(r"[\"'\d]", words, maxsplit=1)[0].rstrip(" ([{:")
        return f"{name}: {kept} …" if kept != words else f"{name}: {_sentence(words)}"
    return name


def _sentence(line: str) -> str:
    match = SENTENCE.match(line)
    return match[1] if match else line
