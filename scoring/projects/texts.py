"""The texts of the files of a project: YAML and SQL with any name in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

PLAIN = re.compile("[a-z_][a-z0-9_]*")
RESERVED = {
    "all", "and", "any", "array", "as", "asc", "between", "both", "by", "case", "cast", "check", "class",
    "collate", "column", "constraint", "create", "cross", "default", "desc", "distinct", "do", "else",
    "end", "except", "exists", "false", "fetch", "for", "foreign", "from", "full", "grant", "group",
    "having", "in", "initially", "inner", "interval", "intersect", "into", "is", "join", "key", "lateral",
    "leading", "left", "like", "limit", "natural", "no", "not", "null", "offset", "on", "only", "or",
    "order", "outer", "over", "partition", "pivot", "primary", "qualify", "references", "returning",
    "right", "rows", "select", "show", "some", "symmetric", "table", "then", "to", "trailing", "true",
    "union", "unique", "unpivot", "user", "using", "values", "variadic", "when", "where", "window", "with",
    "yes", "y", "n", "off", "none",
}  # fmt: skip
"""Words that SQL or YAML may read as something other than a name."""


def sql_name(name: str) -> str:
    """Return a column's name as SQL has it, without quotation marks where they are not needed."""
    return name if PLAIN.fullmatch(name) and name not in RESERVED else '"' + name.replace('"', '""') + '"'


def value(content: Any) -> str:
    """Return a value in YAML's flow style.

    Examples
    --------
    >>> value("is_churned"), value("yes"), value(0.6), value({"method": "random", "test": 0.2})
    ('is_churned', '"yes"', '0.6', '{method: random, test: 0.2}')
    """
    if isinstance(content, Mapping):
        return "{" + ", ".join(f"{value(key)}: {value(each)}" for key, each in content.items()) + "}"
    if isinstance(content, str):
        return (
            content
            if PLAIN.fullmatch(content) and content not in RESERVED
            else json.dumps(content, ensure_ascii=False)
        )
    if isinstance(content, Iterable):
        return "[" + ", ".join(map(value, content)) + "]"
    return json.dumps(content)


def sentence(text: str) -> str:
    """Return a text in YAML; always within quotation marks, as it may hold any character."""
    return json.dumps(text, ensure_ascii=False)


def excluded(names: Mapping[str, str], indent: str = "") -> str:
    """Return the star of a select list without some columns, each with its reason in a comment.

    Parameters
    ----------
    names
        The reason by the name of the column.
    indent
        Of the line that it stands in.
    """
    if not names:
        return "*"
    lines = ["* exclude ("]
    last = len(names) - 1
    for place, (name, reason) in enumerate(names.items()):
        comma = "," if place < last else ""
        comment = re.sub(r"[\r\n{}]", " ", reason)
        lines.append(f"{indent}    {sql_name(name)}{comma}  -- {comment}")
    return "\n".join([*lines, f"{indent})"])
