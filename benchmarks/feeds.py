"""How well and how fast feeds are read, beside feedparser, entry by entry and field by field.

    python benchmarks/feeds.py DIR [--json FILE]

DIR holds folders of evaluation data. Every document under ``feeds-*`` is read by both, and the
feeds among ``robust-charset`` too. A field counts as worse when feedparser has a value and we have
none, or another one. What differs on purpose is told apart, by cause. Bombs (``robust-xml-bombs``,
as they are and inside an item) are read in processes of their own, with their time and memory.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import feedparser

from wirewatch.feeds.parse import NotAFeed, ParsedFeed, parse
from wirewatch.feeds.values import authors, link, plain, text_of
from wirewatch.records import Entry

URL = "https://feed.example/dir/feed.xml"
REAL = re.compile(r"<item[\s>]|<entry[\s>]|\"items\"")
EXPECTED = re.compile(r"Expect:(.*?)-->", re.DOTALL)
FEEDS = (".xml", ".rss", ".rdf", ".atom", ".json")
BOMB_MEMORY = 100_000_000  # bytes a bomb may take beyond what the reader itself takes


def documents(folder: Path) -> list[tuple[str, bytes]]:
    """Every feed document under the folders, by relative name."""
    found = [
        (str(file.relative_to(folder)), file.read_bytes())
        for pattern in ("feeds-*/**/*", "robust-charset/**/*")
        for file in sorted(folder.glob(pattern))
        if file.suffix in FEEDS and file.is_file()
    ]
    return [
        (name, body)
        for name, body in found
        if name.startswith("feeds-") or REAL.search(body.decode("latin-1"))
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


def squeezed(text: str) -> str:
    """Text without what the readers may set differently: spaces."""
    return re.sub(r"\s+", "", plain(text))


def compared(entry: Entry, item: Any) -> dict[str, tuple[Any, Any]]:
    """The fields in which our entry differs from feedparser's: (ours, theirs)."""
    differs: dict[str, tuple[Any, Any]] = {}
    url = link(item.get("link", ""), URL)
    if url and url != entry.url and item.get("feedburner_origlink") != entry.url:
        differs["link"] = (entry.url, url)
    guid = plain(item.get("id", ""))
    if guid and guid not in (entry.guid, entry.url) and link(guid, URL) != link(entry.guid, URL):
        differs["guid"] = (entry.guid, guid)
    title = text_of(item.get("title", ""))
    if title and squeezed(title) != squeezed(entry.title):
        differs["title"] = (entry.title, title)
    for name in ("published", "updated"):
        date = instant(item.get(f"{name}_parsed") if name in item else None)
        known = [at.replace(microsecond=0) for at in (entry.published, entry.updated) if at]
        if date and date.replace(microsecond=0) not in known:
            differs[name] = (str(known), str(date))
    values = [part.get("value", "") for part in item.get("content", [])] + [item.get("summary", "")]
    text = max((squeezed(text_of(value)) for value in values), key=len, default="")
    have = max(squeezed(entry.summary), squeezed(text_of(entry.content)), key=len)
    if text and text not in have:
        differs["text"] = (have, text)
    given = [person.get("name") for person in item.get("authors", []) if person.get("name")]
    names = [name for text in given for name in authors(text)]
    if [name for name in names if name and name not in entry.authors]:
        differs["authors"] = (entry.authors, names)
    return differs


# Characters that the table of GB2312 and that of GB18030 have in the same places.
GB2312 = str.maketrans("\u2014\u00b7", "\u2015\u30fb")
# Characters of Shift_JIS that Python reads otherwise than browsers do (WHATWG, Encoding Standard).
SHIFT_JIS = str.maketrans(
    "\u301c\u2212\u2016\u00a2\u00a3\u00ac", "\uff5e\uff0d\u2225\uffe0\uffe1\uffe2"
)


def why(field: str, mine: Any, other: Any, name: str, body: bytes) -> str:
    """Why a difference is meant, in words; "" where it makes our entry worse."""
    expected = EXPECTED.search(body.decode("utf-8", "replace"))
    if expected and mine and repr(mine) in expected[1]:
        return "the document's own expectation is ours"
    if field == "guid" and not mine:
        return "several entries share the guid, which tells them apart no more"
    if field in ("text", "title") and isinstance(mine, str):
        if len(mine) == len(other) and other.translate(SHIFT_JIS) == mine:
            return "Shift_JIS is read as browsers read it"
        if len(mine) == len(other) and other.translate(GB2312) == mine:
            return "GB2312 is read by its own table, not that of GB18030"
        label = name.split("/")[1].split("-")[0] if name.startswith("robust-charset/CP932") else ""
        if label and squeezed(mine)[:20] in squeezed(text_of(body.decode(label, "replace"))):
            return "feedparser takes another charset than the document's"
    return ""


def quality(files: list[tuple[str, bytes]]) -> tuple[dict[str, Any], list[str]]:
    """Counts over all documents, and the differences worth reading."""
    counts: Counter[str] = Counter(documents=len(files))
    worse: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    lines: list[str] = []
    for name, body in files:
        result = ours(body)
        reference = theirs(body)
        reached = [item for item in reference.entries if link(item.get("link", ""), URL)]
        counts["feedparser entries"] += len(reference.entries)
        counts["feedparser entries with a link"] += len(reached)
        if isinstance(result, NotAFeed):
            counts["refused as no feed"] += 1
            refused[re.sub(r"“.*”|'.*'|<[^>]*>", "…", str(result))] += 1
            if reached:
                worse["document refused"] += 1
                lines.append(f"{name}: refused: {result}")
            continue
        counts["entries"] += len(result.entries) + result.rejected
        counts["entries with a link"] += len(result.entries)
        missing = len(reached) - len(result.entries)
        if missing > 0:
            guessed = [item for item in reached if _guessed(item, body)]
            if len(guessed) >= missing:
                meant["entry: an id that is no address is not taken for a link"] += missing
            else:
                worse["entry missing"] += missing
                lines.append(f"{name}: {len(result.entries)} entries, feedparser {len(reached)}")
        for entry, item in _pairs(result.entries, reached):
            counts["entries compared"] += 1
            for field, (mine, other) in compared(entry, item).items():
                cause = why(field, mine, other, name, body)
                (meant if cause else worse)[f"{field}: {cause}" if cause else field] += 1
                if not cause:
                    lines.append(f"{name}: {field}: {str(mine)[:90]!r} / {str(other)[:90]!r}")
    told = {
        **counts,
        "worse": dict(worse),
        "differs on purpose": dict(meant),
        "refused, by what it is": dict(refused.most_common()),
    }
    return told, lines


def _guessed(item: Any, body: bytes) -> bool:
    """Whether feedparser made the link of an id such as "1", which leads nowhere."""
    made = unquote(link(item.get("link", ""), URL).rpartition("/")[2])
    return bool(made) and f">{made}</id>" in body.decode("utf-8", "replace")


def _pairs(entries: tuple[Entry, ...], items: list[Any]) -> list[tuple[Entry, Any]]:
    """The entries of both readers that belong together: by place, else by link."""
    if len(entries) == len(items):
        return list(zip(entries, items, strict=True))
    by_url = {entry.url: entry for entry in entries}
    found = ((by_url.get(link(item.get("link", ""), URL)), item) for item in items)
    return [(entry, item) for entry, item in found if entry is not None]


def is_real(body: bytes) -> bool:
    """Whether a document has the size of a real one, not of a test of one feature."""
    return len(body) > 2_000 and len(REAL.findall(body.decode("latin-1"))) >= 5


READERS: dict[str, Callable[[bytes], Any]] = {
    "wirewatch": ours,
    "feedparser": theirs,
    "feedparser unsanitised": lambda body: theirs(
        body, sanitize_html=False, resolve_relative_uris=False
    ),
}


def times(files: list[tuple[str, bytes]]) -> dict[str, list[float]]:
    """CPU seconds of each document by reader: the best of three, the readers in turn."""
    spent: dict[str, list[float]] = {name: [] for name in READERS}
    for _, body in files:
        best = dict.fromkeys(READERS, float("inf"))
        for _ in range(3):
            for name, read in READERS.items():
                start = time.process_time()
                read(body)
                best[name] = min(best[name], time.process_time() - start)
        for name, seconds in best.items():
            spent[name].append(seconds)
    return spent


def bombs(folder: Path) -> list[dict[str, Any]]:
    """Each bomb's seconds and megabytes in a process that may take ``BOMB_MEMORY`` more."""
    rows = []
    for file in sorted((folder / "robust-xml-bombs").glob("**/*.xml")):
        for inside in ("", "--inside"):
            done = subprocess.run(
                [sys.executable, __file__, "--bomb", str(file), *filter(None, [inside])],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            row = json.loads(done.stdout) if not done.returncode else {"failed": done.stderr[-300:]}
            rows.append({"bomb": file.name + (" inside an item" if inside else ""), **row})
    return rows


def wrapped(bomb: str) -> bytes:
    """A bomb's document type before a feed, and its content inside an item's title."""
    start = bomb.find("<!DOCTYPE")
    end = bomb.find("]>", start) + 2 if "[" in bomb[start:] else bomb.find(">", start) + 1
    kind, rest = (bomb[start:end], bomb[end:]) if start >= 0 else ("", bomb)
    kind = re.sub(r"<!DOCTYPE\s+\S+", "<!DOCTYPE rss", kind)
    item = f"<item><title>{rest}</title><link>https://n.example/1</link></item>"
    return f"{kind}<rss><channel><title>N</title>{item}</channel></rss>".encode()


def one_bomb(file: Path, inside: bool) -> None:
    """Reads a bomb here, with memory bounded, and prints what it took."""
    parse(b"<rss><channel><item><link>/x</link></item></channel></rss>", URL)  # all is loaded
    body = wrapped(file.read_text("utf-8", "replace")) if inside else file.read_bytes()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BOMB_MEMORY, used + BOMB_MEMORY))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    result = ours(body)
    row = {
        "seconds": round(time.process_time() - start, 4),
        "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1_000,
        "ends": str(result)[:80] if isinstance(result, NotAFeed) else f"read: {result.note}"[:80],
    }
    print(json.dumps(row))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path, nargs="?")
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--show", type=int, default=20, help="differences printed")
    arguments.add_argument("--bomb", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.bomb:
        one_bomb(given.bomb, given.inside)
        return
    if given.folder is None:
        arguments.error("name the folder of evaluation data")
    files = documents(given.folder)
    counts, lines = quality(files)
    for key, value in counts.items():
        if isinstance(value, int):
            print(f"{key:44} {value:8,}")
            continue
        print(f"{key}: {sum(value.values()):,}")
        for name, count in value.items():
            print(f"    {name:70} {count:6,}")
    for line in lines[: given.show]:
        print("  ", line[:300])
    real = [(name, body) for name, body in files if is_real(body)]
    spent = times(real)
    per_second = {name: len(seconds) / sum(seconds) for name, seconds in spent.items()}
    size = sum(len(body) for _, body in real) / len(real) / 1_000
    print(f"{len(real)} real documents, {size:.0f} kB each; documents a CPU second:")
    for name, value in per_second.items():
        middle, *_ = statistics.quantiles(spent[name], n=2)
        print(
            f"  {name:24} {value:7,.0f}  ×{value / per_second['feedparser']:.1f}"
            f"   a file: median {middle * 1_000:.1f} ms, longest {max(spent[name]) * 1_000:.0f} ms"
        )
    blown = bombs(given.folder)
    for row in blown:
        print(f"  {row['bomb']:40} {row.get('seconds', '-')} s "
              f"{row.get('megabytes', '-')} MB  {row.get('ends', row.get('failed'))}")  # fmt: skip
    if given.json:
        result = {
            **counts,
            "real documents": len(real),
            "mean kilobytes": round(size, 1),
            "documents a CPU second": {name: round(value, 1) for name, value in per_second.items()},
            "times feedparser": round(per_second["wirewatch"] / per_second["feedparser"], 1),
            "milliseconds a file": {
                name: {
                    "median": round(statistics.median(seconds) * 1_000, 2),
                    "longest": round(max(seconds) * 1_000, 1),
                }
                for name, seconds in spent.items()
            },
            "bombs": blown,
        }
        given.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
