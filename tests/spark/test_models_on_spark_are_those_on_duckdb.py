"""The same project on DuckDB and on Spark: the same artifact, the same scores, the same decisions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import own_project
import pyarrow as pa
import pytest
from people_project import BLOCK, Both, on_both
from project import ROOT

from scoring.errors import SparkError
from scoring.spark.state import State

IMPOSSIBLE = {
    **BLOCK,
    "params": {**BLOCK["params"], "num_leaves": 5},
    "gates": [{"metric": "roc_auc", "min": 0.999}],
}
SCORES = "select person_id, prediction, predicted_class, probabilities['true'] from marts.scores order by person_id"
VERSION = (
    "select version, artifact_sha256, data_fingerprint, config_hash, params, scoring_sha256 from ml.leaving"
)
DECISIONS = "select sequence, version, action, newest_version from ml.decisions where model_name = 'leaving' order by 1"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with on_both(tmp_path_factory.mktemp("own")) as both:
        yield both


def test_the_same_rows_make_the_same_artifact(both: Both) -> None:
    duckdb, spark = both.rows(VERSION)
    assert duckdb == spark
    assert len(spark) == 1


def test_the_same_artifact_gives_the_same_scores(both: Both) -> None:
    duckdb, spark = both.rows(SCORES)
    assert len(spark) == 900
    assert duckdb == spark  # to the last bit


def test_functions_take_any_struct_by_the_names_of_its_fields(both: Both) -> None:
    fields = "struct(plan as Plan, income as INCOME, age, 'more' as more)"
    calls = f"ml_predict('leaving@1', {fields}), ml_predict_class('ML.leaving', {fields})"
    scores = {key: (score, name) for key, score, name, _ in both.spark.rows(SCORES)}
    assert {
        key: (score, name)
        for key, score, name in both.spark.rows(f"select person_id, {calls} from raw.people")
    } == scores


@pytest.mark.parametrize(
    ("call", "facts"),
    [
        ("ml_predict('leafing', struct(age))", ("leafing", "Did you mean 'leaving'?")),
        ("ml_predict('leaving@9', struct(age))", ("version 9", "its versions are: 1")),
        ("ml_predict('leaving', struct(age))", ("income", "plan")),
        ("ml_predict('leaving', age)", ("struct",)),
    ],
)
def test_a_call_that_has_no_answer_ends_in_a_sentence(both: Both, call: str, facts: tuple[str, ...]) -> None:
    sentence = both.spark.problem(f"select {call} from raw.people")
    for fact in facts:
        assert fact in sentence
    assert len(sentence.splitlines()) == 1


def test_the_registry_says_the_same(both: Both) -> None:
    for query in (
        "select model_name, version, task, estimator, artifact_sha256 from ml.model_versions",
        "select model_name, version, action, reason from ml.champion_history",
        "select model_name, version from ml.champions",
        DECISIONS,
    ):
        duckdb, spark = both.rows(query)
        assert duckdb == spark, query


def test_a_build_without_changes_appends_nothing(both: Both) -> None:
    run = both.spark.dbt("build", "-s", "leaving")
    assert run.code == 0, run.output
    duckdb, spark = both.rows(VERSION)
    assert duckdb == spark
    assert both.rows(DECISIONS)[0] == both.rows(DECISIONS)[1]


def test_a_refused_challenger_leaves_the_champion_scoring(both: Both) -> None:
    own_project.declare(both.duckdb, IMPOSSIBLE, "select * from {{ ref('people') }}", "leaving")
    scores = both.spark.rows(SCORES)
    run = both.spark.dbt("build", "-s", "leaving", "scores")
    assert run.code != 0
    assert "roc_auc" in run.output and "0.999" in run.output and "Version 1 goes on scoring" in run.output
    assert both.spark.rows("select version, newest_version, action from ml.decisions order by sequence") == [
        (1, 1, "accept"),
        (1, 2, "refuse"),
    ]
    assert both.spark.rows(SCORES) == scores


def test_an_operator_promotes_a_version(both: Both) -> None:
    arguments = "{model: leaving, version: 2, reason: try it, force: true}"
    run = both.spark.dbt("run-operation", "promote", "--args", arguments)
    assert run.code == 0, run.output
    assert both.spark.rows("select version, action from ml.decisions order by sequence desc limit 1") == [
        (2, "promote")
    ]
    ((_, largest),) = both.spark.rows(
        "select count(*), max(abs(ml.leaving_sql(plan => plan, age => age, income => income) "
        "- ml_predict('leaving@2', struct(*)))) from raw.people"
    )
    assert largest < 1e-12  # the function in the metastore has followed
    champion, second = both.spark.rows(
        "select sum(ml_predict('leaving', struct(*))), sum(ml_predict('leaving@2', struct(*))) from raw.people"
    )[0]
    assert champion == second


def test_a_broken_file_leaves_the_table_of_the_last_load(both: Both) -> None:
    seed = both.duckdb.folder / "seeds/people.csv"
    text = seed.read_text()
    seed.write_text(text + "900,2013-01-01 00:00:00\n")
    run = both.spark.dbt("seed")
    seed.write_text(text)
    assert run.code != 0
    assert "too few values" in run.output
    assert both.spark.rows("select count(*) from raw.people") == [(900,)]


def decide_while_another_build_does(spark: Any) -> str:
    state = State(spark, lambda connection: None)
    state.load([("ml", "decisions")])
    spark.sql("insert into ml.decisions select * from ml.decisions limit 1")
    state.connection.execute("insert into ml.decisions from ml.decisions limit 1")
    try:
        state.save()
    except SparkError as error:
        return str(error)
    return ""


def test_of_two_builds_that_decide_at_once_one_is_refused(both: Both) -> None:
    (before,) = both.spark.rows("select count(*) from ml.decisions")[0]
    sentence = both.spark.call(decide_while_another_build_does)
    assert "ml.decisions" in sentence and "+1 rows" in sentence and "run it again" in sentence
    assert both.spark.rows("select count(*) from ml.decisions") == [(before + 1,)]


def change_in_place_and_be_killed(spark: Any) -> list[list[tuple]]:
    place = ("ml", "kept_rows")
    query = "select * from ml.kept_rows order by 1"
    seen = []
    state = State(spark, lambda connection: None)
    state.load([place])
    state.put(place, pa.table({"number": [1, 2], "texts": [["a", "it's"], None]}))
    state.save()
    state.connection.execute("""insert into ml.kept_rows values (3, [])""")
    state.save()
    seen.append([tuple(row) for row in spark.sql(query).collect()])
    state.connection.execute("""update ml.kept_rows set texts = ['b'] where number = 1""")
    state.save()
    seen.append([tuple(row) for row in spark.sql(query).collect()])
    # Killed before the last step: the rows are there under the other name only.
    spark.sql("alter table ml.kept_rows rename to ml.kept_rows__written_anew")
    after = State(spark, lambda connection: None)
    after.load([place])
    seen.append([tuple(row) for row in spark.sql(query).collect()])
    return seen


def test_rows_that_change_in_place_are_written_anew_and_survive_a_kill(both: Both) -> None:
    appended, changed, recovered = both.spark.call(change_in_place_and_be_killed)
    assert appended == [(1, ["a", "it's"]), (2, None), (3, [])]
    assert changed == recovered == [(1, ["b"]), (2, None), (3, [])]


def test_a_contract_divides_raw_rows_in_the_same_way(both: Both) -> None:
    for project in (both.duckdb, both.spark):
        run = project.build("-s", "orders", "+sound_orders")  # rows in quarantine are a warning
        assert run.code == 0, run.output
    duckdb, spark = both.rows(
        "select row_id, raw_row, rule, reason from staging.quarantine order by row_id, rule"
    )
    assert duckdb == spark
    assert {rule for _, _, rule, _ in spark} == {
        "range_amount", "required_amount", "type_amount", "conflicting_key"
    }  # fmt: skip
    duckdb, spark = both.rows("select order_id, amount from marts.sound_orders order by order_id")
    assert duckdb == spark == [(1, 5), (6, 1)]


PAGE = (ROOT / "docs/spark.md").read_text()


def block(language: str) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0]


def run_python_of_the_page(spark: Any) -> int:
    for name in ("ml_predict", "ml_predict_class", "ml_predict_proba"):
        spark.sql(f"drop temporary function {name}")
    exec(block("python"), {"spark": spark})
    return len(spark.sql(block("sql")).collect())


def test_the_page_shows_what_there_is(both: Both) -> None:
    for profile in ("profiles.yml", "dbt_project/profiles.yml"):
        assert block("yaml") in (ROOT / profile).read_text()
    assert len(both.spark.rows(block("sql"))) == 3
    assert both.spark.call(run_python_of_the_page) == 3
