"""What a message says, whichever channel carries it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from wirewatch.alerts.schedule import zone_of
from wirewatch.records import Alert, Delivery, DeliveryKind, Passage, Record, SavedSearch

SUBJECT = 200  # characters of a subject: mail programs show fewer
TITLE = 300  # characters of a title
WORDS = 8  # matched words that a message names
ADDRESS = 2_000  # characters of an address that becomes a link


class Message(Record, frozen=True, kw_only=True):
    """A delivery with all that it tells."""

    id: str  # the delivery's: the same at every try, so that a receiver can tell repeats
    kind: DeliveryKind
    search_id: str
    search_name: str
    at: datetime  # when it was queued
    text: str = ""  # its own words: of a notice, of the rest beyond a cap, of a test
    alerts: tuple[Alert, ...] = ()
    page: str = ""  # address of wirewatch's pages, without a slash at its end; "": none is known
    zone: str = "UTC"  # in which its times are told
    volume: tuple[int, ...] = ()  # alerts of the search a day, today last; () where not counted

    @property
    def heading(self) -> str:
        """What it is about, without the search's name."""
        if len(self.alerts) == 1:
            words = self.alerts[0].title or self.alerts[0].detail or "untitled"
            return f"update: {words}" if self.kind == DeliveryKind.UPDATE else words
        return f"{len(self.alerts)} alerts" if self.alerts else self.text

    @property
    def subject(self) -> str:
        """One line that says what it is about."""
        return one_line(f"{self.search_name}: {self.heading}", SUBJECT)

    def story(self, alert: Alert) -> str:
        """Where our pages show an alert's story; "" where no address of ours is known."""
        if not self.page or not alert.story_id:
            return ""
        return f"{self.page}/story/{quote(alert.story_id, safe='')}"

    def link(self, alert: Alert) -> str:
        """Where a reader finds the story: at its outlet, else on our pages; "" for nowhere."""
        return outward(alert.url) or self.story(alert)

    @property
    def listing(self) -> str:
        """Where our pages list the alerts of the search; "" for none, or no address of ours."""
        if not self.page or not self.search_id:
            return ""
        return f"{self.page}/alerts?search={quote(self.search_id, safe='')}"

    def when(self, alert: Alert) -> str:
        """When its story was published, as clocks in the message's zone show it; "" if unknown."""
        if alert.published is None:
            return ""
        local = alert.published.astimezone(zone_of(self.zone))
        return f"{local.day} {local:%b %Y, %H:%M %Z}"


def message(
    delivery: Delivery,
    search: SavedSearch | None,
    alerts: tuple[Alert, ...],
    page: str,
    volume: tuple[int, ...] = (),
) -> Message:
    """The message of a delivery; ``search`` is None for one that belongs to none, as a test."""
    return Message(
        id=delivery.id,
        kind=delivery.kind,
        search_id=delivery.search_id,
        search_name=search.name if search else "wirewatch",
        at=delivery.created,
        text=delivery.text,
        alerts=tuple(sorted(alerts, key=_order)),
        page=page,
        zone=search.zone if search else "UTC",
        volume=volume,
    )


def _order(alert: Alert) -> tuple[bool, datetime, str]:
    """By time; what only a copy brought comes last."""
    return alert.copy_only, alert.published or alert.created, alert.id


def one_line(text: str, most: int) -> str:
    """The text on one line, without control characters, cut to so many characters."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def outward(url: str) -> str:
    """An address that may become a link: http or https and all of it printable, else ""."""
    fits = url.lower().startswith(("http://", "https://")) and len(url) <= ADDRESS
    return url if fits and url.isprintable() and " " not in url else ""


def facts(alert: Alert) -> str:
    """Outlet, further outlets, and what is particular, on one line."""
    parts = [alert.outlet]
    if alert.outlets > 1:
        own = f", {alert.own_headlines} with own headlines" if alert.own_headlines else ""
        parts.append(f"{alert.outlets} outlets{own}")
    parts.append(alert.detail)
    if alert.copy_only:
        parts.append("only a copy matches, not the report that leads")
    return one_line(" · ".join(part for part in parts if part), 500)


def pieces(passage: Passage) -> Iterator[tuple[str, bool]]:
    """A passage in pieces, each with whether it matched."""
    at = 0
    for begin, end in passage.marks:
        begin = max(begin, at)
        if end > begin:
            yield passage.text[at:begin], False
            yield passage.text[begin:end], True
            at = end
    yield passage.text[at:], False


def quoted(alert: Alert) -> list[list[tuple[str, bool]]]:
    """What a message quotes of the story, in pieces: the passages that matched, else its excerpt.

    The title is left out, as it is told anyway.
    """
    passages = [one for one in alert.why if one.field != "title"]
    if not passages:
        passages = [Passage(field="text", text=alert.excerpt)] if alert.excerpt else []
    return [[(text, mark) for text, mark in pieces(one) if text] for one in passages]


def reason(alert: Alert) -> str:
    """Which words matched, and in which outlet's copy, on one line; "" where that is not known."""
    found = {
        text.casefold(): text for one in alert.why for text, mark in pieces(one) if mark and text
    }
    words = list(found.values())
    if not words:
        return ""
    more = f" and {len(words) - WORDS} more" if len(words) > WORDS else ""
    outlets = dict.fromkeys(one.outlet for one in alert.why if one.outlet)
    where = f" (in {', '.join(outlets)})" if outlets and alert.copy_only else ""
    return one_line(f"matches {', '.join(words[:WORDS])}{more}{where}", 500)
