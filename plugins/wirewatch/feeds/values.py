"""The values of feeds made clean: plain text, sanitised HTML, links, names."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

import nh3

from wirewatch.feeds.wrappers import target
from wirewatch.fetch.urls import MAX_LENGTH, BadURL, absolute

LONGEST_TITLE = 1_000  # characters
LONGEST_SUMMARY = 10_000  # characters
LONGEST_CONTENT = 500_000  # characters: ten times the longest of long reads
AUTHORS = 20  # an entry with more is a list of contributors, not a byline
DEEPEST = 400  # tags in tags; articles nest some 20 deep, browsers stop at 512

_MARKUP = re.compile(r"<[a-zA-Z/!?]|&[#a-zA-Z]")
_INSIDE = r"""(?:[^<>"']|"[^"]*"|'[^']*')*>"""  # the rest of a tag; quotes may hold a ">"
_BLOCK = re.compile(
    r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|td|th|table|blockquote|section|article|figcaption)\b"
    + _INSIDE,
    re.IGNORECASE,
)
_INLINE = re.compile(f"<[a-zA-Z/]{_INSIDE}|<[a-zA-Z/!?][^<>]*>?")
_HIDDEN = re.compile(r"<(?:script|style|!--|!\[)", re.IGNORECASE)  # what holds text not shown
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_MAIL = re.compile(
    r"(?:mailto:)?[^\s<>()\[\],;:\"'@]{1,64}@[^\s<>()\[\],;:\"'@]{1,255}", re.IGNORECASE
)
_AROUND_MAIL = " \t<>()[],;:&|/\"'-–—"  # signs that part a name from its address
_AMPERSAND = re.compile(r"&(?:amp|#0?38|#x26);", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})")
_ANY_TAG = re.compile(r"<[^<>]*>?")
_BLOCKS = {"p", "div", "br", "li", "tr", "td", "blockquote", "h1", "h2", "h3", "h4"}
_VOID = frozenset({"br", "img", "hr", "input", "meta", "link", "wbr", "source", "area", "col"})
# URLs that parsing gives back as they are: most links of feeds, and parsing is their dearest part.
_SETTLED = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}/[A-Za-z0-9_/~?=&+,;:@!$()*.%-]*"
)
_DOTTED = re.compile(r"/\.|/%|//xn--|\.xn--")  # dot segments, and names that may be no IDNA
# A source that is cited is not shown, and would be the one link left relative.
_ATTRIBUTES = {tag: names - {"cite"} for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
_SHOWN = nh3.Cleaner(tags=_BLOCKS)  # leaves the text that is shown, and where lines break


def plain(text: str) -> str:
    """One line of text: NFC, white space collapsed, control characters dropped."""
    words = " ".join(text.split())
    if not words.isprintable():
        words = "".join(
            c
            for c in words
            if c == " " or unicodedata.category(c)[0] != "C" or c in "\u200c\u200d\u200e\u200f"
        )
    return words if words.isascii() else unicodedata.normalize("NFC", words)


def bare(text: str) -> str:
    """The text without the signs of CDATA, where software has escaped them as well."""
    return _CDATA.sub("", text) if "[CDATA[" in text else text


def unescaped(text: str) -> str:
    """Plain text whose writer took it for HTML: ``&nbsp;`` and the like as characters."""
    return plain(bare(html.unescape(text) if "&" in text else text))


def deeper_than(markup: str, limit: int) -> bool:
    """Whether tags nest deeper than ``limit``: the parsers' cost grows with the square of that."""
    if markup.count("<") <= limit:
        return False
    depth = 0
    for found in _TAG.finditer(markup):
        if found[1]:
            depth = max(0, depth - 1)
        elif found[2].lower() not in _VOID:
            depth += 1
            if depth > limit:
                return True
    return False


def _cleanable(markup: str) -> str:
    """The markup, without any tag where they nest too deep for the sanitiser."""
    return _ANY_TAG.sub(" ", markup) if deeper_than(markup, DEEPEST) else markup


def text_of(markup: str) -> str:
    """The text a reader sees of some HTML, as :func:`plain` leaves it."""
    markup = bare(markup)
    if "<" in markup:
        if _HIDDEN.search(markup):
            markup = _SHOWN.clean(_cleanable(markup))
        markup = _INLINE.sub("", _BLOCK.sub(" ", markup))
    if "&" in markup:
        markup = bare(html.unescape(markup))
    return plain(markup)


def sanitised(markup: str, base: str) -> str:
    """HTML without script, style, forms or frames, its links absolute; by nh3's default list."""
    markup = _cleanable(bare(markup[:LONGEST_CONTENT]))
    if not _MARKUP.search(markup):
        return plain(markup)
    return unicodedata.normalize("NFC", _cleaner(base).clean(markup)).strip()


@lru_cache(maxsize=256)  # entries of a document share a base
def _cleaner(base: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        url_relative=("rewrite_with_base", base),
    )


def link(url: str, base: str) -> str:
    """The absolute URL of the page that is meant; "" for what is no http or https URL.

    Escapes of HTML that were escaped again are undone, and aggregators' wrappers taken off.
    """
    if "&" in url and len(url) <= 4 * MAX_LENGTH:
        while (once := _AMPERSAND.sub("&", url)) != url:
            url = once
    url = target(bare(url))
    if len(url) <= MAX_LENGTH and _SETTLED.fullmatch(url) and not _DOTTED.search(url):
        return url
    try:
        return absolute(url, base) if url.strip() else ""
    except BadURL:
        return ""


def authors(text: str) -> list[str]:
    """The names in an author's element, without the mail addresses that RSS asks for beside them.

    Several persons are told apart where each has an address.
    """
    text = html.unescape(text) if "&" in text else text
    if "@" not in text or not _MAIL.search(text):
        return [text_of(text)]
    parts = [text_of(part.strip(_AROUND_MAIL)) for part in _MAIL.split(bare(text))]
    return [f"{part})" if "(" in part and ")" not in part else part for part in parts if part]
