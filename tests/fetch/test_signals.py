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
        ("*: noarchive", True),
        ("otherbot: noarchive, wirewatch: nofollow", False),
        ("unavailable_after: 25 Jun 2030 15:00:00 GMT, noarchive", True),
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


def test_every_header_counts() -> None:
    assert signals(b"", "googlebot: nofollow", "nosnippet", "wirewatch: none").noarchive
    assert not signals(b"", "googlebot: none", "bingbot: noarchive").noarchive


def test_meta_elements_far_down_and_in_other_forms() -> None:
    far = b"<style>" + b"a{b:c}" * 20_000 + b"</style>"
    assert signals(far + b'<meta name="robots" content="noarchive">').noarchive
    assert signals('<meta name="robots" content="noarchive">'.encode("utf-16")).noarchive
    assert signals(b'<meta http-equiv="X-Robots-Tag" content="otherbot: a, *: none">').noarchive
    assert not signals(b'<meta name="robots" content="noimageindex">').noarchive


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b'<meta name="robots" content="noai, noimageai">', (), ("noai", "noimageai")),
        (b"", (("X-Robots-Tag", "noimageai"),), ("noimageai",)),
        (b'<meta name="tdm-reservation" content="1">', (), ("tdm-reservation",)),
        (b'<meta name="tdm-reservation" content="0">', (), ()),
        (b"", (("TDM-Reservation", "1"),), ("tdm-reservation",)),
        (b"", (("TDM-Reservation", "0"),), ()),
        (b"", (), ()),
    ],
)
def test_training_opt_outs(
    body: bytes, headers: tuple[tuple[str, str], ...], said: tuple[str, ...]
) -> None:
    answer = Response(
        url="u", final_url="u", status=200, when=datetime.now(UTC), headers=headers, body=body
    )
    assert read(answer).opt_outs == said


def test_robots_txt_that_shuts_out_training_is_recorded() -> None:
    assert signals(training_refused=True).opt_outs == ("robots.txt",)
