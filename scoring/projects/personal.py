"""Personal data by what a column holds. Values are counted, and never shown."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from scoring.places import literal, quoted

LIKELY = 0.8
"""The share of a column's values that must look alike."""
CHUNK = 50
PATTERNS = {
    "e-mail addresses": r"\s*[^@\s]+@[^@\s]+\.[A-Za-z]{2,}\s*",
    "account numbers": r"\s*[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,4})?\s*",
    "card numbers": r"\s*[0-9]{4}([ -][0-9]{4}){3}\s*",
    # Without a sign between digits, a number with zeros before it is an identifier.
    "telephone numbers": r"\s*((\+|00|\(?0)[0-9]{1,4}[)]?(([ ./-][0-9]{2,}){2,6}|[ ./-][0-9]{5,})"
    r"|\+[0-9]{8,14}|00?[1-9][0-9]{7,12})\s*",
    "addresses in a network": r"\s*[0-9]{1,3}(\.[0-9]{1,3}){3}\s*",
    "official numbers": r"\s*[0-9]{3}-[0-9]{2}-[0-9]{4}\s*",
    "postal addresses": r".*(\b[0-9]+[a-zA-Z]? +\p{Lu}\p{L}+.*\b(St|Street|Ave|Avenue|Rd|Road|Ln|Lane|Blvd|Drive|Dr)\b"
    r"|\p{L}+(stra(ss|ß)e|str\.|gasse|weg|platz) +[0-9]).*",
}
NAMES = r"\s*((Mrs?|Ms|Miss|Dr|Herr|Frau)\.? )?\p{Lu}[\p{L}'-]+,?( (Mrs?|Miss|Master)\.)?( \p{Lu}[\p{L}.'()-]*){1,4}\s*"
"""Two words or more that begin with capitals, as the names of persons; nearly every row must have another."""


def personal_by_content(
    connection: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str]
) -> dict[str, str]:
    """Return what columns of text look like, by name, for those that look like personal data.

    Parameters
    ----------
    relation
        A sample of the rows.
    names
        Of the columns of text.
    """
    suspects = {}
    for start in range(0, len(names), CHUNK):
        chunk = names[start : start + CHUNK]
        shares = [
            f"avg(regexp_full_match({quoted(name)}, {literal(pattern)})::int) filter (where {quoted(name)} <> '')"
            for name in chunk
            for pattern in (*PATTERNS.values(), NAMES)
        ]
        distinct = [f"count(distinct {quoted(name)}) / nullif(count({quoted(name)}), 0)" for name in chunk]
        (answer,) = connection.execute(f"select {', '.join(shares + distinct)} from {relation}").fetchall()
        width = len(PATTERNS) + 1
        for place, name in enumerate(chunk):
            reached = answer[place * width : (place + 1) * width]
            likely = [kind for kind, share in zip(PATTERNS, reached, strict=False) if (share or 0) >= LIKELY]
            if likely:
                suspects[name] = f"its values look like {likely[0]}"
            elif (reached[-1] or 0) >= LIKELY and (answer[len(shares) + place] or 0) >= LIKELY:
                suspects[name] = "its values look like names of persons"
    return suspects
