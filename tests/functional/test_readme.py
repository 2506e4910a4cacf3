"""What the README and the page on the flights show is what a user gets."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
import yaml
from ml_project import write
from project import ROOT, Project

import scoring
from training.declared.config import parse

README = (ROOT / "README.md").read_text()
FLIGHTS = (ROOT / "docs" / "flights.md").read_text()
PAGES = (README, FLIGHTS)
SHOWN = re.compile(r"```sql\n([^`]*)```\n```text\n([^`]*)```")
QUERIES = [query for page in PAGES for query in SHOWN.findall(page)]
STATION = re.compile(r"(\w+\.\w+): (.*)")
"""A line of the picture: a relation and some values of one of its rows."""


@pytest.mark.parametrize(("query", "shown"), QUERIES, ids=[f"query {n}" for n in range(1, len(QUERIES) + 1)])
def test_queries_print_what_is_shown(yesterday: Project, query: str, shown: str) -> None:
    with scoring.connect(yesterday.warehouse) as connection:
        printed = str(connection.sql(query))
    assert printed.split() == shown.split()


def test_queries_without_output_run(yesterday: Project) -> None:
    sql = [block for page in PAGES for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL)]
    blocks = [block for block in sql if "{{" not in block]
    assert len(blocks) > len(QUERIES) > 4
    with scoring.connect(yesterday.warehouse) as connection:
        for query in blocks:
            assert connection.sql(query).limit(1).fetchone()


def test_the_picture_follows_one_flight_through_the_warehouse(yesterday: Project) -> None:
    picture = README.split("## How it flows")[1].split("```")[1]
    stations = STATION.findall(picture)
    with scoring.connect(yesterday.warehouse) as connection:
        for relation, values in stations:
            conditions = [condition(*pair.split(" ", 1)) for pair in values.strip().split(" · ")]
            query = (
                f"select count(*) from {relation} where {' and '.join([*conditions, *of_flight(relation)])}"
            )
            assert connection.sql(query).fetchall() == [(1,)], query
    assert [relation.split(".")[0] for relation, _ in stations] == [
        *("raw", "marts", "features", "ml", "ml", "ml", "marts")
    ]


def condition(column: str, value: str) -> str:
    """Return that a column has a value, a fraction as rounded in the picture."""
    return f"abs({column} - {value}) < 0.0005" if re.fullmatch(r"0\.\d+", value) else f"{column} = '{value}'"


def of_flight(relation: str) -> list[str]:
    """Return which row of a relation the picture is about, beyond the values that it shows."""
    if relation == "raw.flights":
        return ["month = 3", "tailnum = 'N900DE'"]
    if relation == "ml.model_gates":
        return ["model_name = 'flight_delay'", "slice_value is null"]
    if relation == "ml.model_decisions":
        return ["model_name = 'flight_delay'"]
    return [] if relation == "ml.flight_delay" else ["flight_id = '2013-03-08-DL-1902-LGA'"]


def test_five_steps_lead_from_a_csv_to_predictions(tmp_path: Path) -> None:
    """The files that the README shows for one's own project, and nothing else, on rows made here."""
    project = Project(tmp_path, "shop.duckdb")
    files = re.findall(r"```\w+\n(?:#|--) ([\w/]+\.\w+)\n(.*?)```", README, re.DOTALL)
    for name, text in files:
        write(project, name, text)
    assert [name for name, _ in files] == [
        *("packages.yml", "profiles.yml", "models/churn.sql", "models/churn.yml"),
        "models/churn_predictions.sql",
    ]
    packages = yaml.safe_load((project.folder / "packages.yml").read_text())
    assert packages == {"packages": [{"local": "../warehouse-ml"}]}
    write(project, "packages.yml", json.dumps({"packages": [{"local": str(ROOT)}]}))
    write(project, "dbt_packages/.keep", "")
    (project.folder / "dbt_packages/warehouse_ml").symlink_to(ROOT)  # as `dbt deps` does
    write(
        project, "dbt_project.yml", "name: shop\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n"
    )
    write(project, "seeds/customers.csv", customers())

    run = project.build("--select", "+churn_predictions")

    assert run.code == 0, run.output
    predictions = "select count(*), count(prediction), min(model_version) from main.churn_predictions"
    assert project.query(predictions) == [(600, 600, 1)]


def test_the_steps_are_those_of_the_page_that_a_test_follows() -> None:
    step = re.compile(r"^\| .* \| (`.*`) \| (\d+ s) \| 0 \|$", re.MULTILINE)
    page = (ROOT / "docs/your_own_project.md").read_text()
    assert step.findall(README) == step.findall(page) != []


def customers() -> str:
    """Return rows of customers who are more likely to leave the more often they called."""
    draw = random.Random(1)
    lines = ["customer_id,plan,months,support_calls,is_churned"]
    for number in range(1, 601):
        plan, months, calls = draw.choice(["basic", "plus", "pro"]), draw.randint(1, 60), draw.randint(0, 9)
        is_churned = draw.random() < 0.1 * calls
        lines.append(f"{number},{plan},{months},{calls},{str(is_churned).lower()}")
    return "".join(f"{line}\n" for line in lines)


def test_the_model_of_the_flights_is_a_model() -> None:
    declared = FLIGHTS.split("## The model")[1]
    first_line, sql = re.findall(r"```sql\n(.*?)\n(.*?)```", declared, re.DOTALL)[0]
    assert sql == (ROOT / first_line.removeprefix("-- ")).read_text()
    (block,) = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", declared, re.DOTALL)[0])["models"]
    spec = parse(block["config"]["meta"]["ml"], model_name=block["name"])
    assert (spec.estimator, len(spec.gates)) == ("lightgbm", 2)


def test_every_entry_at_the_top_has_a_line() -> None:
    tracked = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    house = (ROOT / "docs" / "contributing.md").read_text().split("## The house")[1].split("## ")[0]
    ignored = {"LICENSE", "README.md", "target", "logs", "dbt_packages", "spark-warehouse"}
    entries = {name for name in tracked - ignored if not re.search(r"\.duckdb|\.egg-info", name)}
    assert len(entries) > 10
    assert {name for name in entries if f"`{name}" not in house} == set()


def test_make_knows_the_commands_shown() -> None:
    targets = set(re.findall(r"^([a-z]+):", Path(ROOT / "Makefile").read_text(), re.MULTILINE))
    contributing = (ROOT / "docs" / "contributing.md").read_text()
    shown = set(re.findall(r"[`$] ?make ([a-z]+)", README + contributing))
    assert shown and shown <= targets


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 300
