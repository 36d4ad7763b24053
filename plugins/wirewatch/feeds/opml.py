"""OPML 2.0 (http://opml.org/spec2.opml) in and out; folders are collections."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

from wirewatch.encodings import decode
from wirewatch.feeds.defuse import defuse, mend
from wirewatch.feeds.markup import parser
from wirewatch.feeds.parse import language
from wirewatch.feeds.values import plain
from wirewatch.fetch import urls
from wirewatch.records import Feed, replace

LARGEST = 20_000_000  # bytes: some 80,000 feeds
DEPTH = 8  # folders in folders; more is no collection but an accident
SHOWN = 20  # problems written out; the rest is counted
COUNTRY = re.compile(r"[A-Za-z]{2}")
_ATTRIBUTE = re.compile(r'="[^"\n]*"')
_POSITION = re.compile(r", line \d+, column \d+$")  # counted without what was cut off above
_CONTROL = re.compile("[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")

Element: TypeAlias = Any  # lxml's elements; lxml ships no types


class BadOPML(ValueError):
    """The list cannot be taken; ``problems`` names line and value of each fault."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        more = f"\nand {len(problems) - SHOWN:,} more" if len(problems) > SHOWN else ""
        super().__init__("\n".join(problems[:SHOWN]) + more)


def read_file(file: Path) -> tuple[Feed, ...]:
    """The same of a file, of which no more than ``LARGEST`` bytes are read into memory."""
    size = file.stat().st_size
    if size > LARGEST:
        raise BadOPML([_too_large(size)])
    return read(file.read_bytes())


def read(data: bytes) -> tuple[Feed, ...]:
    """The feeds of a list, in its order, each once, with the folders it stands in as collections.

    Raises BadOPML with every fault: nothing of a faulty list is returned.
    """
    if len(data) > LARGEST:
        raise BadOPML([_too_large(len(data))])
    text = decode(data).text
    safe, entities = defuse(text)
    if entities:
        raise BadOPML(["the file declares XML entities, which a list of feeds has no use for"])
    dropped = text[: text.find(safe[:200]) if safe else 0].count("\n")  # lines cut before the root
    root = _root(safe, dropped)
    if root.tag.lower() != "opml":
        raise BadOPML([f"line {1 + dropped}: <{root.tag}> instead of <opml>: no OPML list"])
    reading = _Reading(dropped)
    for body in root.iterchildren("body", "Body", "BODY"):
        reading.outlines(body, ())
    if reading.problems:
        raise BadOPML(reading.problems)
    return tuple(reading.feeds.values())


def _root(text: str, dropped: int) -> Element:
    """The root element; "&" and "<" in attributes, as most lists have them, are mended."""
    for version in (text, _ATTRIBUTE.sub(lambda found: found[0].replace("<", "&lt;"), mend(text))):
        try:
            return etree.fromstring(version.encode("utf-8", "replace"), parser(recover=False))
        except etree.XMLSyntaxError as error:
            fault = error
    line, column = fault.position
    words = _POSITION.sub("", plain(str(fault.msg)))
    raise BadOPML([f"line {line + dropped}, column {column}: not well-formed XML: {words}"])


def _too_large(size: int) -> str:
    return f"the file has {size:,} bytes; {LARGEST:,} are taken at the most"


class _Reading:
    """What has been read so far of one list."""

    def __init__(self, dropped: int) -> None:
        self._dropped = dropped
        self.feeds: dict[str, Feed] = {}
        self.problems: list[str] = []
        self._lines: dict[str, int] = {}

    def outlines(self, parent: Element, folders: tuple[str, ...]) -> None:
        for outline in parent.iterchildren("outline", "Outline", "OUTLINE"):
            attributes = {name.lower(): plain(value) for name, value in outline.attrib.items()}
            line = outline.sourceline + self._dropped
            name = attributes.get("text") or attributes.get("title", "")
            if attributes.get("xmlurl"):
                self._feed(attributes, line, folders)
            elif attributes.get("type") == "rss":
                self.problems.append(f"line {line}: {name!r} is a feed without xmlUrl")
            if len(outline):
                inside = folders
                if not attributes.get("xmlurl"):
                    parts = [part.strip() for part in name.split("/")]
                    inside = folders + tuple(part for part in parts if part)
                if len(inside) > DEPTH:
                    self.problems.append(f"line {line}: {name!r}: more than {DEPTH} folders deep")
                else:
                    self.outlines(outline, inside)

    def _feed(self, given: dict[str, str], line: int, folders: tuple[str, ...]) -> None:
        address = given["xmlurl"]
        try:
            url = urls.absolute(address)
            identity = urls.feed_id(url)
        except urls.BadURL as error:
            self.problems.append(f"line {line}: xmlUrl={address[:200]!r}: {error}")
            return
        tag, country = given.get("language", ""), given.get("country", "")
        if tag and not language(tag):
            self.problems.append(f"line {line}: language={tag!r} is no language tag (BCP 47)")
        if country and not COUNTRY.fullmatch(country):
            self.problems.append(f"line {line}: country={country!r} is no ISO 3166-1 alpha-2 code")
        collection = "/".join(folders)
        feed = Feed(
            id=identity,
            url=url,
            title=given["title"] if "title" in given else given.get("text", ""),
            site=given.get("htmlurl", ""),
            outlet=given.get("outlet", ""),
            language=language(tag),
            country=country.upper(),
            collections=(collection,) if collection else (),
        )
        known = self.feeds.get(identity)
        if known is None:
            self.feeds[identity] = feed
            self._lines[identity] = line
        elif collection in known.collections or not (collection and known.collections):
            first = self._lines[identity]
            self.problems.append(
                f"line {line}: xmlUrl={address[:200]!r} stands in line {first} too"
            )
        else:  # the same feed in another folder
            self.feeds[identity] = replace(known, collections=(*known.collections, collection))


def write(feeds: Iterable[Feed], title: str = "wirewatch") -> bytes:
    """The feeds as an OPML 2.0 document, a folder a collection; :func:`read` gives them back."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _safe(title)
    body = etree.SubElement(root, "body")
    folders: dict[str, Element] = {"": body}
    for feed in feeds:
        for collection in feed.collections or ("",):
            etree.SubElement(_folder(folders, collection), "outline", _attributes(feed))
    etree.indent(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written + b"\n"


def _folder(folders: dict[str, Element], path: str) -> Element:
    if path not in folders:
        parent, _, name = path.rpartition("/")
        folders[path] = etree.SubElement(
            _folder(folders, parent), "outline", text=_safe(name), title=_safe(name)
        )
    return folders[path]


def _attributes(feed: Feed) -> dict[str, str]:
    name = feed.title or feed.outlet or feed.url
    fields = {
        "type": "rss",
        "text": name,
        "title": feed.title,
        "xmlUrl": feed.url,
        "htmlUrl": feed.site,
        "outlet": feed.outlet,
        "language": feed.language,
        "country": feed.country,
    }
    required = ("type", "text", "title", "xmlUrl")
    return {key: _safe(value) for key, value in fields.items() if value or key in required}


def _safe(text: str) -> str:
    """Text without the characters XML cannot hold."""
    return _CONTROL.sub(" ", text)
