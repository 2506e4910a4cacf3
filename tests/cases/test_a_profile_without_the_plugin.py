"""A profile without the plugin is refused with the line to add, before a missing function is called."""

from __future__ import annotations

from pathlib import Path

import own_project

LINE = "plugins: [{module: scoring.plugin, alias: warehouse_ml}]"
BLOCK = {"task": "binary", "label": "y", "key": "id", "split": {"method": "none"}}


def test_a_seed_and_a_model_name_the_line_to_add(tmp_path: Path) -> None:
    project = own_project.make(tmp_path, {"orders": "id,y\n1,0\n"}, {})
    profile, _, plugins = (tmp_path / "profiles.yml").read_text().partition("      plugins: &plugins\n")
    assert "scoring.plugin" in plugins
    (tmp_path / "profiles.yml").write_text(profile)
    seeds = project.build("-s", "orders")
    own_project.declare(project, BLOCK, "select * from {{ ref('orders') }}", "churn")
    model = project.build("-s", "churn")
    for run in (seeds, model):
        assert run.code in (1, 2)
        assert "The profile my_warehouse lacks the plugin" in run.output
        assert LINE in run.output and "output dev in profiles.yml" in run.output
        assert "does not exist" not in run.output and "Traceback" not in run.output
    (tmp_path / "profiles.yml").write_text(f"{profile}      {LINE}\n")
    assert project.build("-s", "orders").code == 0
