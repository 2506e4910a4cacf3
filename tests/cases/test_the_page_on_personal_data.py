"""The page docs/governance.md is a project, built as it shows it; its answers and refusals are those of the build."""

from __future__ import annotations

import re
from pathlib import Path

import own_project
import pytest
import shop_with_people as shop
from ml_project import write
from project import ROOT, Project, Run

import scoring
from training.declared.spec import ModelSpec

PAGE = (ROOT / "docs/governance.md").read_text()
FILES = dict(re.findall(r"`([\w/.]+)`:\n```\w+\n(.*?)```", PAGE, re.DOTALL))
QUERIES = re.findall(r"```sql\n(select [^`{]*)```\n(?:```text\n([^`]*)```)?", PAGE)
(REFUSAL,) = re.findall(r"```text\n(Training set [^`]*)```", PAGE)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    project = own_project.make(tmp_path_factory.mktemp("page"), {"customers": shop.customers()}, {})
    settings = (project.folder / "dbt_project.yml").read_text()
    # The models of the page have no folders.
    write(
        project,
        "dbt_project.yml",
        settings.replace("    ml: {+schema: ml}", "    +schema: raw\n    late: {+schema: ml}"),
    )
    for path, text in FILES.items():
        write(project, path, text)
    return project, shop.build(project)


def test_the_refusal_is_the_one_that_is_shown(shown: tuple[Project, Run]) -> None:
    project, run = shown
    assert " ".join(REFUSAL.split()) in run.output
    ((refusal,),) = project.query("select reason from ml.decisions where model_name = 'late'")
    assert refusal == " ".join(REFUSAL.split())


@pytest.mark.parametrize(("query", "printed"), QUERIES)
def test_queries_run_and_print_what_is_shown(shown: tuple[Project, Run], query: str, printed: str) -> None:
    with scoring.connect(shown[0].warehouse) as connection:
        answer = str(connection.sql(query))
    assert not printed or answer.split() == printed.split()


def test_every_remedy_is_there() -> None:
    assert "allow_pii" in ModelSpec.model_fields
    assert (ROOT / "macros/governance/mask.sql").exists()
    assert Path(ROOT / "models/registry/personal_data.sql").exists()
