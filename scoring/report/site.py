"""The site: an index, a page per model, the library that draws the plots, written as a whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

from scoring.errors import ReportError
from scoring.report import manifest as manifests
from scoring.report.facts import models
from scoring.report.formats import FILTERS, file_name
from scoring.report.index_page import index_page
from scoring.report.model_page import model_page
from scoring.report.monitors import monitors
from scoring.report.project_tables import project_tables
from scoring.warehouse import Warehouse

INDEX, PAGES, ASSETS = "index.html", "models", "assets"
MARK = '<meta name="generator" content="warehouse-ml report">'
"""What is in the index of every report, so that nothing else is replaced."""
OWN = ("report.css", "report.js")


@dataclass(frozen=True)
class Written:
    """A site that was written.

    Parameters
    ----------
    index
        The page to open.
    models
        How many models it shows.
    problems
        What is damaged in the registry, one sentence each.
    """

    index: Path
    models: int
    problems: Sequence[str]


def write(warehouse: Warehouse, output: Path, *, projects: Sequence[Path] = ()) -> Written:
    """Write the site into a folder, in place of an earlier one.

    Parameters
    ----------
    warehouse
        The warehouse; it is only read.
    output
        The folder.
    projects
        Folders of dbt projects; descriptions and owners are those of the first that has a manifest.

    Raises
    ------
    scoring.errors.ReportError
        If the packages that draw are missing, the folder holds something else, or the manifest is unreadable.
    """
    jinja2, vl_convert = _packages()
    _check_folder(output)
    all_models, declared = models(warehouse), manifests.find(*projects)
    pages: dict[str, str] = {}
    for model in all_models:
        pages[model.label] = file_name(model.label, pages.values())
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("scoring.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(
        mark=MARK,
        made_at=datetime.now(UTC).replace(tzinfo=None),
        release=installed_version("warehouse-ml"),
        warehouse=warehouse.database,
        project=declared.project,
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(mkdtemp(prefix=f".{output.name}.", dir=output.parent))
    try:
        tables, measured = project_tables(warehouse), monitors(warehouse)
        _write_assets(partial / ASSETS, vl_convert.javascript_bundle())
        (partial / PAGES).mkdir()
        summaries = []
        for model in all_models:
            summary, values = model_page(warehouse, model, declared, measured, tables)
            summaries.append(summary)
            _render(
                environment, "model.html", partial / PAGES / pages[model.label], {"root": "../", **values}
            )
        values = index_page(all_models, summaries, tables)
        _render(environment, "index.html", partial / INDEX, {"root": "", "pages": pages, **values})
        partial.chmod(0o755)
        if output.exists():
            shutil.rmtree(output)
        partial.rename(output)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Written(output / INDEX, len(all_models), [text for model in all_models for text in model.problems])


def _packages() -> tuple[ModuleType, ModuleType]:
    try:
        import jinja2
        import vl_convert
    except ImportError as error:
        raise ReportError.packages_missing(str(error)) from error
    return jinja2, vl_convert


def _check_folder(output: Path) -> None:
    """Check that a folder is new, empty or an earlier report, with nothing else in it."""
    if not output.exists():
        return
    if not output.is_dir():
        raise ReportError.folder_taken(str(output), [output.name])
    entries = {entry.name for entry in output.iterdir()}
    if not entries:
        return
    index = output / INDEX
    is_report = index.is_file() and MARK in index.read_text(errors="replace")
    if others := entries - ({INDEX, PAGES, ASSETS} if is_report else set()):
        raise ReportError.folder_taken(str(output), others)


def _write_assets(folder: Path, library: str) -> None:
    folder.mkdir()
    (folder / "vega.js").write_text(library, encoding="utf-8")
    for name in OWN:
        text = files("scoring.report").joinpath("templates", name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")


def _render(environment: Any, template: str, path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(environment.get_template(template).render(values), encoding="utf-8")
