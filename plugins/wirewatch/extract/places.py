"""Where an element stands on its page: in the article, in a comment or an embedded post, elsewhere.

What somebody else wrote is set apart: readers' comments, quotations, embedded posts. Its names and
dates are not the article's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

PARENTS = 8  # levels above an element in which a comment or a quotation shows itself
NEAR_PARENTS = 4  # the same of a sidebar or a teaser; further up it is the page's layout
MAX_LABEL = 500  # characters of a class and an id that are looked at; real ones have some 60
MAX_HELD = 2_000  # elements in which the headline of an article stands, menus before it included

_ELSEWHERE = re.compile(
    r"respond|repl(?:y|ies)|recent|related|(?:^|\s)(?:sidebar|widget)|popular|teaser|trending"
    r"|mostread|most-read|carousel|slider|breadcrumb|(?:^|[\s_-])(?:nav|menu)|blogroll|newsletter"
    r"|recommend",
    re.I,
)
# Posts of other sites in the page, by the classes that these sites' own code for embedding has.
_EMBEDDED = re.compile(
    r"(?:^|[\s_-])(?:o?embed(?:ded|ly)?|tweets?)(?=$|[\s_-])|instagram-media|tgme_widget|text-post-media"
    r"|(?:^|\s)(?:twitter|fb|facebook|bluesky|mastodon|tiktok|reddit|telegram|vk|truthsocial|gab)"
    r"[-_](?:tweet|video|timeline|post|status|comment|card|embed|quote)",
    re.I,
)
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:user|reader|leser|lukijan?)?-?(?:kommentare?r?s?|commentaires?|comentarios?"
    r"|comentários|commenti|komentar(?:ze|i|e|z)?|komentáře|reacties|hozzászólások|yorumlar"
    r"|discussions?|disqus)-?(?:list\w*|area|section|bereich|thread|wrap\w*|container|box|content"
    r"|text|block|body)?(?=$|[\s_-])",
    re.I,
)
_UNSEEN = frozenset(["script", "style", "noscript", "template", "svg", "select", "textarea"])
_EMBEDDING_TAGS = frozenset(["blockquote", "iframe", "object", "embed", "amp-twitter"])
_OTHERS_WORDS = frozenset(["comment", "review", "reviews"])  # microdata inside what they are about
_WHOLE = frozenset(["html", "body", "main"])
# What a page says of its comments in the class of the article itself.
_STATE = re.compile(r"comments?-(?:open|closed|off|on)|no-?comments?")


def surroundings(element: HtmlElement) -> str:
    """Where an element stands: "apart" (a comment, a quotation, an embedded post), "elsewhere"
    (sidebar, teaser, menu), "" the article."""
    found = ""
    for level, parent in enumerate(islice(element.iterancestors(), PARENTS)):
        if parent.tag == "body":
            break
        if is_apart(parent):
            return "apart"
        if level < NEAR_PARENTS and (
            parent.tag in ("nav", "aside") or _where(_label(parent)) == "elsewhere"
        ):
            found = "elsewhere"
    return found


def is_apart(element: HtmlElement) -> bool:
    """Is the element a comment, a quotation or an embedded post, and not what holds the article?"""
    if (
        element.tag not in _EMBEDDING_TAGS
        and element.get("itemprop") not in _OTHERS_WORDS
        and _where(_label(element)) != "apart"
    ):
        return False
    within = islice(element.iter(), MAX_HELD)
    return element.tag not in _WHOLE and all(one.tag != "h1" for one in within)


def texts_after(element: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    """The pieces of text that follow an element, in document order, none of white space alone,
    each with the element that it stands in. What is set apart or not seen is passed over."""
    node = element
    while (parent := node.getparent()) is not None:
        if node.tail and not node.tail.isspace():
            yield node.tail, parent
        for sibling in node.itersiblings():
            yield from texts(sibling)
            if sibling.tail and not sibling.tail.isspace():
                yield sibling.tail, parent
        node = parent


def texts(root: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    """The same inside an element."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            if element is not root and element.tail and not element.tail.isspace():
                yield element.tail, element.getparent()
        elif element.tag in _UNSEEN or is_apart(element):
            walk.skip_subtree()
        elif element.text and not element.text.isspace():
            yield element.text, element


def _label(element: HtmlElement) -> str:
    name, identifier = element.get("class"), element.get("id")
    return f"{name or ''} {identifier or ''}"[:MAX_LABEL] if name or identifier else ""


@lru_cache(maxsize=2_000)  # a page has few different classes on its many elements
def _where(label: str) -> str:
    if len(label) < 2:
        return ""
    label = _STATE.sub("", label)
    if ("comment" in label and "author" not in label) or _COMMENTS.search(label):
        return "apart"
    if _EMBEDDED.search(label):
        return "apart"
    return "elsewhere" if _ELSEWHERE.search(label) else ""
