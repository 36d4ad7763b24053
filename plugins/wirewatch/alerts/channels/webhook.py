"""Webhooks: a JSON document by POST, signed as Standard Webhooks, led to no other address.

The signature is HMAC-SHA256 over ``id.timestamp.body``
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from wirewatch.alerts.channels.tools import Answer, Tools, post
from wirewatch.alerts.messages import Message
from wirewatch.records import Alert, Channel, to_dict

PREFIX = "whsec_"  # of a secret as it is shown
SECRET_BYTES = 32  # the standard asks for 24 to 64


async def send(channel: Channel, message: Message, tools: Tools) -> Answer:
    """Posts the message; the delivery's id is the idempotency key of every try."""
    body = json.dumps(document(message), ensure_ascii=False, separators=(",", ":")).encode()
    stamp = str(int(time.time()))
    headers = {"webhook-id": message.id, "webhook-timestamp": stamp, "Idempotency-Key": message.id}
    if channel.secret:
        headers["webhook-signature"] = signature(channel.secret, message.id, stamp, body)
    return await post(tools, channel.address, body, headers)


def new_secret() -> str:
    """A secret that messages are signed with, as it is shown to a person once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, identity: str, stamp: str, body: bytes) -> str:
    """The header ``webhook-signature``: its version and the signature in base 64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mac = hmac.new(key, f"{identity}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def document(message: Message) -> dict[str, Any]:
    """The message as receivers get it; ``docs/alerts.md`` has its schema."""
    return {
        "type": f"alerts.{message.kind}",
        "timestamp": message.at.isoformat(),
        "data": {
            "id": message.id,
            "search": {"id": message.search_id, "name": message.search_name},
            "text": message.text,
            "alerts": [_alert(message, alert) for alert in message.alerts],
            "link": message.listing,
        },
    }


_TOLD = (
    "id", "kind", "title", "url", "outlet", "language", "published", "excerpt", "topics",
    "copy_only", "why", "detail", "outlets", "own_headlines", "revision", "created",
    "cluster_id", "story_id",
)  # fmt: skip


def _alert(message: Message, alert: Alert) -> dict[str, Any]:
    values = to_dict(alert)
    return {**{name: values[name] for name in _TOLD}, "link": message.story(alert)}
