"""The SQL form of a champion as macros beside its versions, for clients without Python."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from hashlib import md5

import duckdb

from scoring import registry
from scoring.decisions import champion
from scoring.errors import VerificationError, WarehouseMLError
from scoring.loading import contents
from scoring.places import literal
from scoring.scratch import scratch
from scoring.warehouse import CONNECTION_VARIABLE, Relation, Warehouse

OURS = "Version "
"""What the comment of a macro that was written here begins with."""
Macros = dict[tuple[str, str, str], tuple[str | None, str]]
"""By database, schema and name of a macro its comment, and the MD5 of its definition apart from quotes."""


def expressions(model: str, form: Mapping[str, str]) -> dict[str, str]:
    """Return the expression over a row ``r`` that each macro of a model holds, by its name.

    Parameters
    ----------
    model
        Name of the model.
    form
        The column ``sql_form`` of a version.
    """
    raw_score = f"({form['raw_score']})"
    return {f"{model}_raw_sql": raw_score, f"{model}_sql": form["prediction"].replace("raw_score", raw_score)}


def definition(expression: str) -> str:
    """Return an expression as DuckDB shows it in the definition of a macro, apart from quotes.

    DuckDB quotes fewer names in a macro that it read from a file than in one just made.

    Raises
    ------
    duckdb.Error
        If DuckDB cannot make a macro of it.
    """
    (text,) = _definitions([expression])
    return text


def _definitions(expressions: Collection[str]) -> list[str]:
    """Return the same of several expressions, as DuckDB lists all functions that it has to show one."""
    if not expressions:
        return []
    with scratch() as session:
        for number, expression in enumerate(expressions):
            session.execute(f"create or replace temp macro warehouse_ml_form_{number}(r) as {expression}")
        texts = dict(
            session.execute(
                "select function_name, macro_definition from duckdb_functions() "
                "where database_name = 'temp' and starts_with(function_name, 'warehouse_ml_form_')"
            ).fetchall()
        )
    return [_without_quotes(texts[f"warehouse_ml_form_{number}"]) for number in range(len(expressions))]


def write(
    warehouse: Warehouse, relation: Relation, version: int | None, *, run: str | None = None
) -> list[str]:
    """Keep the SQL form of a champion as macros, and return what to report.

    ``<model>_sql(row)`` gives what ml_predict gives, ``<model>_raw_sql(row)`` the raw score. Macros of a version
    that is champion no longer are replaced or dropped, and one that somebody replaced is written again. Each
    holds all of the model: one that called the other would not find it in an attached file.

    Parameters
    ----------
    relation
        The table of the model's versions.
    version
        The champion; None if there is none.
    run
        The id of a run of dbt, which writes the macros of a model once; None outside of one.
    """
    wanted, about, problem = _wanted(warehouse, relation, version)
    place = (relation.database or warehouse.database, relation.schema)
    present = _present(warehouse, run)
    notices = []
    made: dict[str, str] = {}
    for name in _names(relation.name):
        macro = relation.beside(name)
        comment, digest = present.get((*place, name), (None, None))
        if name in wanted:
            if digest is not None and comment == about + digest:
                continue
            try:
                warehouse.rows(f"create or replace macro {macro.sql}(r) as {wanted[name]}")
            except duckdb.Error as error:
                problem, wanted = str(error).splitlines()[0], {}
            else:
                made[name] = wanted[name]
                if digest is not None and (comment is None or comment.startswith(about)):
                    notices.append(
                        f"The macro {macro} was replaced after version {version} of {relation.name} became champion: "
                        "it is written again."
                    )
                continue
        if comment is not None and comment.startswith(OURS):
            warehouse.rows(f"drop macro {macro.sql}")
            del present[*place, name]
    for name, text in zip(made, _definitions([*made.values()]), strict=True):
        digest = _md5(text)
        warehouse.rows(f"comment on macro {relation.beside(name).sql} is {literal(about + digest)}")
        present[*place, name] = (about + digest, digest)
    if problem is not None:
        missing = relation.beside(f"{relation.name}_sql")
        notices.append(f"There is no macro {missing}: {problem}; ml_predict scores with version {version}.")
    return notices


def _wanted(
    warehouse: Warehouse, relation: Relation, version: int | None
) -> tuple[dict[str, str], str, str | None]:
    """Return the expressions by their macros' names, what their comments begin with, and why there are none."""
    if version is None:
        return {}, "", None
    try:
        row = registry.version_row(warehouse, relation, version)
        form = contents(warehouse, row).sql_form
    except WarehouseMLError as error:
        return {}, "", str(error)
    about = f"{OURS}{version} of {relation.name}, SHA-256 {row.artifact_sha256}, definition "
    if form is None:
        return {}, about, "models of this estimator, of several classes or of this size have no SQL form"
    return expressions(relation.name, form), about, None


def _present(warehouse: Warehouse, run: str | None) -> Macros:
    """Return the macros of all models that are there."""
    connection = warehouse.variable(CONNECTION_VARIABLE)
    if run is None or connection is None:
        return _listed(warehouse)
    listed = _listed_in(connection, run)
    if not listed:
        listed.append(_listed(warehouse))
    return listed[0]


@lru_cache(maxsize=1)
def _listed_in(connection: str, run: str) -> list[Macros]:
    """Return what a run found on a connection, of the latest run only, or an empty list to put it in.

    DuckDB writes out the definitions of all functions for whoever asks for one. The macros of all models are
    therefore listed once in a run, in which nothing but a model's own node writes them.
    """
    return []


def _listed(warehouse: Warehouse) -> Macros:
    rows = warehouse.rows(
        "select database_name, schema_name, function_name, comment, "
        "case when parameters = ['r'] then md5(replace(macro_definition, '\"', '')) else '' end "
        "from duckdb_functions() where function_type = 'macro' and ends_with(function_name, '_sql')"
    )
    return {(database, schema, name): (comment, digest) for database, schema, name, comment, digest in rows}


def check_macros(warehouse: Warehouse, row: registry.VersionRow, form: Mapping[str, str] | None) -> None:
    """Check that the macros of a model, where they are there, are the SQL form of its champion.

    Parameters
    ----------
    row, form
        A version, and its column ``sql_form``. One that is not the champion has no macros.

    Raises
    ------
    scoring.errors.VerificationError
        If a macro is something else.
    """
    if champion(warehouse, row.relation) != row.version:
        return
    wanted = {} if form is None else expressions(row.model_name, form)
    present = _present(warehouse, None)
    relation = row.relation
    for name in sorted(_names(row.relation.name)):
        _, digest = present.get(
            (relation.database or warehouse.database, relation.schema, name), (None, None)
        )
        if digest is not None and (name not in wanted or digest != _md5(definition(wanted[name]))):
            raise VerificationError.macro_replaced(row.name, str(relation.beside(name)))


def _names(model: str) -> tuple[str, str]:
    return f"{model}_raw_sql", f"{model}_sql"


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _without_quotes(text: str) -> str:
    return text.replace('"', "")
