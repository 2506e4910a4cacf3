"""The SQL form of a champion as macros beside its versions, for clients without Python."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import md5

import duckdb

from scoring import registry
from scoring.decisions import champion
from scoring.errors import VerificationError, WarehouseMLError
from scoring.loading import contents
from scoring.places import literal
from scoring.warehouse import Relation, Warehouse

OURS = "Version "
"""What the comment of a macro that was written here begins with."""


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
    with duckdb.connect() as scratch:
        scratch.execute(f"create macro form(r) as {expression}")
        ((text,),) = scratch.execute(
            "select macro_definition from duckdb_functions() where function_name = 'form'"
        ).fetchall()
    return _without_quotes(text)


def write(warehouse: Warehouse, relation: Relation, version: int | None) -> list[str]:
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
    """
    wanted, about, problem = _wanted(warehouse, relation, version)
    present = _present(warehouse, relation)
    notices = []
    for name in _names(relation.name):
        macro = relation.beside(name)
        comment, text = present.get(name, (None, None))
        if name in wanted:
            if text is not None and comment == about + _md5(_without_quotes(text)):
                continue
            try:
                warehouse.rows(f"create or replace macro {macro.sql}(r) as {wanted[name]}")
            except duckdb.Error as error:
                problem, wanted = str(error).splitlines()[0], {}
            else:
                kept = about + _md5(_without_quotes(_present(warehouse, relation)[name][1]))
                warehouse.rows(f"comment on macro {macro.sql} is {literal(kept)}")
                if text is not None and (comment is None or comment.startswith(about)):
                    notices.append(
                        f"The macro {macro} was replaced after version {version} of {relation.name} became champion: "
                        "it is written again."
                    )
                continue
        if comment is not None and comment.startswith(OURS):
            warehouse.rows(f"drop macro {macro.sql}")
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
        return {}, about, "the estimator has no SQL form, or the model is too large for one"
    return expressions(relation.name, form), about, None


def _present(warehouse: Warehouse, relation: Relation) -> dict[str, tuple[str | None, str]]:
    """Return comment and definition of the model's macros that are there."""
    rows = warehouse.rows(
        "select function_name, comment, case when parameters = ['r'] then macro_definition else '' end "
        "from duckdb_functions() where database_name = coalesce(?, current_database()) "
        "and schema_name = ? and function_name in (?, ?)",
        [relation.database, relation.schema, *_names(relation.name)],
    )
    return {name: (comment, text) for name, comment, text in rows}


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
    for name, (_, text) in sorted(_present(warehouse, row.relation).items()):
        if name not in wanted or _without_quotes(text) != definition(wanted[name]):
            raise VerificationError.macro_replaced(row.name, str(row.relation.beside(name)))


def _names(model: str) -> tuple[str, str]:
    return f"{model}_raw_sql", f"{model}_sql"


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _without_quotes(text: str) -> str:
    return text.replace('"', "")
