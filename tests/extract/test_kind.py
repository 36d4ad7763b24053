"""Live blogs, galleries, films and recordings told from articles."""

from __future__ import annotations

import pytest

from tests.extract.pages import BODY, SETTINGS, URL, html, job, ld, paragraphs
from wirewatch.extract.article import extract
from wirewatch.records import Article, StoryKind

HEADLINE = "Council rebuilds bridge"
FIGURES = "".join(f"<figure><img src='/{n}.jpg'><figcaption>Bridge</figcaption></figure>"
                  for n in range(12))  # fmt: skip
TIMES = "".join(f"<p><time>12:0{n}</time> The council sits.</p>" for n in range(5))
VIDEO = "https://news.example.org/video/bridge"


def kind(page: bytes, url: str = URL) -> StoryKind:
    found = extract(job(page, url=url), SETTINGS)
    assert isinstance(found, Article), found
    return found.kind


def node(kind: str) -> str:
    return ld(headline=HEADLINE).replace("NewsArticle", kind)


@pytest.mark.parametrize(
    ("page", "url", "expected"),
    [
        (html(ld(headline=HEADLINE)), URL, StoryKind.ARTICLE),
        (html(node("LiveBlogPosting")), URL, StoryKind.LIVE),
        (html(title="Liveticker: Der Rat tagt", body=paragraphs()), URL, StoryKind.LIVE),
        (html(body=paragraphs() + TIMES), "https://news.example.org/live/council", StoryKind.LIVE),
        (html(), "https://news.example.org/live/council", StoryKind.ARTICLE),
        (html(node("ImageGallery")), URL, StoryKind.GALLERY),
        (html(body=f"<article>{paragraphs()}{FIGURES}</article>"), URL, StoryKind.GALLERY),
        (html(body=f"<article>{paragraphs(BODY * 4)}{FIGURES}</article>"), URL, StoryKind.ARTICLE),
        (html(), "https://news.example.org/fotostrecke/bruecke", StoryKind.GALLERY),
        (html('<meta property="og:type" content="video.other">'), URL, StoryKind.VIDEO),
        (html(node("VideoObject")), URL, StoryKind.VIDEO),
        (html(node("VideoObject") + ld(headline=HEADLINE)), URL, StoryKind.ARTICLE),
        (html(node("VideoObject") + ld(headline=HEADLINE)), VIDEO, StoryKind.VIDEO),
        (html(node("PodcastEpisode")), URL, StoryKind.AUDIO),
        (html(title="Live music returns to the old bridge", body=paragraphs()), URL,
         StoryKind.ARTICLE),
    ],
)  # fmt: skip
def test_kinds(page: bytes, url: str, expected: StoryKind) -> None:
    assert kind(page, url) is expected
