"""Whatever is altered in a version's row, every use of the version says so in one sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import made_versions
import pytest

import scoring
from scoring.carrying_over import carry_over
from scoring.cli import main
from scoring.loading import damage
from scoring.warehouse import Relation, Warehouse
from training import train
from training.materialize import materialize

BLOCK = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
    "params": {"num_iterations": 5, "num_leaves": 4, "min_data_in_leaf": 5},
}
ROWS = """
    select range as id, (range * 7919 % 1000) / 100e0 as amount, ['a', 'b', null][1 + range % 3] as region,
        (range * 7919 % 1000) > 400 + range % 7 as is_late
    from range(300)
"""
SIGNATURE = "struct_update(signature, {} := {})"
FEATURES = SIGNATURE.format("features", "list_transform(signature.features, lambda f: {})")
FEATURE = FEATURES.format("struct_update(f, {} := {})")
REVERSED_FEATURES = SIGNATURE.format("features", "list_reverse(signature.features)")
EVERYTHING_THAT_DECIDES = {
    "features in another order": (
        "signature",
        SIGNATURE.format("features", "list_reverse(signature.features)"),
    ),
    "a null name": ("signature", FEATURE.format("name", "null")),
    "one name twice": ("signature", FEATURE.format("name", "'amount'")),
    "no features": ("signature", SIGNATURE.format("features", "[]")),
    "an unknown rule": ("signature", FEATURE.format("nulls", "'guess'")),
    "another rule": ("signature", FEATURE.format("nulls", "'error'")),
    "another value for null": ("signature", FEATURE.format("null_value", "7e0")),
    "an unknown type": ("signature", FEATURE.format("type", "'shape'")),
    "null categories": ("signature", FEATURE.format("categories", "null")),
    "other categories": ("signature", FEATURE.format("categories", "list_reverse(f.categories)")),
    "other classes": ("signature", SIGNATURE.format("classes", "list_reverse(signature.classes)")),
    "a threshold": ("signature", SIGNATURE.format("threshold", "0.5e0")),
    "other outputs": ("signature", SIGNATURE.format("outputs", "list_reverse(signature.outputs)")),
    "no outputs": ("signature", SIGNATURE.format("outputs", "null")),
    "no signature": ("signature", "null"),
    "another task": ("task", "'regression'"),
    "an unknown task": ("task", "'magic'"),
    "no task": ("task", "null"),
    "another estimator": ("estimator", "'extra_trees'"),
    "no estimator": ("estimator", "null"),
    "another name": ("model_name", "'other'"),
    "no name": ("model_name", "null"),
    "no artifact": ("artifact", "null"),
    "a short artifact": ("artifact", "artifact[:100]"),
    "another model's artifact": ("artifact", "(select artifact from ml.other)"),
    "no SHA-256": ("artifact_sha256", "null"),
    "a false SHA-256": ("artifact_sha256", "repeat('0', 64)"),
    "a text as SHA-256": ("artifact_sha256", "'sha'"),
    "garbage as model text": ("native_model", "'garbage'"),
    "a short model text": ("native_model", "native_model[:500]"),
    "no model text": ("native_model", "null"),
    "another SQL form": ("sql_form", "struct_update(sql_form, prediction := '1e0')"),
    "no SQL form": ("sql_form", "null"),
    "no digest": ("scoring_sha256", "null"),
    "another digest": ("scoring_sha256", "'sha'"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the champions ``late@1`` and ``other@1``, as a build leaves them."""
    path = tmp_path_factory.mktemp("altered") / "w.duckdb"
    with scoring.connect(path) as warehouse:
        warehouse.execute(f"create table rows as {ROWS}")
        for name, seed in (("late", 1), ("other", 2)):
            row = train(warehouse.table("rows"), model_name=name, config={**BLOCK, "seed": seed})
            made_versions.add(warehouse, row)
    return path


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "w.duckdb"))


@pytest.fixture
def run(file: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs a command; returns its exit code and what it wrote to the standard error stream."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["--warehouse", str(file), *arguments])
        return code, capfd.readouterr().err

    return run


def alter(file: Path, sql: str) -> None:
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute(sql)


def assert_sentence(text: str, *facts: str) -> None:
    assert "Traceback" not in text
    assert text.strip().count("\n") == 0, text
    for fact in (*facts, "late", "restore"):
        assert fact in text, text


@pytest.mark.parametrize("change", EVERYTHING_THAT_DECIDES)
def test_what_decides_a_score_is_compared_wherever_it_is_used(file: Path, run: Callable, change: str) -> None:
    column, value = EVERYTHING_THAT_DECIDES[change]
    alter(file, f"update ml.late set {column} = {value}")
    output = str(file.with_name("scores.csv"))
    for command in (
        ("verify", "--model", "late"),
        ("score", "--model", "late", "--input", "main.rows", "--output", output),
        ("export", "--model", "late@1", "--output", output),
        ("training-set", "--model", "late"),
    ):
        code, text = run(*command)
        assert code == 1
        assert_sentence(text, "artifact" if column.startswith("artifact") else column)
    assert not Path(output).exists()
    with scoring.connect(file, read_only=True) as warehouse:
        for function in ("ml_predict", "ml_predict_class", "ml_predict_proba", "ml_explain"):
            with pytest.raises(duckdb.Error) as caught:
                warehouse.sql(f"select {function}('late', r) from rows as r").fetchall()
            assert_sentence(str(caught.value))
        assert warehouse.sql("select count(ml_predict('other', r)) from rows as r").fetchall() == [(300,)]
        problem = damage(Warehouse(warehouse), Relation("w", "ml", "late"), 1)
        assert problem is not None
        assert_sentence(problem)


NULL, TYPE = "update ml.late set {} = null", "alter table ml.late alter {} type varchar using 'x'"
REVERSED = "struct_update(training_snapshot, features := list_reverse(training_snapshot.features))"
EXPORT, TRAINING_SET = (
    ("export", "--model", "late", "--output", "x.onnx"),
    ("training-set", "--model", "late"),
)
OTHER_COLUMNS = [
    (NULL.format("version"), ("verify", "--model", "late@challenger"), "no version yet"),
    ("insert into ml.late from ml.late", ("verify", "--model", "late@1"), "2 rows have 1"),
    (NULL.format("created_at"), ("models",), "created_at is null"),
    (NULL.format("created_at"), EXPORT, "created_at"),
    (NULL.format("library_versions"), EXPORT, "library_versions"),
    (NULL.format("library_versions"), ("verify",), "library_versions"),
    (NULL.format("parity"), ("verify",), "parity"),
    (NULL.format("training_snapshot"), ("verify",), "training_snapshot"),
    (f"update ml.late set training_snapshot = {REVERSED}", ("verify",), "training_snapshot"),
    (NULL.format("training_set"), TRAINING_SET, "training_set"),
    (NULL.format("data_fingerprint"), TRAINING_SET, "data_fingerprint"),
    (TYPE.format("signature"), ("verify",), "signature"),
    (TYPE.format("artifact"), ("verify",), "artifact"),
    (TYPE.format("version"), ("models",), "version"),
    (TYPE.format("version"), ("verify",), "version"),
    (TYPE.format("parity"), ("verify",), "parity"),
    ("alter table ml.late drop signature", ("verify",), "signature"),
    ("update ml.decisions set version = null", ("verify", "--model", "late"), "no champion"),
]


@pytest.mark.parametrize(("sql", "command", "fact"), OTHER_COLUMNS)
def test_every_command_names_the_column(
    file: Path, run: Callable, sql: str, command: tuple[str, ...], fact: str
) -> None:
    alter(file, sql)
    code, text = run(*(str(file.with_name(part)) if part == "x.onnx" else part for part in command))
    assert code == 1
    assert "Traceback" not in text and text.strip().count("\n") == 0, text
    assert fact in text and "late" in text, text


def test_a_damaged_champion_leaves_a_new_version_trainable(file: Path) -> None:
    alter(file, "update ml.late set artifact = artifact[:100]")
    with scoring.connect(file) as warehouse:
        changed = {**BLOCK, "seed": 3}
        done = materialize(
            warehouse,
            load=warehouse.table,
            query="from rows",
            relation=("w", "ml", "late"),
            config=changed,
            retrain=False,
            without_data=False,
            invocation="run-1",
        )
        notices = done.notices
        row = warehouse.sql("select version, champion_version, notices from ml.late order by version desc")
        assert row.fetchall()[0] == (2, None, [notice for notice in notices if "no macro" not in notice])
        assert made_versions.champion(warehouse, "late") == 2
    assert "not compared with the champion, version 1" in notices[0] and "SHA-256" in notices[0]


def test_a_replaced_macro_is_noticed_by_verify(file: Path, run: Callable) -> None:
    with duckdb.connect(str(file)) as warehouse:
        ((form,),) = warehouse.sql("select sql_form from ml.late").fetchall()
        raw = form["raw_score"]
        warehouse.execute(f"create macro ml.late_raw_sql(r) as ({raw})")
        warehouse.execute(
            f"create macro ml.late_sql(r) as {form['prediction'].replace('raw_score', f'({raw})')}"
        )
    assert run("verify") == (0, "")
    alter(file, "create or replace macro ml.late_sql(r) as 0.5e0")
    code, text = run("verify")
    assert code == 1
    assert "ml.late_sql" in text and "late@1" in text and "dbt build" in text


def test_a_table_of_an_older_release_is_read_and_carried_over(file: Path, run: Callable) -> None:
    alter(file, "alter table ml.late drop scoring_sha256")
    assert run("verify") == (0, "")
    with scoring.connect(file, read_only=True) as warehouse:
        warehouse.sql("select ml_explain('late', r) from rows as r limit 1").fetchall()
    with duckdb.connect(str(file)) as warehouse:
        carry_over(warehouse)
        assert warehouse.sql("select count(scoring_sha256) from ml.late").fetchall() == [(1,)]
    assert run("verify") == (0, "")
    test_what_decides_a_score_is_compared_wherever_it_is_used(file, run, "features in another order")


OVER_VERSIONS = [
    "create view main.late_notes as select version, created_at from ml.late",
    "create view main.late_rows as from ml.late",
    "create view ml.late_again as from ml.late",
    "create view ml.late_twice as select a.* from ml.late as a inner join ml.late as b using (version)",
    "create macro ml.late_count() as table select count(*) as n from ml.late",
    "create index late_version on ml.late (version)",
    "comment on table ml.late is 'versions'",
]


@pytest.mark.parametrize("relation", OVER_VERSIONS)
def test_a_table_that_others_read_is_carried_over(file: Path, run: Callable, relation: str) -> None:
    alter(file, f"alter table ml.late drop scoring_sha256; {relation}")
    with duckdb.connect(str(file)) as warehouse:
        carry_over(warehouse)
        assert warehouse.sql("select count(scoring_sha256) from ml.late").fetchall() == [(1,)]
        views = "select schema_name || '.' || view_name from duckdb_views() where not internal"
        for (view,) in warehouse.sql(views).fetchall():
            assert len(warehouse.sql(f"from {view}").fetchall()) == 1
    assert run("verify") == (0, "")


@pytest.mark.parametrize("change", ["garbage as model text", "a short model text", "no model text"])
def test_model_text_without_a_digest_reaches_no_parser_unless_it_is_whole(
    file: Path, run: Callable, change: str
) -> None:
    column, value = EVERYTHING_THAT_DECIDES[change]
    alter(file, f"alter table ml.late drop scoring_sha256; update ml.late set {column} = {value}")
    code, text = run("verify", "--model", "late")
    assert code == 1
    assert_sentence(text, "native_model")
