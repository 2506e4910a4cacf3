"""A report shows no row, says what is missing, shows a damaged model as damaged, and replaces nothing but itself."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import duckdb
import made_versions
import pytest
import report_project

import scoring
from scoring.cli import main
from scoring.report.metrics import LESS_IS_BETTER, ORDER
from training.evaluation.metrics import DIRECTION

Written = Callable[[Path], tuple[int, dict[str, str]]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse with everything; not to be changed."""
    return report_project.make(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Writes the report of a warehouse, and gives the exit code and the text of each page."""
    monkeypatch.chdir(tmp_path)

    def write(warehouse: Path) -> tuple[int, dict[str, str]]:
        code = main(["report", "--warehouse", str(warehouse), "--output", "site"])
        pages = sorted(Path("site").rglob("*.html"))
        return code, {page.stem: shown(page.read_text()) for page in pages}

    return write


def shown(page: str) -> str:
    """Return the text of a page as it is read, blanks as one."""
    text = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(text).split())


def test_a_card_says_what_is_declared_and_what_was_measured(shop: Path, written: Written) -> None:
    code, pages = written(shop)
    assert code == 0
    card = pages["late"]
    for fact in (
        "champion v1", "challenger v2 refused", "1 gate failed", "1 drifting", "delivery team", "Call customers ahead.",
        "Not for orders", "the newest version is 8 days old",
        "<script>alert(1)</script>", "raw.orders", "train: 540 rows", "roc_auc test min 0.6", "too few rows",
    ):  # fmt: skip
        assert fact in card + Path("site/models/late.html").read_text(), fact
    (other,) = (text for name, text in pages.items() if name.startswith("sums"))
    assert report_project.HOSTILE in other
    for fact in (
        "No SHAP summary",
        "'linear_regression'",
        "No monitor measures this model",
        "not declared",
        "2.5",
    ):
        assert fact.lower() in other.lower(), fact
    index = pages["index"]
    for fact in (
        "shop",
        report_project.HOSTILE,
        "the limit is 45 s",
        "1.35 GB",
        "pipeline latency 38.0 s",
        "99.7%",
        "raw.orders.customer ml.late.buyer <b> training set derived refused staging.stg_orders.buyer",
        "raw.orders.customer marts.orders.customer model masked by hash",
    ):
        assert fact in index, fact


def test_no_value_of_a_row_is_in_any_file(shop: Path, written: Written) -> None:
    written(shop)
    for file in [*Path("site").rglob("*.html"), *Path("site").rglob("report.*")]:
        for value in (report_project.SECRET, "customer 1", "98765", "98788"):
            assert value not in file.read_text(), (file, value)


def test_the_warehouse_is_only_read(shop: Path, written: Written) -> None:
    before = hashlib.sha256(shop.read_bytes()).hexdigest()
    shop.chmod(0o444)
    with duckdb.connect(str(shop), read_only=True):
        assert written(shop)[0] == 0
    shop.chmod(0o644)
    assert hashlib.sha256(shop.read_bytes()).hexdigest() == before


def test_a_warehouse_without_models_or_tables_says_so(tmp_path: Path, written: Written) -> None:
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    code, pages = written(path)
    assert code == 0
    for fact in (
        "0 models",
        "no model in this warehouse",
        "Nothing was decided",
        "no scorecard",
        "no table of data quality",
        "No column is marked as personal data",
    ):
        assert fact in pages["index"], fact


def test_a_model_of_an_older_release_and_one_without_a_decision_have_pages(
    tmp_path: Path, written: Written
) -> None:
    path = tmp_path / "old.duckdb"
    released = Path(__file__).parents[1] / "unit/released_warehouse/rain_soon.parquet"
    with scoring.connect(path) as connection:
        connection.execute("create schema ml")
        connection.execute(f"create table ml.rain_soon as from '{released}'")
        made_versions.add(connection, made_versions.made("undecided"), champion=False, schema="dev_ml")
        made_versions.add(connection, made_versions.made("undecided"), schema="prod_ml")
    code, pages = written(path)
    assert code == 0
    assert "no champion" in pages["rain_soon"] and "Unknown: dbt's manifest is not here" in pages["rain_soon"]
    assert len([name for name in pages if "undecided" in name]) == 2
    assert "dev_ml.undecided no champion" in pages["index"]
    assert "prod_ml.undecided champion v1" in pages["index"]


def test_a_damaged_version_is_reported_and_the_others_are_shown(
    tmp_path: Path, written: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "damaged.duckdb"
    with scoring.connect(path) as connection:
        made_versions.add(connection, made_versions.made("m", 1), made_versions.made("m", 2))
        made_versions.add(connection, made_versions.made("sound"))
        connection.execute("update ml.m set task = 'guessing' where version = 2")
    code, pages = written(path)
    assert code == 1
    assert "task" in capsys.readouterr().err
    assert (
        "guessing" in pages["m"] and "champion v2 damaged" in pages["m"] and "Performance of v1" in pages["m"]
    )
    assert "champion v1" in pages["sound"]


def test_an_earlier_report_is_replaced_and_nothing_else(
    shop: Path, written: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    written(shop)
    Path("site/models/gone.html").write_text("a model that was dropped")
    assert written(shop)[0] == 0
    assert not Path("site/models/gone.html").exists()
    Path("site/notes.txt").write_text("mine")
    assert written(shop)[0] == 1
    assert "notes.txt" in capsys.readouterr().err
    assert Path("site/notes.txt").read_text() == "mine"
    assert [entry.name for entry in Path().iterdir() if entry.name.startswith(".site")] == []


@pytest.mark.parametrize("text", ["no json", "[]", '{"nodes": {}}', '{"metadata": {}, "nodes": {"m": {}}}'])
def test_a_broken_manifest_is_named(
    shop: Path, written: Written, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    Path("target").mkdir()
    Path("target/manifest.json").write_text(text)
    path = Path("copy.duckdb")
    path.write_bytes(shop.read_bytes())
    code = main(["report", "--warehouse", str(path)])
    assert code == 1
    message = capsys.readouterr().err
    assert "target/manifest.json" in message and "dbt parse" in message


def test_a_host_without_the_packages_names_them(tmp_path: Path) -> None:
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    code = "import sys; sys.modules['vl_convert'] = None; from scoring.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "report", "--warehouse", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "warehouse-ml[report]" in done.stderr and "vl_convert" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_metrics_are_ranked_as_training_ranks_them() -> None:
    assert {*ORDER} == {*DIRECTION}
    assert {name for name, is_greater_better in DIRECTION.items() if not is_greater_better} == LESS_IS_BETTER
