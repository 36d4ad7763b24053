"""``wirewatch maintain``, ``backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wirewatch.backup import manifest
from wirewatch.backup.make import make
from wirewatch.backup.manifest import Manifest
from wirewatch.backup.restore import restore as restored
from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, shown
from wirewatch.pipeline.flow import MAINTAIN
from wirewatch.pipeline.runner import run_id
from wirewatch.records import replace
from wirewatch.upkeep.disk import in_words
from wirewatch.upkeep.maintain import in_lines
from wirewatch.upkeep.maintain import maintain as keep_up

Repository = Annotated[
    str, typer.Option(help="A snapshot repository that Elasticsearch knows.", metavar="NAME")
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("maintain")(maintain)
    app.command("backup")(backup)
    app.command("restore")(restore)


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
        told=_told,
    )
    if as_json:
        print_json(made)
    else:
        for line in in_lines(made):
            out.print(shown(line), soft_wrap=True)
    if made.problems:
        raise typer.Exit(1)


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    check: Annotated[
        bool, typer.Option("--check", help="Read a backup that is there, and say if it is whole.")
    ] = False,
    repository: Repository = "",
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for the end of a run; 0: refuse.")
    ] = 600.0,
    as_json: AsJson = False,
) -> None:
    """Puts the indices and the state folder into a folder. Runs wait meanwhile."""
    if check:
        made = manifest.read(folder)
        manifest.verify(folder, made)
    else:
        made = make(options(), folder, repository=repository, wait=wait, told=_told)
    _say(made, as_json, "is whole" if check else "was made")


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that 'wirewatch backup' made.")],
    repository: Repository = "",
    as_json: AsJson = False,
) -> None:
    """Restores a backup where nothing is yet. Stop Airflow and the web app before."""
    _say(restored(options(), folder, repository=repository, told=_told), as_json, "was restored")


def _told(line: str) -> None:
    err.print(f"{line} …")


def _say(made: Manifest, as_json: bool, what: str) -> None:
    if as_json:
        print_json(replace(made, files=()))
        return
    documents = sum(one.documents for one in made.indices)
    size = in_words(sum(one.bytes for one in made.files))
    out.print(
        f"the backup of {made.made:%Y-%m-%d %H:%M} UTC {what}: {documents:,} documents in "
        f"{len(made.indices)} indices, {len(made.files):,} files of {size}"
    )
