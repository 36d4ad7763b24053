"""Why two stories are copies or not, and what each copy of a report changed.

Functions that return records, and their rendering for the terminal.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from wirewatch.dedup.compare import FLOOR, LITTLE, TOO_LITTLE, Rule, judge, link
from wirewatch.dedup.features import Pair, Profile, in_forms, measure
from wirewatch.dedup.model import FIGURES, figures, load_model
from wirewatch.records import Cluster, Link, Record, Story
from wirewatch.settings import Settings

DIFF_WORDS = 4_000  # of each text that are aligned: difflib takes a second for so many
CONTEXT_WORDS = 12  # of an unchanged passage shown at either end
REASONS = 6  # figures that a verdict is explained by
DECIDED = 2  # figures that are said to have decided
SHOWN = 3  # sentences of each kind of change printed

# What a figure says against a copy.
AGAINST = {
    "contained": "{:.0%} of one text is found in the other",
    "covered": "{:.0%} of the longer text is found in the shorter",
    "resemblance": "{:.0%} of what both have is common to them",
    "runs": "{:.0%} of the shorter text stands in runs of ten words that the other has",
    "phrases": "{:.0%} of the shorter text stands in runs of five words that the other has",
    "sentences": "{:.0%} of the shorter text stands in sentences that the other has",
    "numbers": "{:.0%} of the numbers are found in the other",
    "numbers_conflict": "{:.0%} of the numbers in the same place differ",
    "names": "{:.0%} of the names are found in the other",
    "names_conflict": "{:.0%} of the names in the same place differ",
    "head": "{:.0%} of the opening is found in the other",
}

_WORD = re.compile(r"\S+")
_SENTENCE = re.compile(r"[^.!?…。！？।؟\n]+[.!?…。！？।؟]*[\"'”’»)\]]*")


class Difference(Record, frozen=True, kw_only=True):
    """One stretch of an aligned word diff."""

    change: str  # same, cut, added, replaced
    before: str  # the earlier story's words
    after: str  # the later story's words


class Comparison(Record, frozen=True, kw_only=True):
    """The verdict on two stories with what it rests on; ``link`` is told from the later story."""

    earlier: str
    later: str
    copy: bool
    same_cluster: bool  # near enough to share a cluster; False for a mere excerpt or source
    score: float
    why: str
    figures: dict[str, float]
    reasons: dict[str, float]  # log-odds that a figure adds to the model's answer, weightiest first
    link: Link
    differences: tuple[Difference, ...]


class Change(Record, frozen=True, kw_only=True):
    """What a copy made of the story that it is linked to."""

    story_id: str
    outlet: str
    time: datetime
    against: str  # the story it is compared with; "" for the first
    relation: str
    headline: str  # the new headline where it differs, else ""
    cut: tuple[str, ...] = ()  # sentences
    added: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


def compare_stories(one: Story, other: Story, settings: Settings) -> Comparison:
    """The verdict on two stories, in whichever order they are given."""
    earlier, later = sorted((one, other), key=lambda story: (story.time, story.id))
    rule, model = Rule.of(settings), load_model()
    limit = settings["dedup.text_limit"]
    old, new = earlier.article, later.article
    mine = Profile(new.text, new.title, limit)
    theirs = Profile(old.text, old.title, limit)
    pair = measure(mine, theirs, (later.time - earlier.time).total_seconds() / 3600)
    score = float(model.probability([pair])[0])
    same = bool(new.outlet) and new.outlet == old.outlet
    short, long = (mine, theirs) if mine.length <= theirs.length else (theirs, mine)
    form = float(in_forms(short, long).mean()) if short.length else 0.0
    verdict = judge(mine, theirs, pair, score, rule, same_outlet=same, form=form)
    reasons = model.because(pair)
    reasons.pop("base")
    why = verdict.why
    if max(pair.containment, pair.containment_of) < FLOOR:
        verdict, why = TOO_LITTLE, LITTLE  # as the pipeline does, which asks no further
    elif why == LITTLE:
        why = _decided(pair, reasons)
    return Comparison(
        earlier=earlier.id,
        later=later.id,
        copy=verdict.copy,
        same_cluster=verdict.joins,
        score=verdict.score,
        why=why,
        figures=_figures(pair),
        reasons={name: round(value, 3) for name, value in list(reasons.items())[:REASONS]},
        link=link(
            mine,
            theirs,
            earlier.id,
            pair,
            joins=verdict.joins,
            score=verdict.score,
            same_outlet=same,
        ),
        differences=differences(old.text, new.text),
    )


def _decided(pair: Pair, reasons: Mapping[str, float]) -> str:
    """What weighs most against a copy, in words."""
    values = dict(zip(FIGURES, figures(pair), strict=True))
    against = [name for name, added in reasons.items() if added < 0 and name in AGAINST]
    told = [AGAINST[name].format(values[name]) for name in against[:DECIDED]]
    return f"{LITTLE}: {'; '.join(told)}" if told else LITTLE


def _figures(pair: Pair) -> dict[str, float]:
    named = dict(zip(FIGURES, figures(pair), strict=True))
    return {name: round(value, 4) for name, value in named.items()} | {
        "hours": round(pair.hours, 2)
    }


def differences(before: str, after: str) -> tuple[Difference, ...]:
    """The two texts' words aligned; of longer texts the first 4,000 words."""
    old, new = _WORD.findall(before)[:DIFF_WORDS], _WORD.findall(after)[:DIFF_WORDS]
    matcher = difflib.SequenceMatcher(
        None, [word.casefold() for word in old], [word.casefold() for word in new], autojunk=False
    )
    names = {"equal": "same", "delete": "cut", "insert": "added", "replace": "replaced"}
    return tuple(
        Difference(
            change=names[tag], before=" ".join(old[low:high]), after=" ".join(new[start:end])
        )
        for tag, low, high, start, end in matcher.get_opcodes()
    )


def history(cluster: Cluster, stories: Mapping[str, Story]) -> tuple[Change, ...]:
    """The copies of a cluster in time, and what each changed of the story it is linked to.

    A story whose link leads out of ``stories`` is compared with the lead.
    """
    members = [stories[one] for one in cluster.stories if one in stories]
    changes = []
    for story in sorted(members, key=lambda one: (one.time, one.id)):
        target = story.link.story_id if story.link else ""
        against = stories.get(target) or stories.get(cluster.lead)
        first = not story.link or against is None or against.id == story.id
        cut, added, moved = ((), (), ()) if first else changed(against, story)  # type: ignore[arg-type]
        changes.append(
            Change(
                story_id=story.id,
                outlet=story.article.outlet or story.article.host,
                time=story.time,
                against="" if first or against is None else against.id,
                relation=story.link.relation if story.link else "first",
                headline=""
                if against and against.article.title == story.article.title
                else story.article.title,
                cut=cut,
                added=added,
                moved=moved,
            )
        )
    return tuple(changes)


def changed(
    before: Story, after: Story
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The sentences that a copy cut, added and moved."""
    old, new = _sentences(before.article.text), _sentences(after.article.text)
    cut = tuple(text for key, text in old.items() if key not in new)
    added = tuple(text for key, text in new.items() if key not in old)
    stay_old = [key for key in old if key in new]
    stay_new = [key for key in new if key in old]
    kept: set[str] = set()
    matcher = difflib.SequenceMatcher(None, stay_old, stay_new, autojunk=False)
    for block in matcher.get_matching_blocks():
        kept |= set(stay_old[block.a : block.a + block.size])
    return cut, added, tuple(new[key] for key in stay_new if key not in kept)


def _sentences(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _SENTENCE.finditer(text):
        words = re.findall(r"\w+", match[0].casefold())
        if words:
            found.setdefault(" ".join(words), match[0].strip())
    return found


def render_comparison(comparison: Comparison) -> RenderableType:
    """A comparison for the terminal."""
    verdict = "copy" if comparison.copy else "no copy"
    if comparison.copy and not comparison.same_cluster:
        verdict = "a source, too little alike to share a cluster"
    head = Text.assemble(
        (verdict, "bold green" if comparison.copy else "bold red"),
        f" · {comparison.score:.3f} · {comparison.why} · {comparison.link.relation}",
    )
    table = Table("figure", "value", "adds to log-odds", box=None)
    for name, value in comparison.figures.items():
        added = comparison.reasons.get(name)
        table.add_row(name, f"{value:g}", "" if added is None else f"{added:+.2f}")
    evidence = [Text(f"shared: {passage}", style="green") for passage in comparison.link.shared]
    if comparison.link.numbers_differ:
        evidence.append(Text(f"numbers differ: {', '.join(comparison.link.numbers_differ)}"))
    if comparison.link.names_differ:
        evidence.append(Text(f"names differ: {', '.join(comparison.link.names_differ)}"))
    return Group(head, table, *evidence, Text(), _diff(comparison.differences))


def _diff(parts: Iterable[Difference]) -> Text:
    shown = Text()
    for part in parts:
        if part.change == "same":
            words = part.before.split(" ")
            if len(words) > 2 * CONTEXT_WORDS:
                words = [*words[:CONTEXT_WORDS], "…", *words[-CONTEXT_WORDS:]]
            shown.append(" ".join(words) + " ")
            continue
        if part.before:
            shown.append(f"[-{part.before}-]", style="red")
            shown.append(" ")
        if part.after:
            shown.append(f"{{+{part.after}+}}", style="green")
            shown.append(" ")
    return shown


def render_history(cluster: Cluster, changes: Iterable[Change]) -> RenderableType:
    """A cluster's copies in time for the terminal."""
    table = Table("time", "outlet", "is", "headline", "cut", "added", "moved")
    for change in changes:
        lead = " (lead)" if change.story_id == cluster.lead else ""
        table.add_row(
            f"{change.time:%Y-%m-%d %H:%M}",
            Text(change.outlet + lead),
            change.relation,
            Text(change.headline),
            *(_listed(part) for part in (change.cut, change.added, change.moved)),
        )
    head = Text(f"cluster {cluster.id} · {len(cluster.stories)} stories · {cluster.lead_reason}")
    return Group(head, table)


def _listed(sentences: tuple[str, ...]) -> Text:
    if not sentences:
        return Text("–")
    shown = "\n".join(f"· {sentence}" for sentence in sentences[:SHOWN])
    more = len(sentences) - SHOWN
    return Text(f"{len(sentences)}:\n{shown}" + (f"\n… {more} more" if more > 0 else ""))
