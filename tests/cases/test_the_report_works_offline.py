"""Every page of a report opens from the disk in a browser.

Nothing is logged, nothing is asked of the network, every plot is drawn, links work, it fits a phone, it is dark where
the reader wants it dark, and a checker finds no barrier.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import report_project
from axe_playwright_python.sync_playwright import Axe
from browser import PHONE, WIDE, chromium, visit
from playwright.sync_api import Browser

from scoring.cli import main

PAGES = ("index.html", "models/late.html", "models/sums-of-b-x-y-b-64a40499.html")
LOOKS = (("light", "wide", WIDE), ("dark", "phone", PHONE))
MARKS = ".plot svg [role='graphics-symbol'], .plot svg path, .plot svg text"
COUNTS = "[...document.querySelectorAll('figure.chart')].map(f => f.querySelectorAll('svg .mark-group path').length)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    warehouse = report_project.make(folder)
    assert main(["report", "--warehouse", str(warehouse), "--output", str(folder / "site")]) == 0
    return folder / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_these_are_all_pages(site: Path) -> None:
    assert {str(page.relative_to(site)) for page in site.rglob("*.html")} == {*PAGES}


@pytest.mark.parametrize(("scheme", "name", "size"), LOOKS, ids=[look[1] for look in LOOKS])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_drawn_and_accessible(
    site: Path, browser: Browser, page: str, scheme: str, name: str, size: dict[str, int]
) -> None:
    with visit(browser, site / page, scheme=scheme, size=size) as seen:
        assert seen.logged == []
        assert [url for url in seen.requested if not url.startswith((site.as_uri(), "data:"))] == []
        drawn = seen.run(COUNTS)
        assert all(drawn), drawn
        assert len(drawn) == {"index.html": 4, "models/late.html": 17}.get(page, 1)
        assert seen.run("document.documentElement.scrollWidth") <= size["width"]
        background = seen.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(background) < 200) == (scheme == "dark"), background
        violations = Axe().run(seen.page).response["violations"]
        assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in violations] == []


def test_links_lead_to_a_page_and_a_place_in_it(site: Path, browser: Browser) -> None:
    for page in PAGES:
        with visit(browser, site / page) as seen:
            links = seen.run("[...document.querySelectorAll('a')].map(a => a.href)")
        assert len(links) > 3
        for link in links:
            target = Path(unquote(urlsplit(link).path))
            assert target.is_relative_to(site) and target.is_file(), link
            anchor = urlsplit(link).fragment
            assert not anchor or f'id="{anchor}"' in target.read_text(), link
    with visit(browser, site / "index.html") as seen:
        seen.page.get_by_role("link", name=report_project.HOSTILE).click()
        assert seen.page.locator("h1").inner_text() == report_project.HOSTILE
        seen.page.get_by_role("link", name="shop models").click()
        assert seen.page.locator("h1").inner_text() == "shop"


def test_a_plot_follows_a_choice_and_the_readers_colours(site: Path, browser: Browser) -> None:
    with visit(browser, site / "models/late.html") as seen:
        lines = "document.querySelector('#performance svg').outerHTML"
        first = seen.run(lines)
        seen.page.locator("#performance select").select_option("log_loss")
        seen.page.wait_for_function(f"before => {lines} !== before", arg=first)
        ink = "document.querySelector('#roc svg text').getAttribute('fill')"
        light = seen.run(ink)
        seen.page.emulate_media(color_scheme="dark")
        seen.page.wait_for_function(
            f"before => document.documentElement.hasAttribute('data-drawn') && {ink} !== before", arg=light
        )
        seen.page.locator("#roc .plot").hover()
        seen.page.wait_for_selector("#vg-tooltip-element.visible")
        assert "True positive rate" in seen.page.locator("#vg-tooltip-element").inner_text()
        assert seen.logged == []
