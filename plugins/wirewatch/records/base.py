"""What all records share: ids, time, the base class, JSON."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

ID_BYTES = 12  # 96 bits: a collision among 10^9 stories has a chance of about 10^-11


def stable_id(*parts: str) -> str:
    """The id of a thing: 24 hex digits of BLAKE2b over its parts, the same in every process."""
    digest = hashlib.blake2b(digest_size=ID_BYTES)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))  # so that ("ab", "c") and ("a", "bc") differ
        digest.update(raw)
    return digest.hexdigest()


def utc_now() -> datetime:
    """The present instant, aware, in UTC, cut to milliseconds as Elasticsearch keeps them."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every record; all its fields are written, also those that have their default."""


R = TypeVar("R", bound=msgspec.Struct)

K = TypeVar("K")

_encoder = msgspec.json.Encoder()
_ready: set[object] = set()
_making_ready = threading.Lock()


def to_json(record: msgspec.Struct) -> bytes:
    """The record as one line of JSON."""
    return _encoder.encode(record)


def to_dict(record: msgspec.Struct) -> dict[str, Any]:
    """The record as JSON-ready values."""
    built: dict[str, Any] = msgspec.to_builtins(record)
    return built


def ready(kind: type[K]) -> type[K]:
    """The kind, made ready to be read by any thread: whoever decodes records asks for it so.

    msgspec looks at a kind's fields when it first decodes one, and shows what it has found so far
    to every thread: one that decodes meanwhile reads through null pointers, and the process dies.
    """
    if kind not in _ready:
        with _making_ready:
            msgspec.json.Decoder(kind)
            _ready.add(kind)
    return kind


def from_dict(kind: type[R], value: object) -> R:
    """A record out of JSON-ready values.

    Raises msgspec.ValidationError, which names the field, when they are not of that kind.
    """
    return msgspec.convert(value, ready(kind))


def from_json(kind: type[R], line: bytes | str) -> R:
    """A record out of one line of JSON; raises msgspec.ValidationError when it is not one."""
    return msgspec.json.decode(line, type=ready(kind))


def replace(record: R, **changes: Any) -> R:
    """The record with some fields changed."""
    return msgspec.structs.replace(record, **changes)


def defaults(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The fields that have a default, each with that as a JSON-ready value."""
    return {
        one.name: msgspec.to_builtins(
            one.default if one.default_factory is msgspec.NODEFAULT else one.default_factory()
        )
        for one in msgspec.structs.fields(kind)
        if not one.required
    }


def by_id(records: Iterable[R]) -> dict[str, R]:
    """The records by their ``id``; the last of one id wins."""
    return {record.id: record for record in records}  # type: ignore[attr-defined]
