"""Saved searches that people keep: made, changed and deleted, never so that one stops working."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from elasticsearch import ConflictError

from wirewatch.alerts.channels import LOG
from wirewatch.alerts.searches import (
    EVERYTHING,
    BadSearches,
    finds_everything,
    named,
    wrong,
)
from wirewatch.records import SavedSearch, replace, utc_now
from wirewatch.search.language import expand, limits_from, parse
from wirewatch.search.tree import Node
from wirewatch.store import Store
from wirewatch.store.versions import Version

NAMED = 5  # searches or channels that a refusal names


class Refused(RuntimeError):
    """The search is there already, is kept in a file, was changed meanwhile, or is in use."""


def keep(store: Store, search: SavedSearch, *, new: bool) -> SavedSearch:
    """Writes a person's search, and returns it as it is kept; ``new``: there is none of its id.

    Raises BadSearches with every problem, BadQuery where its query (saved searches inside written
    out) is wrong, KeyError when it is to be changed and is not there, and Refused.
    """
    check(store, search)
    if new:
        made = replace(search, origin="user", created=utc_now(), off="", deleted=None)
        try:
            store.searches.create(made)
        except ConflictError as error:
            raise Refused(_taken(store, search.id)) from error
        return made
    before, version = own(store, search.id)
    made = replace(search, origin="user", created=before.created, owner=before.owner, off="")
    return _replace(store, made, version)


def check(store: Store, search: SavedSearch) -> Node:
    """The tree of a search's query, saved searches inside written out.

    Raises BadSearches with every problem, BadQuery where the query is wrong.
    """
    problems = [*wrong(search), *_wrong_channels(store, search)]
    if search.enabled and search.expires and search.expires <= utc_now():
        problems.append(f"expires: {search.expires:%Y-%m-%d %H:%M} is over already")
    if problems:
        raise BadSearches(problems)
    limits = limits_from(store.settings)
    queries = {one.id: one.query for one in store.searches.all()} | {search.id: search.query}
    tree = expand(parse(search.query, limits), queries.get, limits)
    if finds_everything(search, tree):
        raise BadSearches([EVERYTHING])
    return tree


def _wrong_channels(store: Store, search: SavedSearch) -> Iterator[str]:
    there = {channel.id: channel for channel in store.channels.all()}
    for one in search.channels:
        channel = there.get(one)
        if one == LOG.id:
            continue
        if channel is None:
            known = ", ".join([LOG.id, *sorted(there)][:NAMED])
            yield f"there is no channel {one[:100]!r}; there is {known}"
        elif not channel.enabled or channel.off:
            yield f"the channel {one} is switched off" + (f": {channel.off}" if channel.off else "")


def _taken(store: Store, search_id: str) -> str:
    found = store.searches.read(search_id)
    if found and found[0].deleted:
        return (
            f"{search_id} was the id of a saved search that was deleted on "
            f"{found[0].deleted:%Y-%m-%d}: its alerts keep it, take another one"
        )
    return f"there is a saved search {search_id} already"


def discard(store: Store, search_id: str) -> None:
    """Deletes a person's search; its alerts stay. Raises KeyError when there is none, and Refused.

    A mark stays, so that no other search ever has its id: it would be taken for this one. One that
    others are made of stays, too: their queries would stop working.
    """
    search, version = own(store, search_id)
    users = sorted(one.id for one in store.searches.all() if search_id in named(one))
    if users:
        more = f" and {len(users) - NAMED} more" if len(users) > NAMED else ""
        raise Refused(f"{', '.join(users[:NAMED])}{more} use @{search_id}: change them first")
    _replace(store, replace(search, enabled=False, deleted=utc_now()), version)


def mute(store: Store, search_id: str, until: datetime | None) -> SavedSearch:
    """The search, of which nothing is told until then; None ends that. Raises KeyError, Refused."""
    search, version = own(store, search_id)
    return _replace(store, replace(search, muted_until=until), version)


def _replace(store: Store, search: SavedSearch, version: Version) -> SavedSearch:
    try:
        store.searches.replace(search, version)
    except ConflictError as error:
        raise Refused(f"{search.id} was changed meanwhile: look at it again") from error
    return search


def own(store: Store, search_id: str) -> tuple[SavedSearch, Version]:
    """The search that a person keeps, with the version that was read.

    Raises KeyError when there is none, and Refused for one of a file.
    """
    found = store.searches.read(search_id)
    if found is None or found[0].deleted:
        raise KeyError(search_id)
    if found[0].origin == "file":
        raise Refused(f"{search_id} is kept in a file of config/searches/: change it there")
    return found
