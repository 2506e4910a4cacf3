"""The files of a model, as a project has them: its query, its block, its predictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scoring.places import quoted
from scoring.projects.profile import Column
from scoring.projects.proposal import Proposal
from scoring.projects.texts import jinja_names, select_all_but, sentence, sql_name, value
from scoring.projects.words import free_name
from scoring.raw_sources import ZONED

MOST_DESCRIBED = 200
"""Columns of a table that are listed in YAML; of wider ones only those that something is said of."""
ADDED = {"prediction", "predicted_class", "model_version", "scored_at"}
FRACTIONS = ("FLOAT", "DOUBLE")
"""Types of floating-point numbers."""
WORDS = {
    "whole": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "text": "text",
    "instant": "a date or time",
}


def predictions_name(proposal: Proposal) -> str:
    """Return the name of the model of predictions."""
    return f"{proposal.name}_predictions"


def rows_name(proposal: Proposal) -> str:
    """Return the name of the model that gives each row a key, where the table has none."""
    return f"{proposal.name}_rows"


def key_of(proposal: Proposal) -> str:
    """Return the column that identifies a row."""
    return proposal.key or free_name("row_key", proposal.profile.names, "_")


def model_files(proposal: Proposal, ref: str, folders: Mapping[str, str]) -> dict[str, str]:
    """Return the text of each file of a model, by path.

    Parameters
    ----------
    ref
        The table as SQL of the project names it, such as ``{{ ref('customers') }}``.
    folders
        Where training queries (``ml``), tables (``marts``) and YAML (``models``) are.
    """
    name = proposal.name
    texts = {
        f"{folders['ml']}/{name}.sql": _training_query(proposal, ref),
        f"{folders['marts']}/{predictions_name(proposal)}.sql": _predictions(proposal, ref),
        f"{folders['models']}/{name}.yml": "models:\n" + "\n".join(_described_models(proposal)),
    }
    if proposal.key is None:
        texts[f"{folders['marts']}/{rows_name(proposal)}.sql"] = _rows_with_a_key(proposal, ref)
    return texts


def described_columns(proposal: Proposal, indent: str) -> Iterator[str]:
    """Yield the YAML of the table's columns, with those that hold personal data marked."""
    columns = proposal.profile.columns
    for column in columns:
        is_key = column.name == proposal.key
        if len(columns) > MOST_DESCRIBED and column.name not in proposal.personal and not is_key:
            continue
        yield f"{indent}- name: {value(column.name)}\n"
        yield f"{indent}  description: {sentence(_description(proposal, column))}\n"
        if column.name in proposal.personal:
            yield f"{indent}  config: {{meta: {{pii: true}}}}\n"
        if is_key and sql_name(column.name) != column.name:
            yield f"{indent}  quote: true\n"
        if is_key:
            yield f"{indent}  data_tests: [unique, not_null]\n"


def block(proposal: Proposal) -> dict[str, Any]:
    """Return the block ``ml`` of the model."""
    settings: dict[str, Any] = {"task": proposal.task, "label": proposal.label.name}
    if proposal.positive is not None:
        settings["positive"] = proposal.positive
        if proposal.label.kind in ("whole", "number"):
            settings["positive"] = int(proposal.positive)
        elif proposal.label.kind == "boolean":
            settings["positive"] = proposal.positive == "true"
    settings["key"] = key_of(proposal)
    if proposal.time is not None:
        settings["time"] = proposal.time
    method = "random" if proposal.time is None else "sequential"
    return {
        **settings,
        "split": {"method": method, "validation": 0.1, "test": 0.2},
        "gates": _gates(proposal),
    }


def _gates(proposal: Proposal) -> list[dict[str, Any]]:
    """Return what a first version must meet, modest, and what a later one must keep."""
    if proposal.task == "binary":
        return [{"metric": "roc_auc", "min": 0.55}, {"metric": "log_loss", "max_vs_champion": 1.05}]
    if proposal.task == "multiclass":
        first = {"metric": "log_loss", "min_gain_over_baseline": 0.0, "baseline": "constant"}
        return [first, {"metric": "log_loss", "max_vs_champion": 1.05}]
    return [{"metric": "r2", "min": 0.05}, {"metric": "rmse", "max_vs_champion": 1.05}]


def _source(proposal: Proposal, ref: str) -> str:
    return ref if proposal.key else f"{{{{ ref('{rows_name(proposal)}') }}}}"


def _training_query(proposal: Proposal, ref: str) -> str:
    label = sql_name(proposal.label.name)
    conditions = [f"{label} is not null"]
    note = ""
    if proposal.label.type in FRACTIONS:
        # NaN is greater than every number, on DuckDB and on Spark.
        conditions.append(f"abs({label}) <= 1.7976931348623157e308")
        note = "-- Rows whose label is NaN or infinite are left out too.\n"
    time = proposal.profile.column(proposal.time) if proposal.time is not None else None
    if time is not None and time.nulls:
        conditions.append(f"{sql_name(time.name)} is not null")
    left_out, cast = proposal.left_out, ""
    if time is not None and time.type == ZONED:
        left_out = {**left_out, time.name: "selected below, without its time zone"}
        cast = f",\n    cast({sql_name(time.name)} as timestamp) as {sql_name(time.name)}"
    return (
        f"-- The training rows of {proposal.name}: all columns but the label and the key are features.\n"
        f"{note}"
        "{{ config(materialized='ml_model') }}\n\n"
        f"{select_all_but(left_out)}{cast}\n"
        f"from {_source(proposal, ref)}\n"
        f"where {' and '.join(conditions)}\n"
    )


def _predictions(proposal: Proposal, ref: str) -> str:
    name = proposal.name
    arguments = [f"ref('{name}')", "'rows_to_score'"]
    if proposal.task == "multiclass":
        arguments.append("outputs=['predicted_class', 'probabilities']")
    if ADDED & {column.lower() for column in proposal.profile.names}:
        arguments.append(f"prefix='{name}_'")
    personal = {
        each: f"personal data: {reason}" for each, reason in proposal.personal.items() if each != proposal.key
    }
    return (
        f"-- Every row, scored by the champion of {name}.\n"
        "{{ config(materialized='table') }}\n\n"
        "with rows_to_score as (\n\n"
        f"    {select_all_but(personal, '    ')}\n"
        f"    from {_source(proposal, ref)}\n\n"
        "),\n\n"
        "predictions as (\n\n"
        f"    {{{{ warehouse_ml.predict({', '.join(arguments)}) | indent(4) }}}}\n\n"
        ")\n\n"
        "select * from predictions\n"
    )


def _rows_with_a_key(proposal: Proposal, ref: str) -> str:
    label, key = quoted(proposal.label.name), quoted(key_of(proposal))
    names_of_all = {column.lower() for column in proposal.profile.names} | {key_of(proposal).lower()}
    hash_name = free_name("hash_of_row", names_of_all, "_")
    hashed = [
        column
        for column in proposal.profile.columns
        if column.name != proposal.label.name and column.name not in proposal.personal
    ]
    names = jinja_names((column.name for column in hashed), " " * 8)
    fractions = [column.name for column in hashed if column.type in FRACTIONS]
    arguments = f"{names}, fractions={jinja_names(fractions, ' ' * 8)}" if fractions else names
    return (
        "-- No column identifies a row: its key is a hash of its values, without the label, and a number "
        "among equal rows.\n"
        "-- It does not depend on the order of the rows, so that new ones change no other row's key or part "
        "of the split.\n"
        "{{ config(materialized='table') }}\n\n"
        "with hashed as (\n\n"
        "    select\n"
        "        *,\n"
        f"        {{{{ warehouse_ml.hash_of_values({arguments}) }}}} as {hash_name}\n"
        f"    from {ref}\n\n"
        ")\n\n"
        "select\n"
        f"    {hash_name} || '-' || row_number() over (partition by {hash_name} order by {label} nulls last) "
        f"as {key},\n"
        f"    {{{{ warehouse_ml.all_but(['{hash_name}']) }}}}\n"
        "from hashed\n"
    )


def _described_models(proposal: Proposal) -> Iterator[str]:
    name, label, table = proposal.name, proposal.label.name, proposal.origin.shown
    if proposal.key is None:
        yield (
            f"  - name: {rows_name(proposal)}\n"
            f"    description: "
            f"{sentence(f'The rows of {table}, each with a key made of its values. One row per row of it.')}\n"
            f"    columns:\n"
            f"      - name: {value(key_of(proposal))}\n"
            f"        description: {sentence('Key of the row: a hash of its values, and a number among equal rows.')}\n"
            f"        data_tests: [unique, not_null]\n"
        )
    what = f"The versions of the model that predicts {label} in {table}. One row per version."
    yield (
        f"  - name: {name}\n"
        f"    description: {sentence(what)}\n"
        "    config:\n"
        "      meta:\n"
        "        ml:\n" + "".join(f"          {line}\n" for line in _block_lines(block(proposal)))
    )
    prediction = {
        "binary": f"Probability of {label}: {proposal.positive or 'true'}.",
        "multiclass": f"The likeliest {label}.",
        "regression": f"The predicted {label}.",
    }[proposal.task]
    prefix = f"{name}_" if ADDED & {column.lower() for column in proposal.profile.names} else ""
    output = "predicted_class" if proposal.task == "multiclass" else "prediction"
    scored = f"The rows of {table} as scored by the champion of {name}. One row per row of it."
    yield (
        f"  - name: {predictions_name(proposal)}\n"
        f"    description: {sentence(scored)}\n"
        "    columns:\n"
        f"      - name: {prefix}{output}\n"
        f"        description: {sentence(prediction)}\n"
        "        data_tests: [not_null]\n"
        f"      - name: {prefix}model_version\n"
        "        description: Version of the model that scored the row.\n"
        f"      - name: {prefix}scored_at\n"
        "        description: When the row was scored, in UTC.\n"
    )


def _block_lines(settings: Mapping[str, Any]) -> Iterator[str]:
    for key, content in settings.items():
        if key == "gates":
            yield "gates:"
            yield from (f"  - {value(gate)}" for gate in content)
        else:
            yield f"{key}: {value(content)}"


def _description(proposal: Proposal, column: Column) -> str:
    if column.name == proposal.label.name:
        return "What is to be predicted."
    if column.name == proposal.key:
        return "Key of the row."
    if column.name in proposal.personal:
        return f"Likely personal data: {proposal.personal[column.name]}. No model sees it."
    text = WORDS.get(column.kind, column.type.lower())
    return f"{text[0].upper()}{text[1:]}."
