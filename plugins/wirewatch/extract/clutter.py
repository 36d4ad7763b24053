"""Parts of a page's tree that are no body, taken out before the body is looked for."""

from __future__ import annotations

import re
from collections import Counter
from copy import copy

from lxml.html import HtmlElement
from trafilatura.xml import delete_element
from trafilatura.xpaths import _COMMENTS_CLASS, _COMMENTS_ID

from wirewatch.extract.evidence import squeeze

LAYOUT_PARAGRAPHS = 3  # in one cell; figures with a note have one or two
LINKED = 0.8  # share of a block's text in links from which it is one that leads elsewhere
HEADLINE = 25  # characters of a list's items, on average, from which its links are headlines
MAX_ITEMS = 12  # of a list; longer ones are menus, which trafilatura knows
MAX_LINKED = 0.3  # share of the paragraphs' text; a page with more links than that is made of them
MAX_HIDDEN = 0.4  # share of a page's text in one hidden element
OUTWARD = -1_000_000  # what a link to another site counts: no paragraph weighs more

_COMMENTS = re.compile(f"^(?:{_COMMENTS_ID})")
_COMMENTS_LABEL = re.compile(_COMMENTS_CLASS)
_COMMENTS_NAMED = re.compile(
    r"(?:^|[\s_-])(?:(?:user|reader)?[Cc]omments?|comentarios|[Kk]ommentare|commentaires|commenti"
    r"|komentarze|reacties)(?:$|[\s_-]"
    r"(?:list|area|section|thread|wrap\w*|container|box|content|text|block|body)\b)|commentlist"
)
_APPENDED = re.compile("mvp-post-add|infinite-?scroll")
_HIDING = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_INLINE = ("strong", "b", "em", "i", "span", "u", "font", "small")
_PARTS = ("thead", "tbody", "tfoot", "tr", "td", "th")


def without_layout_tables(tree: HtmlElement) -> HtmlElement:
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


def drop_comments(work: HtmlElement) -> bool:
    """Removes readers' comments; returns whether articles may be appended to this one.

    What trafilatura's REMOVE_COMMENTS_AND_LISTS_XPATH selects, and names that have the word for
    comments in other places and languages. Each distinct name is asked about once.
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
            if not hit and _COMMENTS_NAMED.search(name):
                hit = element.find(".//h1") is None
        if label and not hit:
            if label not in known:
                known[label] = bool(_COMMENTS_LABEL.search(label) or _COMMENTS_NAMED.search(label))
                appended = appended or bool(_APPENDED.search(label))
            hit = known[label] and element.find(".//h1") is None
        if hit and element.tag != "aside":
            found.append(element)
    for element in found:
        delete_element(element)
    return appended


def drop_hidden(work: HtmlElement) -> None:
    """Removes what the page's own styles hide, and the dialogs of players.

    A page that hides most of its text shows it by a script; it stays.
    """
    found = [one for one in work.iter("div", "section", "p", "span") if _is_hidden(one)]
    if not found:
        return
    whole = len(work.text_content())
    for element in found:
        if len(element.text_content()) <= MAX_HIDDEN * whole:
            delete_element(element)


def _is_hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    if style and _HIDING.search(style):
        return True
    return element.get("role") in ("dialog", "alertdialog") or (
        "vjs-" in (element.get("class") or "") and element.find(".//p") is not None
    )


def drop_links(work: HtmlElement, host: str) -> None:
    """Removes paragraphs that are links to other pages of the site and hardly anything else."""
    linked: dict[HtmlElement, int] = {}
    for link in work.iter("a"):
        parent = link.getparent()
        while parent is not None and parent.tag in _INLINE:
            parent = parent.getparent()
        if parent is not None and parent.tag == "li":
            parent = parent.getparent()
            if parent is not None and len(parent) > MAX_ITEMS:
                continue
        if parent is not None and parent.tag in ("p", "ul", "ol"):
            if _same_site(link.get("href") or "", host):
                size = len(squeeze("".join(link.itertext())))
            else:
                size = OUTWARD
            linked[parent] = linked.get(parent, 0) + size
    found = []
    gone = 0
    for block, size in linked.items():
        if size <= 0:
            continue
        text = squeeze("".join(block.itertext()))
        if size < LINKED * len(text):
            continue
        if block.tag != "p":
            if len(text) >= HEADLINE * len(block):
                delete_element(block)
        else:
            found.append(block)
            gone += len(text)
    if found and gone <= MAX_LINKED * sum(len(one.text_content()) for one in work.iter("p")):
        for one in found:
            delete_element(one)


def _same_site(href: str, host: str) -> bool:
    """Does the link lead to another page of this site?"""
    if href.startswith(("http://", "https://", "//")):
        there = href.split("//", 1)[1].split("/", 1)[0].removeprefix("www.")
        return there == host or there.endswith("." + host) or host.endswith("." + there)
    return not href.startswith("#") and ":" not in href.split("/", 1)[0]
