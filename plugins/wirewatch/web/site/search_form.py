"""The form of a saved search: what it shows, and the search that it describes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from pydantic import BaseModel

from wirewatch.alerts.channels import LOG
from wirewatch.alerts.schedule import zone_of
from wirewatch.records import Channel, Copies, Every, SavedSearch, SearchKind

# What each kind waits for, in the words of the form.
KINDS = {
    SearchKind.MATCH: "a new report matches",
    SearchKind.OUTLETS: "a matching report passes a number of outlets",
    SearchKind.CHANGE: "an alerted story is corrected, withdrawn or revised",
    SearchKind.SPIKE: "more stories match than is usual at this hour",
    SearchKind.SILENCE: "nothing has matched for a number of hours",
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST = 100_000  # characters of a field: the longest query
ASKED = SavedSearch(id="", name="", query="")  # what a form has before anybody fills it in


class SearchForm(BaseModel):
    """The fields as a browser sends them; an unchecked box is absent."""

    id: str = ""
    name: str = ""
    query: str = ""
    kind: str = ASKED.kind.value
    threshold: str = ""
    copies: str = ""
    channels: list[str] = []
    every: str = ASKED.every.value
    hour: str = str(ASKED.hour)
    weekday: str = str(ASKED.weekday)
    zone: str = ASKED.zone
    quiet_from: str = ""
    quiet_until: str = ""
    muted_until: str = ""
    updates: str = ""
    age_limit: str = str(ASKED.age_limit)
    cap: str = str(ASKED.cap)
    expires: str = ""
    enabled: str = ""
    act: str = ""  # "preview": what it would have sent; nothing is kept


def form_of(search: SavedSearch) -> SearchForm:
    """The form that describes a search; its days are those of the search's time zone."""
    begin, end = map(str, search.quiet) if len(search.quiet) == 2 else ("", "")
    return SearchForm(
        id=search.id,
        name=search.name,
        query=search.query,
        kind=search.kind.value,
        threshold=str(search.threshold or ""),
        copies="yes" if search.copies == Copies.NOT else "",
        channels=list(search.channels),
        every=search.every.value,
        hour=str(search.hour),
        weekday=str(search.weekday),
        zone=search.zone,
        quiet_from=begin,
        quiet_until=end,
        muted_until=_minute(search.muted_until, search.zone),
        updates="yes" if search.updates else "",
        age_limit=str(search.age_limit),
        cap=str(search.cap),
        expires=_minute(search.expires, search.zone)[:10],
        enabled="yes" if search.enabled else "",
    )


def search_of(form: SearchForm) -> tuple[SavedSearch | None, list[str]]:
    """The search that a form describes, and what in it cannot be read, in words.

    None where something cannot. What can be read but may not be is told by who keeps the search.
    """
    problems: list[str] = []

    def number(what: str, text: str, absent: int = 0) -> int:
        text = text.strip()
        if text.isascii() and text.isdecimal() and len(text) < 10:
            return int(text)
        if text:
            problems.append(f"{what}: {text[:40]!r} is not a whole number")
        return absent

    def instant(what: str, text: str) -> datetime | None:
        try:
            return _read(text.strip(), form.zone.strip()) if text.strip() else None
        except ValueError:
            problems.append(f"{what}: {text[:40]!r} is not a day, or a day and a time")
            return None

    if form.kind not in set(SearchKind):
        problems.append(f"there is no kind {form.kind[:40]!r}")
    if form.every not in set(Every):
        problems.append(f"told {form.every[:40]!r}: it can be {', '.join(Every)}")
    quiet: tuple[int, ...] = ()
    if form.quiet_from.strip() or form.quiet_until.strip():
        if form.quiet_from.strip() and form.quiet_until.strip():
            quiet = number("quiet from", form.quiet_from), number("quiet until", form.quiet_until)
        else:
            problems.append("quiet hours need a beginning and an end")
    threshold = number("how many", form.threshold)
    hour = number("hour", form.hour, ASKED.hour)
    weekday = number("day", form.weekday)
    age_limit = number("age limit", form.age_limit, ASKED.age_limit)
    cap = number("cap", form.cap, ASKED.cap)
    muted_until = instant("mute until", form.muted_until)
    expires = instant("ends on", form.expires)
    if problems:
        return None, problems
    kind = SearchKind(form.kind)
    return (
        SavedSearch(
            id=form.id.strip(),
            name=form.name.strip(),
            query=form.query.strip(),
            kind=kind,
            threshold=threshold if counts(kind) else 0,
            copies=Copies.NOT if form.copies else Copies.BELOW,
            channels=tuple(dict.fromkeys(form.channels)) or (LOG.id,),
            every=Every(form.every),
            hour=hour,
            weekday=weekday,
            zone=form.zone.strip(),
            quiet=quiet,
            muted_until=muted_until,
            updates=bool(form.updates),
            age_limit=age_limit,
            cap=cap,
            expires=expires,
            enabled=bool(form.enabled),
            origin="user",
        ),
        [],
    )


def counts(kind: SearchKind) -> bool:
    """Whether a kind of search needs a number."""
    return kind in (SearchKind.OUTLETS, SearchKind.SPIKE, SearchKind.SILENCE)


def choices(channels: Iterable[Channel], named: Iterable[str]) -> list[tuple[str, str, str]]:
    """The channels to choose from: id, name, and what is wrong with it, in words.

    One that a search names and that is not there any more is among them, so that it can be left.
    """
    listed = {LOG.id: (LOG.id, LOG.name, "")}
    for one in channels:
        wrong = one.off or ("" if one.enabled else "it is switched off")
        listed[one.id] = (one.id, one.name, wrong)
    for name in named:
        listed.setdefault(name, (name, name, "there is no such channel any more"))
    return list(listed.values())


def _minute(when: datetime | None, zone: str) -> str:
    return f"{when.astimezone(zone_of(zone)):%Y-%m-%dT%H:%M}" if when else ""


def _read(text: str, zone: str) -> datetime:
    """An instant of the zone; a day alone is its end. Raises ValueError."""
    if len(text) == 10:  # as 2026-11-28
        local = datetime.combine(date.fromisoformat(text), time(23, 59, 59))
    else:
        local = datetime.fromisoformat(text)
    return local.replace(tzinfo=zone_of(zone)).astimezone(UTC)
