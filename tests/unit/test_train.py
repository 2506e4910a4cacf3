import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import onnx.parser
import pyarrow as pa
import pytest
from made_versions import add, decide

import scoring
from scoring.errors import WarehouseMLError
from scoring.registry import VERSION_SCHEMA
from scoring.warehouse import Relation, Warehouse
from training import train
from training.declared import config as configuration
from training.train import train_version
from training.version import code_version

NO_TIME = {"time": None, "split": {"method": "random", "validation": 0.2, "test": 0.2}}


def run(
    query: str,
    config: dict[str, Any],
    *,
    past: pa.Table | None = None,
    champion: int | None = None,
    retrain: bool = False,
) -> pa.Table:
    config = {key: value for key, value in config.items() if value is not None}
    with scoring.connect() as session:
        session.execute("create schema ml")
        if past is not None:
            session.register("past", past)
            session.execute("create table ml.late as from past")
        if champion is not None:
            decide(session, "late", champion)
        version = train_version(
            session.sql(query),
            Relation("memory", "ml", "late"),
            configuration.parse(config, model_name="late"),
            config,
            warehouse=Warehouse(session),
            retrain=retrain,
        )
    return VERSION_SCHEMA.empty_table() if version is None else version.to_row()


def with_values(row: pa.Table, **values: object) -> pa.Table:
    for name, value in values.items():
        position = row.schema.get_field_index(name)
        row = row.set_column(position, row.field(position), pa.array([value], row.field(position).type))
    return row


def metric(row: dict[str, Any], name: str, predictor: str = "model", dataset: str = "test") -> float:
    (value,) = (
        entry["value"]
        for entry in row["metrics"]
        if (entry["dataset"], entry["predictor"], entry["metric"]) == (dataset, predictor, name)
        and entry["slice_column"] is None
    )
    return float(value)


def test_file_of_a_model_is_relative_to_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "elsewhere").mkdir()
    graph = '<ir_version: 10, opset_import: ["": 17]> g (double[N, 1] x) => (double[N, 1] y) {y = Neg(x)}'
    onnx.save(onnx.parser.parse_model(graph), tmp_path / "project" / "m.onnx")
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = {
        "task": "regression",
        "label": "y",
        "key": "id",
        "split": {"method": "none"},
        "estimator": "onnx",
        "params": {"file": "m.onnx"},
    }
    with scoring.connect() as session:
        session.execute("set variable dbt_project_folder = ?", [str(tmp_path / "project")])
        relation = session.sql("select i as id, i / 2e0 as x, i % 7 as y from range(100) as rows(i)")
        (row,) = train(relation, model_name="late", config=config).to_pylist()
    assert row["params"] == '{"file": "m.onnx"}'


def test_row_tells_everything_about_the_version(trained: pa.Table) -> None:
    assert trained.schema == VERSION_SCHEMA
    (row,) = trained.to_pylist()
    unknown = {name for name, value in row.items() if value is None}
    assert unknown == {"dbt_invocation_id", "weight_column", "champion_version", "pruned_at", "pruned_by"}
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
    assert row["signature"]["classes"] == ["false", "true"]
    assert (row["changes"], row["code_version"]) == (["first"], code_version())
    assert row["parity"]["max_absolute_difference"] == 0.0
    assert {entry["feature"] for entry in row["feature_importance"]} == {
        "amount",
        "visits",
        "region",
        "price",
    }


def test_model_is_measured_beside_its_baselines(trained: pa.Table) -> None:
    (row,) = trained.to_pylist()
    assert metric(row, "roc_auc", "constant") == 0.5
    for predictor in ("model", "linear"):
        assert metric(row, "log_loss", predictor) < metric(row, "log_loss", "constant")


def test_version_learns_from_what_was_selected_alone(
    trained: pa.Table, binary_sql: str, config: dict[str, Any]
) -> None:
    more = f"select *, 1 as one, amount * 2 as twice, is_late::integer as leak from ({binary_sql})"
    selecting = {
        **config,
        "select_features": {"shuffles": 2},
        "monotone": {"leak": "increasing"},
        "slices": ["one"],
    }
    (row,) = run(more, selecting, past=trained, champion=1).to_pylist()
    verdicts = {entry["feature"]: entry for entry in row["feature_selection"]}
    assert verdicts.keys() == {"amount", "visits", "region", "price", "one", "twice", "leak"}
    assert {name: verdicts[name]["reason"] for name in ("one", "twice", "leak")} == {
        "one": "constant",
        "twice": "duplicate of amount",
        "leak": "leaking",
    }
    selected = [name for name, verdict in verdicts.items() if verdict["is_selected"]]
    for described in (row["signature"]["features"], row["training_snapshot"]["features"]):
        assert [feature["name"] for feature in described] == selected
    assert {entry["feature"] for entry in row["feature_importance"]} == set(selected)
    assert metric(row, "roc_auc", "linear") < 0.99
    assert metric(row, "log_loss", "champion") > 0


def test_linear_baseline_has_the_selected_features(binary_sql: str, config: dict[str, Any]) -> None:
    leaky = f"select *, is_late::integer as leak from ({binary_sql})"
    (row,) = run(leaky, config).to_pylist()
    assert metric(row, "roc_auc", "linear") > 0.99
    (row,) = run(leaky, {**config, "select_features": {"drop": ["leaking"]}}).to_pylist()
    assert metric(row, "roc_auc", "linear") < 0.99


def test_feature_to_keep_must_be_there(binary_sql: str, config: dict[str, Any]) -> None:
    with pytest.raises(
        WarehouseMLError, match="column 'amuont', the model's feature to keep, must be in the"
    ):
        run(binary_sql, {**config, "select_features": {"keep": "amuont"}})
    with pytest.raises(
        WarehouseMLError, match="column 'is_late' must be a feature to be kept; found it in the"
    ):
        run(binary_sql, {**config, "select_features": {"keep": "is_late"}})


def test_stored_row_scores_in_sql(trained: pa.Table, binary_sql: str) -> None:
    with scoring.connect() as warehouse:
        add(warehouse, trained)
        score = "ml_predict('late', t) >= 0.5"
        right, rows = warehouse.sql(
            f"select count(*) filter (where ({score}) = is_late), count(*) from ({binary_sql}) as t"
        ).fetchall()[0]
    assert right / rows > 0.8


def test_nothing_changed_trains_nothing(trained: pa.Table, binary_sql: str, config: dict[str, Any]) -> None:
    shuffled = f"from ({binary_sql}) order by hash(id)"
    gated = {**config, "gates": [{"metric": "roc_auc", "min": 0.5}]}
    versions = run(shuffled, gated, past=trained)
    assert (versions.num_rows, versions.schema) == (0, VERSION_SCHEMA)


@pytest.mark.parametrize(
    ("query", "seed", "changes"),
    [
        ("from ({sql}) where id < 599", None, ["data"]),
        ("from ({sql})", 2, ["config"]),
        ("from ({sql}) where id < 599", 2, ["data", "config"]),
    ],
)
def test_any_change_trains_the_next_version_and_is_reported(
    trained: pa.Table,
    binary_sql: str,
    config: dict[str, Any],
    query: str,
    seed: int | None,
    changes: list[str],
) -> None:
    past = pa.concat_tables([with_values(trained, version=7), trained])
    (row,) = run(query.format(sql=binary_sql), {**config, "seed": seed}, past=past).to_pylist()
    assert (row["version"], row["changes"]) == (8, changes)


def test_newest_version_decides_and_not_an_older_one(
    trained: pa.Table, binary_sql: str, config: dict[str, Any]
) -> None:
    newer = with_values(trained, version=2, code_version="other")
    (row,) = run(binary_sql, config, past=pa.concat_tables([trained, newer])).to_pylist()
    assert (row["version"], row["changes"]) == (3, ["code"])


def test_retraining_gives_the_same_artifact_as_a_new_version(
    trained: pa.Table, binary_sql: str, config: dict[str, Any]
) -> None:
    again = run(f"from ({binary_sql}) order by hash(id)", config, past=trained, retrain=True)
    assert (again.column("version").to_pylist(), again.column("changes").to_pylist()) == ([2], [["retrain"]])
    for column in ("artifact_sha256", "native_model", "metrics", "training_snapshot", "data_fingerprint"):
        assert again.column(column).to_pylist() == trained.column(column).to_pylist()


def test_first_version_follows_an_empty_history(binary_sql: str, config: dict[str, Any]) -> None:
    (row,) = run(binary_sql, config, past=VERSION_SCHEMA.empty_table()).to_pylist()
    assert (row["version"], row["changes"]) == (1, ["first"])


def test_champion_is_measured_on_the_same_rows(
    trained: pa.Table, binary_sql: str, config: dict[str, Any]
) -> None:
    worse = {**config, "params": {"num_iterations": 1}}
    (row,) = run(binary_sql, worse, past=trained, champion=1).to_pylist()
    assert row["champion_version"] == 1
    (before,) = trained.to_pylist()
    assert metric(row, "log_loss", "champion") == pytest.approx(metric(before, "log_loss"), rel=1e-12)
    assert metric(row, "log_loss", "champion") < metric(row, "log_loss")


def test_table_of_something_else_is_not_taken_for_versions(binary_sql: str, config: dict[str, Any]) -> None:
    with pytest.raises(
        WarehouseMLError, match=r"ml\.late is not a table of model versions.* lacks .*'artifact'"
    ):
        run(binary_sql, config, past=pa.table({"version": [1]}))


def test_regression_is_trained(training_sql: str, config: dict[str, Any]) -> None:
    regression = {**config, "task": "regression", "label": "minutes"}
    (row,) = run(f"select * exclude (is_late) from ({training_sql})", regression).to_pylist()
    assert row["parity"]["max_relative_difference"] == 0.0
    assert metric(row, "r2") > 0.5 > metric(row, "r2", "constant")


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        (
            {"task": "multiclass", "label": "region"},
            "* exclude (is_late) replace (coalesce(region, '?') as region)",
        ),
        (
            {"label": "y", "positive": "late"},
            "* exclude (is_late), case when is_late then 'late' else 'ok' end as y",
        ),
        ({"weight": "price", "slices": ["region"]}, "* replace (price + 1 as price)"),
        ({"class_weight": "balanced", "monotone": {"amount": "increasing"}}, "*"),
        ({"split": {"method": "none"}}, "*"),
        ({"split": {"method": "custom", "column": "p"}}, "*, if(id < 400, 'train', 'test') as p"),
    ],
    ids=["multiclass", "text", "weight", "balanced", "all rows", "custom"],
)
def test_other_models_are_trained(
    binary_sql: str, config: dict[str, Any], changes: dict[str, Any], columns: str
) -> None:
    query = f"select {columns} from ({binary_sql})"
    (row,) = run(query, {**config, **NO_TIME, **changes}).to_pylist()
    assert {"model", "constant", "linear"} == {entry["predictor"] for entry in row["metrics"]}
    assert row["split"]["salt"] == (None if "split" in changes else "seed 1")
    assert row["training_snapshot"]["cutoff"] is None
    assert {entry["slice_value"] for entry in row["metrics"]} >= (
        {"north", "south", "east"} if "slices" in changes else {None}
    )


@pytest.mark.parametrize(("task", "label"), [("clustering", None), ("anomaly", None), ("anomaly", "is_late")])
def test_models_without_a_label_to_predict_are_trained(
    binary_sql: str, config: dict[str, Any], task: str, label: str | None
) -> None:
    columns = "*" if label else "* exclude (is_late)"
    unlabelled = {**config, **NO_TIME, "task": task, "label": label, "estimator": None, "params": None}
    (row,) = run(f"select {columns} from ({binary_sql})", unlabelled).to_pylist()
    assert {entry["predictor"] for entry in row["metrics"]} == {"model"}
    assert [feature["name"] for feature in row["signature"]["features"]] == [
        "predicted_at",
        "amount",
        "visits",
        "region",
        "price",
    ]


def test_tuning_keeps_the_best_of_its_trials(binary_sql: str, config: dict[str, Any]) -> None:
    search = {"num_leaves": {"low": 2, "high": 20}, "extra_trees": [True, False]}
    tuned = {**config, "tuning": {"trials": 4, "search": search}}
    first, second = (run(binary_sql, tuned).to_pylist()[0] for _ in range(2))
    trials = first["tuning_trials"]
    assert [trial["trial"] for trial in trials] == [1, 2, 3, 4]
    assert {(trial["estimator"], trial["metric"]) for trial in trials} == {("lightgbm", "log_loss")}
    best = min((trial for trial in trials if trial["state"] == "complete"), key=lambda trial: trial["value"])
    assert json.loads(best["params"]).items() <= json.loads(first["params"]).items()
    assert first["artifact_sha256"] == second["artifact_sha256"]


def test_auto_averages_the_best_of_the_suitable_estimators(binary_sql: str, config: dict[str, Any]) -> None:
    auto = {**config, "params": None, "estimator": "auto", "time_budget_seconds": 60}
    first, second = (run(binary_sql, auto).to_pylist()[0] for _ in range(2))
    *trials, blend = first["tuning_trials"]
    assert [trial["estimator"] for trial in trials[:2]] == ["lightgbm", "logistic_regression"]
    assert first["estimator"] == blend["estimator"] == "blend"
    assert blend["value"] < trials[0]["value"]
    members = json.loads(first["params"])["members"]
    assert {member["estimator"] for member in members} <= {trial["estimator"] for trial in trials}
    assert all(member["weight"] >= 1 for member in members)
    assert first["sql_form"] is None and first["native_model"] is None
    assert first["artifact_sha256"] == second["artifact_sha256"]


def test_feature_names_may_hold_any_character(binary_sql: str, config: dict[str, Any]) -> None:
    odd = 'the "amount", {of}: [it]'
    quoted = odd.replace('"', '""')
    versions = run(f'select * rename (amount as "{quoted}") from ({binary_sql})', config)
    assert odd in [entry["feature"] for entry in versions.to_pylist()[0]["feature_importance"]]


def test_invocation_id_is_taken_from_the_connection(binary_sql: str, config: dict[str, Any]) -> None:
    with duckdb.connect() as connection:
        connection.execute("set variable dbt_invocation_id = 'run-1'")
        row = train(connection.sql(binary_sql), model_name="late", config=config)
        assert row.column("dbt_invocation_id").to_pylist() == ["run-1"]
        assert connection.sql("show all tables").fetchall() == []


def test_training_fails_with_an_error_of_ours(binary_sql: str, config: dict[str, Any]) -> None:
    with pytest.raises(WarehouseMLError, match="Model 'late' has 1 problem under config: meta: ml:"):
        run(binary_sql, {**config, "task": "ranking"})


def test_a_script_whose_training_fails_prints_one_error() -> None:
    block = {"task": "binary", "label": "is_late", "key": "id", "split": {"method": "random", "test": 0.2}}
    script = (
        "import scoring, training\n"
        "rows = scoring.connect().sql('select range as id, 1 as x from range(100)')\n"
        f"training.train(rows, model_name='late', config={block})\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "column 'is_late', the model's label, must be in the query" in ended.stderr
    assert ended.stderr.count("Traceback") == 1, ended.stderr
