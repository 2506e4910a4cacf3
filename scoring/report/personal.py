"""Where personal data flows, as the index shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scoring.report.facts import Record


def personal_flow(rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Return a line for each column that a personal one reaches, those that hold it first.

    Parameters
    ----------
    rows
        Rows of ``personal_data``.
    """
    lines = [
        {
            "personal_column": row["personal_column"],
            "reached": f"{row['relation']}.{row['column_name']}",
            "kind": row.get("kind"),
            "method": row["method"],
            "permission": row["permission"],
            "is_personal": row["is_personal"],
            "way": " → ".join((row["path"] or [])[1:-1]),
        }
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line["personal_column"], not line["is_personal"], line["reached"]))
