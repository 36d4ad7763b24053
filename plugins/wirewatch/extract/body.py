"""The body of an article: trafilatura as the engine, and what a news pipeline knows around it.

trafilatura's own sequence copies and walks the page three to five times. For most pages one walk is
enough, so its steps are called here directly on one copy without scripts and styles; its whole
sequence, with the comparison against other extractors, runs where that gave little. The steps are
no public interface of trafilatura, which is why its version is held (pyproject.toml) and a test
compares both ways.
"""

from __future__ import annotations

import re
from collections import Counter
from copy import copy
from typing import Any

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.core import ESCALATION_MAX_LENGTH, ESCALATION_PAGE_SHARE
from trafilatura.htmlprocessing import convert_tags, prune_unwanted_nodes, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import Extractor
from trafilatura.xml import delete_element, xmltotxt
from trafilatura.xpaths import _COMMENTS_CLASS, _COMMENTS_ID, RAW_TREE_PRUNE_XPATH

from wirewatch.extract.evidence import squeeze

ENGINE = f"trafilatura {trafilatura.__version__}"

SHORT = 500  # characters under which the whole sequence is worth its time: on article pages of four
# benchmark sets it finds more in 1 to 13 % of them, and in longer ones as often less as more
MIN_STATED = 250  # characters from which a stated body (JSON-LD) is looked at
STATED_SHARE = (
    0.6  # of the found text's length that a stated body must have; shorter ones are stubs
)
STATED_WORDS = 0.8  # of its words that the page must show; else it is another article's
LAYOUT_PARAGRAPHS = 3  # in one cell; figures with a note have one or two
MAX_STATED = 3.0  # times the found text; a longer one has the page's furniture in it

_NO_TEXT = ("script", "style", "svg", "template", "iframe", "canvas", "head", "object", "embed")
_COMMENTS = re.compile(f"^(?:{_COMMENTS_ID})")
_COMMENTS_LABEL = re.compile(_COMMENTS_CLASS)
_APPENDED = re.compile("mvp-post-add|infinite-?scroll")
_MARK = re.compile(r"^(?:[-*•]\s+|\|\s*)|\s*\|$")
_TAGS = re.compile(r"<(?:br|/p|/div|/h\d|/li)\b[^>]{0,200}>", re.I)
_ANY_TAG = re.compile(r"<[a-zA-Z/][^<>]{0,500}>")
_WORD = re.compile(r"\w+")
_PARTS = ("thead", "tbody", "tfoot", "tr", "td", "th")
_BLOCKS = ("p", "div", "li", "ul", "ol", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
           "tr", "table", "section", "article", "figure", "figcaption", "pre", "dd",
           "dt", "hr")  # fmt: skip


def paragraphs(tree: HtmlElement) -> list[str]:
    """The paragraphs of the page's main text, in order; the tree stays as it is.

    Lists give a paragraph an item, tables one a row. Empty where no main text was found.
    """
    tree = _without_layout_tables(tree)
    text, share = _one_pass(copy(tree))
    if len(text) < SHORT:
        text = _sequence(tree, fast=False) or text
    elif len(text) < ESCALATION_MAX_LENGTH and share < ESCALATION_PAGE_SHARE:
        text = _sequence(tree, fast=True) or text  # which tries again with an eye on recall
    return [line for line in map(_line, text.split("\n")) if line]


def stated(article: dict[str, Any], found: list[str]) -> list[str]:
    """The body that the page's JSON-LD states, where it is whole and this page's; else empty.

    Believed from 250 characters on, if it has 60 % or more of the found text's length, and the
    words of what was found: taken blindly it lowers the mean F1 (.909 against .939), so checked it
    raises it on modern pages.
    """
    body = article.get("articleBody")
    if not isinstance(body, str) or len(body) < MIN_STATED:
        return []
    text = _ANY_TAG.sub(" ", _TAGS.sub("\n", body))
    lines = [line for line in map(_line, re.split(r"\n|\r|\u2028", text)) if line]
    size, had = sum(map(len, lines)), sum(map(len, found))
    if size < MIN_STATED or size < STATED_SHARE * had or (had and size > MAX_STATED * had):
        return []
    words = set(_WORD.findall(" ".join(lines).casefold()))
    shown = set(_WORD.findall(" ".join(found).casefold()))
    if not words or len(words & shown) < STATED_WORDS * min(len(words), len(shown) or len(words)):
        return []
    return lines


def blocks(tree: HtmlElement) -> list[str]:
    """The text of every block element in document order; for markup that is all body already."""
    for element in tree.iter("script", "style"):
        element.text = None
    for element in tree.iter(*_BLOCKS):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    return [line for line in map(_line, "".join(tree.itertext()).split("\n")) if line]


def _without_layout_tables(tree: HtmlElement) -> HtmlElement:
    """The tree with tables that only lay out the page made divisions; a copy where there are any.

    Pages of the table age hold navigation, text and adverts in the cells of one table, which would
    be read as a table of figures. A cell with several paragraphs is no cell of figures.
    """
    if not any(_lays_out(table) for table in tree.iter("table")):
        return tree
    work = copy(tree)
    for table in [table for table in work.iter("table") if _lays_out(table)]:
        for element in [table, *(part for part in table.iter(*_PARTS) if _table_of(part) is table)]:
            element.tag = "div"
    return work


def _lays_out(table: HtmlElement) -> bool:
    paragraphs_of: Counter[HtmlElement] = Counter()
    for paragraph in table.iter("p"):
        cell = paragraph.getparent()
        if cell is not None and cell.tag in ("td", "th"):
            paragraphs_of[cell] += 1
            if paragraphs_of[cell] >= LAYOUT_PARAGRAPHS:
                return True
    return False


def _table_of(part: HtmlElement) -> HtmlElement | None:
    return next(part.iterancestors("table"), None)


def _one_pass(work: HtmlElement) -> tuple[str, float]:
    """The main text by trafilatura's rules alone, and its share of the page; consumes the tree."""
    options = Extractor(output_format="python", fast=True, comments=False, tables=True)
    etree.strip_elements(work, *_NO_TEXT, with_tail=False)
    if _drop_comments(work):
        work = prune_unwanted_nodes(work, RAW_TREE_PRUNE_XPATH)
    work = convert_tags(tree_cleaning(work, options), options)
    page = len(squeeze(work.text_content()))
    found, text = extract_content(work, options)
    return str(xmltotxt(found, False)), len(text) / max(1, page)


def _drop_comments(work: HtmlElement) -> bool:
    """Removes readers' comments; returns whether articles may be appended to this one.

    What trafilatura's REMOVE_COMMENTS_AND_LISTS_XPATH selects. That asks a regular expression about
    each element through XPath; here each distinct class is asked about once.
    """
    known: dict[str, bool] = {}
    appended = False
    found = []
    for element in work.iter("div", "list", "section", "details", "ol", "ul", "aside"):
        name, label = element.get("id"), element.get("class")
        hit = False
        if name:
            appended = appended or bool(_APPENDED.search(name))
            hit = bool(_COMMENTS.search(name)) or (
                element.tag not in ("ol", "ul")
                and name.startswith(("disqus_thread", "dsq-comments"))
            )
        if label and not hit:
            if label not in known:
                known[label] = bool(_COMMENTS_LABEL.search(label))
                appended = appended or bool(_APPENDED.search(label))
            hit = known[label]
        if hit and element.tag != "aside":
            found.append(element)
    for element in found:
        delete_element(element)
    return appended


def _sequence(tree: HtmlElement, *, fast: bool) -> str:
    options = Extractor(output_format="python", fast=fast, comments=False, tables=True)
    document = trafilatura.bare_extraction(tree, options=options)
    if document is None or isinstance(document, dict):
        return ""
    return document.text or ""


def _line(text: str) -> str:
    return squeeze(_MARK.sub("", text.strip()).replace(" | ", " "))
