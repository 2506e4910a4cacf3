"""The worked example of docs/point_in_time.md, built as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import feature_project
from project import ROOT, Project

PAGE = ROOT / "docs" / "point_in_time.md"


def table(name: str) -> list[list[str]]:
    """Return the cells of the page's table of that name, the header first."""
    lines = PAGE.read_text().split(f"<!-- example: {name} -->\n")[1].split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [rows[0], *rows[2:]]


def block(language: str) -> str:
    """Return the page's first block of code in a language."""
    return re.split(rf"```{language}\n", PAGE.read_text())[1].split("```")[0]


def write_example(project: Project) -> None:
    """Write the page's view, its declaration, a spine of the instants asked for, and the page's join."""
    models = project.folder / "models"
    values = ", ".join(
        f"('{aircraft}', {delay}, timestamp '{event_at}', timestamp '{known_at}')"
        for _, aircraft, delay, event_at, known_at in table("departures")[1:]
    )
    columns = "aircraft_id, delay_minutes, event_at, known_at"
    (models / "departures.sql").write_text(f"select * from (values {values}) as rows ({columns})")
    (models / "departures.yml").write_text(block("yaml"))
    rows = ", ".join(f"('N1', timestamp '{predicted_at}')" for predicted_at, *_ in table("joined")[1:])
    (models / "spine.sql").write_text(f"select * from (values {rows}) as rows (aircraft_id, predicted_at)")
    (models / "joined.sql").write_text(block("sql"))


def test_the_example_gives_what_the_page_says(tmp_path: Path) -> None:
    project = feature_project.make(tmp_path)
    for path in (project.folder / "models").iterdir():
        path.unlink()
    write_example(project)
    run = project.dbt("run", "-s", "departures", "spine", "joined")
    assert run.code == 0, run.output
    joined = project.query(
        "select strftime(predicted_at, '%Y-%m-%d %H:%M'), coalesce(delay_minutes::varchar, ''), "
        "coalesce(departures_age_minutes::integer::varchar, '') from features.joined order by predicted_at"
    )
    assert len(joined) == 8
    assert [list(row) for row in joined] == [cells[:3] for cells in table("joined")[1:]]
