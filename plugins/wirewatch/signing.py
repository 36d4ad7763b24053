"""Signed text, for cursors, sessions, forms and links: only who has the secret can make it."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from itsdangerous import BadData, Signer, URLSafeSerializer

from wirewatch.records import from_dict

R = TypeVar("R", bound=msgspec.Struct)

# The key is derived from the secret with the purpose as its salt; the default would be SHA-1.
_HOW: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}


class Purpose(StrEnum):
    """What a text is signed for: signed for one, it is nothing to the others."""

    CURSOR = "wirewatch:cursors"
    SESSION = "wirewatch:sessions"
    FORM = "wirewatch:csrf"
    LINK = "wirewatch:link"
    UNSUBSCRIBE = "wirewatch:unsubscribe"


class BadSignature(ValueError):
    """A text that was changed, or signed with another secret or for another purpose."""


def sign(record: msgspec.Struct, secret: bytes, purpose: Purpose) -> str:
    """The record as URL-safe text, which all can read and nobody can change."""
    return _serializer(secret, purpose).dumps(msgspec.to_builtins(record))


def unsign(text: str, secret: bytes, purpose: Purpose, kind: type[R]) -> R:
    """The record out of its text; raises BadSignature when it is none of that kind of ours."""
    try:
        return from_dict(kind, _serializer(secret, purpose).loads(text))
    except (BadData, ValueError) as error:  # also text that UTF-8 cannot have
        raise BadSignature("this text was not signed here, or was changed") from error


def token(name: str, secret: bytes, purpose: Purpose) -> str:
    """A text of 43 characters that stands for a name and cannot be guessed without the secret."""
    return Signer(secret, salt=purpose, **_HOW).get_signature(name).decode()


def _serializer(secret: bytes, purpose: Purpose) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=purpose, signer_kwargs=_HOW)
