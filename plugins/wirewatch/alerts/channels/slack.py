"""Slack, and what takes the same messages: blocks by an incoming webhook.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import json
from typing import Any

from wirewatch.alerts import messages
from wirewatch.alerts.channels.tools import Answer, Tools, post
from wirewatch.alerts.messages import Message, one_line
from wirewatch.records import Alert, Channel

BLOCKS = 50  # of a message at the most
HEADER = 150  # characters of a header at the most
SECTION = 3_000  # characters of a section at the most, as they are sent
# Characters of an alert. Escaped, one may become five, and title and facts must fit a section.
TITLE, FACTS, LINK, QUOTE = 150, 200, 800, 500
PASSAGES = 2
FRAME = 3  # blocks beside those of alerts: the header, the message's words, the foot


async def send(channel: Channel, message: Message, tools: Tools) -> Answer:
    """Posts the message. Slack drops no repeats: the key is there for what stands before it."""
    body = json.dumps(document(message), ensure_ascii=False, separators=(",", ":"))
    headers = {"Idempotency-Key": message.id}
    return await post(tools, channel.address, body.encode("utf-8", "replace"), headers)


def document(message: Message) -> dict[str, Any]:
    """The message in blocks; ``text`` is what a notification shows."""
    name = f"{message.search_name}: {message.heading}" if message.alerts else message.search_name
    blocks: list[dict[str, Any]] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": one_line(name, HEADER), "emoji": False},
        }
    ]
    if message.text:
        blocks.append(_section(escaped(one_line(message.text, SECTION // 6))))
    told = message.alerts[: BLOCKS - FRAME]
    blocks += [_section(_alert(message, alert)) for alert in told]
    foot = []
    if len(told) < len(message.alerts):
        foot.append(f"and {len(message.alerts) - len(told)} more")
    if message.listing:
        foot.append(_linked(message.listing, "all alerts of this search"))
    if foot:
        blocks.append({"type": "context", "elements": [_words(" · ".join(foot))]})
    return {"text": escaped(message.subject), "blocks": blocks}


def escaped(text: str) -> str:
    """The text without what Slack would take for a link or for a call of people."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _alert(message: Message, alert: Alert) -> str:
    """Title and facts, and of the rest what fits into a section."""
    link, page = message.link(alert), message.story(alert)
    facts = [messages.facts(alert), message.when(alert), ", ".join(alert.topics[:3])]
    text = _linked(link if len(link) <= LINK else page, one_line(alert.title, TITLE) or "Untitled")
    quotes = ["".join(part for part, _ in parts) for parts in messages.quoted(alert)[:PASSAGES]]
    for line in (
        escaped(one_line(" · ".join(part for part in facts if part), FACTS)),
        *(f"> {escaped(one_line(quote, QUOTE))}" for quote in quotes),
        escaped(messages.reason(alert)),
        _linked(page, "all copies") if page and page != link else "",
    ):
        if line and len(text) + 1 + len(line) <= SECTION:
            text += f"\n{line}"
    return text


def _linked(url: str, words: str) -> str:
    """A link in Slack's own form; the words alone where there is no address."""
    if not url:
        return escaped(words)
    plain = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E")
    return f"<{plain.replace('&', '&amp;')}|{escaped(words)}>"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _words(text)}


def _words(text: str) -> dict[str, Any]:
    # verbatim: Slack looks for no links, names and channels of its own in it
    return {"type": "mrkdwn", "text": text, "verbatim": True}
