"""Elasticsearch away: told without any store, since troubles and messages are kept in it.

What was told is kept in a file of the state folder. Only the log and the channels that are kept in
``config/channels/`` can be reached; their messages are sent at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import posixpath
from contextlib import suppress
from datetime import datetime

import fsspec

from wirewatch.alerts.channels import LOG, carry, opened
from wirewatch.alerts.channels.files import load
from wirewatch.alerts.messages import Message
from wirewatch.records import Channel, DeliveryKind, Trouble, from_json, replace, to_json
from wirewatch.settings import Settings
from wirewatch.troubles.kinds import Kind

log = logging.getLogger("wirewatch.troubles")

AWAY = Kind(
    name="store-away",
    title="Elasticsearch does not do its work",
    what="Elasticsearch does not do its work: {why}",
    do="'wirewatch es status' says how it is; start it with 'wirewatch es start', or in compose "
    "'docker compose up -d elasticsearch'",
    options=("elasticsearch.url",),
)
FILE = "troubles/away.json"  # below the state's root


def begin(settings: Settings, why: str, now: datetime) -> Trouble | None:
    """Notes that the store is away; the trouble where nobody had noted it, else None."""
    fs, path = _place(settings)
    trouble = AWAY.found(now, why=why)
    fs.makedirs(posixpath.dirname(path), exist_ok=True)
    try:
        with fs.open(path, "xb") as file:  # of two at once one has it
            file.write(to_json(trouble))
    except FileExistsError:
        return None
    return trouble


def noted(settings: Settings, now: datetime) -> Trouble | None:
    """The trouble that was noted, as it is over now; None where none was."""
    fs, path = _place(settings)
    try:
        with fs.open(path, "rb") as file:
            trouble = from_json(Trouble, file.read())
    except FileNotFoundError:
        return None
    return replace(trouble, told=trouble.since, ended=now, number=int(trouble.since.timestamp()))


def forget(settings: Settings) -> None:
    """Takes back what was noted: its end is told."""
    fs, path = _place(settings)
    with suppress(FileNotFoundError):  # another has done it
        fs.rm_file(path)


def send(settings: Settings, text: str, identity: str, now: datetime) -> None:
    """Sends a text to those of ``troubles.channels`` that are reached without the store."""
    there = {LOG.id: LOG}
    loaded = load(settings.config_dir / "channels", settings, os.environ)
    there |= {one.id: one for one in loaded.channels if one.enabled}
    wanted = dict.fromkeys(settings["troubles.channels"])
    if missed := [name for name in wanted if name not in there]:
        log.error(
            "Elasticsearch is away, so %s cannot be told: only channels of files are known",
            ", ".join(missed),
        )
    message = Message(
        id=identity, kind=DeliveryKind.NOTICE, search_id="", search_name="wirewatch", at=now,
        text=text,
    )  # fmt: skip
    asyncio.run(_send(settings, [there[name] for name in wanted if name in there], message))


async def _send(settings: Settings, channels: list[Channel], message: Message) -> None:
    async with opened(settings) as tools:
        answers = await asyncio.gather(*(carry(one, message, tools) for one in channels))
    for channel, answer in zip(channels, answers, strict=True):
        if answer.error:
            log.error("the channel %s was not reached: %s", channel.id, answer.error)


def _place(settings: Settings) -> tuple[fsspec.AbstractFileSystem, str]:
    fs, root = fsspec.core.url_to_fs(settings.state)
    return fs, posixpath.join(root, FILE)
