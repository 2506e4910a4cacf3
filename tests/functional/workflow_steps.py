"""Executes the steps of a GitHub workflow in order, as its runner does."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Runner:
    """What a job finds: a checked out repository, an active environment, and the cache of the jobs before.

    Actions are not executed; what they leave is there or is made here, and any other action is an error.
    """

    folder: Path
    variables: Mapping[str, str]
    cache: Path
    python: str

    def execute(self, workflow: str, only: Collection[str] = ()) -> dict[str, str]:
        """Execute the steps of a workflow's one job, or those named, and return what each printed, by its name."""
        content = yaml.safe_load((self.folder / ".github/workflows" / workflow).read_text())
        (job,) = content["jobs"].values()
        variables = {**self.variables, **content.get("env", {}), **job.get("env", {})}
        printed = {}
        for step in job["steps"]:
            if only and step.get("name") not in only:
                continue
            if "uses" in step:
                self._act(step["uses"].split("@")[0], step.get("with", {}))
            else:
                printed[step["name"]] = self._run(step, variables)
        return printed

    def _run(self, step: Mapping[str, Any], variables: Mapping[str, str]) -> str:
        assert "${{" not in step["run"]  # text of a pull request would be run as a command
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=self.folder,
            env={**variables, "GITHUB_ACTIONS": "true", "CI": "true"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{step['name']} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def _act(self, action: str, inputs: Mapping[str, str]) -> None:
        match action:
            case "actions/checkout":
                assert (self.folder / ".git").is_dir()
            case "astral-sh/setup-uv":
                assert inputs["python-version"] == self.python and inputs["activate-environment"]
            case "actions/cache/restore":
                if self.cache.exists():
                    shutil.copytree(self.cache, self.folder / inputs["path"])
            case "actions/cache/save":
                shutil.copytree(self.folder / inputs["path"], self.cache)
            case "actions/upload-artifact":
                missing = [path for path in inputs["path"].split() if not (self.folder / path).exists()]
                assert not missing
            case _:
                raise NotImplementedError(f"{action}: say here what it leaves.")
