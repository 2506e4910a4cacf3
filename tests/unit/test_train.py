from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import scoring
from scoring.errors import WarehouseMLError
from scoring.registry import VERSION_SCHEMA
from training import train
from training.version import code_version


def run(query: str, config: dict[str, Any], history: pa.Table | None = None) -> pa.Table:
    with duckdb.connect() as connection:
        past = None if history is None else connection.from_arrow(history)
        return train(connection.sql(query), model_name="late", config=config, history=past)


def test_row_tells_everything_about_the_version(trained: pa.Table) -> None:
    assert trained.schema == VERSION_SCHEMA
    (row,) = trained.to_pylist()
    assert [name for name, value in row.items() if value is None] == ["dbt_invocation_id"]
    assert (row["model_name"], row["version"], row["task"]) == ("late", 1, "binary")
    assert [(part["split"], part["rows"]) for part in row["split"]["parts"]] == [
        ("train", 420),
        ("validation", 60),
        ("test", 120),
    ]
    assert row["split"]["parts"][1]["starts_at"] == datetime(2024, 1, 1, 3, 30)
    assert row["split"]["parts"][1]["ends_at"] == datetime(2024, 1, 1, 3, 59)
    assert row["training_snapshot"]["rows"] == 420
    assert row["training_snapshot"]["cutoff"] == row["split"]["parts"][0]["ends_at"]
    assert row["code_version"] == code_version()
    assert row["parity"]["max_absolute_difference"] == 0.0
    assert {(entry["split"], entry["metric"]) for entry in row["metrics"]} >= {
        ("test", "roc_auc"),
        ("train", "brier"),
    }
    assert {entry["feature"] for entry in row["feature_importance"]} == {
        "amount",
        "visits",
        "region",
        "price",
    }


def test_stored_row_scores_in_sql(trained: pa.Table, binary_sql: str) -> None:
    with scoring.connect() as warehouse:
        warehouse.register("trained", trained)
        warehouse.execute("create schema ml")
        warehouse.execute("create table ml.late as from trained")
        warehouse.execute("create view ml.champions as select 'late' as model_name, 1 as version")
        score = "ml_predict('late', t) >= 0.5"
        right, rows = warehouse.sql(
            f"select count(*) filter (where ({score}) = is_late), count(*) from ({binary_sql}) as t"
        ).fetchall()[0]
    assert right / rows > 0.8


def test_nothing_changed_trains_nothing(trained: pa.Table, binary_sql: str, config: dict[str, Any]) -> None:
    shuffled = f"from ({binary_sql}) order by hash(id)"
    gated = {**config, "gates": [{"metric": "roc_auc", "min": 0.5}]}
    found = run(shuffled, gated, trained)
    assert (found.num_rows, found.schema) == (0, VERSION_SCHEMA)


@pytest.mark.parametrize(
    ("query", "seed"),
    [("from ({sql}) where id < 599", 1), ("from ({sql})", 2)],
    ids=["data", "configuration"],
)
def test_any_change_trains_the_next_version(
    trained: pa.Table, binary_sql: str, config: dict[str, Any], query: str, seed: int
) -> None:
    history = pa.concat_tables([trained, trained.set_column(1, "version", pa.array([7], pa.int32()))])
    found = run(query.format(sql=binary_sql), {**config, "seed": seed}, history)
    assert found.column("version").to_pylist() == [8]


def test_newest_version_decides_and_not_an_older_one(
    trained: pa.Table, binary_sql: str, config: dict[str, Any]
) -> None:
    newer = trained.set_column(1, "version", pa.array([2], pa.int32()))
    newer = newer.set_column(
        newer.schema.get_field_index("code_version"), "code_version", pa.array(["other"])
    )
    assert run(binary_sql, config, pa.concat_tables([trained, newer])).column("version").to_pylist() == [3]


def test_first_version_follows_an_empty_history(binary_sql: str, config: dict[str, Any]) -> None:
    assert run(binary_sql, config, VERSION_SCHEMA.empty_table()).column("version").to_pylist() == [1]


def test_same_data_and_configuration_give_the_same_artifact(
    trained: pa.Table, binary_sql: str, config: dict[str, Any]
) -> None:
    again = run(f"from ({binary_sql}) order by hash(id)", config)
    for column in ("artifact_sha256", "native_model", "metrics", "training_snapshot", "data_fingerprint"):
        assert again.column(column).to_pylist() == trained.column(column).to_pylist()


def test_regression_is_trained(training_sql: str, config: dict[str, Any]) -> None:
    regression = {**config, "task": "regression", "label": "minutes"}
    (row,) = run(f"select * exclude (is_late) from ({training_sql})", regression).to_pylist()
    assert row["parity"]["max_relative_difference"] == 0.0
    scores = {entry["metric"]: entry["value"] for entry in row["metrics"] if entry["split"] == "test"}
    assert scores.keys() == {"rmse", "mae", "r2"} and scores["r2"] > 0.5


def test_feature_names_may_hold_any_character(binary_sql: str, config: dict[str, Any]) -> None:
    odd = 'the "amount", {of}: [it]'
    quoted = odd.replace('"', '""')
    found = run(f'select * rename (amount as "{quoted}") from ({binary_sql})', config)
    assert odd in [entry["feature"] for entry in found.to_pylist()[0]["feature_importance"]]


def test_invocation_id_is_taken_from_the_connection(binary_sql: str, config: dict[str, Any]) -> None:
    with duckdb.connect() as connection:
        connection.execute("set variable dbt_invocation_id = 'run-1'")
        row = train(connection.sql(binary_sql), model_name="late", config=config)
        assert row.column("dbt_invocation_id").to_pylist() == ["run-1"]
        assert connection.sql("show all tables").fetchall() == []


def test_training_fails_with_an_error_of_ours(binary_sql: str, config: dict[str, Any]) -> None:
    with pytest.raises(WarehouseMLError, match="Model 'late' has 1 problem under config: meta: ml:"):
        run(binary_sql, {**config, "task": "ranking"})
