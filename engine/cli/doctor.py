"""`parcours doctor`: what an installation rests on, and what to do about what is not right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.installation import open_store, workspace_option

if TYPE_CHECKING:
    from engine.runtime.doctor.finding import Finding

MARKS = {"ok": ("ok  ", "green"), "warn": ("warn", "yellow"), "bad": ("BAD ", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object with all findings, for programs.")
@workspace_option
def command(as_json: bool, workspace: Path | None) -> None:
    """Look at the state, the broker, the workers, the plan, the clock and the work that is under way.

    Exit code 0 when all is well or only to be watched, 1 when something is bad. Changes nothing.
    """
    from engine.model.errors import SetupError
    from engine.runtime.doctor.examine import examine
    from engine.runtime.doctor.finding import Patient, bad
    from engine.settings import load

    settings = load(**({"workspace": workspace} if workspace is not None else {}))
    try:
        with open_store(workspace) as store:
            findings = list(examine(Patient(store, settings)))
    except SetupError as fault:
        findings = [bad("state", fault.sentence(), "Without it nothing else can be looked at.")]
    if as_json:
        click.echo(json.dumps({"findings": [_data(each) for each in findings]}, ensure_ascii=False, indent=2))
    else:
        for each in findings:
            _line(each)
    if any(each.level == "bad" for each in findings):
        raise SystemExit(1)


def _data(finding: Finding) -> dict[str, str]:
    return {"what": finding.what, "level": finding.level, "found": finding.found, "do": finding.do}


def _line(finding: Finding) -> None:
    word, colour = MARKS[finding.level]
    click.echo(f"{click.style(word, fg=colour)}  {finding.what:<22} {finding.found}")
    if finding.do:
        click.echo(f"{'':28} -> {finding.do}")
