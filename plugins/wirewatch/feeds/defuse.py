"""XML made harmless and, where its faults are the usual ones, well-formed."""

from __future__ import annotations

import re
from html.entities import html5

_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_SIGNS = re.compile(r"""<!--|["'\[\]>]""")
_PROLOG = 65_536  # characters within which a document type declaration must begin
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_ENTITY = re.compile(r"&(#[xX][0-9a-fA-F]{1,8}|#[0-9]{1,8}|[A-Za-z][A-Za-z0-9]{0,40});|&")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ROOT = re.compile(
    r"<(?:[A-Za-z][\w-]{0,20}:)?(?:rss|feed|rdf|urlset|sitemapindex|channel)(?=[\s>])",
    re.IGNORECASE,
)
_BLANKS = ("\ufeff", " ", "\t", "\r", "\n")
_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})


def begun(text: str) -> str:
    """The text from where its feed begins: without a PHP warning, a stray word, a page's remains.

    The whole text where no feed begins within its first 64 kB of characters.
    """
    at = 0
    while at < _PROLOG:  # what XML allows before the root element
        while at < _PROLOG and text[at : at + 1] in _BLANKS:
            at += 1
        for opening, closing in (("<?", "?>"), ("<!--", "-->")):
            if text.startswith(opening, at):
                end = text.find(closing, at, at + _PROLOG)
                break
        else:
            break
        if end < 0:
            break
        at = end + len(closing)
    if _ROOT.match(text, at) or _DOCTYPE.match(text, at):
        return text
    found = _ROOT.search(text, at, _PROLOG)
    if found is None:
        return text
    declared = max(
        text.rfind("<?xml ", 0, found.start()), text.rfind("<!DOCTYPE rss", 0, found.start())
    )
    return text[declared if declared > 0 else found.start() :]


def defuse(text: str) -> tuple[str, bool]:
    """The text without XML declaration and document type, and whether that declared entities.

    Without the type no entity is left that could be expanded or fetched (billion laughs,
    quadratic blow-up, external entities and DTDs): a use of one stays as it is written.
    """
    text = _DECLARATION.sub("", text, count=1).lstrip("\ufeff \t\r\n")
    start = _DOCTYPE.search(text, 0, _PROLOG)
    root = re.search(r"<[A-Za-z]", text[:_PROLOG])
    if start is None or (root is not None and root.start() < start.start()):
        return text, False
    end = _end_of_doctype(text, start.end())
    declared = "<!ENTITY" in text[start.end() : end].upper()
    return text[: start.start()] + text[end:], declared


def _end_of_doctype(text: str, at: int) -> int:
    depth = 0
    while found := _SIGNS.search(text, at):
        sign, at = found[0], found.end()
        if sign == "<!--" or sign in "\"'":
            close = text.find("-->" if sign == "<!--" else sign, at)
            if close < 0:
                return len(text)
            at = close + (3 if sign == "<!--" else 1)
        elif sign == "[":
            depth += 1
        elif sign == "]":
            depth -= 1
        elif depth <= 0:
            return at
    return len(text)


def mend(text: str) -> str:
    """Entities of HTML as characters, stray ampersands escaped, forbidden characters dropped.

    CDATA sections keep what they hold, but for forbidden characters.
    """
    text = _CONTROL.sub("", text)
    if "&" not in text:
        return text
    parts = _CDATA.split(text)
    parts[::2] = [_ENTITY.sub(_reference, part) for part in parts[::2]]
    return "".join(parts)


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if not name:
        return "&amp;"
    if name.startswith("#"):
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        allowed = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
        return found[0] if allowed or 0x10000 <= code < 0x110000 else ""
    if name in _XML:
        return found[0]
    character = html5.get(name + ";")
    return character if character and character not in "<>&" else f"&amp;{name};"
