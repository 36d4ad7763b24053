"""``wirewatch maintain``: what is past its time is freed."""

from __future__ import annotations

from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, shown
from wirewatch.pipeline.flow import MAINTAIN
from wirewatch.pipeline.runner import run_id
from wirewatch.upkeep.maintain import in_lines
from wirewatch.upkeep.maintain import maintain as keep_up


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("maintain")(maintain)


def maintain(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be freed, and free nothing.")
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for another call's end; 0: refuse.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Frees what is past its time. Says what that was, and when the disks will be full."""
    made = keep_up(
        options(),
        run_id(MAINTAIN),
        dry=dry_run,
        wait=wait,
        told=lambda line: err.print(f"{line} …"),
    )
    if as_json:
        print_json(made)
    else:
        for line in in_lines(made):
            out.print(shown(line), soft_wrap=True)
    if made.problems:
        raise typer.Exit(1)
