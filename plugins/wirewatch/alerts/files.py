"""Saved searches kept as files: ``config/searches/*.toml``, brought to the index."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

from wirewatch.alerts.channels import LOG
from wirewatch.alerts.searches import BadSearches, read_search
from wirewatch.records import SavedSearch, by_id, replace
from wirewatch.store import Store


def load(folder: Path) -> tuple[SavedSearch, ...]:
    """The saved searches of a folder, by id.

    Raises BadSearches with every problem: the file, the search, what is wrong with it.
    """
    found, problems = read(folder)
    if problems:
        raise BadSearches(problems)
    return found


def read(folder: Path) -> tuple[tuple[SavedSearch, ...], list[str]]:
    """The saved searches of a folder that are right, by id, and what is wrong with the others."""
    problems: list[str] = []
    found: dict[str, SavedSearch] = {}
    for file in sorted(folder.glob("*.toml")):
        searches, here = read_file(file)
        problems += here
        for search in searches:
            if search.id in found:
                problems.append(f"{file}: id {search.id!r} is used twice")
            found[search.id] = search
    return tuple(found[key] for key in sorted(found)), problems


def read_file(file: Path) -> tuple[list[SavedSearch], list[str]]:
    """The saved searches of a file that are right, and what is wrong with the others."""
    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("search", [])
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return [], [f"{file}: not valid TOML: {error}"]
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        return [], [f"{file}: searches are tables that begin with [[search]]"]
    found: list[SavedSearch] = []
    problems: list[str] = []
    for number, table in enumerate(tables, start=1):
        search, here = read_search(table)
        problems += [f"{file}: search {number}: {problem}" for problem in here]
        if search is not None and not here:
            found.append(search)
    return found, problems


def sync(store: Store, folder: Path, now: datetime) -> list[str]:
    """Brings the searches kept in files to the index; returns what is wrong with files, in words.

    A search that is wrong stays as it was, and stops no other. One that was taken out of its file
    is marked as deleted, once all files can be read; put back with the same query it goes on, and
    what it told it does not tell again. What a person made under an id stays theirs.
    """
    searches, problems = read(folder)
    known = {LOG.id} | {channel.id for channel in store.channels.all()}
    before = by_id(store.searches.of_files())
    ids = {search.id for search in searches}
    before |= by_id(store.searches.of(ids - before.keys()))
    wanted: list[SavedSearch] = []
    for search in searches:
        old = before.get(search.id)
        if taken := _taken(search, old):
            problems.append(f"{search.id}: {taken}")
        elif missing := [one for one in search.channels if one not in known]:
            problems.append(f"{search.id}: there is no channel {', '.join(missing)}")
        else:
            wanted.append(_as_kept(search, old, now))
    if not problems:
        wanted += [
            replace(old, enabled=False, deleted=now)
            for old in before.values()
            if old.origin == "file" and not old.deleted and old.id not in ids
        ]
    changed = [search for search in wanted if search != before.get(search.id)]
    store.searches.put(changed).raise_refused("saved searches")
    return problems


def _taken(search: SavedSearch, old: SavedSearch | None) -> str:
    """Why a file's search may not have its id, in words; "" when it may."""
    if old is None:
        return ""
    if old.origin != "file":
        return "there is or was a saved search of that id that a person made"
    if old.deleted and old.query != search.query:
        return f"another search had that id, until {old.deleted:%Y-%m-%d}: take another one"
    return ""


def _as_kept(search: SavedSearch, old: SavedSearch | None, now: datetime) -> SavedSearch:
    """A file's search as the index keeps it: switched off still, where it asks what it asked."""
    kept = replace(search, origin="file", created=(old.created if old else None) or now)
    if old is None or not old.off or old.deleted:
        return kept
    off = replace(kept, enabled=False, off=old.off)
    return off if off == old else kept
