"""The SQL forms of fitted models as functions of Spark, on rows at every threshold and against every rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import test_sql_form_lightgbm as trees
import test_sql_form_linear as lines

from scoring import registry
from scoring.signature import Feature, Signature
from scoring.spark import sql_functions
from scoring.spark.sql_form import parameters, translated
from scoring.spark.state import State, version_places
from scoring.spark.tables import frame_of
from scoring.warehouse import Warehouse
from training.comparison.compared_rows import as_table, edge_rows
from training.export.preprocessing_instants import Instants
from training.export.sql_form import SqlForm
from training.export.sql_form_lightgbm import sql_form

RULED = Signature(
    (
        Feature("Amount", "number", "constant", null_value=0.5),
        trees.SIGNATURE.features[1],
        Feature("region", "category", "constant", "most_frequent", 3.0, 4.0, trees.LEVELS),
        Feature("seen_at", "instant", "constant", null_value=1e9),
    )
)
STRICT = Signature(
    (
        Feature("Amount", "number", "error"),
        *trees.SIGNATURE.features[1:2],
        Feature("region", "category", "missing", "error", categories=trees.LEVELS),
        trees.SIGNATURE.features[3],
    )
)
BOOSTERS: dict[str, tuple[Signature, dict[str, object]]] = {
    "binary": (trees.SIGNATURE, {"objective": "binary", "sigmoid": 0.7, "zero_as_missing": True}),
    "square": (trees.SIGNATURE, {"objective": "regression", "reg_sqrt": True, "use_missing": False}),
    "ruled": (RULED, {"objective": "poisson", "cat_smooth": 1, "min_data_per_group": 1, "max_cat_to_onehot": 1}),
}  # fmt: skip


def in_foreign_session(spark: Any) -> Any:
    """Return a session as other clients open it: without functions of ours, in another zone, `"x"` a text."""
    other = spark.newSession()
    other.conf.set("spark.sql.session.timeZone", "America/New_York")
    other.conf.set("spark.sql.ansi.doubleQuotedIdentifiers", "false")
    other.conf.set("spark.sql.timestampType", "TIMESTAMP_LTZ")
    return other


def scored(spark: Any, form: SqlForm, signature: Signature, rows: pa.Table) -> list[np.ndarray]:
    """Return what functions of a form give for rows, the raw score and the prediction."""
    texts = {"raw": form.raw_score, "whole": form.prediction.replace("raw_score", f"({form.raw_score})")}
    for name, text in texts.items():
        spark.sql(
            f"create or replace function ml.{name}({parameters(signature)}) returns double "
            f"return {translated(text, signature, name)}"
        )
    other = in_foreign_session(spark)
    # Kept as a file, so that Spark compiles the expression.
    frame_of(spark, rows).coalesce(1).write.mode("overwrite").saveAsTable("ml.edge_rows")
    given = ", ".join(f"`{one.name}` => `{one.name}`" for one in signature.features)
    scores = other.sql(
        f"select ml.raw({given}) as raw, ml.whole({given}) as whole from ml.edge_rows"
    ).toArrow()
    return [scores.column(name).to_numpy() for name in texts]


def largest_differences(spark: Any) -> dict[str, tuple[int, float, float]]:
    """Return for each model how many rows were scored, the largest difference of raw scores, and that of predictions
    relative to their size."""
    differences = {}
    for name, (signature, settings) in BOOSTERS.items():
        booster = trees.fitted(signature, num_leaves=6, **settings)
        rows = pa.concat_tables(
            [trees.edges(booster, signature), as_table_of(signature, trees.table_of(300, 2))]
        )
        matrix = Instants.of(signature).expanded(trees.matrix_of(rows, signature))
        form = sql_form(booster, signature)
        assert form is not None
        raw, whole = scored(spark, form, signature, rows)
        expected = booster.predict(matrix)
        differences[name] = (
            len(rows),
            float(np.abs(raw - booster.predict(matrix, raw_score=True)).max()),
            float((np.abs(whole - expected) / np.abs(expected)).max()),
        )
    table = lines.table_of(600)
    model = lines.fitted("binary", lines.RULED, table)
    matrix = trees.matrix_of(table, lines.RULED)
    edges = as_table(edge_rows(model.edges(), lines.RULED, matrix), lines.RULED)
    rows = pa.concat_tables([as_table_of(lines.RULED, table), edges])
    matrix = trees.matrix_of(rows, lines.RULED)
    form = model.sql_form(lines.RULED)
    assert form is not None
    raw, whole = scored(spark, form, lines.RULED, rows)
    expected = model.predict(matrix)
    differences["linear"] = (
        len(rows),
        float((np.abs(raw - model.raw_score(matrix)) / np.maximum(np.abs(raw), 1e-2)).max()),
        float((np.abs(whole - expected) / np.maximum(np.abs(expected), 1e-2)).max()),
    )
    return differences


def as_table_of(signature: Signature, rows: pa.Table) -> pa.Table:
    """Return rows with the names, the order and the types of edge rows."""
    spelled = {name.lower(): name for name in rows.column_names}
    columns = {one.name: rows.column(spelled[one.name.lower()]) for one in signature.features}
    kinds = {"number": pa.float64(), "category": pa.string(), "instant": pa.timestamp("us")}
    return pa.table({one.name: columns[one.name].cast(kinds[one.type]) for one in signature.features})


def refusals(spark: Any) -> list[str]:
    """Return what a model says whose rules refuse what is null or unseen."""
    form = sql_form(trees.fitted(trees.SIGNATURE, objective="regression", num_leaves=4), STRICT)
    assert form is not None
    scored(spark, form, STRICT, as_table_of(STRICT, trees.table_of(1)).slice(0, 0))
    sentences = []
    for amount, region in (("null", "'level 1\\'s'"), ("'nan'", "null"), ("1", "'new'")):
        try:
            spark.sql(f"select ml.raw({amount}, 0, {region}, null)").collect()
        except Exception as error:
            sentences.append(str(error).splitlines()[0])
    return sentences


def followed(spark: Any) -> list[dict[str, str]]:
    """Return the functions of a model with their comments: as they are, without a champion, and with it again."""
    state = State(spark, lambda connection: None)
    state.load(version_places(spark, ["ml"]))
    seen = []
    with state.connection.cursor() as cursor:
        warehouse = Warehouse(cursor)
        for change in (
            "select 1",
            "insert into ml.decisions by name select * replace (sequence + 1000 as sequence, null as version) "
            "from ml.decisions where model_name = 'leaving'",
            "delete from ml.decisions where sequence > 1000",
        ):
            cursor.execute(change)
            assert not [notice for notice in sql_functions.write(spark, warehouse) if "leaving" in notice]
            (table,) = [one for one in registry.version_tables(warehouse) if one.name == "leaving"]
            seen.append(sql_functions.functions_of(spark, table))
    return seen
