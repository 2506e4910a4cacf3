"""What the README shows is what a user gets."""

import re
from pathlib import Path

import pytest
import yaml
from project import ROOT, Project

import scoring
from training.declared.config import parse

README = (ROOT / "README.md").read_text()
QUERIES = re.findall(r"```sql\n([^`]*)```\n```text\n([^`]*)```", README)


@pytest.mark.parametrize(("query", "shown"), QUERIES, ids=[f"query {n}" for n in range(1, len(QUERIES) + 1)])
def test_queries_print_what_is_shown(yesterday: Project, query: str, shown: str) -> None:
    with scoring.connect(yesterday.warehouse) as connection:
        printed = str(connection.sql(query))
    assert printed.split() == shown.split()


def test_queries_without_output_run(yesterday: Project) -> None:
    blocks = [block for block in re.findall(r"```sql\n(.*?)```", README, re.DOTALL) if "{{" not in block]
    assert len(blocks) > len(QUERIES) > 4
    with scoring.connect(yesterday.warehouse) as connection:
        for query in blocks:
            assert connection.sql(query).limit(1).fetchone()


def test_model_in_ten_lines_is_a_model() -> None:
    declared = README.split("## A model in ten lines")[1]
    first_line, sql = re.findall(r"```sql\n(.*?)\n(.*?)```", declared, re.DOTALL)[0]
    assert sql == (ROOT / first_line.removeprefix("-- ")).read_text()
    (block,) = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", declared, re.DOTALL)[0])["models"]
    spec = parse(block["config"]["meta"]["ml"], model_name=block["name"])
    assert (spec.estimator, len(spec.gates)) == ("lightgbm", 2)


def test_every_entry_at_the_top_has_a_line() -> None:
    tracked = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    house = README.split("## The house")[1].split("## ")[0]
    ignored = {"LICENSE", "README.md", "target", "logs", "dbt_packages"}
    entries = {name for name in tracked - ignored if not re.search(r"\.duckdb|\.egg-info", name)}
    assert len(entries) > 10
    assert {name for name in entries if f"`{name}" not in house} == set()


def test_make_knows_the_commands_shown() -> None:
    targets = set(re.findall(r"^([a-z]+):", Path(ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = set(re.findall(r"[`$] ?make ([a-z]+)", README))
    assert shown and shown <= targets


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 300
