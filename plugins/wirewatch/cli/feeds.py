"""``wirewatch feeds``: what is polled, how it fares, and what else a site has."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table
from wirewatch.feeds import opml
from wirewatch.feeds.discover import Discovery, Found, discover
from wirewatch.feeds.health import ago, health
from wirewatch.feeds.parse import language as language_tag
from wirewatch.fetch.client import Client
from wirewatch.fetch.urls import BadURL, feed_id, normalise
from wirewatch.records import Feed, FeedState, Reason, Subscription, replace, to_dict, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect, hosts_if_there

FAILED, WRONG_USE, GUARDED = 1, 2, 4
HIDDEN = ("token", "secret")  # of a subscription: who knows them can push

app = typer.Typer(help="Feeds: what is polled, and how each fares.", no_args_is_help=True)

FeedName = Annotated[str, typer.Argument(metavar="FEED", help="Id or address of a feed.")]
Collections = Annotated[
    list[str] | None, typer.Option("--collection", help="An existing one; may be repeated.")
]
OneCollection = Annotated[str, typer.Option("--collection", help="Only this and those in it.")]
Create = Annotated[bool, typer.Option("--create", help="Make missing collections.")]


@app.command("list")
def list_feeds(
    state: Annotated[str, typer.Option(help="Only active, failing, silent or gone feeds.")] = "",
    collection: OneCollection = "",
    as_json: AsJson = False,
) -> None:
    """Lists the feeds with their state in plain words."""
    if state and state not in [known.value for known in FeedState]:
        _leave(f"--state {state!r}: must be one of {', '.join(FeedState)}", WRONG_USE)
    with connect(options()) as store:
        feeds = _of_collection(store.feeds.all(), collection)
    feeds = [feed for feed in feeds if not state or feed.state == state]
    now = utc_now()
    if as_json:
        print_json([{**to_dict(feed), "words": health(feed, now)[1]} for feed in feeds])
        return
    print_table(
        ("outlet", "state", "last poll", "new", "read", "lost", "feed", "in words"),
        (
            (
                feed.outlet or feed.title,
                feed.state.value,
                feed.last_poll or "never",
                feed.new_entries,
                feed.entries,
                feed.rejected_entries,
                feed.url,
                health(feed, now)[1],
            )
            for feed in feeds
        ),
    )
    err.print(f"{len(feeds)} feeds")


@app.command("show")
def show_feed(feed: FeedName, as_json: AsJson = False) -> None:
    """Shows all that is known of a feed and its hub."""
    with connect(options()) as store:
        found = _known(store, feed)
        subscription = store.subscriptions.get([found.id]).get(found.id)
    now = utc_now()
    words = health(found, now)[1]
    hub = {} if subscription is None else _public(subscription)
    if as_json:
        print_json({**to_dict(found), "words": words, "subscription": hub or None})
        return
    out.print(words)
    rows = {**to_dict(found), **{f"hub: {name}": value for name, value in hub.items()}}
    print_table(
        ("field", "value"), ((name, _plain(value)) for name, value in rows.items() if value)
    )
    if subscription is not None and subscription.last_push:
        out.print(f"The hub last pushed {ago(subscription.last_push, now)}.")


@app.command("add")
def add_feed(
    url: Annotated[str, typer.Argument(help="Address of an RSS, Atom or JSON feed, or sitemap.")],
    outlet: Annotated[str, typer.Option(help="Name of the publisher.")] = "",
    language: Annotated[str, typer.Option(help="Language tag (BCP 47), as en or pt-BR.")] = "",
    country: Annotated[str, typer.Option(help="Country code (ISO 3166-1), as GB.")] = "",
    collection: Collections = None,
    create: Create = False,
) -> None:
    """Adds a feed; it is polled by the next run."""
    try:
        clean = normalise(url)
    except BadURL as error:
        _leave(f"{url!r}: {error}", WRONG_USE)
    if language and not language_tag(language):
        _leave(f"--language {language!r}: must be a language tag, as en or pt-BR", WRONG_USE)
    if country and not opml.COUNTRY.fullmatch(country):
        _leave(f"--country {country!r}: must be a country code of two letters, as GB", WRONG_USE)
    feed = Feed(
        id=feed_id(clean),
        url=clean,
        outlet=outlet,
        language=language_tag(language),
        country=country.upper(),
        collections=tuple(collection or ()),
        added=utc_now(),
    )
    with connect(options()) as store:
        _check_collections(store, feed.collections, create)
        outcome = store.feeds.add([feed])
    if outcome.conflicts:
        _leave(f"{clean} is a feed already, with the id {feed.id}", FAILED)
    out.print(feed.id)


@app.command("discover")
def discover_feeds(
    url: Annotated[str, typer.Argument(help="Address of a site, a page or a feed.")],
    add: Annotated[bool, typer.Option("--add", help="Add the first feed found.")] = False,
    every: Annotated[bool, typer.Option("--all", help="With --add: add all of them.")] = False,
    collection: Collections = None,
    create: Create = False,
    as_json: AsJson = False,
) -> None:
    """Finds the feeds of a site. Shows their newest entries; asks as politely as a run does."""
    given = options()
    try:
        found = asyncio.run(_discovered(given, url))
    except BadURL as error:
        _leave(f"{url!r}: {error}", WRONG_USE)
    if found.error:
        _leave(f"{found.url}: {found.error}", GUARDED if found.reason == Reason.GUARDED else FAILED)
    if as_json:
        print_json(found)
    else:
        for number, feed in enumerate(found.feeds, 1):
            _preview(number, feed)
        err.print(f"{len(found.feeds)} feeds found; {found.tried} addresses asked for")
    if not found.feeds:
        _leave(f"{found.url} names no feed, and there is none at the usual addresses", FAILED)
    if add:
        _add_found(given, found.feeds if every else found.feeds[:1], collection or (), create)


@app.command("retire")
def retire_feed(feed: FeedName) -> None:
    """Stops polling a feed. Its stories stay; `activate` polls it again."""
    with connect(options()) as store:
        found = _known(store, feed)
        store.feeds.retire(found.id)
        store.subscriptions.leave([found.id], utc_now())
    out.print(f"{found.url} is not polled any more")


@app.command("activate")
def activate_feed(feed: FeedName) -> None:
    """Polls a retired, gone or failing feed again. Forgets its failures."""
    with connect(options()) as store:
        found = _known(store, feed)
        store.feeds.activate(found.id)
    out.print(f"{found.url} is polled by the next run")


@app.command("remove")
def remove_feed(feed: FeedName) -> None:
    """Removes a feed; its stories stay."""
    with connect(options()) as store:
        found = _known(store, feed)
        store.feeds.remove(found.id)
        store.subscriptions.leave([found.id], utc_now())


@app.command("import")
def import_feeds(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An OPML file.")],
    collection: OneCollection = "",
) -> None:
    """Adds the feeds of an OPML file. Adds none where a line is wrong."""
    try:
        feeds = _of_collection(opml.read_file(file), collection)
    except opml.BadOPML as error:
        _leave(f"{file}: {error}", WRONG_USE)
    now = utc_now()
    with connect(options()) as store:
        outcome = store.feeds.add(replace(feed, added=now) for feed in feeds)
        outcome.raise_refused("feeds")
    out.print(f"{len(outcome.done)} feeds added, {len(outcome.conflicts)} were there already")


@app.command("export")
def export_feeds(
    file: Annotated[Path | None, typer.Argument(help="File to write; none: stdout.")] = None,
    collection: OneCollection = "",
) -> None:
    """Writes the feeds as OPML, each collection as a folder."""
    with connect(options()) as store:
        written = opml.write(_of_collection(store.feeds.all(), collection))
    if file:
        file.write_bytes(written)
    else:
        sys.stdout.buffer.write(written)


def _leave(words: str, code: int) -> NoReturn:
    err.print(f"wirewatch: {words}", soft_wrap=True)
    raise typer.Exit(code)


def _known(store: Store, named: str) -> Feed:
    """The feed of this id or address; leaves where there is none."""
    try:
        identity = feed_id(named) if "://" in named else named
    except BadURL as error:
        _leave(f"{named!r}: {error}", WRONG_USE)
    found = store.feeds.get([identity[:512]]).get(identity)
    if found is None:
        _leave(f"there is no feed {named}: see 'wirewatch feeds list'", FAILED)
    return found


def _of_collection(feeds: Iterable[Feed], collection: str) -> list[Feed]:
    """The feeds in a collection or one inside it; leaves where no feed is in it."""
    listed = list(feeds)
    if not collection:
        return listed
    inside = [
        feed
        for feed in listed
        if any(f"{name}/".startswith(f"{collection}/") for name in feed.collections)
    ]
    if not inside:
        _no_collection([collection], {name for feed in listed for name in feed.collections})
    return inside


def _check_collections(store: Store, wanted: Iterable[str], create: bool) -> None:
    known = {name for feed in store.feeds.all() for name in feed.collections}
    missing = [name for name in wanted if name not in known]
    if missing and not create:
        _no_collection(missing, known, "; add --create to make it")


def _no_collection(missing: Sequence[str], known: set[str], remedy: str = "") -> NoReturn:
    there = ", ".join(repr(name) for name in sorted(known)[:20]) or "none"
    wrong = ", ".join(repr(name) for name in missing)
    _leave(f"there is no collection {wrong}; there are: {there}{remedy}", WRONG_USE)


async def _discovered(given: Settings, url: str) -> Discovery:
    with hosts_if_there(given) as hosts:
        async with Client(given, leases=hosts) as client:
            return await discover(client, url, utc_now(), given)


def _preview(number: int, feed: Found) -> None:
    facts = [feed.kind, feed.language, f"{feed.entries} entries", f"by {feed.found}", feed.note]
    out.print(f"{number}. {feed.title or 'without a title'}: {feed.url}", soft_wrap=True)
    out.print(f"   {', '.join(filter(None, facts))}", soft_wrap=True)
    for entry in feed.newest:
        dated = entry.published or entry.updated
        when = f"{dated:%Y-%m-%d %H:%M}" if dated else "without date   "
        out.print(f"   {when}  {_plain(entry.title or entry.url)}", soft_wrap=True)


def _add_found(
    given: Settings, found: Sequence[Found], collections: Sequence[str], create: bool
) -> None:
    now = utc_now()
    feeds = [
        Feed(
            id=feed_id(one.url),
            url=normalise(one.url),
            title=one.title,
            language=one.language,
            collections=tuple(collections),
            added=now,
        )
        for one in found
    ]
    with connect(given) as store:
        _check_collections(store, collections, create)
        outcome = store.feeds.add(feeds)
        outcome.raise_refused("feeds")
    err.print(f"{len(outcome.done)} feeds added, {len(outcome.conflicts)} were there already")


def _public(subscription: Subscription) -> dict[str, object]:
    """What is shown of a subscription: all but its secrets."""
    hidden = (*HIDDEN, "id")
    return {name: value for name, value in to_dict(subscription).items() if name not in hidden}


def _plain(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
