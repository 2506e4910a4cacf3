"""``warehouse-ml doctor``: what is wrong with an installation or a project, and what fixes it."""

from __future__ import annotations

from pathlib import Path

import click

from scoring.doctor import installation, project
from scoring.doctor.findings import Check


@click.command()
@click.option(
    "--project-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The folder of the dbt project. Default: this one.",
)
@click.pass_context
def doctor(context: click.Context, project_dir: Path) -> None:
    """Report what is wrong with the installation and the project, each with its fix, and repair nothing.

    Outside a project only the installation is checked. The exit code is 1 if anything is wrong.
    """
    checks: tuple[Check, ...] = installation.CHECKS
    if (project_dir / "dbt_project.yml").is_file():
        checks += project.CHECKS
    else:
        click.echo(f"{project_dir.resolve()} is no dbt project: only the installation is checked.")
    count = 0
    for check in checks:
        findings = list(check.run(project_dir))
        count += len(findings)
        if not findings:
            click.echo(f"ok     {check.title}")
        for finding in findings:
            click.echo(f"wrong  {finding.what}\n  fix  {finding.fix}")
    if count:
        click.echo(f"{count} {'problem' if count == 1 else 'problems'}.", err=True)
        context.exit(1)
    click.echo("All is well.")
