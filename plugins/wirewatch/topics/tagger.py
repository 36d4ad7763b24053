"""Topics of a story by evidence: its words, by the rules of ``config/topics/``, and what its
publisher calls it. Every topic says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from wirewatch.records import Article, Story, TopicTag, replace
from wirewatch.topics import rules, sections, spelling
from wirewatch.topics.matcher import Found, Matcher
from wirewatch.topics.rules import CUSTOM
from wirewatch.topics.taxonomy import TOP_LEVEL, ancestors, name, top

MAX_WORDS = 500  # words of the text that are read: reports say first what they are about
MAX_WORD = 12  # characters a word: no tagged language that parts its words has more on average
MAX_TITLE = 1_000  # characters of the title
MAX_OWN = 3  # topics of one's own
MAX_WHY = 6  # words shown as the reason
TITLE = 3  # times that a word of the title counts
REPEATS = 3  # times that one pattern counts in the text at the most
FULL = 100  # words whose matches count in full; of others, by the square root of their number
SHORT = 12  # words from which a text is no shorter: one word of a headline must not decide alone
KEPT = 500  # stories whose topics are remembered: some 2 MB, more than a run's reports at once
THRESHOLD = 4.0  # points from which a topic is given; docs/topics.md says how it was found
# Of the points that words give to the best topic: what the first, second and third one need. A
# third top-level topic is seldom right.
SHARES = (0.0, 0.6, 0.9)
SHARES_BELOW = (0.0, 0.6, 0.6)
HALF = 10.0  # points that make a score of .5
PUBLISHER = {"section": 10.0, "address": 8.0, "keywords": 3.0}  # points of the publisher's word
PUBLISHER_MOST = 14.0  # points of all its words together: they are seldom independent

# The fields of an article that its topics are read from.
TAGGED_BY = ("title", "text", "language", "section", "keywords", "canonical_url")

_END_OF_TITLE = "|"  # no word has it, so that no phrase goes on from the title to the text


class Evidence(NamedTuple):
    """What speaks for a topic: of what kind, as it stands there, and its points."""

    kind: str  # "words", or what the publisher named it by: "section", "address", "keywords"
    shown: str
    points: float


class Weighed(NamedTuple):
    """A topic that something speaks for."""

    code: str
    name: str
    words: float  # points of its words, for the length of the text
    publisher: float = 0.0  # points of the publisher's word
    by: str = ""  # the topic below that speaks for it, where nothing else does

    @property
    def points(self) -> float:
        return self.words + self.publisher


class Reading(NamedTuple):
    """What a text and its publisher say."""

    weighed: list[Weighed]  # every topic that anything speaks for, the weightiest first
    named: Mapping[str, Mapping[str, str]]  # by topic: kinds of the publisher's word, as written
    words: Mapping[str, Sequence[Found]]  # by topic
    line: str  # the words that were read
    scale: float  # of their points, for their number
    matcher: Matcher | None

    def evidence(self, code: str) -> list[Evidence]:
        """What speaks for a topic, the publisher's word first, then the weightiest words."""
        given = [
            Evidence(kind, written, PUBLISHER[kind])
            for kind, written in self.named.get(code, {}).items()
        ]
        if self.matcher is None:
            return given
        end = self.line.index(_END_OF_TITLE)
        found: dict[str, float] = {}
        for one in self.words.get(code, ()):
            shown = self.matcher.shown(self.line, one.places[0])
            found[shown] = found.get(shown, 0.0) + _points(one, end) * self.scale
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return given + [Evidence("words", shown, points) for shown, points in ranked]


class Tagger:
    """Holds the rules, and the automaton of each language that was met; one for a process."""

    def __init__(self, loaded: rules.Rules, named: sections.Sections = sections.NONE) -> None:
        self._rules = loaded
        self._names = dict(zip(loaded.codes, loaded.names, strict=True))
        self._sections = named
        self._matchers: dict[str, Matcher] = {}
        self._kept: dict[str, tuple[Article, tuple[TopicTag, ...]]] = {}

    @classmethod
    def load(cls, folder: Path) -> Tagger:
        """A tagger with the rules of the folder. Raises rules.BadRules naming file and line."""
        return cls(rules.load(folder), sections.load(folder))

    def knows(self, language: str) -> bool:
        """Whether there are rules for a language (BCP 47)."""
        return bool(self._rules.patterns.get(spelling.primary(language)))

    def tagged(self, story: Story) -> Story:
        """The story with the topics of its article.

        They are kept for a while: the longest text of a report is asked for with each copy.
        """
        article, topics = self._kept.get(story.id, (None, ()))
        if article != story.article:
            topics = tags(self.read(story.article))
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[story.id] = story.article, topics
        return replace(story, topics=topics)

    def tag(self, title: str, text: str, language: str) -> tuple[TopicTag, ...]:
        """The topics of a text, best first; none where no topic has enough words, or where the
        language (BCP 47) has no rules."""
        return tags(self._reading(title, text, language, {}))

    def read(self, article: Article) -> Reading:
        """What an article's words and its publisher say."""
        named: dict[str, dict[str, str]] = {}
        for said in sections.said(self._sections, article):
            for code in (said.code, *ancestors(said.code)):
                named.setdefault(code, {}).setdefault(said.kind, said.written)
        return self._reading(article.title, article.text, article.language, named)

    def _reading(
        self, title: str, text: str, language: str, named: Mapping[str, Mapping[str, str]]
    ) -> Reading:
        primary = spelling.primary(language)
        matcher = self._matcher(primary)
        by_topic: dict[str, list[Found]] = {}
        points: dict[str, float] = {}
        line, scale = "", 1.0
        if matcher is not None:
            most = MAX_WORDS * (spelling.SIGNS if primary in spelling.UNPARTED else MAX_WORD)
            head = spelling.words(title[:MAX_TITLE], primary)
            body = spelling.words(text[:most], primary)[:MAX_WORDS]
            line = spelling.line([*head, _END_OF_TITLE, *body], primary)
            length = spelling.length(head, primary) + spelling.length(body, primary)
            scale = math.sqrt(FULL / max(length, SHORT))
            end, codes = line.index(_END_OF_TITLE), self._rules.codes
            for found in matcher.found(line):
                code = codes[found.pattern.topic]
                by_topic.setdefault(code, []).append(found)
                points[code] = points.get(code, 0.0) + _points(found, end) * scale
        weighed = [
            Weighed(
                code,
                self._names.get(code) or name(code),
                points.get(code, 0.0),
                min(PUBLISHER_MOST, sum(PUBLISHER[kind] for kind in named.get(code, ()))),
            )
            for code in points.keys() | named.keys()
        ]
        weighed.sort(key=lambda one: (-one.points, one.code))
        return Reading(weighed, named, by_topic, line, scale, matcher)

    def _matcher(self, language: str) -> Matcher | None:
        """The automaton of a language, made when it is met first; None where it has no rules."""
        if language not in self._matchers and self._rules.patterns.get(language):
            self._matchers[language] = Matcher(self._rules.patterns[language], language)
        return self._matchers.get(language)


def _points(found: Found, end_of_title: int) -> float:
    """The points of a pattern that was found, before they are scaled."""
    places = found.places
    if places[0][0] > end_of_title:  # they are in order
        return found.pattern.points * min(len(places), REPEATS)
    in_text = sum(start > end_of_title for start, _ in places)
    return found.pattern.points * (TITLE + min(in_text, REPEATS))


def choose(weighed: Sequence[Weighed]) -> list[Weighed]:
    """The topics that are given, of all that something speaks for.

    First top-level ones, the weightiest first; then those below them, with what stands between;
    then those of one's own. Where words alone speak for a topic, it needs a share of the points
    that words give to the best of its level.
    """
    enough = [one for one in weighed if one.points >= THRESHOLD]
    tops = _best((one for one in enough if one.code in TOP_LEVEL), SHARES)
    given = {one.code for one in tops}
    below = _best(
        (one for one in enough if one.code not in TOP_LEVEL and top(one.code) in given),
        SHARES_BELOW,
    )
    closed = {one.code: one for one in below}
    for one in below:
        for code in ancestors(one.code):
            if code not in TOP_LEVEL:
                closed.setdefault(code, one._replace(code=code, name=name(code), by=one.code))
    own = [one for one in enough if one.code.startswith(CUSTOM)]
    return [*tops, *closed.values(), *own[:MAX_OWN]]


def _best(level: Iterable[Weighed], shares: Sequence[float]) -> list[Weighed]:
    found = list(level)
    most = max((one.words for one in found), default=0.0)
    best: list[Weighed] = []
    for one in found:
        if len(best) < len(shares) and (one.publisher or one.words >= shares[len(best)] * most):
            best.append(one)
    return best


def tags(reading: Reading) -> tuple[TopicTag, ...]:
    """The topics of a text that was read, each with what decided."""
    return tuple(
        TopicTag(
            code=one.code,
            name=one.name,
            score=round(one.points / (one.points + HALF), 3),
            why=_why(reading.evidence(one.by or one.code)),
        )
        for one in choose(reading.weighed)
    )


def _why(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """The evidence by kind, as in "section: Sport" and "words: goalkeeper, cup"."""
    kinds: dict[str, list[str]] = {}
    for one in evidence:
        kinds.setdefault(one.kind, []).append(one.shown)
    return tuple(f"{kind}: {', '.join(shown[:MAX_WHY])}" for kind, shown in kinds.items())
