"""The body of an article: trafilatura as the engine, and what a news pipeline knows around it.

trafilatura's own sequence copies and walks the page three to five times. For most pages one walk is
enough, so its steps are called here directly on one copy without scripts and styles; its whole
sequence, with the comparison against other extractors, runs where that gave little. The steps are
no public interface of trafilatura, which is why its version is held (pyproject.toml) and a test
compares both ways.
"""

from __future__ import annotations

from copy import copy
from html import unescape

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.core import ESCALATION_MAX_LENGTH, ESCALATION_PAGE_SHARE
from trafilatura.htmlprocessing import convert_tags, prune_unwanted_nodes, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import Extractor
from trafilatura.xml import process_element
from trafilatura.xpaths import RAW_TREE_PRUNE_XPATH

from wirewatch.extract.clutter import drop_comments, drop_hidden, drop_links, without_layout_tables
from wirewatch.extract.evidence import squeeze
from wirewatch.extract.lines import Line, plain
from wirewatch.extract.missing import with_missing

ENGINE = f"trafilatura {trafilatura.__version__}"

SHORT = 500  # characters under which the whole sequence is worth its time: on article pages of four
# benchmark sets it finds more in 1 to 13 % of them, and in longer ones as often less as more

_NO_TEXT = ("script", "style", "svg", "template", "iframe", "canvas", "object", "embed")
_BLOCKS = ("p", "div", "li", "ul", "ol", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
           "tr", "table", "section", "article", "figure", "figcaption", "pre", "dd",
           "dt", "hr")  # fmt: skip


def paragraphs(tree: HtmlElement, host: str, stated: str = "") -> list[Line]:
    """The paragraphs of the page's main text, in order; empty where there is none.

    Lists give a paragraph an item, tables one a row. The tree loses its scripts, styles and
    drawings, which can be most of it, and stays as it is otherwise. ``host`` tells links within
    the site from others. ``stated`` is text of the article by the page's JSON-LD or the feed; what
    the page shows of it counts as body.
    """
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
    tree = without_layout_tables(tree)
    return with_missing(_found(tree, host), tree, stated)


def _found(tree: HtmlElement, host: str) -> list[Line]:
    """The lines by the engine: its rules once, or where that gave little its whole sequence."""
    found, share = _one_pass(copy(tree), host)
    size = sum(len(line.text) + 1 for line in found)
    if size < SHORT:
        return _sequence(tree, fast=False) or found
    if size < ESCALATION_MAX_LENGTH and share < ESCALATION_PAGE_SHARE:
        return _sequence(tree, fast=True) or found  # which tries again with an eye on recall
    return found


def blocks(tree: HtmlElement) -> list[str]:
    """The text of every block element in document order; for markup that is all body already."""
    for element in tree.iter("script", "style"):
        element.text = None
    for element in tree.iter(*_BLOCKS):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    return [line for line in map(plain, "".join(tree.itertext()).split("\n")) if line]


def _one_pass(work: HtmlElement, host: str) -> tuple[list[Line], float]:
    """The main text by trafilatura's rules alone, and its share of the page; consumes the tree."""
    options = Extractor(output_format="python", fast=True, comments=False, tables=True)
    if drop_comments(work):
        work = prune_unwanted_nodes(work, RAW_TREE_PRUNE_XPATH)
    drop_hidden(work)
    drop_links(work, host)
    work = convert_tags(tree_cleaning(work, options), options)
    page = len(squeeze(work.text_content()))
    found, text = extract_content(work, options)
    return _lines(found), len(text) / max(1, page)


def _sequence(tree: HtmlElement, *, fast: bool) -> list[Line]:
    options = Extractor(output_format="python", fast=fast, comments=False, tables=True)
    document = trafilatura.bare_extraction(tree, options=options)
    if document is None or isinstance(document, dict):
        return []
    return _lines(document.body)


def _lines(found: etree._Element) -> list[Line]:
    """The lines of trafilatura's result as its own text output has them, with their kinds."""
    lines = [Line(line, "p") for line in [plain(found.text or "")] if line]
    for element in found:
        parts: list[str] = []
        process_element(element, parts, False)
        text = "".join(parts)
        if "&" in text:
            text = unescape(text)
        kind = str(element.tag)
        lines += [Line(line, kind) for line in map(plain, text.split("\n")) if line]
    return lines
