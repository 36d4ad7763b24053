"""What a message says, whichever channel carries it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from wirewatch.records import Alert, Delivery, DeliveryKind, Record, SavedSearch

SUBJECT = 200  # characters of a subject: mail programs show fewer


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

    @property
    def subject(self) -> str:
        """One line that says what it is about."""
        if len(self.alerts) == 1:
            words = self.alerts[0].title or self.alerts[0].detail or "untitled"
            if self.kind == DeliveryKind.UPDATE:
                words = f"update: {words}"
        elif self.alerts:
            words = f"{len(self.alerts)} alerts"
        else:
            words = self.text
        return one_line(f"{self.search_name}: {words}", SUBJECT)

    def story(self, alert: Alert) -> str:
        """Where our pages show an alert's story; "" where no address of ours is known."""
        if not self.page or not alert.story_id:
            return ""
        return f"{self.page}/story/{quote(alert.story_id, safe='')}"

    @property
    def listing(self) -> str:
        """Where our pages list the alerts of the search; "" where no address is known."""
        return f"{self.page}/alerts?search={quote(self.search_id, safe='')}" if self.page else ""


def message(
    delivery: Delivery, search: SavedSearch | None, alerts: tuple[Alert, ...], page: str
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
    )


def _order(alert: Alert) -> tuple[bool, datetime, str]:
    """By time; what only a copy brought comes last."""
    return alert.copy_only, alert.published or alert.created, alert.id


def one_line(text: str, most: int) -> str:
    """The text on one line, without control characters, cut to so many characters."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


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
