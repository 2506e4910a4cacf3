import json
from pathlib import Path

import duckdb
import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
from command_line import Run

import scoring
from scoring.artifact import digest
from scoring.onnx_bytes import with_notes


def test_exported_file_runs_by_its_own_metadata_and_gives_the_same_scores(file: Path, run: Run) -> None:
    target = file.parent / "late.onnx"
    out = f"Exported late@1 to {target} and {target.with_suffix('.json')}.\n"
    assert run("export", "--model", "late@1", "--output", target) == (0, out, "")

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # with several, exp may be off by its last bit where their work meets
    session = onnxruntime.InferenceSession(str(target), options)
    notes = session.get_modelmeta().custom_metadata_map
    features = json.loads(notes["warehouse_ml.signature"])["features"]
    with scoring.connect(file, read_only=True) as warehouse:
        rows = warehouse.sql("from raw.rows").fetchdf().to_dict("list")
        (expected,) = warehouse.sql("select ml_predict('late', r) from raw.rows as r").fetchnumpy().values()
    columns = [
        [feature["categories"].index(value) if value in feature["categories"] else np.nan for value in values]
        if feature["type"] == "category"
        else np.array(values, np.float64)
        for feature in features
        for values in [rows[feature["name"]]]
    ]
    (scores,) = session.run(["prediction"], {session.get_inputs()[0].name: np.column_stack(columns)})
    assert (scores == expected).all()


def test_description_is_the_same_in_both_files_and_names_the_artifact(
    file: Path, run: Run, trained: pa.Table
) -> None:
    target = file.parent / "late.onnx"
    run("export", "--model", "late", "--output", target)
    described = json.loads(target.with_suffix(".json").read_text())
    assert (described["model"], described["version"], described["task"]) == ("late", 1, "binary")
    assert described["artifact_sha256"] == trained.column("artifact_sha256")[0].as_py()
    assert set(described["libraries"]) > {"lightgbm", "onnxruntime"}
    assert described["signature"] == trained.column("signature")[0].as_py()
    notes = {entry.key: entry.value for entry in onnx.load(target).metadata_props}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in described.items()}
    assert notes == {f"warehouse_ml.{key}": value for key, value in texts.items()}
    stripped = onnx.load(target)
    del stripped.metadata_props[:]
    assert digest(stripped.SerializeToString()) == described["artifact_sha256"]


def test_notes_replace_notes_of_the_same_key_and_leave_others(trained: pa.Table) -> None:
    data = trained.column("artifact")[0].as_py()
    once = with_notes(with_notes(data, {"a": "1", "b": "ü" * 200}), {"a": "2"})
    assert once.startswith(data)
    assert {entry.key: entry.value for entry in onnx.load_from_string(once).metadata_props} == {
        "b": "ü" * 200,
        "a": "2",
    }


def test_nothing_is_written_over_or_left_half(file: Path, run: Run) -> None:
    target = file.parent / "late.onnx"
    target.with_suffix(".json").write_text("mine")
    arguments = ["export", "--model", "late", "--output", target]
    assert "late.json is there already" in run(*arguments)[2]
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("update ml.late set artifact_sha256 = repeat('0', 64)")
    assert "artifact of 'late@1' is refused" in run(*arguments, "--replace")[2]
    assert {path.name for path in file.parent.iterdir()} == {"w.duckdb", "late.json"}


def test_model_and_description_do_not_share_a_file(file: Path, run: Run) -> None:
    code, _, err = run("export", "--model", "late", "--output", file.parent / "late.json")
    assert code == 1
    assert "late.json cannot take a model" in err
    assert not (file.parent / "late.json").exists()
