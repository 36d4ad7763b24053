"""OPML in and out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.makers import feed
from wirewatch.feeds import opml


def listed(*lines: str) -> bytes:
    return "\n".join(['<?xml version="1.0"?>', "<opml><body>", *lines, "</body></opml>"]).encode()


def test_the_round_trip_is_exact() -> None:
    feeds = (
        feed("https://a.example/f?b=2&a=1", title="A & <B>", collections=("world",)),
        feed("https://b.example/f", title="مرحبا", outlet="O", language="pt-BR", country="BR",
             site="https://b.example/", collections=("world", "world/south")),
        feed("https://c.example/f"),
    )  # fmt: skip
    written = opml.write(feeds)
    assert {f.id: f for f in opml.read(written)} == {f.id: f for f in feeds}
    assert opml.write(opml.read(written)) == written


def test_folders_are_collections_and_a_feed_may_stand_in_several() -> None:
    document = listed(
        '<outline text="A"><outline text="B / C">',
        '<outline text="x" xmlUrl="https://x.example/f"/></outline></outline>',
        '<outline text="D"><outline title="x" xmlUrl="https://x.example/f"/></outline>',
    )
    (only,) = opml.read(document)
    assert (only.title, only.collections) == ("x", ("A/B/C", "D"))


def test_every_fault_is_named_with_line_and_value() -> None:
    document = listed(
        '<outline text="ok" xmlUrl="https://ok.example/"/>',
        '<outline text="bad" xmlUrl="no url"/>',
        '<outline text="twice" xmlUrl="https://ok.example/#x"/>',
        '<outline text="none" type="rss"/>',
        '<outline text="l" xmlUrl="https://l.example/" language="english!" country="GBR"/>',
        '<outline text="u" xmlUrl="ftp://u.example/"/>',
    )
    with pytest.raises(opml.BadOPML) as caught:
        opml.read(document)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "line 4", "line 5", "line 6", "line 7", "line 7", "line 8",
    ]  # fmt: skip
    text = str(caught.value)
    for part in (
        "'no url'",
        "stands in line 3 too",
        "without xmlUrl",
        "'english!'",
        "'GBR'",
        "ftp",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"x" * 20_000_001, "20,000,001 bytes"),
        (b'<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', "declares XML entities"),
        (b"<opml><body><outline></body></opml>", "line 1, column 29: not well-formed"),
        (listed('<outline text="a "b" c"/>'), "line 3, column 19: not well-formed"),
        (b"\n\n<rss/>", "<rss> instead of <opml>"),
        (b"", "not well-formed"),
        (listed("<outline text='f'>" * 10 + "</outline>" * 10), "more than 8 folders deep"),
        (b"<opml><body>" + b"<outline>" * 100_000, "not well-formed"),
    ],
    ids=["large", "entities", "open", "quotes", "rss", "empty", "folders", "nested"],
)
def test_what_is_refused(document: bytes, words: str) -> None:
    with pytest.raises(opml.BadOPML) as caught:
        opml.read(document)
    assert words in str(caught.value)


def test_the_feeds_that_come_with_the_project() -> None:
    data = (Path(__file__).parents[2] / "config" / "feeds.opml").read_bytes()
    feeds = opml.read(data)
    assert opml.write(feeds) == data
    assert 25 <= len(feeds) <= 40
    assert {f.language for f in feeds} == {"en", "es", "de", "fr", "ar"}
    assert {f.collections[0] for f in feeds} == {"world", "business", "science", "technology"}
    assert all(f.outlet and f.site and f.url.startswith("https://") for f in feeds)


def test_the_usual_faults_of_lists_are_mended() -> None:
    document = listed(
        '<outline text="Q & A &eacute;" description="<p>x</p>" xmlUrl="https://x.example/f?a=1&b=2"/>'
    )
    (only,) = opml.read(document)
    assert (only.title, only.url) == ("Q & A é", "https://x.example/f?a=1&b=2")


DATA = os.environ.get("EVALUATION_DATA", "")  # where others' files lie, if they do


@pytest.mark.skipif(not DATA, reason="EVALUATION_DATA names no folder of evaluation data")
def test_lists_that_people_share() -> None:
    refused, feeds = [], set()
    for file in sorted((Path(DATA) / "feeds-opml-awesome").rglob("*.opml")):
        try:
            read = opml.read_file(file)
        except opml.BadOPML as error:
            assert "line " in error.problems[0]
            refused.append(file)
            continue
        feeds |= {one.id for one in read}
        written = opml.write(read)
        assert {one.id: one for one in opml.read(written)} == {one.id: one for one in read}
        assert opml.write(opml.read(written)) == written
    assert len(refused) <= 18  # quotes inside of quotes: nobody can tell what is meant
    assert len(feeds) >= 578
