"""A page's text to one parsed tree; every later step reads or prunes this tree."""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

# What XML, and so lxml, has no place for: control characters and non-characters, in UTF-8.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r") + b"\x7f"
_NON_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())


def _parser() -> etree.HTMLParser:
    # huge_tree stays off: libxml2 then refuses nesting past 256 levels and texts past 10 MB
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, no_network=True
    )
    # trafilatura wants lxml.html's class; chosen in C this way instead of by a Python call for
    # each element, which is a tenth of the time of a page
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


_PARSER = _parser()


def parse(text: str) -> HtmlElement | None:
    """The tree of a page, or None where there is not one element in it."""
    cleaned = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    if _NON_CHARACTERS[0][:2] in cleaned:
        for sequence in _NON_CHARACTERS:
            cleaned = cleaned.replace(sequence, b"")
    if not cleaned.strip():
        return None
    try:
        tree = etree.fromstring(cleaned, parser=_PARSER)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return tree if tree is not None and len(tree) else None
