"""What a page is: an article, a live blog, a gallery, a video or a recording."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from wirewatch.extract.evidence import ARTICLE_TYPES, Evidence
from wirewatch.records import StoryKind

PICTURES = 8  # figures of a gallery; long reports have up to five
PER_PICTURE = 200  # characters of text for each figure, under which the pictures are the report
BRIEF = 1_500  # characters; a video's page with more text is a report with a film beside it

_LIVE = re.compile(
    r"^\W*(?:live[- ]?(?:blog|ticker|updates?)\b|live\s*[:|–-]|direct\s*[:|–-]"
    r"|en (?:direct|directo|vivo)\s*[:|,–-]|minuto a minuto\b)"
    r"|\b(?:liveblog|liveticker|live updates|minuto a minuto)\b"
    r"|تغطية مباشرة|مباشر\s*[:|–-]",
    re.I,
)
_LIVE_PATH = re.compile(
    r"/(?:live|live-?blogs?|live-?ticker|live-?updates?|direct|en-direct|en-vivo|minuto-a-minuto)/"
    r"|[-/](?:liveblog|liveticker|live-updates)\b",
    re.I,
)
_GALLERY_PATH = re.compile(
    r"/(?:photo-?)?(?:gallery|galleries|slideshows?|photo-?essays?|fotostrecken?|bildergalerien?"
    r"|bilderstrecken?|fotogaler[ií]as?|galer[ií]as?|diaporamas?)/",
    re.I,
)
_VIDEO_PATH = re.compile(r"/(?:videos?|watch|v[ií]deos?|mediathek)/", re.I)


def kind_of(tree: HtmlElement, evidence: Evidence, title: str, text: str, url: str) -> StoryKind:
    """By what the page states (JSON-LD, OpenGraph), then by its address, title and structure."""
    types = evidence.ld_types
    stated = evidence.first("og:type").lower()
    path = urlsplit(url).path + "/"
    if "liveblogposting" in types or _LIVE.search(title):
        return StoryKind.LIVE
    if _LIVE_PATH.search(path) and _entries(tree) > 2:
        return StoryKind.LIVE
    article = bool(types & ARTICLE_TYPES)
    brief = len(text) < BRIEF
    if types & {"imagegallery", "mediagallery"} or _GALLERY_PATH.search(path):
        return StoryKind.GALLERY
    if _many_pictures(tree, text):
        return StoryKind.GALLERY
    if stated.startswith("video") or (
        "videoobject" in types and brief and (not article or _VIDEO_PATH.search(path))
    ):
        return StoryKind.VIDEO
    if stated.startswith("music") or (
        types & {"podcastepisode", "audioobject", "radioepisode"} and brief and not article
    ):
        return StoryKind.AUDIO
    return StoryKind.ARTICLE


def _entries(tree: HtmlElement) -> int:
    """Times in the page's body: each entry of a live blog has one."""
    return sum(1 for _ in zip(range(10), tree.iter("time"), strict=False))


def _many_pictures(tree: HtmlElement, text: str) -> bool:
    main = next(tree.iter("article", "main"), None)
    if main is None:
        return False
    pictures = sum(next(figure.iter("img"), None) is not None for figure in main.iter("figure"))
    return pictures >= PICTURES and len(text) < PICTURES * PER_PICTURE
