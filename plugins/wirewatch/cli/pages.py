"""``wirewatch pages``: was a page missed, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table, shown
from wirewatch.fetch.urls import BadURL, feed_id, page_id
from wirewatch.records import Page, PageStatus, Reason, utc_now
from wirewatch.store import Store, connect

NAMED = 1_000  # pages read at a time to be named one by one

app = typer.Typer(help="Pages: where each stands, and why.", no_args_is_help=True)

Statuses = Annotated[
    list[PageStatus] | None, typer.Option("--status", help="Only of this status; may be repeated.")
]
WithReason = Annotated[Reason | None, typer.Option("--reason", help="Only with this reason.")]
OfHost = Annotated[str, typer.Option("--host", help="Only of this host, with its port if any.")]
OfFeed = Annotated[str, typer.Option("--feed", help="Only those of this feed: its id or address.")]


@app.command("list")
def list_pages(
    status: Statuses = None,
    reason: WithReason = None,
    host: OfHost = "",
    feed: OfFeed = "",
    noarchive: Annotated[
        bool, typer.Option("--noarchive", help="Only pages that ask not to be archived.")
    ] = False,
    opted_out: Annotated[
        bool, typer.Option("--opted-out", help="Only pages that opt out of AI or text mining.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Lists pages with their status and the reason in words."""
    feed_named = _identity(feed, feed_id) if feed else ""
    with connect(options()) as store:
        pages = list(
            store.pages.all(
                [one.value for one in status or ()],
                reason=reason.value if reason else "",
                host=host.lower(),
                feed_id=feed_named,
                noarchive=noarchive,
                opted_out=opted_out,
                limit=limit,
            )
        )
    if as_json:
        print_json(pages)
        return
    print_table(
        ("status", "reason", "page", "why", "next attempt", "id"),
        (
            (
                page.status.value,
                page.reason.value if page.reason else "",
                page.url,
                _why(page),
                page.next_attempt,
                page.id,
            )
            for page in pages
        ),
    )
    err.print(f"{len(pages)} pages" + (" (the newest; see --limit)" if len(pages) == limit else ""))


@app.command("show")
def show_page(
    page: Annotated[str, typer.Argument(help="Id or address of a page.")], as_json: AsJson = False
) -> None:
    """Shows all that is known of a page."""
    identity = _identity(page, page_id)
    with connect(options()) as store:
        found = store.pages.get([identity]).get(identity)
        feeds = store.feeds.get([found.feed_id]) if found and found.feed_id else {}
    if found is None:
        err.print(f"wirewatch: there is no page {shown(page)}; no feed has named it")
        raise typer.Exit(1)
    if as_json:
        print_json(found)
        return
    feed = feeds.get(found.feed_id)
    for name, value in _facts(found, feed.url if feed else found.feed_id):
        if value:
            out.print(f"{name:>14}  {shown(value)}")


@app.command("retry")
def retry_pages(
    pages: Annotated[list[str] | None, typer.Argument(help="Ids or addresses of pages.")] = None,
    status: Statuses = None,
    reason: WithReason = None,
    host: OfHost = "",
    feed: OfFeed = "",
    as_json: AsJson = False,
) -> None:
    """Makes rejected, dead and waiting pages due again. Takes names or options."""
    filtered = bool(status or reason or host or feed)
    if bool(pages) == filtered:
        err.print(
            "wirewatch: name pages by id or address, or choose them by --status, --reason, "
            "--host or --feed"
        )
        raise typer.Exit(2)
    named = [_identity(one, page_id) for one in pages or ()]
    feed_named = _identity(feed, feed_id) if feed else ""
    counts: Counter[str] = Counter()
    other = 0
    absent: list[str] = []
    with connect(options()) as store:
        if filtered:
            final = [PageStatus.REJECTED, PageStatus.DEAD, PageStatus.RETRY]
            asked = [one.value for one in status or final]
            found = store.pages.all(
                asked,
                reason=reason.value if reason else "",
                host=host.lower(),
                feed_id=feed_named,
            )
        else:
            found = _named(store, named, absent)
        before = {page.id: _was(page) for page in found}
        outcome = store.pages.retry(before, utc_now())
        outcome.raise_refused("pages")
        counts.update(before[identity] for identity in outcome.done)
        other = len(outcome.unchanged) + len(outcome.conflicts)
    for identity in absent:
        err.print(f"wirewatch: there is no page {identity}")
    if as_json:
        print_json({"due": dict(counts), "left": other, "absent": absent})
    else:
        out.print(f"{counts.total()} pages are due again")
        for what, count in counts.most_common():
            out.print(f"{count:>6} were {what.replace('_', ' ')}")
        if other:
            out.print(f"{other:>6} left alone: not given up, or held by a run")
    if absent:
        raise typer.Exit(1)


def _named(store: Store, ids: list[str], absent: list[str]) -> Iterator[Page]:
    for at in range(0, len(ids), NAMED):
        part = ids[at : at + NAMED]
        found = store.pages.get(part)
        absent += [identity for identity in part if identity not in found]
        yield from found.values()


def _was(page: Page) -> str:
    return f"{page.status.value}: {page.reason.value}" if page.reason else page.status.value


def _identity(named: str, by_url: Any) -> str:
    """The id of what is named by id or address; leaves with exit code 2 for a bad address."""
    if "://" not in named:
        return named
    try:
        return str(by_url(named))
    except BadURL as error:
        err.print(f"wirewatch: {named!r}: {error}")
        raise typer.Exit(2) from error


def _why(page: Page) -> str:
    wishes = [*(["noarchive"] if page.noarchive else []), *page.opt_outs]
    said = f"asks for: {', '.join(wishes)}" if wishes else ""
    return "; ".join(part for part in (page.detail, said) if part)


def _facts(page: Page, feed: str) -> list[tuple[str, object]]:
    reason = f" ({page.reason.value.replace('_', ' ')})" if page.reason else ""
    where = ""
    if page.noarchive:
        where = "no: the page asks for no copy"
    elif page.location:
        where = f"{page.location.file} at {page.location.offset:,}"
    return [
        ("page", page.url),
        ("id", page.id),
        ("status", f"{page.status.value}{reason}"),
        ("why", page.detail),
        ("outlet", page.outlet),
        ("named by", feed),
        ("discovered", _time(page.discovered)),
        ("attempts", page.attempts),
        ("next attempt", _time(page.next_attempt)),
        ("held by", page.lease and f"{page.lease.run} until {_time(page.lease.until)}"),
        ("last answer", page.http_status),
        ("fetched", _time(page.fetched)),
        ("fetched from", page.final_url if page.final_url != page.url else ""),
        ("type", page.content_type),
        ("archived", where),
        (
            "opts out",
            page.opt_outs and f"of AI training or text mining: {', '.join(page.opt_outs)}",
        ),
        ("looked again", _time(page.revisit_at)),
        ("missing since", _time(page.missing_since)),
        ("story", page.story_id),
        ("run", page.run),
    ]


def _time(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
