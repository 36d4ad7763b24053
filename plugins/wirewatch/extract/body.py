"""The body of an article: trafilatura as the engine, and what a news pipeline knows around it."""

from __future__ import annotations

import re

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Extractor

from wirewatch.extract.evidence import squeeze

ENGINE = f"trafilatura {trafilatura.__version__}"

_MARK = re.compile(r"^(?:[-*•]\s+|\|\s*)|\s*\|$")

_BLOCKS = ("p", "div", "li", "ul", "ol", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "tr",
           "table", "section", "article", "figure", "figcaption", "pre", "dd", "dt", "hr")  # fmt: skip


def paragraphs(tree: HtmlElement) -> list[str]:
    """The paragraphs of the page's main text, in order; the tree stays as it is.

    Lists give a paragraph an item, tables one a row. Empty where no main text was found.
    """
    options = Extractor(output_format="python", fast=True, comments=False, tables=True)
    document = trafilatura.bare_extraction(tree, options=options)
    if document is None or not document.text:
        return []
    return [line for line in map(_line, document.text.split("\n")) if line]


def _line(text: str) -> str:
    return squeeze(_MARK.sub("", text.strip()).replace(" | ", " "))


def blocks(tree: HtmlElement) -> list[str]:
    """The text of every block element in document order; for markup that is all body already."""
    for element in tree.iter("script", "style"):
        element.text = None
    for element in tree.iter(*_BLOCKS):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    return [line for line in map(_line, "".join(tree.itertext()).split("\n")) if line]
