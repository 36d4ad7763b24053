"""A message as mail: text and HTML, with the volume as a picture inside."""

from __future__ import annotations

from datetime import UTC
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from wirewatch.alerts import messages, unsubscribe
from wirewatch.alerts.channels import bars
from wirewatch.alerts.messages import Message, one_line
from wirewatch.mailboxes import sender
from wirewatch.records import Alert, Channel, DeliveryKind, stable_id

WHOLE = 20  # alerts told with all that is known of them; Gmail cuts off mail after 102 KB
BRIEF = 100  # further alerts told by title and outlet; the rest is told by number
EXCERPT = 600  # characters of a passage
PASSAGES = 3  # of an alert
NOTICE = 2_000  # characters of a message's own words
CONTENT_ID = "volume@wirewatch"


class Whole(UnstructuredHeader, BaseHeader):
    """A header of one long word: folded as other text, it would be encoded, and read by nobody."""

    max_count = 1

    def fold(self, *, policy: Policy[Any]) -> str:
        """The header on one line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _name in ("list-id", "list-unsubscribe", "message-id", "references"):
    _HEADERS.map_to_type(_name, Whole)
POLICY = SMTP.clone(header_factory=_HEADERS)


def letter(channel: Channel, message: Message, origin: str) -> EmailMessage:
    """The mail to the channel's address; ``origin`` is the option ``mail.from``.

    Its Message-ID is made of the delivery's id, so that a second try is no second mail.
    """
    name, address = sender(origin)
    domain = address.rpartition("@")[2]
    leave = unsubscribe.link(message.page, channel, message.search_id)
    made = EmailMessage(policy=POLICY)
    made["Subject"] = message.subject
    made["From"] = Address(name or "wirewatch", addr_spec=address)
    made["To"] = Address(addr_spec=channel.address)
    made["Date"] = message.at.astimezone(UTC)
    made["Message-ID"] = f"<{message.id}@{domain}>"
    if message.kind == DeliveryKind.UPDATE and message.alerts:  # mail programs put it below
        made["References"] = f"<{first_told(message.alerts[0], channel)}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
    if message.search_id:
        made["List-Id"] = f"<{message.search_id}.{channel.id}.{domain}>"
    if leave:
        made["List-Unsubscribe"] = f"<{leave}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    values = _values(message, leave)
    made.set_content(_template("mail.txt").render(values).rstrip() + "\n")
    made.add_alternative(_template("mail.html").render(values), subtype="html")
    if any(message.volume):
        [_, html] = made.iter_parts()
        assert isinstance(html, EmailMessage)  # noqa: S101 - a part of one is one
        html.add_related(
            bars.picture(message.volume),
            "image",
            "png",
            cid=f"<{CONTENT_ID}>",
            filename="volume.png",
            disposition="inline",
        )
    return made


def first_told(alert: Alert, channel: Channel) -> str:
    """The id of the delivery that told the alert first."""
    return stable_id("delivery", alert.id, channel.id, "0")


def _values(message: Message, leave: str) -> dict[str, object]:
    """What the templates show."""
    told = message.alerts[WHOLE : WHOLE + BRIEF]
    return {
        "message": message,
        "name": one_line(message.search_name, messages.TITLE),
        "heading": one_line(message.heading, messages.TITLE if message.alerts else NOTICE),
        "words": one_line(message.text, NOTICE) if message.alerts else "",
        "whole": [_told(message, alert) for alert in message.alerts[:WHOLE]],
        "brief": [_told(message, alert) for alert in told],
        "more": max(0, len(message.alerts) - WHOLE - BRIEF),
        "leave": leave,
        "volume": message.volume if any(message.volume) else (),
        "width": bars.width(message.volume) // bars.SCALE,
        "height": bars.HEIGHT // bars.SCALE,
        "cid": CONTENT_ID,
    }


def _told(message: Message, alert: Alert) -> dict[str, object]:
    when = message.when(alert)
    facts = messages.facts(alert)
    return {
        "title": one_line(alert.title, messages.TITLE) or "Untitled",
        "link": message.link(alert),
        "page": message.story(alert),
        "language": alert.language if alert.language.replace("-", "").isalnum() else "",
        "facts": " · ".join(part for part in (facts, when) if part),
        "topics": one_line(", ".join(alert.topics), messages.TITLE),
        "reason": messages.reason(alert),
        "passages": [
            _cut([(_plain(text), mark) for text, mark in parts])
            for parts in messages.quoted(alert)[:PASSAGES]
        ],
    }


def _plain(text: str) -> str:
    """The text on one line, without control characters; its outer spaces stay."""
    return "".join(char if char.isprintable() else " " for char in text)


def _cut(parts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The pieces, together up to ``EXCERPT`` characters."""
    kept: list[tuple[str, bool]] = []
    left = EXCERPT
    for text, mark in parts:
        if len(text) > left:
            kept.append((text[:left].rstrip() + "…", mark))
            break
        kept.append((text, mark))
        left -= len(text)
    return kept


@cache
def _template(name: str) -> Template:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template(name)
