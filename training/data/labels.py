"""Labels of every kind as the numbers that estimators learn."""

from __future__ import annotations

import duckdb

from training.data.column_types import BOOLEAN, is_text
from training.declared.spec import ModelSpec
from training.sql import quoted, text

TRUE, FALSE = (
    frozenset({"true", "t", "yes", "y", "on", "1"}),
    frozenset({"false", "f", "no", "n", "off", "0"}),
)
"""How a boolean may be written."""


def class_text(label: str, kind: str) -> str:
    """Return SQL for the name of a label's class: text as it is, numbers without a fraction.

    Parameters
    ----------
    label
        The quoted column.
    kind
        DuckDB's name for its type.
    """
    if is_text(kind) or kind == BOOLEAN:
        return f"{label}::varchar"
    # A number with a fraction, which no class may be, keeps it, so that it can be shown.
    whole = f"{label}::double = round({label}::double) and abs({label}::double) < 1e38"
    return f"case when {whole} then {label}::hugeint::varchar else {label}::varchar end"


def positive_class(positive: str, kind: str) -> str:
    """Return the positive value as `class_text` writes it, where it is another spelling of the same.

    Parameters
    ----------
    positive
        What the configuration says, such as ``yes`` for a boolean label or ``true`` for 0 and 1.
    kind
        DuckDB's name for the label's type.

    Examples
    --------
    >>> positive_class("Yes", "boolean"), positive_class("true", "integer"), positive_class("yes", "varchar")
    ('true', '1', 'yes')
    """
    if is_text(kind):
        return positive
    word = positive.lower()
    code = "1" if word in TRUE else "0" if word in FALSE else positive.removesuffix(".0")
    return {"1": "true", "0": "false"}.get(code, positive) if kind == BOOLEAN else code


def classes(connection: duckdb.DuckDBPyConnection, table: str, spec: ModelSpec, kind: str) -> tuple[str, ...]:
    """Return the names of the classes in the order of their codes; none if the task has none.

    Binary and anomaly: the negative and the positive one. Multiclass: numbers by size, text by code points.
    """
    if spec.label is None or spec.task == "regression":
        return ()
    label = quoted(spec.label)
    if spec.task in ("binary", "anomaly") and spec.positive is None:
        return ("false", "true") if kind == BOOLEAN else ("0", "1")
    rows = connection.execute(
        f"select distinct {class_text(label, kind)} as class from {quoted(table)} order by class"
    ).fetchall()
    names = [str(name) for (name,) in rows]
    if spec.positive is not None:
        return (*(name for name in names if name != spec.positive), spec.positive)
    return tuple(names if is_text(kind) or kind == BOOLEAN else sorted(names, key=int))


def code(spec: ModelSpec, kind: str, names: tuple[str, ...]) -> str:
    """Return SQL for the label as a double: 0 or 1, the code of a class, or the value; null without one."""
    if spec.label is None:
        return "null::double"
    label = quoted(spec.label)
    if spec.task == "multiclass":
        listed = ", ".join(text(name) for name in names)
        return f"(list_position([{listed}], {class_text(label, kind)}) - 1)::double"
    if spec.positive is not None:
        return f"({class_text(label, kind)} = {text(spec.positive)})::double"
    return f"{label}::double"


def live_label(task: str, positive: str | None, column: str, kind: str) -> str:
    r"""Return SQL for the label of a row scored long after training, as the metrics take it.

    Parameters
    ----------
    task, positive
        The model's.
    column
        Name of the column.
    kind
        DuckDB's name for its type, which need not be that of the training rows.

    Examples
    --------
    >>> live_label("binary", None, "is_late", "boolean"), live_label("binary", "late", "outcome", "varchar")
    ('"is_late"::double', '("outcome"::varchar = \'late\')::double')
    """
    label, kind = quoted(column), kind.lower()
    if task == "multiclass":
        return class_text(label, kind)
    if positive is not None:
        return f"({class_text(label, kind)} = {text(positive_class(positive, kind))})::double"
    return f"{label}::double"
