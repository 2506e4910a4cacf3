"""The SQL form of a champion as macros in the warehouse file: what they must be, and whether they are it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import md5

import duckdb

from scoring import registry
from scoring.errors import VerificationError


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


def form_problem(expression: str) -> str | None:
    """Return why DuckDB cannot keep an expression as a macro; None if it can."""
    try:
        definition(expression)
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None


def form_md5(expression: str) -> str | None:
    """Return the MD5 of an expression's definition, by which a replaced macro is noticed."""
    try:
        return md5(definition(expression).encode(), usedforsecurity=False).hexdigest()
    except duckdb.Error:
        return None


def check_macros(
    connection: duckdb.DuckDBPyConnection, row: registry.VersionRow, form: Mapping[str, str] | None
) -> None:
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
    if registry.champion(connection, row.model_name) != row.version:
        return
    wanted = {} if form is None else expressions(row.model_name, form)
    names = [f"{row.model_name}_raw_sql", f"{row.model_name}_sql"]
    macros = connection.execute(
        "select function_name, parameters, macro_definition from duckdb_functions() "
        "where database_name = current_database() and schema_name = ? and function_name in (?, ?) order by 1",
        [registry.SCHEMA, *names],
    ).fetchall()
    for name, parameters, text in macros:
        is_form = name in wanted and parameters == ["r"] and _without_quotes(text) == definition(wanted[name])
        if not is_form:
            raise VerificationError.macro_replaced(row.name, f"{registry.SCHEMA}.{name}")


def _without_quotes(text: str) -> str:
    return text.replace('"', "")
