"""What a saved search may be: read from a file or a form, checked, with words for each fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from wirewatch.records import SLUG, Copies, Every, SavedSearch, SearchKind, from_dict
from wirewatch.search.language import BadQuery, parse
from wirewatch.search.tree import And, Dates, Everything, Node, Not, Or, Saved, leaves

GIVEN = frozenset(SavedSearch.__struct_fields__) - {"off", "deleted", "origin", "created", "owner"}
NAME = 200  # characters
CHANNELS = 10
AGE = 3_650  # days
CAP = 1_000  # alerts an hour of one search: nobody reads more
TELLING_EACH = (SearchKind.MATCH, SearchKind.OUTLETS, SearchKind.CHANGE)
# What ``threshold`` may be, by kind, and what it is called.
THRESHOLDS = {
    SearchKind.OUTLETS: (2, 10_000, "the number of outlets"),
    SearchKind.SPIKE: (3, 1_000_000, "the least number of reports in an hour"),
    SearchKind.SILENCE: (1, 1_344, "the number of hours without a story, up to eight weeks"),
}
CHOICES = {"kind": SearchKind, "every": Every, "copies": Copies}
INSTANT = "an instant, as 2026-11-28T08:00:00Z"
# msgspec's words for what a value is, and ours.
PLAIN = {
    "array": "a list",
    "bool": "true or false",
    "date": "a day",
    "datetime": INSTANT,
    "datetime | null": INSTANT,
    "float": "a number",
    "int": "a whole number",
    "object": "a table",
    "str": "a text",
    "Invalid RFC3339 encoded datetime": f"expected {INSTANT}",
}
EVERYTHING = (
    "query: it finds every new story; name a word, an outlet, a topic that a story must have"
)


class BadSearches(ValueError):
    """Saved searches are wrong; ``problems`` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_search(table: dict[str, Any]) -> tuple[SavedSearch | None, list[str]]:
    """The saved search that a table describes, and every problem of it in words.

    None where values are of a wrong kind, so that there is none to be made.
    """
    problems = [
        f"there is no key {key!r}; the keys are {', '.join(sorted(GIVEN))}"
        for key in sorted(table.keys() - GIVEN)
    ]
    for key in ("id", "name", "query"):
        if not isinstance(table.get(key), str) or not table[key].strip():
            return None, [*problems, f"{key!r} must be a text"]
    for key, choices in CHOICES.items():
        if key in table and table[key] not in list(choices):
            known = ", ".join(choices)
            return None, [*problems, f"{key}: {table[key]!r} is none of {known}"]
    try:
        search = from_dict(SavedSearch, {k: v for k, v in table.items() if k in GIVEN})
    except msgspec.ValidationError as error:
        return None, [*problems, _plain(str(error))]
    return search, [*problems, *wrong(search)]


def _plain(words: str) -> str:
    """msgspec's words in plainer ones, with the key in front: ``cap: expected a number, …``."""
    told, _, path = words.partition(" - at `$.")
    told = re.sub(r"`([^`]+)`", lambda found: PLAIN.get(found[1], found[1]), told)
    told = PLAIN.get(told, told)
    key = path.rstrip("`")
    return f"{key}: {told[0].lower()}{told[1:]}" if key else told


def wrong(search: SavedSearch) -> Iterator[str]:
    """Each problem of a saved search in words; its channels' being there is looked at elsewhere."""
    if not re.fullmatch(SLUG, search.id):
        yield f"id {search.id[:100]!r} must be up to 64 small letters, digits and hyphens"
    if not search.name.strip() or len(search.name) > NAME:
        yield f"the name must have 1 to {NAME} characters"
    if not search.channels:
        yield "'channels' must be a list of at least one channel"
    for channel in search.channels:
        if not re.fullmatch(SLUG, channel):
            yield (
                f"channel {channel[:100]!r} must be 'log' or the id of a channel "
                "(wirewatch channels)"
            )
    if len(search.channels) > CHANNELS:
        yield f"{len(search.channels)} channels: {CHANNELS} are the most"
    yield from _wrong_kind(search)
    yield from _wrong_times(search)
    if not 1 <= search.age_limit <= AGE:
        yield f"age_limit must be 1 to {AGE} days, not {search.age_limit}"
    if not 1 <= search.cap <= CAP:
        yield f"cap must be 1 to {CAP} alerts an hour, not {search.cap}"
    try:
        tree = parse(search.query)
    except BadQuery as error:
        yield f"query: {error}"
        return
    if finds_everything(search, tree):
        yield EVERYTHING


def _wrong_kind(search: SavedSearch) -> Iterator[str]:
    if search.kind in THRESHOLDS:
        low, high, what = THRESHOLDS[search.kind]
        if not low <= search.threshold <= high:
            yield (
                f"threshold must be {low} to {high} for the kind {search.kind}: {what}; "
                f"not {search.threshold}"
            )
    elif search.threshold:
        yield f"threshold says nothing to the kind {search.kind}: leave it out"


def _wrong_times(search: SavedSearch) -> Iterator[str]:
    if not 0 <= search.hour <= 23:
        yield f"hour must be 0 to 23, not {search.hour}"
    if not 0 <= search.weekday <= 6:
        yield f"weekday must be 0 (Monday) to 6, not {search.weekday}"
    if not known_zone(search.zone):
        yield f"there is no time zone {search.zone[:100]!r}; one is called Europe/Vienna, or UTC"
    if search.quiet:
        if len(search.quiet) != 2 or not all(0 <= hour <= 23 for hour in search.quiet):
            yield "quiet must be two hours from 0 to 23: when it begins and when it ends"
        elif search.quiet[0] == search.quiet[1]:
            yield "quiet begins and ends at the same hour: it must not be quiet for ever"
    for name in ("muted_until", "expires"):
        moment: datetime | None = getattr(search, name)
        if moment is not None and moment.tzinfo is None:
            yield f"{name} must say its offset from UTC: 2026-11-28T08:00:00Z"


def known_zone(name: str) -> bool:
    """Whether this machine knows the time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def finds_everything(search: SavedSearch, tree: Node) -> bool:
    """Whether a search tells of each new story, as its query asks for nothing that one must have.

    Counting them all is no fault: a spike of everything, or silence, is worth telling.
    """
    return search.kind in TELLING_EACH and _everything(tree)


def _everything(tree: Node) -> bool:
    if isinstance(tree, And):
        return all(_everything(part) for part in tree.parts)
    if isinstance(tree, Or):
        return any(_everything(part) for part in tree.parts)
    return isinstance(tree, Everything | Not | Dates)


def named(search: SavedSearch) -> tuple[str, ...]:
    """The ids of the saved searches that a query names itself; none where it cannot be read."""
    try:
        tree = parse(search.query)
    except BadQuery:
        return ()
    return tuple(dict.fromkeys(one.name for one in leaves(tree) if isinstance(one, Saved)))
