"""Saved searches that people keep: made, changed and deleted, never so that one stops working."""

from __future__ import annotations

from elasticsearch import ConflictError

from wirewatch.alerts.searches import BadSearches, wrong
from wirewatch.records import SavedSearch, replace, to_dict, utc_now
from wirewatch.search.language import BadQuery, expand, limits_from, parse
from wirewatch.search.tree import Saved, leaves
from wirewatch.store import Store

NAMED = 5  # searches that a refusal names


class Refused(RuntimeError):
    """The search is there already, is kept in a file, was changed meanwhile, or is in use."""


def keep(store: Store, search: SavedSearch, *, new: bool) -> SavedSearch:
    """Writes a person's search, and returns it as it is kept; ``new``: there is none of its id.

    Raises BadSearches with every problem, BadQuery where its query (saved searches inside written
    out) is wrong, KeyError when it is to be changed and is not there, and Refused.
    """
    table = {key: value for key, value in to_dict(search).items() if key in _KEPT}
    problems = list(wrong({**table, "channels": list(search.channels)}))
    if problems:
        raise BadSearches(problems)
    limits = limits_from(store.settings)
    queries = {one.id: one.query for one in store.searches.all()} | {search.id: search.query}
    expand(parse(search.query, limits), queries.get, limits)
    try:
        if new:
            made = replace(search, origin="user", created=utc_now())
            store.searches.create(made)
        else:
            before, version = _own(store, search.id)
            made = replace(search, origin="user", created=before.created)
            store.searches.replace(made, version)
    except ConflictError as error:
        raise Refused(
            f"there is a saved search {search.id} already"
            if new
            else f"{search.id} was changed meanwhile: look at it again"
        ) from error
    return made


def discard(store: Store, search_id: str) -> None:
    """Deletes a person's search; its alerts stay. Raises KeyError when there is none, and Refused.

    One that others are made of stays, too: their queries would stop working.
    """
    _, version = _own(store, search_id)
    users = sorted(one.id for one in store.searches.all() if _uses(one, search_id))
    if users:
        more = f" and {len(users) - NAMED} more" if len(users) > NAMED else ""
        raise Refused(f"{', '.join(users[:NAMED])}{more} use @{search_id}: change them first")
    try:
        store.searches.delete(search_id, version)
    except ConflictError as error:
        raise Refused(f"{search_id} was changed meanwhile: look at it again") from error


def _own(store: Store, search_id: str) -> tuple[SavedSearch, tuple[int, int]]:
    found = store.searches.read(search_id)
    if found is None:
        raise KeyError(search_id)
    if found[0].origin == "file":
        raise Refused(f"{search_id} is kept in a file of config/searches/: change it there")
    return found


def _uses(search: SavedSearch, search_id: str) -> bool:
    try:
        named = leaves(parse(search.query))
    except BadQuery:  # made under wider limits: it does not work, so it needs nothing
        return False
    return any(isinstance(leaf, Saved) and leaf.name == search_id for leaf in named)


_KEPT = ("id", "name", "query", "enabled")
