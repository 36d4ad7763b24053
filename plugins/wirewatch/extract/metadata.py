"""A page's metadata by evidence, best first, each value with the source that gave it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from wirewatch.extract import dates, titles
from wirewatch.extract.authors import authors
from wirewatch.extract.dates import Dated
from wirewatch.extract.evidence import (
    Evidence,
    squeeze,
    types_of,
)
from wirewatch.records import Entry

MAX_URL = 2_048  # characters; what every browser and proxy carries
MAX_DESCRIPTION = 2_000  # characters; standfirsts have some 300
MAX_KEYWORDS = 30

_PAGE = re.compile(
    r"[?&](?:page|seite|pagina|p|pg|s)=(\d{1,3})(?!\d)|/(?:page|seite|pagina|p)[/-]?(\d{1,3})(?=/|$|\.)"
    r"|[-_](?:page|seite|p)[-_]?(\d{1,3})(?=\.html?$|/?$)"
    r"|/(\d{1,2})/?$",
    re.I,
)
# Control and format characters; the joiners stay, which Arabic, Persian and Indic words need.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]"
)
# Of these, what stands inside words: a soft hyphen, a break that may be; no space takes its place.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
MAX_CRUMBS = 8  # names of a breadcrumb
MAX_CRUMB = 40  # characters of one: a longer one is a headline
MAX_PAGES = 50  # of one article; more is an archive
_NEXT_LINKS = etree.XPath(
    "descendant::a[@href][contains(@rel, 'next') or (string-length() < 12 and normalize-space() "
    "= $number)]"
)


@dataclass(frozen=True)
class Metadata:
    """What is known of an article besides its text."""

    title: str
    title_source: str
    authors: tuple[str, ...]
    authors_source: str
    published: Dated | None
    modified: Dated | None
    canonical_url: str
    site_name: str
    image: str
    description: str
    section: str
    keywords: tuple[str, ...]
    language: str  # as declared, not checked
    raw_authors: tuple[str, ...]
    shown_bylines: tuple[str, ...]
    free: bool | None  # what the page says about a paywall; None: nothing


def read(
    tree: HtmlElement,
    evidence: Evidence,
    entry: Entry | None,
    url: str,
    outlet: str,
    now: datetime,
    country: str = "",
) -> Metadata:
    """The metadata of a page; ``now`` is when it was fetched, which no date may pass."""
    site_name = _site_name(evidence)
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    site_names = [name for name in _site_names(evidence, site_name, outlet, host) if name]
    title = titles.headline(tree, evidence, entry, site_names, url)
    heading = title.element if title.element is not None else next(tree.iter("h1"), None)
    by = authors(tree, title.element, evidence, entry, site_names)
    language = _declared_language(evidence)
    reader = dates.reader(tree, evidence, url, now, language, country)
    return Metadata(
        title=_clean(title.text, titles.MAX_TITLE),
        title_source=title.source,
        authors=by.names,
        authors_source=by.source,
        published=dates.published(tree, heading, evidence, entry, url, reader),
        modified=dates.modified(evidence, entry, reader),
        canonical_url=canonical_url(evidence, url),
        site_name=_clean(site_name, 200),
        image=_image(evidence, url),
        description=_clean(_description(evidence, entry), MAX_DESCRIPTION),
        section=_clean(_section(evidence), 100),
        keywords=_keywords(evidence),
        language=language,
        raw_authors=by.raw,
        shown_bylines=by.shown,
        free=_free(evidence),
    )


def canonical_url(evidence: Evidence, url: str) -> str:
    """The page's address by its own word: ``rel=canonical``, og:url, JSON-LD; else where it was
    fetched from. Only absolute http(s) URLs count, and none that sends a page to the home page.
    """
    candidates: list[str] = [*evidence.links.get("canonical", ())[:1], *evidence.all("og:url")[:1]]
    article = evidence.article
    for value in (article.get("url"), article.get("mainEntityOfPage")):
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str):
            candidates.append(value)
    deep = len(urlsplit(url).path) > 1 or bool(urlsplit(url).query)
    for candidate in candidates:
        parts = _split_url(candidate)
        if parts is None or (deep and len(parts.path) <= 1 and not parts.query):
            continue
        return candidate.strip()
    return url


def next_page(tree: HtmlElement, evidence: Evidence, url: str) -> str:
    """The address of the article's next page where it is paginated; else empty.

    By ``rel=next``, or a link numbered one more than this page inside a pagination; only the same
    host and path, so that "next article" is not taken for it.
    """
    here = urlsplit(url)
    candidates = [urljoin(url, href) for href in evidence.links.get("next", ())]
    number = _page_number(url)
    numbered = _NEXT_LINKS(tree, number=str(number + 1)) if number < MAX_PAGES else []
    candidates += [urljoin(url, link.get("href")) for link in numbered[:20]]
    for candidate in candidates:
        parts = _split_url(candidate)
        if parts is None or parts.hostname != here.hostname or candidate == url:
            continue
        if _page_number(candidate) == number + 1 and _stem(candidate) == _stem(url):
            return candidate
    return ""


def _page_number(url: str) -> int:
    found = _PAGE.search(url)
    return int(next(group for group in found.groups() if group)) if found else 1


def _stem(url: str) -> str:
    return _PAGE.sub("", url.split("#", 1)[0]).rstrip("/?&").removesuffix(".html")


def _split_url(value: str) -> SplitResult | None:
    if len(value) > MAX_URL or any(character <= " " for character in value.strip()):
        return None
    try:
        parts = urlsplit(value.strip())
        host = parts.hostname
    except ValueError:
        return None
    return parts if parts.scheme.lower() in ("http", "https") and host else None


def _site_name(evidence: Evidence) -> str:
    named = evidence.first("og:site_name", "application-name", "al:android:app_name")
    if named:
        return named
    for node in [evidence.article, *evidence.ld]:
        for name in _names(node.get("publisher")):
            return name
    for node in evidence.ld:
        if types_of(node) & {"website", "newsmediaorganization"} and isinstance(
            node.get("name"), str
        ):
            return squeeze(node["name"])
    return ""


def _names(value: Any, depth: int = 0) -> Iterator[str]:
    """Names in a publisher, which pages nest and list as they like."""
    if depth > 4:
        return
    if isinstance(value, str) and "://" not in value:
        yield squeeze(value)
    elif isinstance(value, list):
        for one in value[:20]:
            yield from _names(one, depth + 1)
    elif isinstance(value, dict):
        for key in ("name", "legalName", "alternateName", "publisher", "parentOrganization"):
            yield from _names(value.get(key), depth + 1)


def _site_names(evidence: Evidence, site_name: str, outlet: str, host: str) -> Iterator[str]:
    yield site_name
    yield outlet
    yield host
    labels = host.split(".")
    if len(labels) > 1:
        yield labels[-2] if len(labels[-2]) > 3 or len(labels) < 3 else labels[-3]
    yield from evidence.all("og:site_name", "application-name", "twitter:site", "publisher",
                            "dc.publisher", "apple-mobile-web-app-title")  # fmt: skip
    for node in evidence.ld:
        yield from _names(node.get("publisher"))


def _declared_language(evidence: Evidence) -> str:
    value = evidence.article.get("inLanguage")
    if isinstance(value, dict):
        value = value.get("alternateName") or value.get("name")
    if isinstance(value, str) and 2 <= len(value) <= 12:
        return value
    return evidence.lang or evidence.first(
        "og:locale", "content-language", "dc.language", "language"
    )


def _image(evidence: Evidence, url: str) -> str:
    candidates: list[Any] = evidence.all("og:image", "og:image:url", "og:image:secure_url",
                                         "twitter:image", "twitter:image:src")  # fmt: skip
    candidates.append(evidence.article.get("image"))
    candidates += evidence.links.get("image_src", ())
    for value in candidates:
        while isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("url") or value.get("contentUrl")
        if isinstance(value, str) and value.strip():
            try:
                absolute = urljoin(url, value.strip())
            except ValueError:
                continue
            if _split_url(absolute) is not None:
                return absolute
    return ""


def _description(evidence: Evidence, entry: Entry | None) -> str:
    own = evidence.article.get("description")
    return (
        evidence.first("og:description", "description", "twitter:description", "dc.description")
        or (own if isinstance(own, str) else "")
        or (entry.summary if entry else "")
    )


def _section(evidence: Evidence) -> str:
    value = evidence.article.get("articleSection")
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), "")
    return (
        (value if isinstance(value, str) else "")
        or evidence.first(
            "article:section",
            "og:article:section",
            "parsely-section",
            "section",
            "cxenseparse:section",
        )
        or " / ".join(_breadcrumb(evidence))
    )


def _breadcrumb(evidence: Evidence) -> list[str]:
    """The names of the page's breadcrumb between the home page and the article."""
    for node in evidence.ld:
        items = node.get("itemListElement")
        if "breadcrumblist" not in types_of(node) or not isinstance(items, list):
            continue
        names = [name for item in items[:MAX_CRUMBS] if (name := _crumb(item))]
        if names and evidence.title.casefold().startswith(names[-1].casefold()):
            names.pop()  # the article itself
        return names
    return []


def _crumb(item: Any) -> str:
    """The name of a breadcrumb's part; "" of the home page, and of what is no name."""
    if not isinstance(item, dict):
        return ""
    page = item.get("item")
    about = page if isinstance(page, dict) else {"@id": page}
    name, address = item.get("name") or about.get("name"), about.get("@id") or about.get("url")
    if not isinstance(name, str) or len(name) > MAX_CRUMB:
        return ""
    home = str(item.get("position")) == "1"
    if isinstance(address, str) and (parts := _split_url(_absolute(address))) is not None:
        home = len(parts.path) <= 1 and not parts.query
    return "" if home else squeeze(unescape(name))


def _absolute(address: str) -> str:
    try:
        return urljoin("https://home.invalid/", address[:MAX_URL])
    except ValueError:
        return ""


def _keywords(evidence: Evidence) -> tuple[str, ...]:
    values: list[str] = []
    own = evidence.article.get("keywords")
    written = own if isinstance(own, list) else [own]
    values += [one for one in written if isinstance(one, str)]
    values += evidence.all("article:tag", "og:article:tag", "news_keywords", "keywords")
    kept: dict[str, str] = {}
    for value in values:
        for word in unescape(value).replace(";", ",").split(","):
            word = _clean(word, 80)
            if word:
                kept.setdefault(word.casefold(), word)
    return tuple(kept.values())[:MAX_KEYWORDS]


def _free(evidence: Evidence) -> bool | None:
    for node in [evidence.article, *evidence.ld]:
        value = node.get("isAccessibleForFree")
        if value is not None and node is not None:
            return str(value).lower() not in ("false", "0", "http://schema.org/false", "no")
    tier = evidence.first("article:content_tier", "og:article:content_tier").lower()
    return None if not tier else tier == "free"


def _clean(text: str, limit: int) -> str:
    """One line of NFC text without control characters, not past the limit."""
    plain = squeeze(unescape(text) if "&" in text else text)
    if not plain.isprintable():
        plain = squeeze(_UNPRINTABLE.sub(" ", _INVISIBLE.sub("", plain)))
    return unicodedata.normalize("NFC", plain)[:limit].rstrip()


def plain_lines(texts: Iterable[str], limit: int) -> str:
    """Paragraphs as one NFC text, one newline between them, no control characters, bounded."""
    kept: list[str] = []
    size = 0
    for text in texts:
        line = _clean(text, limit)
        if line:
            kept.append(line)
            size += len(line) + 1
            if size > limit:
                break
    return "\n".join(kept)[:limit].rstrip()
