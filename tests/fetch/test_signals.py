"""What pages say about their own use."""

from datetime import UTC, datetime

import pytest

from wirewatch.fetch.answers import Response
from wirewatch.fetch.signals import Signals, read


def signals(body: bytes = b"", *tags: str, **fields: object) -> Signals:
    headers = (("Content-Type", "text/html"), *(("X-Robots-Tag", tag) for tag in tags))
    given = {"url": "u", "final_url": "u", "status": 200, "when": datetime.now(UTC)}
    return read(Response(**given, headers=headers, body=body, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tag", "noarchive"),
    [
        ("noarchive", True),
        ("noindex, NoArchive", True),
        ("none", True),
        ("googlebot: noarchive", False),
        ("googlebot: nofollow, wirewatch: noarchive", True),
        ("wirewatch: noarchive", True),
        ("max-snippet: 20, noarchive", True),
        ("noindex", False),
        ("", False),
    ],
)
def test_headers(tag: str, noarchive: bool) -> None:
    assert signals(b"", tag).noarchive == noarchive


def test_meta_elements() -> None:
    assert signals(b"<META content='follow,noarchive' NAME=robots>").noarchive
    assert signals(b'<meta name="wirewatch" content="noarchive">').noarchive
    assert not signals(b'<meta name="googlebot" content="noarchive">').noarchive
    assert not signals(b'<p>noarchive</p><meta name="description" content="noarchive">').noarchive


def test_training_opt_outs() -> None:
    assert signals(b'<meta name="robots" content="noai, noimageai">').training_refused
    assert signals(training_refused=True).training_refused
    assert not signals().training_refused
