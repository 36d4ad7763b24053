"""Bodies, titles, dates and authors against gold pages, and what they cost.

    python benchmarks/extraction.py DIR [--peers] [--json FILE] [--systems a,b]

DIR has ``gold.jsonl``, a page a line: ``id``, ``html`` (a path in DIR, perhaps gzipped), and where
known ``url``, ``text`` or ``must_have`` and ``must_not_have``, ``title``, ``date``, ``authors``.
Every system runs in a process of its own over the same bytes. They take turns, CHUNK pages each, so
that whatever else the machine does falls on all of them alike. ``--peers`` adds newspaper4k,
readability-lxml and goose3, which must be installed (benchmarks/requirements-extraction.txt) in
this Python or in the one that PEERS_PYTHON names.

Measured for each: word-4-gram precision, recall and F1 of the body, mean over the pages; or of the
segments (found or not), over all of them; exact title; date by day; author set, plainly and without
outlets, agencies and desks in gold and answer (``author_set_without_outlets``, of the pages whose
gold names somebody else); pages per CPU second of extraction alone, 95th percentile of a page, peak
memory. For wirewatch also the pages a second of wall time by one and by two of its extraction
processes (``two_processes``). The scores also for the half of the pages that the rules were tuned
on and the half that they were not (by a hash of the id).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

OWN = ("wirewatch", "trafilatura_fast", "trafilatura_standard")
PEERS = {"newspaper4k": "newspaper", "readability_lxml": "readability", "goose3": "goose3"}
NGRAM = 4  # words, as article-extraction-benchmark's evaluate.py
NOW = datetime(2026, 11, 23, tzinfo=UTC)  # when the pages count as fetched: after all of them
CHUNK = 20  # pages of a turn; some seconds at the most
TWO_PROCESSES = 150  # pages, over and over where there are fewer, that one and two processes read
WARM_UP = 5  # pages extracted before the clock starts: imports, compiled patterns, models

Output = dict[str, Any]  # text, title, date, authors; and where it applies rejected, host
# Scripts without spaces count a word a character.
_WORD = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+"
)
_JOINED = re.compile(r"\s*[,;/&|]\s*|\s+(?:and|und|et|y|e)\s+", re.I)
# What is no person among authors: agencies, and words of which desks' names have one.
AGENCIES_AND_DESKS = frozenset(
    re.split(
        ", ",
        "afp, agence france presse, ap, associated press, the associated press, reuters, dpa, apa, "
        "sda, ats, efe, ansa, upi, pti, ians, jiji, xinhua, kathpress, ndr, mdr, wdr, swr, cnn, "
        "bbc, admin, redaktion, redakcja, redacción, rédaction, redazione, redactie, staff, "
        "newsdesk, desk, bureau, newsroom, team, webteam, agencies, agencias, editors, editorial, "
        "news, wire, online, presse, press, unknown, author, gmbh, verlag, verein, fernsehen, "
        "deutschlandfunk, stiftung, foundation",
    )
)
_QUOTES = str.maketrans("‘’‚‛“”„‟«»–—‐‑\u00a0", '\'\'\'\'""""""---- ')


def pages(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Gold lines with their page's bytes; lines without a file are left out, as are their pages."""
    with (folder / "gold.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            gold = json.loads(line)
            file = folder / gold["html"]
            if file.is_file():
                body = file.read_bytes()
                yield gold, gzip.decompress(body) if file.suffix == ".gz" else body


def address(gold: dict[str, Any]) -> str:
    """The page's URL; one of its own where the gold has none."""
    url = str(gold.get("url") or "")
    if url.startswith(("http://", "https://")):
        return url
    name = hashlib.sha256(gold["id"].encode()).hexdigest()[:12]
    return f"https://{name}.example.org/page"


# Systems: each a function that makes a function from (id, bytes, url) to an output.


def wirewatch() -> Callable[[str, bytes, str], Output]:
    """This project: body, metadata and refusal; ``main`` adds the host memory afterwards."""
    from wirewatch.extract.article import read
    from wirewatch.extract.job import Job
    from wirewatch.records import Page
    from wirewatch.settings import load

    settings = load({})

    def run(name: str, body: bytes, url: str) -> Output:
        page = Page(id=name, url=url, host="", discovered=NOW)
        article, refused = read(Job(page=page, body=body, url=url, fetched=NOW), settings)
        if article is None:
            return {"rejected": refused and refused[0].value}
        return {
            "text": article.text,
            "title": article.title,
            "date": article.published_day,
            "authors": list(article.authors),
            "rejected": refused[0].value if refused else None,
            "host": article.host,
        }

    return run


def trafilatura(fast: bool) -> Callable[[str, bytes, str], Output]:
    """trafilatura with metadata, in its fast or its standard mode."""
    import logging

    import trafilatura as engine

    logging.disable(logging.CRITICAL)

    def run(_: str, body: bytes, url: str) -> Output:
        found = engine.bare_extraction(
            body, url=url, fast=fast, with_metadata=True, include_comments=False
        )
        if found is None:
            return {}
        authors = [name for name in (found.author or "").split("; ") if name]
        return {"text": found.text, "title": found.title, "date": found.date, "authors": authors}

    return run


def newspaper4k() -> Callable[[str, bytes, str], Output]:
    """newspaper4k; without fetching images, which would stall it."""
    import newspaper

    def run(_: str, body: bytes, url: str) -> Output:
        article = newspaper.Article(url, fetch_images=False)
        article.download(input_html=body.decode("utf-8", "replace"))
        article.parse()
        date = article.publish_date
        return {
            "text": article.text,
            "title": article.title,
            "date": str(date)[:10] if date else None,
            "authors": list(article.authors),
        }

    return run


def readability_lxml() -> Callable[[str, bytes, str], Output]:
    """readability-lxml; it knows bodies and titles."""
    import lxml.html
    import readability

    def run(_: str, body: bytes, url: str) -> Output:  # noqa: ARG001  # as the others
        document = readability.Document(body.decode("utf-8", "replace"))
        tree = lxml.html.fromstring(document.summary())
        text = "\n".join(
            " ".join(p.text_content().split()) for p in tree.iter("p", "li", "h2", "h3", "pre")
        )
        return {"text": text, "title": document.short_title()}

    return run


def goose3() -> Callable[[str, bytes, str], Output]:
    """goose3."""
    from goose3 import Goose

    goose = Goose({"enable_image_fetching": False})

    def run(_: str, body: bytes, url: str) -> Output:  # noqa: ARG001  # as the others
        article = goose.extract(raw_html=body.decode("utf-8", "replace"))
        date = article.publish_date
        return {
            "text": article.cleaned_text,
            "title": article.title,
            "date": str(date)[:10] if date else None,
            "authors": list(article.authors),
        }

    return run


SYSTEMS: dict[str, Callable[[], Callable[[str, bytes, str], Output]]] = {
    "wirewatch": wirewatch,
    "trafilatura_fast": lambda: trafilatura(True),
    "trafilatura_standard": lambda: trafilatura(False),
    "newspaper4k": newspaper4k,
    "readability_lxml": readability_lxml,
    "goose3": goose3,
}


def run_system(name: str, folder: Path, out: Path, *, turns: bool = False) -> None:
    """Runs one system over all pages in this process and writes outputs and costs.

    With ``turns`` it waits for a line of input before each CHUNK of pages, and asks for it.
    """
    run = SYSTEMS[name]()
    for count, (gold, body) in enumerate(pages(folder)):
        if count < WARM_UP:
            _try(run, gold, body)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outputs, times = [], []
    for count, (gold, body) in enumerate(pages(folder)):
        if turns and count % CHUNK == 0:
            print("ready", flush=True)
            sys.stdin.readline()
        start = time.process_time()
        output = _try(run, gold, body)
        times.append(time.process_time() - start)
        outputs.append({"id": gold["id"], **output})
    extra = 0.0
    if name == "wirewatch":
        start = time.process_time()
        _host_memory(outputs)
        extra = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cost = {
        "pages_per_cpu_second": len(times) / (sum(times) + extra),
        "p95_ms": 1000 * sorted(times)[int(0.95 * (len(times) - 1))],
        "memory_mb": peak / 1024,
        "memory_before_mb": before / 1024,
    }
    out.write_text(json.dumps({"outputs": outputs, "cost": cost}), "utf-8")


def take_turns(names: list[str], folder: Path, scratch: Path) -> dict[str, dict[str, Any]]:
    """Every system's outputs and costs, by name; their processes are let go one at a time."""
    peers_python = os.environ.get("PEERS_PYTHON", sys.executable)
    running = {}
    for name in names:
        python = peers_python if name in PEERS else sys.executable
        command = [python, __file__, str(folder), "--run-one", name, str(scratch / name)]
        running[name] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        _until_ready(running[name])  # imported and warm
    waiting = dict(running)
    while waiting:
        for name, process in list(waiting.items()):
            assert process.stdin is not None  # as asked for above
            process.stdin.write("go\n")
            process.stdin.flush()
            if not _until_ready(process):
                del waiting[name]
    for name, process in running.items():
        if process.wait():
            raise RuntimeError(f"{name} ended with status {process.returncode}")
    return {name: json.loads((scratch / name).read_text("utf-8")) for name in names}


def _until_ready(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None  # as asked for above
    return any(line == "ready\n" for line in process.stdout)  # others: what a library prints


def two_processes(folder: Path) -> dict[str, float]:
    """Pages a second of wall time by one and by two extraction processes, and the gain."""
    from wirewatch.extract.job import Job
    from wirewatch.extract.pool import extract_all
    from wirewatch.records import Page
    from wirewatch.settings import load

    given = [(address(gold), body) for gold, body in islice(pages(folder), TWO_PROCESSES)]
    jobs = [
        Job(page=Page(id=str(number), url=url, host="", discovered=NOW), body=body, url=url,
            fetched=NOW)
        for number, (url, body) in zip(range(TWO_PROCESSES), cycle(given), strict=False)
    ]  # fmt: skip
    rates: dict[int, float] = {}
    for count in (1, 2):
        results = extract_all(jobs, load({}).with_options(extract__processes=count))
        for _ in range(2 * WARM_UP):  # both processes are up
            next(results)
        start = time.monotonic()
        read = sum(1 for _ in results)
        rates[count] = read / (time.monotonic() - start)
    return {"one": rates[1], "two": rates[2], "gain": rates[2] / rates[1]}


def _try(run: Callable[[str, bytes, str], Output], gold: dict[str, Any], body: bytes) -> Output:
    try:
        return run(gold["id"], body, address(gold))
    except Exception as error:  # noqa: BLE001  # peers fail on some pages; counted as "failed"
        return {"failed": f"{type(error).__name__}: {error}"[:200]}


def _host_memory(outputs: list[Output]) -> None:
    """What the pipeline does after a batch: lines that repeat across a host's pages go."""
    from wirewatch.extract.hosts import repeated_lines, without

    texts = [(one.get("host", ""), one["id"], one["text"]) for one in outputs if one.get("text")]
    repeated = repeated_lines(texts)
    for one in outputs:
        if one.get("text"):
            one["text"] = without(one["text"], repeated.get(one.get("host", ""), frozenset()))


# Scores.


def body_score(found: str, gold: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the word 4-grams, with their counts."""
    got, want = _shingles(found), _shingles(gold)
    if not got or not want:
        same = float(not got and not want)
        return same, same, same
    both = sum((got & want).values())
    precision, recall = both / sum(got.values()), both / sum(want.values())
    return precision, recall, 2 * both / (sum(got.values()) + sum(want.values()))


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    if len(words) < NGRAM:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[start:] for start in range(NGRAM)), strict=False))


def plain(text: str) -> str:
    """For comparing titles: NFC, white space as one space, quotes and dashes of one form."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_QUOTES).split())


def words_of(text: str) -> list[str]:
    """The words alone, without case."""
    return re.findall(r"\w+", plain(text).casefold())


def single(names: Iterable[str]) -> set[tuple[str, ...]]:
    """The authors as a set of words; "A und B" or "A, B" in one string are two, in gold and output
    alike, since gold lists have both forms."""
    return {tuple(words_of(one)) for name in names for one in _JOINED.split(name)} - {()}


def score(outputs: dict[str, Output], golds: list[dict[str, Any]]) -> dict[str, Any]:
    """All scores of a system over some pages; a score without a gold page is left out."""
    bodies, titles, loose, dates, authors, people = [], [], [], [], [], []
    hit = missed = wrong = right = 0
    for gold in golds:
        output = outputs[gold["id"]]
        text = output.get("text") or ""
        if gold.get("text"):
            bodies.append(body_score(text, gold["text"]))
        if gold.get("must_have"):
            flat = " ".join(text.split())
            for segment in gold["must_have"]:
                hit, missed = (hit + 1, missed) if _in(segment, flat) else (hit, missed + 1)
            for segment in gold.get("must_not_have", ()):
                wrong, right = (wrong + 1, right) if _in(segment, flat) else (wrong, right + 1)
        if gold.get("title"):
            title = output.get("title") or ""
            titles.append(plain(title) == plain(gold["title"]))
            loose.append(words_of(title) == words_of(gold["title"]))
        if gold.get("date"):
            dates.append((output.get("date") or "")[:10] == gold["date"][:10])
        if gold.get("authors"):
            answer, want = single(output.get("authors") or ()), single(gold["authors"])
            authors.append(answer == want)
            if persons := without_outlets(want, gold):
                people.append(without_outlets(answer, gold) == persons)
    result: dict[str, Any] = {"pages": len(golds)}
    if bodies:
        for place, key in enumerate(("body_precision", "body_recall", "body_f1")):
            result[key] = sum(one[place] for one in bodies) / len(bodies)
    if hit + missed:
        precision, recall = hit / max(1, hit + wrong), hit / (hit + missed)
        result["segment_precision"] = precision
        result["segment_recall"] = recall
        result["segment_f1"] = 2 * precision * recall / max(1e-9, precision + recall)
    for key, values in (
        ("title_exact", titles),
        ("title_words", loose),
        ("date_day", dates),
        ("author_set", authors),
        ("author_set_without_outlets", people),
    ):
        if values:
            result[key] = sum(values) / len(values)
            result[f"{key}_of"] = len(values)
    known = {name for output in outputs.values() for name in output}
    for name, keys in (
        ("date", ("date_day",)),
        ("authors", ("author_set", "author_set_without_outlets")),
    ):
        if name not in known:  # a system that does not look for it has no score
            for key in keys:
                result.pop(key, None)
                result.pop(f"{key}_of", None)
    result["empty"] = sum(not outputs[gold["id"]].get("text") for gold in golds)
    result["failed"] = sum("failed" in outputs[gold["id"]] for gold in golds)
    rejected = Counter(outputs[gold["id"]].get("rejected") for gold in golds)
    del rejected[None]
    if rejected:
        result["rejected"] = dict(rejected)
    return result


def _in(segment: str, flat: str) -> bool:
    return " ".join(segment.split()) in flat


def without_outlets(names: set[tuple[str, ...]], gold: dict[str, Any]) -> set[tuple[str, ...]]:
    """The names without the page's outlet (what its host is called), agencies and desks."""
    labels = (urlsplit(str(gold.get("url") or "")).hostname or "").removeprefix("www.").split(".")
    host = max(labels[:-1], key=len, default="").replace("-", "")
    kept = set()
    for words in names:
        key = "".join(words)
        outlet = len(key) > 3 and (key in host or (len(host) > 3 and host in key))
        if not outlet and not AGENCIES_AND_DESKS & {*words, " ".join(words)}:
            kept.add(words)
    return kept


def half(name: str) -> str:
    """The half a page belongs to, by its id alone."""
    return "held" if hashlib.sha256(name.encode()).digest()[0] & 1 else "tuned"


def main() -> int:
    """Runs the systems, prints a table, writes the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--peers", action="store_true", help="newspaper4k, readability-lxml, goose3 too"
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--systems", default="", help="only these, separated by commas")
    parser.add_argument("--run-one", nargs=2, metavar=("SYSTEM", "OUT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not (given.folder / "gold.jsonl").is_file():
        print(f"{given.folder}: there is no gold.jsonl", file=sys.stderr)
        return 2
    if given.run_one:
        run_system(given.run_one[0], given.folder, Path(given.run_one[1]), turns=True)
        return 0
    names = [*OWN, *(PEERS if given.peers else ())]
    if given.systems:
        names = given.systems.split(",")
        if unknown := set(names) - set(SYSTEMS):
            print(
                f"no such systems: {', '.join(sorted(unknown))}; there are {', '.join(SYSTEMS)}",
                file=sys.stderr,
            )
            return 2
    peers_python = os.environ.get("PEERS_PYTHON", sys.executable)
    missing = [name for name in names if name in PEERS and peers_python == sys.executable
               and importlib.util.find_spec(PEERS[name]) is None]  # fmt: skip
    if missing:
        advice = "here or in a venv of its own whose python PEERS_PYTHON names"
        gone = ", ".join(missing)
        print(
            f"not installed: {gone}. Install benchmarks/requirements-extraction.txt, {advice}.",
            file=sys.stderr,
        )
        return 2
    golds = [gold for gold, _ in pages(given.folder)]
    with tempfile.TemporaryDirectory() as scratch:
        ran = take_turns(names, given.folder, Path(scratch))
    results: dict[str, Any] = {}
    for name in names:
        outputs = {one["id"]: one for one in ran[name]["outputs"]}
        results[name] = score(outputs, golds) | ran[name]["cost"]
        for part in ("tuned", "held"):
            results[name][part] = score(outputs, [g for g in golds if half(g["id"]) == part])
        show(name, results[name])
    if "wirewatch" in names:
        found = results["wirewatch"]["two_processes"] = two_processes(given.folder)
        print(f"wirewatch in one process {found['one']:.1f} pages/s, in two {found['two']:.1f}: "
              f"{found['gain']:.2f} times")  # fmt: skip
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")
    return 0


def show(name: str, result: dict[str, Any]) -> None:
    """One system's lines of the table."""
    cost = (f"{result['pages_per_cpu_second']:.1f} pages/CPU-s, p95 {result['p95_ms']:.0f} ms, "
            f"{result['memory_mb']:.0f} MB")  # fmt: skip
    print(f"{name:22} {cost}, empty {result['empty']}, failed {result['failed']}, "
          f"rejected {result.get('rejected', {})}")  # fmt: skip
    for part in ("all", "tuned", "held"):
        scores = result if part == "all" else result[part]
        shown = [f"{key} {scores[key]:.3f}" for key in (
            "body_precision", "body_recall", "body_f1", "segment_precision", "segment_recall",
            "segment_f1", "title_exact", "title_words", "date_day", "author_set",
            "author_set_without_outlets")
            if key in scores]  # fmt: skip
        print(f"  {part:6} {scores['pages']:4} pages  {'  '.join(shown)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
