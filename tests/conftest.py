"""For all tests: in which order the workers of a run take the files, and what they parse once."""

from __future__ import annotations

import parsed_projects
import pytest


@pytest.fixture(autouse=True, scope="session")
def shared_parsing(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """What dbt parses of a project serves all processes of a run."""
    own = tmp_path_factory.getbasetemp()
    parsed_projects.share((own if worker_id == "master" else own.parent) / "parsed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker build the project of the flights while the others do what does not need it."""
    waiting = {item.path for item in items if "yesterday" in getattr(item, "fixturenames", ())}
    first = next((item.path for item in items if item.path in waiting), None)
    folders = {
        folder: number for number, folder in enumerate(dict.fromkeys(item.path.parent for item in items))
    }
    items.sort(
        key=lambda item: (
            folders[item.path.parent],
            item.path in waiting and item.path != first,
            item.path != first,
        )
    )
