"""A cluster in sentences: who wrote the report, who has it, what each copy changed.

Sentences are tuples of parts, so that a page can set a time in its reader's zone and link a story;
:func:`plain` joins them for a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from wirewatch.dedup.agency import Agencies
from wirewatch.dedup.explain import changed
from wirewatch.records import Cluster, Record, Story, replace

NAMED = 3  # outlets that a sentence names; the timeline has all
REWORDED = 0.5  # of the longer sentence's words in the other: said otherwise, not another sentence
PAIRS = 10_000  # sentences cut times added that are held against each other: 20 ms
UNSPACED = 4  # words that a long sentence has at the most where words are not parted by blanks
SAME = 3  # words more or less that do not make a text longer or shorter: bylines, a dateline


class Role(StrEnum):
    """What a story is in its cluster."""

    AGENCY = "agency"  # on the agency's own pages
    WIRE = "wire"  # signed with an agency
    OWN = "own"  # first, and no agency is named
    COPY = "copy"  # matches another, and names no agency
    PART = "part"  # has a part of it, among other things
    REVISION = "revision"  # the same outlet's later version


class Mention(Record, frozen=True, kw_only=True):
    """A story named in a sentence."""

    story_id: str
    text: str


Part = str | datetime | Mention
Sentence = tuple[Part, ...]


class Copy(Record, frozen=True, kw_only=True):
    """One story of a cluster, and what it changed."""

    story: Story
    role: Role
    lead: bool
    late: timedelta | None  # after the first; None where its page gives the day only
    relation: str  # of its link; "" without one
    origin: bool  # what the others are compared with
    headline: str = ""  # where it is another than the origin's
    cut: tuple[str, ...] = ()  # sentences
    added: tuple[str, ...] = ()
    reworded: tuple[tuple[str, str], ...] = ()  # as the origin has it, as this one has it
    moved: tuple[str, ...] = ()
    sentence: Sentence = ()  # what it did to the report

    @property
    def untouched(self) -> bool:
        """Whether it has every sentence as it was, where it was."""
        return not (self.cut or self.added or self.reworded or self.moved)


def summarise(
    cluster: Cluster, stories: Mapping[str, Story], agencies: Agencies
) -> tuple[tuple[Sentence, ...], tuple[Copy, ...]]:
    """A cluster in sentences, and its stories in time, each with what it changed.

    All are compared with one text, the origin: the agency's own page where there is one, else the
    lead. ``stories`` has those of the cluster that are described; there is at least one.
    """
    members = sorted(
        (stories[one] for one in dict.fromkeys(cluster.stories) if one in stories),
        key=lambda story: (story.time, story.id),
    )
    origin = _origin(members, cluster, agencies)
    first = _first(members)
    copies = tuple(
        _copy(story, origin, first, cluster, role_of(story, agencies)) for story in members
    )
    return tuple(_sentences(cluster, copies, first)), copies


def _origin(members: Sequence[Story], cluster: Cluster, agencies: Agencies) -> Story:
    own = [story for story in members if agencies.owner(story.article.outlet, story.article.host)]
    leads = [story for story in members if story.id == cluster.lead]
    return (own or leads or list(members))[0]


def _first(members: Sequence[Story]) -> Story:
    """Who had it first, as far as can be told: a bare day counts only for days before."""
    earliest = members[0]
    if not _day_only(earliest):
        return earliest
    timed = next((story for story in members if not _day_only(story)), None)
    # The day began somewhere on earth up to 14 hours before it did in UTC, and ended 12 after.
    if timed is None or timed.time - earliest.time > timedelta(hours=36):
        return earliest
    return timed


def _day_only(story: Story) -> bool:
    return story.article.published is not None and story.article.published_precision == "day"


def _copy(story: Story, origin: Story, first: Story, cluster: Cluster, role: Role) -> Copy:
    copy = Copy(
        story=story,
        role=role,
        lead=story.id == cluster.lead,
        late=None if _day_only(story) else story.time - first.time,
        relation=story.link.relation if story.link else "",
        origin=story.id == origin.id,
    )
    if copy.origin:
        return replace(copy, sentence=_stands(story, role))
    cut, added, moved = changed(origin, story)
    reworded, cut, added = _reworded(cut, added)
    other = story.article.title.casefold().split() != origin.article.title.casefold().split()
    copy = replace(
        copy,
        headline=story.article.title if other else "",
        cut=cut,
        added=added,
        reworded=reworded,
        moved=moved,
    )
    return replace(copy, sentence=_did(copy, origin))


def role_of(story: Story, agencies: Agencies) -> Role:
    """What a story is in its cluster."""
    if agencies.owner(story.article.outlet, story.article.host):
        return Role.AGENCY
    relation = story.link.relation if story.link else ""
    if relation in ("excerpt", "embedded", "mix"):
        return Role.PART
    if relation == "revision":
        return Role.REVISION
    if story.agency:
        return Role.WIRE
    return Role.COPY if relation else Role.OWN


def plain(sentence: Sentence) -> str:
    """A sentence as text, times in UTC."""
    return "".join(
        f"{part:%Y-%m-%d %H:%M} UTC"
        if isinstance(part, datetime)
        else part.text
        if isinstance(part, Mention)
        else part
        for part in sentence
    )


def duration(span: timedelta) -> str:
    """A span of time in the two largest units that it has: ``2 h 10 min``, ``3 days``."""
    minutes = round(abs(span.total_seconds()) / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h" if hours and days < 7 else f"{days} days"


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 copy``, ``2 copies``, ``1,200 copies``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _sentences(cluster: Cluster, copies: Sequence[Copy], first: Story) -> Iterable[Sentence]:
    yield _author(cluster, copies)
    if len(copies) == 1 and len(cluster.stories) == 1:
        yield ("Nobody else has it so far.",)
        return
    last = copies[-1].story
    yield from _began(copies, first)
    yield (
        f"It is in {counted(cluster.outlets, 'outlet')} now, as "
        f"{counted(len(cluster.stories), 'story', 'stories')}; the latest came "
        f"{duration(last.time - first.time)} after the first, in ",
        _name(last),
        ".",
    )
    others = [copy for copy in copies if not copy.origin]
    yield from _reprints([copy for copy in copies if copy.story.id != first.id])
    yield from _doings(others, next(copy.story for copy in copies if copy.origin))
    lead = next((copy for copy in copies if copy.lead), None)
    if lead is not None and cluster.lead_reason:
        yield (_name(lead.story), f" stands for all of them here: {cluster.lead_reason}.")


def _began(copies: Sequence[Copy], first: Story) -> Iterable[Sentence]:
    """Who had it first, and who may have, by a page that gives the day only."""
    if _day_only(first):
        yield (_name(first), f" had it first, on {_day(first)} (its page gives the day only).")
        return
    bare = [copy.story for copy in copies if copy.late is None and copy.story.time < first.time]
    among = " of those that give a time" if bare else ""
    yield (_name(first), f" had it first{among}, at ", first.time, ".")
    for story in bare[:NAMED]:
        yield (_name(story), f" gives the day only, {_day(story)}: it may have been earlier.")


def _day(story: Story) -> str:
    return f"{story.time.day} {story.time:%B %Y}"


def _author(cluster: Cluster, copies: Sequence[Copy]) -> Sentence:
    own = next((copy for copy in copies if copy.role is Role.AGENCY), None)
    if own is not None:
        return (
            f"{own.story.agency or own.story.article.outlet} wrote this report and has it on its "
            "own pages, since ",
            own.story.time,
            ".",
        )
    signed = [copy for copy in copies if copy.story.agency == cluster.agency and cluster.agency]
    if signed:
        evidence = next((c.story.agency_evidence for c in signed if c.story.agency_evidence), "")
        quoted = f" ({evidence})" if evidence else ""
        if len(copies) == 1:
            return (f"{cluster.agency} wrote this report, by what the page says{quoted}.",)
        every = counted(len(copies), "copy", "copies")
        return (f"{cluster.agency} wrote this report: {len(signed)} of {every} say so{quoted}.",)
    first = copies[0].story
    by = f", by {', '.join(first.article.authors[:NAMED])}" if first.article.authors else ""
    if len(copies) == 1:
        return (_name(first), f" wrote it itself{by}: no news agency is named.")
    return (
        _name(first),
        f" wrote it, as far as can be told{by}: it was first, and no copy names a news agency.",
    )


def _reprints(followers: Sequence[Copy]) -> Iterable[Sentence]:
    outlets: dict[str, Copy] = {}
    for copy in followers:
        if copy.role not in (Role.PART, Role.REVISION, Role.AGENCY):
            outlets.setdefault(copy.story.article.outlet or copy.story.article.host, copy)
    if not outlets:
        return
    named: list[Part] = []
    shown = list(outlets.values())[:NAMED]
    more = len(outlets) - len(shown)
    for number, copy in enumerate(shown):
        if number:
            named.append(" and " if number == len(shown) - 1 and not more else ", ")
        later = "" if copy.late is None else f" {duration(copy.late)} later"
        named += [_name(copy.story), later]
    if more:
        named.append(f" and {counted(more, 'other outlet')} after them")
    yield ("It was reprinted by ", *named, ".")


def _doings(followers: Sequence[Copy], origin: Story) -> Iterable[Sentence]:
    """What the copies did, in figures."""
    whole = [c for c in followers if c.role not in (Role.PART, Role.REVISION)]
    parts = [c for c in followers if c.role is Role.PART]
    revised = [c for c in followers if c.role is Role.REVISION]
    kinds = (
        (sum(c.untouched for c in whole), "changed no sentence"),
        (sum(bool(c.cut) for c in whole), "cut some"),
        (sum(bool(c.reworded) for c in whole), "reworded some"),
        (sum(bool(c.added) for c in whole), "added some"),
        (sum(bool(c.moved) for c in whole), "moved some"),
        (sum(bool(c.headline) for c in whole), "gave it another headline"),
    )
    figures = [f"{number:,} {what}" for number, what in kinds if number]
    if whole and figures:
        yield (
            f"Of the {counted(len(whole), 'other copy', 'other copies')}, held against ",
            _name(origin),
            f"’s: {_joined(figures)}.",
        )
    if parts:
        verb = "has" if len(parts) == 1 else "have"
        more = counted(len(parts), "further story", "further stories")
        yield (f"{more} {verb} a part of it, or {verb} it as a part.",)
    if revised:
        more = counted(len(revised), "story is", "stories are")
        yield (f"{more} a later version by an outlet that had it.",)


def _stands(story: Story, role: Role) -> Sentence:
    """What is said of the text that the others are compared with."""
    words = counted(story.word_count, "word")
    if role is Role.AGENCY:
        return (f"The agency’s own text, {words}: the others are held against it.",)
    return (f"{words[:1].upper()}{words[1:]}: the others are held against this text.",)


def _did(copy: Copy, origin: Story) -> Sentence:
    """What one story did to the origin's text."""
    begin = {
        "truncated": "A shortened copy",
        "excerpt": "A short excerpt",
        "embedded": "A longer text with the report inside",
        "mix": "A text made of this and something else",
        "revision": "A later version",
    }.get(copy.relation, "A copy")
    doings = [
        f"{verb} {counted(len(sentences), 'sentence')}"
        for verb, sentences in (
            ("cut", copy.cut),
            ("reworded", copy.reworded),
            ("added", copy.added),
            ("moved", copy.moved),
        )
        if sentences
    ]
    length = ""
    if abs(copy.story.word_count - origin.word_count) > SAME and origin.word_count:
        length = f" ({copy.story.word_count:,} words for {origin.word_count:,})"
    if doings:
        anew = "; headlined anew" if copy.headline else ""
        return (f"{begin}: {_joined(doings)}{length}{anew}.",)
    if copy.headline:
        return (f"{begin}, sentence for sentence{length}, but headlined anew.",)
    return (f"{begin}, sentence for sentence{length}.",)


def _joined(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def _reworded(
    cut: Sequence[str], added: Sequence[str]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]:
    """Sentences that were not cut but said otherwise, as pairs; those that were cut; and added.

    A pair shares half of the words of the longer one. Each sentence is in one pair at the most.
    """
    if len(cut) * len(added) > PAIRS:
        return (), tuple(cut), tuple(added)
    old, new = [_words(one) for one in cut], [_words(one) for one in added]
    ranked = sorted(
        (-share, i, j)
        for i, a in enumerate(old)
        for j, b in enumerate(new)
        if (share := len(a & b) / max(len(a), len(b), 1)) >= REWORDED
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in ranked:
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    return (
        tuple((cut[i], added[j]) for i, j in sorted(partner.items())),
        tuple(one for i, one in enumerate(cut) if i not in partner),
        tuple(one for j, one in enumerate(added) if j not in taken),
    )


def _words(sentence: str) -> frozenset[str]:
    words = re.findall(r"\w+", sentence.casefold())
    if len(words) <= UNSPACED and len(sentence) > 2 * UNSPACED:  # a script without blanks
        return frozenset(sentence[i : i + 2] for i in range(len(sentence) - 1))
    return frozenset(words)


def _name(story: Story) -> Mention:
    return Mention(
        story_id=story.id, text=story.article.outlet or story.article.host or "an unnamed outlet"
    )
