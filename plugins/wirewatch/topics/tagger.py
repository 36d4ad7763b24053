"""Topics of a story by the rules of ``config/topics/``, with the words that decided."""

from __future__ import annotations

import math
from pathlib import Path

from wirewatch.records import Story, TopicTag, replace
from wirewatch.topics import rules
from wirewatch.topics.taxonomy import name

MAX_WORDS = 500  # words of the text that are read: reports say first what they are about
MAX_TOPICS = 3
MAX_WHY = 6  # words shown as the reason
TITLE = 3  # times that a word of the title counts
REPEATS = 3  # times that one pattern counts in the text at the most
FULL = 100  # words of text whose matches count in full; of a longer one, with its square root
THRESHOLD = 5.0  # points from which a topic is given; docs/topics.md says how it was found
SHARE = 0.4  # of the best topic's points that a further topic needs
HALF = 10.0  # points that make a score of .5
MEMORY = 200_000  # words remembered with their patterns; some 20 MB a language

Hits = dict[tuple[int, tuple[int, ...]], "_Hit"]  # by topic and pattern


class _Hit:
    """A pattern that was found: its points, the words as they stand, how often."""

    __slots__ = ("body", "head", "points", "shown")

    def __init__(self, points: float, shown: str) -> None:
        self.points = points
        self.shown = shown
        self.head = 0
        self.body = 0

    @property
    def total(self) -> float:
        return self.points * (min(self.body, REPEATS) + TITLE * min(self.head, 1))


class Tagger:
    """Holds the rules and a memory of words; one for a process."""

    def __init__(self, loaded: rules.Rules) -> None:
        self._rules = loaded
        self._memory: dict[str, dict[str, tuple[int, ...]]] = {one: {} for one in loaded.tables}

    @classmethod
    def load(cls, folder: Path) -> Tagger:
        """A tagger with the rules of the folder. Raises rules.BadRules naming file and line."""
        return cls(rules.load(folder))

    def tagged(self, story: Story) -> Story:
        """The story with the topics of its article."""
        article = story.article
        return replace(story, topics=self.tag(article.title, article.text, article.language))

    def tag(self, title: str, text: str, language: str) -> tuple[TopicTag, ...]:
        """Up to three topics, best first; none where no topic has enough words, or where the
        language (BCP 47) has no rules."""
        primary = language.split("-", 1)[0].lower()
        if primary not in self._rules.tables:
            return ()
        head = rules.words(title, primary)
        # no language tagged has 12 characters a word, so this has enough words
        body = rules.words(text[: MAX_WORDS * 12], primary)[:MAX_WORDS]
        hits: Hits = {}
        self._find(head, primary, hits, in_head=True)
        self._find(body, primary, hits, in_head=False)
        scale = math.sqrt(FULL / max(FULL, len(body)))
        points: dict[int, float] = {}
        for (topic, _), hit in hits.items():
            points[topic] = points.get(topic, 0.0) + hit.total * scale
        ranked = sorted(points.items(), key=lambda item: (-item[1], self._rules.codes[item[0]]))
        return tuple(
            self._tag(topic, value, hits)
            for topic, value in ranked[:MAX_TOPICS]
            if value >= THRESHOLD and value >= SHARE * ranked[0][1]
        )

    def _find(self, words: list[str], language: str, hits: Hits, *, in_head: bool) -> None:
        table = self._rules.tables[language]
        memory = self._memory[language]
        if len(memory) > MEMORY:
            memory.clear()
        matched: list[tuple[int, ...]] = []
        for word in words:
            numbers = memory.get(word)
            if numbers is None:
                numbers = memory[word] = _numbers(word, language, table)
            matched.append(numbers)
        for place, numbers in enumerate(matched):
            for number in numbers:
                for topic, points in table.single.get(number, ()):
                    _count(hits, topic, (number,), points, words[place : place + 1], in_head)
                for pattern, topic, points in table.phrases.get(number, ()):
                    end = place + len(pattern)
                    if end <= len(words) and all(
                        part in matched[place + offset] for offset, part in enumerate(pattern)
                    ):
                        _count(hits, topic, pattern, points, words[place:end], in_head)

    def _tag(self, topic: int, value: float, hits: Hits) -> TopicTag:
        code = self._rules.codes[topic]
        reasons = [hit for (of, _), hit in hits.items() if of == topic and hit.points > 0]
        reasons.sort(key=lambda hit: (-hit.total, hit.shown))
        return TopicTag(
            code=code,
            name=name(code),
            score=round(value / (value + HALF), 3),
            why=tuple(dict.fromkeys(hit.shown for hit in reasons))[:MAX_WHY],
        )


def _numbers(word: str, language: str, table: rules.Table) -> tuple[int, ...]:
    """The numbers of the single-word patterns that a word matches."""
    found: dict[int, None] = {}
    forms = [word]
    if language == "ar":
        forms = list(dict.fromkeys((word, rules.bare(word), rules.bare(word.lstrip("و")))))
    for form in forms:
        if form in table.exact:
            found.setdefault(table.exact[form])
        for length in table.prefix_lengths:
            if length > len(form):
                break
            if (number := table.prefixes.get(form[:length])) is not None:
                found.setdefault(number)
        for length in table.suffix_lengths:
            if length >= len(form):
                break
            if (number := table.suffixes.get(form[-length:])) is not None:
                found.setdefault(number)
    return tuple(found)


def _count(
    hits: Hits, topic: int, pattern: tuple[int, ...], points: float, words: list[str], in_head: bool
) -> None:
    hit = hits.get((topic, pattern))
    if hit is None:
        hit = hits[(topic, pattern)] = _Hit(points, " ".join(words))
    if in_head:
        hit.head += 1
    else:
        hit.body += 1
