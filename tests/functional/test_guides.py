"""The pages docs/raw_data.md and docs/features.md are one project, built as they show it."""

from __future__ import annotations

import re
from pathlib import Path

import feature_project
import pytest
import yaml
from project import ROOT, Project

import scoring
from training.declared.config import parse

GUIDES = [(ROOT / "docs" / name).read_text() for name in ("raw_data.md", "features.md")]
FILES = [match for page in GUIDES for match in re.findall(r"`([\w/.]+)`:\n```\w+\n(.*?)```", page, re.DOTALL)]
QUERIES = [match for page in GUIDES for match in re.findall(r"```sql\n([^`]*)```\n```text\n([^`]*)```", page)]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of both pages, built; not to be changed."""
    project = feature_project.make(tmp_path_factory.mktemp("guides"))
    for path in (project.folder / "models").iterdir():
        path.unlink()
    for name, text in FILES:
        (project.folder / name).write_text(text)
    run = project.build("-s", "+package:feature_views")
    assert run.code == 0, run.output
    return project


@pytest.mark.parametrize(
    ("query", "printed"), QUERIES, ids=[f"query {n}" for n in range(1, len(QUERIES) + 1)]
)
def test_queries_print_what_is_shown(shown: Project, query: str, printed: str) -> None:
    with scoring.connect(shown.warehouse) as connection:
        assert str(connection.sql(query)).split() == printed.split()


def test_increments_give_the_same_features(shown: Project, tmp_path: Path) -> None:
    project = shown.copy_to(tmp_path)
    for _ in range(2):
        run = project.build("-s", "customer_orders", "--vars", "lookback: 7 day")
        assert run.code == 0, run.output
    assert project.contents("features") == shown.contents("features")


def test_selection_is_a_block_that_a_model_may_have() -> None:
    (block,) = re.findall(r"```yaml\n(select_features:.*?)```", GUIDES[1], re.DOTALL)
    config = {"task": "binary", "label": "is_late", "key": "order_id", "split": {"method": "random"}}
    spec = parse(config | yaml.safe_load(block), model_name="late_orders")
    assert spec.selection is not None
    assert spec.selection.keep == ("orders_7d",)
