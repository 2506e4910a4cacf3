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
LONGEST = 72
"""Characters of a list that stands in one line."""


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


def jinja_names(names: Iterable[str], indent: str = "") -> str:
    r"""Return names as a list of Jinja, on lines of their own where one line would be long.

    Parameters
    ----------
    indent
        Of the line that the list begins in.

    Examples
    --------
    >>> print(jinja_names(["plan", "it's"]))
    ['plan', 'it\'s']
    """
    texts = [_jinja_text(name) for name in names]
    line = f"[{', '.join(texts)}]"
    if len(line) <= LONGEST:
        return line
    return "[\n" + "".join(f"{indent}    {text},\n" for text in texts) + f"{indent}]"


def _jinja_text(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r") + "'"


def select_all_but(names: Mapping[str, str], indent: str = "") -> str:
    """Return the beginning of a query of all columns but some, each with its reason in a comment.

    Parameters
    ----------
    names
        The reason by the name of the column.
    indent
        Of the line that it stands in.
    """
    if not names:
        return "select *"
    # A call of a macro takes no comments.
    comments = [re.sub(r"[\r\n{}]", " ", f"{name}: {reason}") for name, reason in names.items()]
    lines = ["-- Left out:", *(f"{indent}--   {comment}" for comment in comments)]
    star = f"{{{{ warehouse_ml.all_but({jinja_names(names, indent)}) }}}}"
    return "\n".join([*lines, f"{indent}select {star}"])
