"""``wirewatch pages``: was a page missed, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table
from wirewatch.records import PageStatus, Reason, utc_now
from wirewatch.store import connect

app = typer.Typer(help="Pages: where each stands, and why.", no_args_is_help=True)


@app.command("list")
def list_pages(
    status: Annotated[
        list[PageStatus] | None, typer.Option(help="Only pages of this status; may be repeated.")
    ] = None,
    reason: Annotated[Reason | None, typer.Option(help="Only pages with this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Lists pages with their status, and the reason in plain words."""
    with connect(options()) as store:
        pages = list(
            store.pages.all(
                [one.value for one in status or ()],
                reason=reason.value if reason else "",
                limit=limit,
            )
        )
    if as_json:
        print_json(pages)
        return
    print_table(
        ("status", "reason", "page", "why", "next attempt"),
        (
            (
                page.status.value,
                page.reason.value if page.reason else "",
                page.url,
                page.detail,
                page.next_attempt,
            )
            for page in pages
        ),
    )
    err.print(f"{len(pages)} pages" + (" (the newest; see --limit)" if len(pages) == limit else ""))


@app.command("retry")
def retry_pages(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of pages.")] = None,
    reason: Annotated[Reason | None, typer.Option(help="All pages with this reason.")] = None,
) -> None:
    """Makes rejected, dead and waiting pages due again."""
    if not ids and not reason:
        err.print("wirewatch: name pages by id, or all of a --reason")
        raise typer.Exit(2)
    with connect(options()) as store:
        named = list(ids or ())
        if reason:
            named += [page.id for page in store.pages.all(reason=reason.value)]
        outcome = store.pages.retry(named, utc_now())
    for identity in outcome.refused:
        err.print(f"wirewatch: there is no page {identity}")
    out.print(f"{len(outcome.done)} pages are due again")
    if outcome.refused:
        raise typer.Exit(1)
