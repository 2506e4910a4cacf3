"""The report of the flights: a card for every model, small and soon written. `make screenshots` takes its pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from browser import PHONE, chromium, visit
from playwright.sync_api import Browser
from project import Project

from scoring.cli import main

MODELS = ("airport_day_kind", "arrival_delay_minutes", "flight_delay", "flight_outcome")
SECONDS, BYTES = 10, 3_000_000
"""The limits of a model: the library that draws is within them, although a site has it once."""


@pytest.fixture(scope="module")
def written(yesterday: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """The site, and the seconds that it took."""
    project = yesterday.copy_to(tmp_path_factory.mktemp("reported"))
    run = project.dbt("parse")
    assert run.code == 0, run.output
    site, started = project.folder / "target/report", perf_counter()
    assert main(["report", "--warehouse", str(project.warehouse), "--output", str(site)]) == 0
    return site, perf_counter() - started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_a_report_is_small_and_soon_written(written: tuple[Path, float]) -> None:
    site, seconds = written
    assert {page.stem for page in (site / "models").iterdir()} == {*MODELS}
    assert seconds < SECONDS * len(MODELS)
    assets = sum(file.stat().st_size for file in (site / "assets").iterdir())
    for page in (site / "models").iterdir():
        assert page.stat().st_size + assets < BYTES, page.name


@pytest.mark.parametrize("model", MODELS)
def test_a_card_holds_what_is_declared_and_measured(
    written: tuple[Path, float], browser: Browser, model: str
) -> None:
    with visit(browser, written[0] / f"models/{model}.html", size=PHONE) as seen:
        assert seen.logged == []
        assert seen.run("document.documentElement.scrollWidth") <= PHONE["width"]
        card = seen.page.locator("main").inner_text()
        for fact in (
            "champion v1",
            "flight operations analytics",
            "raw.flights",
            "2013-04-01" if "delay" in model else "test:",
        ):
            assert fact in card, fact
        plots = seen.run("[...document.querySelectorAll('figure.chart')].map(figure => figure.id)")
    always = {"gates", "live"}
    by_model = {
        "airport_day_kind": set(),
        "arrival_delay_minutes": {"summary", "contributions", "importance"},
        "flight_delay": {
            "roc",
            "pr",
            "calibration",
            "lift",
            "threshold",
            "confusion",
            "slices",
            "summary",
            "importance",
        },
        "flight_outcome": {"confusion", "contributions", "importance"},
    }
    assert always | by_model[model] <= {*plots}


def test_pictures_can_be_taken(written: tuple[Path, float], browser: Browser, tmp_path: Path) -> None:
    folder, (site, _) = Path(os.environ.get("WAREHOUSE_ML_SCREENSHOTS") or tmp_path), written
    folder.mkdir(exist_ok=True)
    with visit(browser, site / "index.html") as seen:
        seen.page.screenshot(path=folder / "report_index.png")
    with visit(browser, site / "models/flight_delay.html") as seen:
        seen.page.screenshot(path=folder / "report_card.png")
        for figure in ("summary", "drift", "performance"):
            for shown in seen.page.locator(f"figure#{figure}").all():
                shown.screenshot(path=folder / f"report_{figure}.png")
    with visit(browser, site / "models/flight_delay.html", scheme="dark", size=PHONE) as seen:
        seen.page.locator("#roc").scroll_into_view_if_needed()
        seen.page.screenshot(path=folder / "report_phone.png")
    assert {"report_index.png", "report_card.png", "report_phone.png"} <= {
        file.name for file in folder.iterdir()
    }
