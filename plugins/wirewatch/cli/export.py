"""``wirewatch export``: every story of a query into a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, Stages, err, out, print_json
from wirewatch.search.export.file import MANIFEST, ExportFailed, export_file
from wirewatch.store import connect


class Form(StrEnum):
    """The formats of an export; see ``FORMATS``."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    RIS = "ris"
    BIBTEX = "bibtex"


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command("export")(export_stories)


def export_stories(
    query: Annotated[str, typer.Argument(help="A query as for search; * for every story.")],
    file: Annotated[Path, typer.Argument(help="As floods.csv; the ending sets the format.")],
    form: Annotated[
        Form | None, typer.Option("--format", help="The format, if the ending does not set it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Writes every matching story to a file. The newest is first; the file is whole or absent."""
    with connect(options()) as store, Stages() as stages:
        stages.begin("export", 0)
        done = 0

        def tick(count: int) -> None:
            nonlocal done
            stages.tick(count - done)
            done = count

        try:
            manifest = export_file(store, query, file, form.value if form else "", on_story=tick)
        except ExportFailed as error:
            err.print(f"wirewatch: {error}")
            raise typer.Exit(1) from error
    if as_json:
        print_json(manifest)
        return
    out.print(f"{manifest.count} stories in {file}, described in {file.name}{MANIFEST}")
