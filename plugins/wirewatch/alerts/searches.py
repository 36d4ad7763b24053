"""Saved searches kept as files: ``config/searches/*.toml``, validated with their queries."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wirewatch.records import SavedSearch
from wirewatch.search.language import BadQuery, parse

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KEYS = {"id", "name", "query", "channels", "enabled"}


class BadSearches(ValueError):
    """Files of saved searches are wrong; ``problems`` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def load(folder: Path) -> tuple[SavedSearch, ...]:
    """The saved searches of a folder, by id.

    Raises BadSearches with every problem: the file, the search, what is wrong with it.
    """
    problems: list[str] = []
    found: dict[str, SavedSearch] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(file.read_text("utf-8")).get("search", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{file}: not valid TOML: {error}")
            continue
        for number, table in enumerate(tables, start=1):
            where = f"{file}: search {number}"
            here = list(wrong(table))
            if table.get("id") in found:
                here.append(f"id {table['id']!r} is used twice")
            problems.extend(f"{where}: {problem}" for problem in here)
            if not here:
                found[table["id"]] = SavedSearch(
                    id=table["id"],
                    name=table["name"],
                    query=table["query"],
                    channels=tuple(table.get("channels", ["log"])),
                    enabled=table.get("enabled", True),
                )
    if problems:
        raise BadSearches(problems)
    return tuple(found[key] for key in sorted(found))


def wrong(table: dict[str, Any]) -> Iterator[str]:
    """Each problem of a saved search as a file or a form gives it, in words."""
    for key in table.keys() - _KEYS:
        yield f"there is no key {key!r}; the keys are {', '.join(sorted(_KEYS))}"
    for key in ("id", "name", "query"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            yield f"{key!r} must be a text"
            return
    if not _ID.fullmatch(table["id"]):
        yield f"id {table['id']!r} must be up to 64 small letters, digits and hyphens"
    if not isinstance(table.get("enabled", True), bool):
        yield "'enabled' must be true or false"
    channels = table.get("channels", ["log"])
    if not isinstance(channels, list) or not channels:
        yield "'channels' must be a list of at least one channel"
        return
    for channel in channels:
        if not _ID.fullmatch(str(channel)):
            yield f"channel {channel!r} must be 'log' or the id of a channel (wirewatch channels)"
    try:
        parse(table["query"])
    except BadQuery as error:
        yield f"query: {error}"
