"""``wirewatch feeds``: what is polled, and how it fares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table
from wirewatch.feeds import opml
from wirewatch.fetch.urls import BadURL, feed_id, normalise
from wirewatch.records import Feed, replace, utc_now
from wirewatch.store import connect

app = typer.Typer(help="Feeds: what is polled, and how each fares.", no_args_is_help=True)


@app.command("list")
def list_feeds(as_json: AsJson = False) -> None:
    """Lists the feeds with their state in plain words."""
    with connect(options()) as store:
        feeds = list(store.feeds.all())
    if as_json:
        print_json(feeds)
        return
    print_table(
        ("outlet", "state", "last poll", "new", "read", "lost", "feed", "what was said"),
        (
            (
                feed.outlet or feed.title,
                feed.state.value,
                feed.last_poll or "never",
                feed.new_entries,
                feed.entries,
                feed.rejected_entries,
                feed.url,
                feed.error or feed.note,
            )
            for feed in feeds
        ),
    )
    err.print(f"{len(feeds)} feeds")


@app.command("add")
def add_feed(
    url: Annotated[str, typer.Argument(help="Address of an RSS, Atom or JSON feed, or sitemap.")],
    outlet: Annotated[str, typer.Option(help="Name of the publisher.")] = "",
    language: Annotated[str, typer.Option(help="BCP 47, as en or pt-BR.")] = "",
    country: Annotated[str, typer.Option(help="ISO 3166-1, as GB.")] = "",
    collection: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
) -> None:
    """Adds a feed; it is polled by the next run."""
    try:
        clean = normalise(url)
    except BadURL as error:
        err.print(f"wirewatch: {url!r}: {error}")
        raise typer.Exit(2) from error
    feed = Feed(
        id=feed_id(clean),
        url=clean,
        outlet=outlet,
        language=language,
        country=country,
        collections=tuple(collection or ()),
        added=utc_now(),
    )
    with connect(options()) as store:
        outcome = store.feeds.add([feed])
    if outcome.conflicts:
        err.print(f"wirewatch: {clean} is a feed already ({feed.id})")
        raise typer.Exit(1)
    out.print(feed.id)


@app.command("remove")
def remove_feed(feed: Annotated[str, typer.Argument(help="Id or address of a feed.")]) -> None:
    """Removes a feed; its stories stay."""
    try:
        identity = feed_id(normalise(feed)) if "://" in feed else feed
    except BadURL as error:
        err.print(f"wirewatch: {feed!r}: {error}")
        raise typer.Exit(2) from error
    with connect(options()) as store:
        removed = store.feeds.remove(identity)
    if not removed:
        err.print(f"wirewatch: there is no feed {feed}")
        raise typer.Exit(1)


@app.command("import")
def import_feeds(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An OPML file.")],
) -> None:
    """Imports an OPML file: all of it, or nothing where a line is wrong."""
    try:
        feeds = opml.read(file.read_bytes())
    except opml.BadOPML as error:
        err.print(f"wirewatch: {file}: {error}")
        raise typer.Exit(2) from error
    now = utc_now()
    with connect(options()) as store:
        outcome = store.feeds.add(replace(feed, added=now) for feed in feeds)
        outcome.raise_refused("feeds")
    out.print(f"{len(outcome.done)} feeds added, {len(outcome.conflicts)} were there already")


@app.command("export")
def export_feeds(
    file: Annotated[Path | None, typer.Argument(help="Where to; stdout without it.")] = None,
) -> None:
    """Exports all feeds as OPML, collections as folders."""
    with connect(options()) as store:
        written = opml.write(store.feeds.all())
    if file:
        file.write_bytes(written)
    else:
        sys.stdout.buffer.write(written)
