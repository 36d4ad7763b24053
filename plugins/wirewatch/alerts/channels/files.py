"""Channels kept in files: ``config/channels/*.toml``, changed nowhere else."""

from __future__ import annotations

import base64
import binascii
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wirewatch.alerts.channels.made import BadChannel, checked
from wirewatch.alerts.channels.webhook import PREFIX, new_secret
from wirewatch.records import Channel, ChannelKind, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store

KEYS = ("id", "name", "kind", "address", "address_env", "secret_env", "enabled")
KINDS = tuple(kind.value for kind in ChannelKind if kind != ChannelKind.LOG)
SECRET_BYTES = range(24, 65)  # as Standard Webhooks has it


@dataclass(frozen=True, slots=True)
class Loaded:
    """The channels of a folder, and a line for whatever is wrong in its files."""

    channels: tuple[Channel, ...]
    problems: tuple[str, ...]


def sync(store: Store, settings: Settings) -> tuple[str, ...]:
    """Makes the channels of files those of ``config/channels/``; returns what is wrong in them.

    A channel that is wrong stays as it was, and nothing is taken away while anything is wrong:
    one slip in a file ends no other channel.
    """
    loaded = load(settings.config_dir / "channels", settings, os.environ)
    there = {one.id: one for one in store.channels.all()}
    store.channels.sync(
        (_kept(one, there.get(one.id)) for one in loaded.channels), whole=not loaded.problems
    )
    return loaded.problems


def load(folder: Path, settings: Settings, environ: Mapping[str, str]) -> Loaded:
    """The channels of a folder's files; secrets and addresses may be named by variables."""
    found: dict[str, Channel] = {}
    problems: list[str] = []
    for file in sorted(folder.glob("*.toml")):
        try:
            whole = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{file}: not valid TOML: {error}")
            continue
        tables = whole.pop("channel", [])
        if whole or not isinstance(tables, list):
            problems.append(f"{file}: must hold tables [[channel]] and nothing else")
            continue
        for number, table in enumerate(tables, start=1):
            where = f"{file}: channel {number}"
            here = list(_wrong(table))
            if not here and table["id"] in found:
                here.append(f"id {table['id']!r} is used twice")
            try:
                if not here:
                    found[table["id"]] = _channel(table, settings, environ)
            except BadChannel as error:
                here.append(str(error))
            problems.extend(f"{where}: {problem}" for problem in here)
    return Loaded(tuple(found[key] for key in sorted(found)), tuple(problems))


def _wrong(table: Any) -> Iterator[str]:
    """What is wrong with the form of a channel's table, in words."""
    if not isinstance(table, dict):
        yield "must be a table [[channel]]"
        return
    for key in table.keys() - set(KEYS):
        yield f"there is no key {key!r}; the keys are {', '.join(KEYS)}"
    for key in ("id", "kind"):
        if not isinstance(table.get(key), str):
            yield f"{key!r} must be a text"
    for key in ("name", "address", "address_env", "secret_env"):
        if not isinstance(table.get(key, ""), str):
            yield f"{key!r} must be a text"
    if table.get("kind") not in KINDS:
        yield f"'kind' must be one of {', '.join(KINDS)}"
    if ("address" in table) == ("address_env" in table):
        yield "give either 'address' or 'address_env', the variable that holds it"
    if "secret_env" in table and table.get("kind") != ChannelKind.WEBHOOK:
        yield "'secret_env' is for webhooks: no other kind is signed"
    if not isinstance(table.get("enabled", True), bool):
        yield "'enabled' must be true or false"


def _channel(table: dict[str, Any], settings: Settings, environ: Mapping[str, str]) -> Channel:
    kind = ChannelKind(table["kind"])
    address = table["address"] if "address" in table else _of(table["address_env"], environ)
    secret = _of(table["secret_env"], environ) if "secret_env" in table else ""
    if secret and not _signs(secret):
        raise BadChannel(
            f"{table['secret_env']} must hold {PREFIX} and 24 to 64 bytes in base 64 after it"
        )
    name = table.get("name", "") or table["id"]
    return Channel(
        id=table["id"],
        name=name,
        kind=kind,
        address=checked(table["id"], kind, address, name, settings),
        secret=secret,
        origin="file",
        enabled=table.get("enabled", True),
    )


def _of(variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "")
    if not value:
        raise BadChannel(f"the environment has no {variable}")
    return value


def _signs(secret: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return secret.startswith(PREFIX) and len(key) in SECRET_BYTES


def _kept(channel: Channel, before: Channel | None) -> Channel:
    """The channel with what no file says: when it came, what unsubscribing is signed with."""
    if before is None or before.kind != channel.kind:
        secret = new_secret() if channel.kind == ChannelKind.MAIL else channel.secret
        return replace(channel, secret=secret, created=utc_now())
    secret = before.secret if channel.kind == ChannelKind.MAIL else channel.secret
    return replace(channel, secret=secret, created=before.created)
