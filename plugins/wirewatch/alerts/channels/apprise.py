"""Apprise's services, as an extra: each message in a process of its own, which is guarded.

Apprise connects by many libraries, and some follow where they are led. In a process of its own
every connection is checked, whoever makes it, and what hangs can be ended.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from wirewatch.alerts import messages
from wirewatch.alerts.channels.tools import Answer, Tools
from wirewatch.alerts.messages import Message, one_line
from wirewatch.records import Channel
from wirewatch.settings import Settings

EXTRA = "wirewatch[apprise]"
START = 10.0  # seconds a process may take to begin: importing Apprise takes 2 on a busy machine
ALERTS = 20  # told of one message; the rest is told by number
BODY = 4_000  # characters; services cut off where they take fewer
ANSWER = 10_000  # characters read of what the process says
WORDS = 300  # characters kept of an error
CHILD = Path(__file__).with_name("apprise_process.py")
# Of our variables the process gets these: no secret, and no proxy, which would connect for it.
VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")

_SCHEME = re.compile(r"([a-z0-9][a-z0-9+.-]{0,40})://")
_REFUSED = {
    "a webhook, which it would let lead elsewhere: make a channel of the kind webhook": (
        "http", "https", "json", "jsons", "xml", "xmls", "form", "forms", "apprise", "apprises",
    ),
    "on the server's own desk, where no reader sits": (
        "dbus", "qt", "glib", "kde", "gnome", "macosx", "windows", "syslog", "blink1",
    ),
}  # fmt: skip
REFUSED = {scheme: words for words, schemes in _REFUSED.items() for scheme in schemes}


async def send(channel: Channel, message: Message, tools: Tools) -> Answer:
    """Has Apprise send the message. Its services know no key: a second try may come twice."""
    if not installed():
        return Answer(error=f"{EXTRA} is not installed")
    given = {"address": channel.address, "title": message.subject, "body": body(message)}
    limit = tools.settings["alerts.timeout"] + START
    try:
        async with asyncio.timeout(limit), tools.processes:
            error = await _asked(given, tools.settings)
    except TimeoutError:
        error = "no answer in time"
    return Answer(error=one_line(error.replace(channel.address, "its address"), WORDS))


def wrong(address: str) -> str:
    """Why there can be no channel with such an address, in words; "" where there can."""
    scheme = _SCHEME.match(address.lower())
    if scheme is None:
        return "the address must begin with the name of one of Apprise's services and ://"
    if scheme[1] in REFUSED:
        return f"{scheme[1]}:// is {REFUSED[scheme[1]]}"
    return "" if installed() else f"{EXTRA} is not installed"


def unknown(address: str, settings: Settings) -> str:
    """What Apprise finds wrong with an address, in words; "" for nothing. It takes seconds."""

    async def ask() -> str:
        async with asyncio.timeout(settings["alerts.timeout"] + START):
            return await _asked({"address": address}, settings)

    try:
        return asyncio.run(ask())
    except TimeoutError:
        return "Apprise did not say in time whether it knows the address"


def body(message: Message) -> str:
    """The message as plain text."""
    parts = [one_line(message.text, WORDS)] if message.text else []
    told = 0
    for alert in message.alerts[:ALERTS]:
        title = one_line(alert.title, messages.TITLE) or "Untitled"
        lines = (title, messages.facts(alert), messages.reason(alert), message.link(alert))
        part = "\n".join(line for line in lines if line)
        if parts and sum(map(len, parts)) + len(part) > BODY:
            break
        parts.append(part)
        told += 1
    if told < len(message.alerts):
        parts.append(f"and {len(message.alerts) - told} more")
    if message.listing:
        parts.append(message.listing)
    return "\n\n".join(parts)


@cache
def installed() -> bool:
    """Whether Apprise is there."""
    return importlib.util.find_spec("apprise") is not None


async def _asked(given: dict[str, Any], settings: Settings) -> str:
    """What the process says is wrong; "" for nothing. It is ended with whoever waits for it."""
    asked = {**given, "path": sys.path, "allow": settings["alerts.allow"], "refused": REFUSED}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",  # this folder has a file apprise.py, too
        str(CHILD),
        env={name: os.environ[name] for name in VARIABLES if name in os.environ},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        said, _ = await process.communicate(json.dumps(asked).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        return str(json.loads(said[-ANSWER:].decode().splitlines()[-1])["error"])
    except (ValueError, LookupError, TypeError):
        return f"its process ended with {process.returncode} and said nothing"
