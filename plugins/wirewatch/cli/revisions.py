"""``wirewatch revisions``, ``revisit`` and ``reprocess``."""

from __future__ import annotations

from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, Stages, err, out, print_json, shown
from wirewatch.cli.stories import find_story
from wirewatch.pipeline.account import format_account
from wirewatch.pipeline.flow import REPROCESS, REVISIT
from wirewatch.pipeline.reprocess.report import Report, format_report, report
from wirewatch.pipeline.reprocess.stages import CannotReprocess
from wirewatch.pipeline.runner import run_flow
from wirewatch.records import Batch, Edit, Revision
from wirewatch.store import connect

EDITS = 12  # edits shown of a revision; --json has those that are kept


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("revisions")(revisions)
    app.command("revisit")(revisit)
    app.command("reprocess")(reprocess)


def revisions(
    story: Annotated[str, typer.Argument(help="Id or address of a story.")],
    as_json: AsJson = False,
) -> None:
    """Shows the versions of a story and what changed between them."""
    with connect(options()) as store:
        found = find_story(store, story)
        if found is None:
            err.print(f"wirewatch: there is no story with the id or address {story}")
            raise typer.Exit(1)
        versions = store.revisions.of(found.id)
    if as_json:
        print_json(versions)
        return
    for revision in versions:
        _print(revision)
    if not versions:
        err.print("its page has not changed since it was first seen")


def _print(revision: Revision) -> None:
    head = f"{revision.number:>3}  {revision.seen:%Y-%m-%d %H:%M} UTC  {revision.kind.value}"
    change = revision.change
    if change:
        head += f": {change.words_added} words added, {change.words_removed} removed"
        head += f", {change.words_moved} moved" if change.words_moved else ""
    out.print(head, style="bold")
    if revision.title:
        out.print(f"     {shown(revision.title)}")
    if revision.note:
        out.print(f"     note: {shown(revision.note)}")
    if change is None:
        return
    for edit in change.edits[:EDITS]:
        out.print(f"     {shown(_edit(edit))}")
    more = len(change.edits) - EDITS + change.edits_left_out
    if more > 0:
        out.print(f"     … and {more} more places")


def _edit(edit: Edit) -> str:
    where = "title" if edit.at < 0 else f"word {edit.at + 1}"
    removed = f"[-{edit.removed}-]" if edit.removed else ""
    added = f"{{+{edit.added}+}}" if edit.added else ""
    return f"{where}: {' '.join(part for part in (removed, added) if part)}"


def revisit(
    run: Annotated[str, typer.Option(help="Id of a killed run to go on with.")] = "",
    as_json: AsJson = False,
) -> None:
    """Looks at young stories' pages again and keeps what changed. Needs no Airflow."""
    given = options()
    with Stages() as stages:
        account = run_flow(REVISIT, given, run or None, begins=stages.begin, tick=stages.tick)
    if as_json:
        print_json(account)
        return
    for line in format_account(account):
        out.print(line)


def reprocess(
    query: Annotated[str, typer.Argument(help="Which stories, in the search language; *: all.")],
    since: Annotated[str, typer.Option("--from", help="Published from: day, month or year.")] = "",
    until: Annotated[str, typer.Option("--to", help="Published to: day, month or year.")] = "",
    stage: Annotated[str, typer.Option(help="extract, tag or cluster.")] = "extract",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
    ] = False,
    run: Annotated[str, typer.Option(help="Id of a killed run to go on with.")] = "",
    as_json: AsJson = False,
) -> None:
    """Reads stories anew with the installed version. Shows what changes before it writes."""
    given = options()
    reports: list[Report] = []

    def watch(name: str, batches: list[Batch]) -> None:
        if name != "examine":
            return
        reports.append(report(given, batches, stage))
        if not as_json:
            for line in format_report(reports[0]):
                out.print(shown(line))

    try:
        with Stages() as stages:
            account = run_flow(
                REPROCESS,
                given,
                run or None,
                {"query": query, "from": since, "to": until, "stage": stage, "dry_run": dry_run},
                begins=stages.begin,
                tick=stages.tick,
                watch=watch,
            )
    except CannotReprocess as error:
        err.print(f"wirewatch: {error}")
        raise typer.Exit(2) from error
    if as_json:
        print_json({"report": reports[0], "run": account})
        return
    for line in format_account(account):
        out.print(line)
