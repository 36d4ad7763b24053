"""``wirewatch index status``, ``migrate`` and ``rebuild``: the indices themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table
from wirewatch.pipeline.rebuild import Rebuilt
from wirewatch.pipeline.rebuild import rebuild as make_anew
from wirewatch.pipeline.replay import RebuildRefused
from wirewatch.store import connect
from wirewatch.store.exchange import PATIENCE, MigrationFailed
from wirewatch.store.indices import DIFFERS, status
from wirewatch.store.migrate import migrate

app = typer.Typer(
    help="The indices in Elasticsearch.",
    no_args_is_help=True,
)


@app.command("status")
def show_status(as_json: AsJson = False) -> None:
    """Shows each index: its documents, size and mapping version."""
    with connect(options(), prepare=False) as store:
        found = status(store)
    if as_json:
        print_json(found)
        return
    print_table(
        ("index", "documents", "MB", "mapping", "state"),
        (
            (
                one.index,
                one.documents,
                f"{one.bytes / 1e6:.1f}",
                f"{one.version}" if one.version == one.wanted else f"{one.version} of {one.wanted}",
                one.state + (", writers held" if one.held else ""),
            )
            for one in found
        ),
    )
    for one in found:
        for difference in one.differences:
            err.print(f"{one.index}: {difference}")
    if any(one.state == DIFFERS for one in found):
        err.print("run 'wirewatch index migrate' to move what differs to this version's mapping")


@app.command("migrate")
def move(
    indices: Annotated[
        list[str] | None, typer.Argument(help="As pages stories-2026.11; none: all of them.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also move what does not differ, as for other shards.")
    ] = False,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that readers of a replaced index have.")
    ] = PATIENCE,
    as_json: AsJson = False,
) -> None:
    """Moves indices to this version's mapping. They are searched meanwhile.

    Whoever writes to an index waits while it is copied. Killed, it begins that index anew when it
    is called again.
    """
    try:
        with connect(options(), prepare=False) as store:
            moves = migrate(
                store,
                tuple(indices or ()),
                force=force,
                patience=patience,
                progress=_Progress("{what}: {done:,} of {total:,} copied, its writers wait"),
            )
    except MigrationFailed as error:
        err.print(f"wirewatch: {error}")
        raise typer.Exit(1) from error
    if as_json:
        print_json(moves)
        return
    for one in moves:
        what = f"{one.what}, writers waited {one.held:.1f} s" if one.held else one.what
        out.print(f"{one.name}: {what}; {one.documents:,} documents in {one.index}")


@app.command("rebuild")
def rebuild(
    lose: Annotated[
        bool, typer.Option("--lose", help="Give up stories that the archive does not have.")
    ] = False,
    drop_decisions: Annotated[
        bool, typer.Option("--drop-decisions", help="Undo clusters split and merged by hand.")
    ] = False,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that readers of a replaced index have.")
    ] = PATIENCE,
    as_json: AsJson = False,
) -> None:
    """Makes the indices anew from the archive. Pause the DAGs before.

    It sends no alert. The old indices are searched until all the new ones take their place.
    Killed, it goes on when it is called again.
    """

    try:
        made: Rebuilt = make_anew(
            options(),
            lose=lose,
            drop_decisions=drop_decisions,
            patience=patience,
            progress=_Progress("{what}: {done:,} of {total:,}"),
        )
    except (RebuildRefused, MigrationFailed) as error:
        err.print(f"wirewatch: {error}")
        raise typer.Exit(1) from error
    if as_json:
        print_json(made)
        return
    out.print(
        f"{made.stories:,} stories in {made.clusters:,} clusters, {made.revisions:,} revisions "
        f"and {made.pages:,} pages from {made.files:,} files; writers waited {made.held:.1f} s"
    )


class _Progress:
    """Prints how far something is, each line once."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._last = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        line = self._form.format(what=what, done=done, total=total)
        if line != self._last:
            err.print(line)
            self._last = line
