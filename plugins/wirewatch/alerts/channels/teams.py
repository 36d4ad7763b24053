"""Microsoft Teams: an Adaptive Card by the webhook of a workflow.

All text stands in runs, which know no Markdown: nothing in a title becomes a link or bold.
Limits: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""

from __future__ import annotations

import json
from typing import Any

from wirewatch.alerts import messages
from wirewatch.alerts.channels.tools import Answer, Tools, post
from wirewatch.alerts.messages import Message, one_line
from wirewatch.records import Alert, Channel

BYTES = 28_000  # of a card; Teams takes 28 KB
FOOT = 3_000  # bytes kept for the last lines and for what is around the card
TITLE, FACTS, QUOTE, WORDS = 200, 400, 400, 500  # characters
PASSAGES = 2  # of an alert
CARD = "application/vnd.microsoft.card.adaptive"

Json = dict[str, Any]


async def send(channel: Channel, message: Message, tools: Tools) -> Answer:
    """Posts the card. Teams drops no repeats: the key is there for what stands before it."""
    headers = {"Idempotency-Key": message.id}
    return await post(tools, channel.address, _bytes(document(message)), headers)


def document(message: Message) -> Json:
    """The message as a card, as many alerts in it as fit."""
    body = [
        _text(_run(one_line(message.search_name, TITLE), isSubtle=True)),
        _text(_run(one_line(message.heading, WORDS), size="Large", weight="Bolder")),
    ]
    if message.text and message.alerts:
        body.append(_text(_run(one_line(message.text, WORDS))))
    left = BYTES - FOOT - len(_bytes(body))
    told = 0
    for alert in message.alerts:
        part = _alert(message, alert)
        left -= len(_bytes(part)) + 1
        if left < 0:
            break
        body.append(part)
        told += 1
    if told < len(message.alerts):
        body.append(_text(_run(f"and {len(message.alerts) - told} more")))
    card: Json = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": one_line(message.subject, TITLE),
        "msteams": {"width": "Full"},
        "body": body,
    }
    if message.listing:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": "All alerts", "url": message.listing}
        ]
    return {
        "type": "message",
        "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}],
    }


def _alert(message: Message, alert: Alert) -> Json:
    page = message.story(alert)
    facts = [messages.facts(alert), message.when(alert), ", ".join(alert.topics[:3])]
    title = one_line(alert.title, TITLE) or "Untitled"
    items = [
        _text(_run(title, message.link(alert), weight="Bolder")),
        _text(_run(one_line(" · ".join(one for one in facts if one), FACTS), isSubtle=True)),
    ]
    for parts in messages.quoted(alert)[:PASSAGES]:
        runs, left = [], QUOTE
        for text, mark in parts:
            runs.append(_run(_spaced(text[:left]), highlight=mark))
            left -= len(text)
            if left <= 0:
                break
        items.append(_text(*runs))
    last = []
    if why := messages.reason(alert):
        last.append(_run(why, isSubtle=True))
    if page and page != message.link(alert):
        last += [_run(" · "), _run("all copies", page)] if last else [_run("all copies", page)]
    if last:
        items.append(_text(*last))
    return {"type": "Container", "separator": True, "items": items}


def _text(*runs: Json) -> Json:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, link: str = "", **style: Any) -> Json:
    run: Json = {"type": "TextRun", "text": text or " ", **{k: v for k, v in style.items() if v}}
    if link:
        run["selectAction"] = {"type": "Action.OpenUrl", "url": link}
    return run


def _spaced(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _bytes(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
