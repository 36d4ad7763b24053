"""Topics by the rules of ``config/topics/`` on labelled news.

    python benchmarks/topics.py DIR... [--half even|odd] [--json FILE]

A DIR has ``*.jsonl`` with ``title``, ``text``, ``language`` and ``labels`` (Media Topic codes, or
names as in NAMES), or is topics-reuters21578 (``reuters21578.json.gz``), whose labels are of the
second and third level. A file of several languages is measured language by language.

Every set is measured whole, and one of longer texts as teasers: the title with the first TEASER
words. ``--half`` takes every second story: rules are tuned on the even ones and reported on the odd
ones. Reuters has a split of its own (ModApte): its training stories are the even half.

Figures of a set, over the topics that its labels use:

- ``top1``: stories whose first topic is a label;
- ``macro_f1``: mean F1 of its topics, when each story answers with the first of them that it has;
- ``micro_f1``, ``precision``, ``recall``: over all topics given, and all labels;
- ``all_precision``: the same over all topics given of the labels' level, also those that no label
  of the set uses;
- ``untagged``: stories without any topic.

Time is the processor's for one call, so that what else runs counts less; memory is what the
rules of all languages add to the process.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from dedup_data import NEWSWIRE, read_lines, unwrapped
from wirewatch.topics.spelling import LANGUAGES
from wirewatch.topics.tagger import Tagger

CONFIG = Path(__file__).resolve().parents[1] / "config" / "topics"
TEASER = 30  # words of a teaser, the title not counted
SIGNS = 60  # characters of one where words have no blanks between them
UNPARTED = ("zh", "ja")

NAMES = {
    "arts": "medtop:01000000", "culture": "medtop:01000000", "entertainment": "medtop:01000000",
    "crime": "medtop:02000000", "disaster": "medtop:03000000", "business": "medtop:04000000",
    "economy": "medtop:04000000", "education": "medtop:05000000", "environment": "medtop:06000000",
    "health": "medtop:07000000", "human interest": "medtop:08000000", "labour": "medtop:09000000",
    "lifestyle": "medtop:10000000", "travel": "medtop:10000000", "politics": "medtop:11000000",
    "religion": "medtop:12000000", "science": "medtop:13000000", "technology": "medtop:13000000",
    "tech": "medtop:13000000", "society": "medtop:14000000", "sport": "medtop:15000000",
    "sports": "medtop:15000000", "conflict": "medtop:16000000", "weather": "medtop:17000000",
}  # fmt: skip

REUTERS = {  # the categories of the newswire that a Media Topic stands for
    "earn": "medtop:20000178",  # corporate earnings
    "acq": "medtop:20000204",  # merger or acquisition
    "money-fx": "medtop:20000391",  # foreign exchange market
    "crude": "medtop:20001243",  # oil and gas
    "grain": "medtop:20000210",  # agriculture
    "trade": "medtop:20000373",  # international trade
    "interest": "medtop:20000371",  # interest rate
    "ship": "medtop:20000343",  # waterway and maritime transport
}


class Labelled(NamedTuple):
    """A story with the topics that people gave it."""

    title: str
    text: str
    language: str
    labels: frozenset[str]


def code(label: str) -> str:
    """A label as a Media Topic's code. Raises KeyError for a name that is not known."""
    return label if label.startswith("medtop:") else NAMES[label.casefold()]


def jsonl(file: Path, half: str) -> Iterator[tuple[str, Labelled]]:
    """The stories of a file with the name of the set each belongs to."""
    rows = read_lines(file)
    languages = {row["language"] for row in rows}
    numbers: Counter[str] = Counter()
    for row in rows:
        language = row["language"]
        numbers[language] += 1
        if half and (numbers[language] % 2 == 1) != (half == "even"):
            continue
        name = file.stem if len(languages) == 1 else f"{file.stem} {language}"
        labels = frozenset(code(label) for label in row["labels"])
        yield name, Labelled(row.get("title") or "", row["text"], language, labels)


def reuters(folder: Path, half: str) -> Iterator[tuple[str, Labelled]]:
    """The newswire stories that have a category, of the ModApte split."""
    with gzip.open(folder / "reuters21578.json.gz", "rt", encoding="utf-8") as file:
        documents = json.load(file)
    splits = {"even": ("TRAIN",), "odd": ("TEST",)}.get(half, ("TRAIN", "TEST"))
    for one in documents:
        if one["split"] in splits and one["has_topics"] == "YES" and one["topics"]:
            labels = frozenset(REUTERS[name] for name in one["topics"] if name in REUTERS)
            text = unwrapped(one["body"] or "")
            yield NEWSWIRE, Labelled(one["title"] or "", text, "en", labels)


def load(folders: Iterable[Path], half: str) -> dict[str, list[Labelled]]:
    """The sets of the folders by name."""
    sets: dict[str, list[Labelled]] = defaultdict(list)
    for folder in folders:
        files = sorted(folder.glob("*.jsonl"))
        found = [pair for file in files for pair in jsonl(file, half)]
        if (folder / "reuters21578.json.gz").exists():
            found += reuters(folder, half)
        if not found:
            raise SystemExit(f"{folder}: no *.jsonl and no reuters21578.json.gz in it")
        for name, story in found:
            sets[name].append(story)
    return sets


def teaser(story: Labelled) -> Labelled:
    """The story as a feed shows it: its title and some words."""
    if story.language.split("-")[0] in UNPARTED:
        return story._replace(text=story.text[:SIGNS])
    return story._replace(text=" ".join(story.text.split()[:TEASER]))


def ratios(right: int, given: int, wanted: int) -> dict[str, float]:
    """Precision, recall and F1; 0 where nothing was given or wanted."""
    both = given + wanted
    return {
        "precision": round(right / given, 3) if given else 0.0,
        "recall": round(right / wanted, 3) if wanted else 0.0,
        "f1": round(2 * right / both, 3) if both else 0.0,
    }


def judge(stories: Sequence[Labelled], answers: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The figures of a set; an answer has the topics' codes, best first."""
    used = frozenset().union(*(story.labels for story in stories))
    top_level = all(one.endswith("000000") for one in used)
    single: dict[str, Counter[str]] = defaultdict(Counter)
    every: dict[str, Counter[str]] = defaultdict(Counter)
    first = untagged = 0
    for story, codes in zip(stories, answers, strict=True):
        level = [one for one in codes if one.endswith("000000") == top_level]
        untagged += not codes
        first += bool(level) and level[0] in story.labels
        answer = next((one for one in level if one in used), "")
        for one in used:
            wanted = one in story.labels
            chosen = one == answer if len(story.labels) == 1 else one in level
            single[one].update(given=chosen, wanted=wanted, right=chosen and wanted)
            given = one in level
            every[one].update(given=given, wanted=wanted, right=given and wanted)
        every["other"].update(given=len(set(level) - used))
    topics = {
        one: ratios(single[one]["right"], single[one]["given"], single[one]["wanted"])
        | {"stories": single[one]["wanted"]}
        for one in sorted(used)
    }
    sums = Counter[str]()
    for one in used:
        sums.update(every[one])
    over_all = ratios(sums["right"], sums["given"], sums["wanted"])
    given = sums["given"] + every["other"]["given"]
    return {
        "stories": len(stories),
        "top1": round(first / len(stories), 3),
        "macro_f1": round(sum(one["f1"] for one in topics.values()) / len(topics), 3),
        "micro_f1": over_all["f1"],
        "precision": over_all["precision"],
        "recall": over_all["recall"],
        "all_precision": round(sums["right"] / given, 3) if given else 0.0,
        "untagged": round(untagged / len(stories), 3),
        "topics": topics,
    }


def run(tagger: Tagger, stories: Sequence[Labelled]) -> tuple[list[list[str]], list[int]]:
    """The topics of each story, and the nanoseconds that it took."""
    answers, times = [], []
    for story in stories:
        begun = time.thread_time_ns()
        tags = tagger.tag(story.title, story.text, story.language)
        times.append(time.thread_time_ns() - begun)
        answers.append([tag.code for tag in tags])
    return answers, times


def main() -> None:
    parser = argparse.ArgumentParser(description="Topics on labelled news.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--half", choices=("even", "odd"), default="")
    parser.add_argument("--topics", action="store_true", help="Print every topic, too.")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    process = psutil.Process()
    before = process.memory_info().rss
    begun = time.process_time()
    tagger = Tagger.load(CONFIG)
    for language in LANGUAGES:  # the first text of a language makes its automaton
        tagger.tag("", "1", language)
    loading = time.process_time() - begun
    memory = process.memory_info().rss - before
    sets = load(given.folders, given.half)
    results: dict[str, Any] = {"half": given.half or "both", "sets": {}}
    times: list[int] = []
    print(f"{'set':<34}{'stories':>8}{'top1':>7}{'macro':>7}{'micro':>7}{'prec':>7}{'all':>7}"
          f"{'none':>7}{'µs':>7}")  # fmt: skip
    for name, stories in sets.items():
        teasers = [teaser(one) for one in stories]
        short = sum(len(one.text) for one in teasers) * 2 > sum(len(one.text) for one in stories)
        for kind, those in (("", stories), (" teaser", teasers))[: 1 if short else 2]:
            answers, took = run(tagger, those)
            times += took
            found = judge(those, answers) | {"microseconds": round(sum(took) / len(took) / 1e3, 1)}
            results["sets"][name + kind] = found
            print(f"{name + kind:<34}{found['stories']:>8}{found['top1']:>7.3f}"
                  f"{found['macro_f1']:>7.3f}{found['micro_f1']:>7.3f}{found['precision']:>7.3f}"
                  f"{found['all_precision']:>7.3f}{found['untagged']:>7.3f}"
                  f"{found['microseconds']:>7.0f}")  # fmt: skip
            if given.topics:
                for topic, row in found["topics"].items():
                    print(f"    {topic}  p {row['precision']:.3f}  r {row['recall']:.3f}  "
                          f"f {row['f1']:.3f}  of {row['stories']}")  # fmt: skip
    times.sort()
    results["microseconds"] = {
        "mean": round(sum(times) / len(times) / 1e3, 1),
        "median": round(times[len(times) // 2] / 1e3, 1),
        "p95": round(times[int(len(times) * 0.95)] / 1e3, 1),
    }
    results["loading_seconds"] = round(loading, 2)
    results["megabytes"] = round(memory / 1e6)
    print(f"µs a story {results['microseconds']}, loaded in {loading:.2f} s, "
          f"{results['megabytes']} MB more than before")  # fmt: skip
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
