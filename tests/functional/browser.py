"""Pages in a real browser: what was drawn, what was logged, what was asked of the network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window."""
    path = shutil.which("chromium")
    assert path, "Chromium is not on the PATH; `make test` installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Visit:
    """A page that is open, with what it logged and which addresses it asked for."""

    page: Page
    logged: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def run(self, script: str) -> Any:
        """Evaluate JavaScript in the page."""
        return self.page.evaluate(script)


@contextmanager
def visit(
    browser: Browser, file: Path, *, scheme: str = "light", size: dict[str, int] = WIDE
) -> Iterator[Visit]:
    """Open a file of a report, and wait until all of its plots are drawn."""
    context = browser.new_context(color_scheme=scheme, viewport=size)
    page = context.new_page()
    visit = Visit(page)
    page.on("console", lambda message: visit.logged.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: visit.logged.append(str(error)))
    page.on("requestfailed", lambda request: visit.logged.append(f"failed: {request.url}"))
    page.on("request", lambda request: visit.requested.append(request.url))
    try:
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached")
        yield visit
    finally:
        context.close()
