"""Stories as citations: RIS (Research Information Systems, 2011) and BibTeX."""

from __future__ import annotations

import re
import unicodedata

from wirewatch.records import Story

KEY_WORD = 20  # letters of an outlet's name in a BibTeX key
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def ris(story: Story) -> bytes:
    """The story as a RIS record of type NEWS; lines are ended by CR LF, as the format has it."""
    day = story.time
    article = story.article
    lines = [("TY", "NEWS"), ("ID", story.id), ("TI", article.title)]
    lines += [("AU", author) for author in article.authors]
    lines += [
        ("T2", article.outlet),
        ("PB", story.agency),
        ("PY", f"{day:%Y}"),
        ("DA", f"{day:%Y/%m/%d}/"),
        ("LA", article.language if article.language != "und" else ""),
        ("UR", article.canonical_url),
        ("AB", article.description),
    ]
    lines += [("KW", topic.name) for topic in story.topics]
    written = [f"{tag}  - {_one_line(value)}" for tag, value in lines if value]
    return ("\r\n".join([*written, "ER  - ", "", ""])).encode("utf-8", "replace")


def bibtex(story: Story) -> bytes:
    """The story as a BibTeX ``@misc`` entry, in UTF-8; the key is outlet, year, and its id."""
    article = story.article
    outlet = unicodedata.normalize("NFKD", article.outlet).encode("ascii", "ignore").decode()
    word = re.sub(r"[^a-z0-9]", "", outlet.lower())[:KEY_WORD] or "story"
    day = story.time
    fields = [
        ("title", f"{{{_tex(article.title)}}}"),  # braces keep its capitals
        ("author", " and ".join(f"{{{_tex(author)}}}" for author in article.authors)),
        ("howpublished", _tex(article.outlet)),
        ("year", f"{day:%Y}"),
        ("month", f"{day.month}"),
        ("day", f"{day.day}"),
        ("note", _tex(story.agency)),
        ("keywords", ", ".join(_tex(topic.name).replace(",", "") for topic in story.topics)),
        ("language", article.language if article.language != "und" else ""),
        ("url", _address(article.canonical_url)),
    ]
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields if value)
    entry = f"@misc{{{word}{day:%Y}{story.id},\n{body}}}\n\n"
    return entry.encode("utf-8", "replace")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tex(text: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in _one_line(text))


def _address(url: str) -> str:
    """An address as the url package reads it: only what would unbalance the entry is escaped."""
    return url.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
