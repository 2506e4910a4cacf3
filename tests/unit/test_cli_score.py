import gzip
from pathlib import Path

import duckdb
import pytest
from command_line import Run

import scoring

RAW = "select id, amount, visits, region, price from raw.rows"


def expected(file: Path) -> list[tuple[object, ...]]:
    with scoring.connect(file, read_only=True) as warehouse:
        return warehouse.sql("select id, ml_predict('late', r) from raw.rows as r order by id").fetchall()


def query(file: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(file)) as warehouse:
        return warehouse.execute(sql).fetchall()


@pytest.mark.parametrize("source", ["raw.rows", "rows.parquet", "rows.csv", "rows.csv.gz"])
@pytest.mark.parametrize("target", ["raw.scored", "scored.parquet", "scored.csv", "scored.csv.gz"])
def test_any_place_is_scored_into_any_other(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch, source: str, target: str
) -> None:
    monkeypatch.chdir(file.parent)
    if source != "raw.rows":
        query(file, f"copy raw.rows to '{source}'")
    code, out, err = run("score", "--model", "late", "--input", source, "--output", target)
    assert (code, out, err) == (0, f"Scored 600 rows with late@1 into {target}.\n", "")
    relation = target if target == "raw.scored" else f"'{target}'"
    assert query(file, f"select id::bigint, prediction from {relation}") == expected(file)
    assert not list(file.parent.glob("*.partial"))


def test_values_that_arrow_does_not_have_are_passed_on(file: Path, run: Run) -> None:
    odd = "select *, uuid '00000000-0000-0000-0000-0000000000ff' as u, (170141183460469231731::hugeint) as h"
    query(file, f"create table raw.odd as {odd} from raw.rows")
    assert run("score", "--model", "late@1", "--input", "raw.odd", "--output", "raw.scored")[0] == 0
    joined = "from raw.odd as o join raw.scored as s using (id) where o.u = s.u and o.h = s.h"
    assert query(file, f"select distinct typeof(s.u), typeof(s.h), count(*) over () {joined}") == [
        ("UUID", "HUGEINT", 600)
    ]


def test_columns_are_those_asked_for(file: Path, run: Run) -> None:
    wanted = ["--keep", "id", "--add", "predicted_class", "--add", "probabilities"]
    assert run("score", "--model", "late", "--input", "raw.rows", "--output", "raw.scored", *wanted)[0] == 0
    assert [name for name, *_ in query(file, "describe raw.scored")] == [
        "id",
        "predicted_class",
        "probabilities",
        "model_version",
        "scored_at",
    ]


def test_csv_is_read_as_the_signature_has_it_and_other_columns_as_text(file: Path, run: Run) -> None:
    source = file.parent / "in.csv"
    source.write_text(
        "id,region,price,visits,amount,predicted_at\n007,north,1e1,true,,2024-01-01T10:00:00Z\n"
    )
    target = file.parent / "out.csv"
    assert run("score", "--model", "late", "--input", source, "--output", target)[0] == 0
    with scoring.connect(file, read_only=True) as warehouse:
        row = "{'region': 'north', 'price': 10.0, 'visits': true, 'amount': null::double}"
        (score,) = warehouse.sql(f"select ml_predict('late', {row})").fetchall()
    written = target.read_text().splitlines()[1]
    assert written.startswith(f"007,north,1e1,true,,2024-01-01T10:00:00Z,{score[0]},1,")


HEADER = "id,amount,visits,region,price\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            f"{HEADER}1,2,3,a,4\n2,abc,3,a,4\n",
            "line 3, column 'amount': the model needs a number there, but the file has 'abc'",
        ),
        (f"{HEADER}1,2,3,a,4\n2,3\n", "line 3: a CSV file must be UTF-8 text"),
        (f"{HEADER}1,2,3,\udcff,4\n", "line 2: a CSV file must be UTF-8 text"),
        ("id,amount,visits,price\n1,2,3,4\n", "Model 'late@1' needs the column 'region'"),
        (HEADER + "1,2,3,a,4\n" * 50_000 + "1,x,3,a,4\n", "line 50002, column 'amount'"),
        (HEADER + "1,2,3,a,4\n" * 50_000 + '1,2,3,"a,4\n', "line 50002: a CSV file must be"),
    ],
)
def test_csv_that_cannot_be_read_ends_in_a_sentence_and_leaves_nothing(
    file: Path, run: Run, content: str, sentence: str
) -> None:
    source = file.parent / "in.csv"
    source.write_bytes(content.encode("utf-8", "surrogateescape"))
    code, out, err = run("score", "--model", "late", "--input", source, "--output", file.parent / "out.csv")
    assert (code, out) == (1, "")
    assert sentence in err and err.count("\n") == 1
    assert {path.name for path in file.parent.iterdir()} == {"w.duckdb", "in.csv"}


@pytest.mark.parametrize(
    ("model", "source", "target", "options", "code", "sentence"),
    [
        ("late", "raw.row", "raw.s", [], 1, "'raw.row' is no table"),
        ("late", "a.csv", "raw.s", [], 1, "file a.csv is not there"),
        ("late", "broken.parquet", "raw.s", [], 1, "broken.parquet cannot be read"),
        ("late", "raw.rows", "raw.rows", [], 1, "raw.rows is there already"),
        ("late", "raw.rows", "raw.seen", ["--replace"], 1, "raw.seen is a view"),
        ("late", "raw.rows", "ml.late", ["--replace"], 1, "ml.late holds the versions"),
        ("late", "raw.rows", "rav.s", [], 1, "Did you mean 'raw'?"),
        ("late", "raw.rows", "no/a.csv", [], 1, "its folder no must be there"),
        ("late", "raw.rows", "raw.rows", ["--replace"], 1, "raw.rows is the input"),
        ("early", "raw.rows", "raw.s", [], 1, "Model 'early' is not in this"),
        ("late", "raw.rows", "raw.s", ["--memory", "much"], 1, "--memory is 'much'"),
        ("late", "raw.rows", "raw.s", ["--mode", "fast"], 2, "No such option"),
        ("late", "raw.rows", "raw.s", ["--add", "score"], 2, "'score' is not one of 'prediction'"),
        ("late", "raw.rows", "raw.s", ["--warehouse", "none.duckdb"], 1, "warehouse none.duckdb is not"),
    ],
)
def test_wrong_call_is_reported_in_one_line(
    file: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    source: str,
    target: str,
    options: list[str],
    code: int,
    sentence: str,
) -> None:
    monkeypatch.chdir(file.parent)
    Path("broken.parquet").write_text("no")
    query(file, "create view raw.seen as from raw.rows")
    exit_code, out, err = run("score", "--model", model, "--input", source, "--output", target, *options)
    assert (exit_code, out) == (code, "")
    assert sentence in err and err.count("\n") == 1
    assert len(query(file, "show all tables")) == 4


def test_output_is_replaced_only_if_that_is_asked_for(file: Path, run: Run) -> None:
    target = file.parent / "out.csv.gz"
    target.write_text("old")
    arguments = ["score", "--model", "late", "--input", "raw.rows", "--output", target]
    assert run(*arguments)[0] == 1
    assert target.read_text() == "old"
    assert run(*arguments, "--replace")[0] == 0
    assert len(gzip.decompress(target.read_bytes()).splitlines()) == 601


def test_scored_rows_are_scored_again_only_without_their_scores(file: Path, run: Run) -> None:
    arguments = ["score", "--model", "late", "--input", "raw.rows", "--output", "raw.once"]
    assert run(*arguments)[0] == 0
    arguments[4:] = ["raw.once", "--output", "raw.twice"]
    assert "they have 'prediction', 'model_version', 'scored_at'" in run(*arguments)[2]
