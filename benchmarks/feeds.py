"""How well and how fast feeds are read, beside feedparser, entry by entry and field by field.

    python benchmarks/feeds.py DIR [--json FILE]

DIR holds folders of feed documents (``feeds-*``). A field counts as worse when feedparser has a
value and we have none, or another one; each kind of difference is counted and the first shown.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from wirewatch.feeds.parse import NotAFeed, ParsedFeed, parse
from wirewatch.feeds.values import link, plain, text_of
from wirewatch.records import Entry

URL = "https://feed.example/dir/feed.xml"
FIELDS = ("link", "title", "published", "updated", "text", "authors")
REAL = re.compile(r"<item[\s>]|<entry[\s>]|\"items\"")


def documents(folder: Path) -> list[tuple[str, bytes]]:
    """Every feed document under the ``feeds-*`` folders, by relative name."""
    return [
        (str(file.relative_to(folder)), file.read_bytes())
        for file in sorted(folder.glob("feeds-*/**/*"))
        if file.suffix in (".xml", ".rss", ".json", ".atom") and file.is_file()
    ]


def ours(body: bytes) -> ParsedFeed | NotAFeed:
    """What wirewatch reads."""
    try:
        return parse(body, URL)
    except NotAFeed as error:
        return error


def theirs(body: bytes, **options: bool) -> Any:
    """What feedparser reads."""
    return feedparser.parse(body, response_headers={"content-location": URL}, **options)


def instant(parsed: Any) -> datetime | None:
    """feedparser's date as ours."""
    try:
        return datetime(*parsed[:6], tzinfo=UTC) if parsed else None
    except ValueError:
        return None


def compared(entry: Entry, item: Any) -> dict[str, tuple[Any, Any]]:
    """The fields in which our entry is worse than feedparser's: (ours, theirs)."""
    worse: dict[str, tuple[Any, Any]] = {}
    url = link(item.get("link", ""), URL)
    if url and url != entry.url and item.get("feedburner_origlink") != entry.url:
        worse["link"] = (entry.url, url)
    title = text_of(item.get("title", ""))
    if title and squeezed(title) != squeezed(entry.title):
        worse["title"] = (entry.title, title)
    for name in ("published", "updated"):
        date = instant(item.get(f"{name}_parsed") if name in item else None)
        known = (entry.published, entry.updated)
        if date and date.year >= 1990 and date.replace(microsecond=0) not in [
            at.replace(microsecond=0) for at in known if at
        ]:  # fmt: skip
            worse[name] = (str(known), str(date))
    values = [part.get("value", "") for part in item.get("content", [])] + [item.get("summary", "")]
    text = max((squeezed(text_of(value)) for value in values), key=len, default="")
    have = max(squeezed(entry.summary), squeezed(text_of(entry.content)), key=len)
    if text and len(have) < 0.98 * len(text):
        worse["text"] = (have[:200], text[:200])
    names = [person.get("name") for person in item.get("authors", []) if person.get("name")]
    if names and not entry.authors:
        worse["authors"] = (entry.authors, names)
    return worse


def squeezed(text: str) -> str:
    """Text without what the readers may set differently: spaces and case."""
    return re.sub(r"\s+", "", plain(text))


def quality(files: list[tuple[str, bytes]]) -> tuple[dict[str, Any], list[str]]:
    """Counts over all documents, and the differences worth reading."""
    counts: Counter[str] = Counter(documents=len(files))
    lines: list[str] = []
    for name, body in files:
        result = ours(body)
        reference = theirs(body)
        with_link = [item for item in reference.entries if link(item.get("link", ""), URL)]
        counts["feedparser entries"] += len(reference.entries)
        counts["feedparser entries with a link"] += len(with_link)
        if isinstance(result, NotAFeed):
            counts["refused as no feed"] += 1
            if with_link:
                counts["refused with entries"] += 1
                lines.append(f"{name}: refused: {result}")
            continue
        counts["our entries"] += len(result.entries)
        counts["entries"] += len(result.entries) + result.rejected
        if len(result.entries) < len(with_link):
            counts["documents with fewer entries"] += 1
            lines.append(f"{name}: {len(result.entries)} entries, feedparser {len(with_link)}")
            continue
        if len(result.entries) == len(with_link):
            for entry, item in zip(result.entries, with_link, strict=True):
                for field, (mine, other) in compared(entry, item).items():
                    counts[f"worse {field}"] += 1
                    lines.append(f"{name}: {field}: {mine!r} / {other!r}")
    return dict(counts), lines


def is_real(body: bytes) -> bool:
    """Whether a document has the size of a real one, not of a test of one feature."""
    return len(body) > 2_000 and len(REAL.findall(body.decode("utf-8", "replace"))) >= 5


def speed(files: list[tuple[str, bytes]], read: Callable[[bytes], Any]) -> float:
    """Documents a CPU second of one process, warmed up."""
    for _, body in files:
        read(body)
    start = time.process_time()
    for _, body in files:
        read(body)
    return len(files) / (time.process_time() - start)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--show", type=int, default=20, help="differences printed")
    given = arguments.parse_args()
    files = documents(given.folder)
    counts, lines = quality(files)
    for key, value in sorted(counts.items()):
        print(f"{key:36} {value:8,}")
    for line in lines[: given.show]:
        print("  ", line[:300])
    real = [(name, body) for name, body in files if is_real(body)]
    speeds = {
        "wirewatch": speed(real, ours),
        "feedparser": speed(real, theirs),
        "feedparser unsanitised": speed(
            real, lambda body: theirs(body, sanitize_html=False, resolve_relative_uris=False)
        ),
    }
    size = sum(len(body) for _, body in real) / len(real) / 1_000
    print(f"{len(real)} real documents, {size:.0f} kB each; documents a CPU second:")
    for name, value in speeds.items():
        print(f"  {name:26} {value:8,.0f}  ×{value / speeds['feedparser']:.1f}")
    if given.json:
        given.json.write_text(json.dumps({"counts": counts, "per_second": speeds}, indent=1))


if __name__ == "__main__":
    main()
