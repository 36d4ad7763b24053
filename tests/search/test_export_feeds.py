"""Results as Atom and RSS, read back by a feed parser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import feedparser
import pytest

from tests import makers
from tests.search.stories import STORIES
from wirewatch.search.export.feeds import atom, rss
from wirewatch.search.results import Highlight, Hit, Piece, Results

NOW = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)
ADDRESS = "https://watch.example/feed?q=mayor&x=1"
HITS = (
    Hit(
        story=makers.changed(STORIES[0], title='Mayor <b>&amp; "co"</b> \x0b\ud800]]>'),
        copies=3,
        outlets=2,
        highlights=(
            Highlight(field="title", pieces=(Piece(text="x", match=True),)),
            Highlight(
                field="text", pieces=(Piece(text="a new "), Piece(text="<mayor>", match=True))
            ),
        ),
    ),
    Hit(story=STORIES[9]),
)
RESULTS = Results(query="mayor", stories=4, clusters=2, hits=HITS)


@pytest.mark.parametrize("write", [atom, rss])
def test_a_feed_parser_reads_it_back(write: Callable[..., bytes]) -> None:
    feed = feedparser.parse(write(RESULTS, title="Mayors & more", address=ADDRESS, now=NOW))
    assert not feed.bozo
    assert feed.feed.title == "Mayors & more"
    first, second = feed.entries
    assert first.title == 'Mayor <b>&amp; "co"</b> \ufffd\ufffd]]>'
    assert first.link == STORIES[0].article.canonical_url
    assert first.id == f"urn:wirewatch:story:{STORIES[0].id}"
    assert first.published_parsed[:5] == (2026, 11, 2, 8, 0)
    assert "(and 2 more like it)" in first.summary
    assert [tag.label or tag.term for tag in first.tags] == ["politics and government"]
    assert second.title == STORIES[9].article.title


def test_text_is_not_html_to_a_reader_of_rss() -> None:
    assert b"&amp;lt;mayor&amp;gt;" in rss(RESULTS, title="x", address=ADDRESS, now=NOW)


def test_an_empty_result_is_a_valid_feed() -> None:
    empty = Results(query="x", stories=0, clusters=0)
    for write in (atom, rss):
        feed = feedparser.parse(write(empty, title="x", address=ADDRESS, now=NOW))
        assert not feed.bozo
        assert feed.entries == []
