"""A query's tree as Elasticsearch's query DSL; nothing a user wrote is passed through raw.

Every story has its title and text under one language's key, analysed in that language, so a word
is asked of the fields of every language that is present and scores by the best of them. Title and
text count as one weighted field (BM25F: Robertson, Zaragoza and Taylor, "Simple BM25 extension to
multiple weighted fields", 2004; Elasticsearch's ``combined_fields``). Words are also asked of the
unstemmed sub-fields: there a language's stop words are kept, so that every word of a query counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from unicodedata import category

from wirewatch.search import dates
from wirewatch.search.language import WORDS
from wirewatch.search.tree import (
    And,
    Dates,
    Everything,
    Leaf,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Saved,
    Word,
    leaves,
)
from wirewatch.store.mapping import OTHER

Query = dict[str, Any]


# The weights with which ``benchmarks/search.py`` ranks best.
TITLE = 2.0  # a match in the title against one in the text; 1 and 3 rank a little worse
EXACT = 0.5  # a match of the form that was typed against one of its stem
ENDINGS = 2_000  # words that the last part of wire-cop* may stand for: an index has fewer
NAMES = {"outlet": "outlet.words", "agency": "agency.words", "author": "authors.words"}
DATE_FIELDS = {"published": "time", "seen": "first_seen"}  # ``time``: published, else first seen

UNSTEMMED = OTHER  # its sub-field for exact words would hold the same
_UNPARTED = "\u0e00"  # from here on, scripts may write words without blanks: Thai, CJK

# Where a word of a topic's name may begin and end; names are English, words parted by these.
_BREAK = r"[ ,/\(\)\&'’\-]"


def translate(
    tree: Node,
    *,
    languages: Sequence[str],
    now: datetime,
    any_word: bool = False,
) -> Query:
    """The DSL of a tree whose saved searches are written out.

    ``languages`` are keys of ``config/elasticsearch/languages.json``; ``7d`` counts back from
    ``now``. With ``any_word`` the words of an AND at the top are wanted, not required: what has
    more of them, and rarer ones, comes first, and a word that was typed twice counts twice; stop
    words do not count, and everything else there is still required.
    """
    maker = _Maker(languages_asked(tree, languages), now, stop_words=not any_word)
    return maker.wanted(tree) if any_word else maker.part(tree)


def clauses(tree: Node, languages: Sequence[str]) -> int:
    """How many leaf clauses the server sees for the translation: fields times words."""
    keys = languages_asked(tree, languages)
    return sum(len(_fields(leaf, keys)) or 1 for leaf in leaves(tree))


def languages_asked(tree: Node, languages: Sequence[str]) -> tuple[str, ...]:
    """Those of the keys that a story can have which matches: ``lang:`` at the top narrows them."""
    parts = tree.parts if isinstance(tree, And) else (tree,)
    for part in parts:
        either = part.parts if isinstance(part, Or) else (part,)
        tags = [p.text.lower() for p in either if isinstance(p, Word) and p.field == "lang"]
        if len(tags) == len(either) and all(tag in languages for tag in tags):
            # Only where each tag is itself a key: pt has stories under pt and under pt_br.
            near = {key for key in languages for tag in tags if key.split("_")[0] == tag}
            return tuple(key for key in languages if key in near)
    return tuple(languages)


class _Maker:
    def __init__(self, languages: tuple[str, ...], now: datetime, *, stop_words: bool) -> None:
        self._languages = languages
        self._now = now
        self._stop_words = stop_words

    def part(self, tree: Node) -> Query:
        """A part whose score counts only where words of title or text are in it."""
        made = self.node(tree)
        return made if _scores(tree) else {"bool": {"filter": [made]}}

    def node(self, tree: Node) -> Query:
        if isinstance(tree, And):
            return self._all(tree)
        if isinstance(tree, Or):
            return _some([self.part(part) for part in tree.parts])
        if isinstance(tree, Not):
            return {"bool": {"must_not": [self.node(tree.part)]}}
        return self._leaf(tree)

    def wanted(self, tree: Node) -> Query:
        parts = tree.parts if isinstance(tree, And) else (tree,)
        words = [p for p in parts if _is_text(p)]
        others = [p for p in parts if not _is_text(p)]
        if not words:
            return self.part(tree)
        made = self._all(And(tuple(others))) if others else {"bool": {}}
        made["bool"]["should"] = [
            {"bool": {"must": [self.node(part)], "boost": times}}
            for part, times in Counter(words).items()
        ]
        made["bool"]["minimum_should_match"] = 1
        return made

    def _all(self, tree: And) -> Query:
        made: dict[str, list[Query]] = {}
        for part in tree.parts:
            if isinstance(part, Not):
                made.setdefault("must_not", []).append(self.node(part.part))
            else:
                kind = "must" if _scores(part) else "filter"
                made.setdefault(kind, []).append(self.node(part))
        return {"bool": made}

    def _leaf(self, leaf: Leaf) -> Query:
        if isinstance(leaf, Everything):
            return {"match_all": {}}
        if isinstance(leaf, Saved):
            raise ValueError(f"@{leaf.name} was not written out; call expand first")
        if isinstance(leaf, Dates):
            return {"range": {DATE_FIELDS[leaf.field]: self._span(leaf)}}
        if leaf.field and leaf.field != "title" and leaf.field not in WORDS:
            return _value(leaf)
        fields = _fields(leaf, self._languages)
        if not fields:
            return {"match_none": {}}  # no story of any language is there
        if isinstance(leaf, Word) and not leaf.field and is_one(leaf.text):
            return self._word(leaf.text)
        if isinstance(leaf, Prefix):
            # Analysed as the fields are; the last word of it is then a prefix of theirs.
            if is_one(leaf.text):
                return _best([_match("match_bool_prefix", f, leaf.text) for f in fields])
            options = {"max_expansions": ENDINGS}
            return _best([_match("match_phrase_prefix", f, leaf.text, **options) for f in fields])
        asked: Query = {
            "query": leaf.text,
            "fields": [f if w == 1 else f"{f}^{w:g}" for f, w in fields.items()],
            # A word that analysis cuts in several (wire-copy, 北京大学) is asked as it stands.
            "type": "phrase",
        }
        if isinstance(leaf, Phrase) and leaf.slop:
            asked["slop"] = leaf.slop
        return {"multi_match": asked}

    def _word(self, text: str) -> Query:
        """A word of title or text, in the languages asked."""
        queries = []
        for key in self._languages:
            queries.append(_combined(text, f"title.{key}", f"text.{key}", 1))
            if self._stop_words and key != UNSTEMMED:
                queries.append(_combined(text, f"title.{key}.exact", f"text.{key}.exact", EXACT))
        return _best(queries)

    def _span(self, leaf: Dates) -> Query:
        if leaf.ago:
            return {"gte": dates.back_to(leaf.ago, self._now).isoformat()}
        begin, end = dates.span(leaf.low, leaf.high)
        asked = {}
        if begin is not None:
            asked["gte"] = begin.isoformat()
        if end is not None:
            asked["lt"] = end.isoformat()
        return asked


def _fields(leaf: Leaf, languages: Sequence[str]) -> dict[str, float]:
    """The analysed fields that a leaf is asked of, with their weights; none for other leaves."""
    if not isinstance(leaf, Word | Prefix | Phrase):
        return {}
    if leaf.field in NAMES:
        return {NAMES[leaf.field]: 1}
    if leaf.field not in ("", "title"):
        return {}
    fields: dict[str, float] = {}
    for key in languages:
        for name, weight in (("title", TITLE), ("text", 1.0)):
            if leaf.field and leaf.field != name:
                continue
            if isinstance(leaf, Word):
                fields[f"{name}.{key}"] = weight
                if key != UNSTEMMED:
                    fields[f"{name}.{key}.exact"] = weight * EXACT
            else:
                fields[f"{name}.{key}.exact"] = weight
    return fields


def is_one(word: str) -> bool:
    """Whether analysis keeps a word whole in every language: letters and digits, words parted.

    Modifier letters (Lm) are none: some of them are apostrophes, at which words are parted.
    """
    return word.isalnum() and not any(c >= _UNPARTED or category(c) == "Lm" for c in word)


def _match(kind: str, field: str, text: str, **options: Any) -> Query:
    return {kind: {field: {"query": text, **options}}}


def _combined(text: str, title: str, body: str, boost: float) -> Query:
    fields = [f"{title}^{TITLE:g}", body]
    asked = {"query": text, "fields": fields, "operator": "and"}
    return {"combined_fields": asked if boost == 1 else {**asked, "boost": boost}}


def _is_text(node: Node) -> bool:
    return isinstance(node, Word | Prefix | Phrase) and node.field in ("", "title")


def _scores(node: Node) -> bool:
    """Whether a part says how well a story fits, or only whether."""
    if isinstance(node, Not):
        return False
    if isinstance(node, And | Or):
        return any(_scores(part) for part in node.parts)
    return _is_text(node)


def _some(queries: list[Query]) -> Query:
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _best(queries: list[Query]) -> Query:
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": queries}}


def _value(leaf: Word | Prefix | Phrase) -> Query:
    """A leaf of a field whose values are kept as they are."""
    text = leaf.text
    if leaf.field == "cluster":
        return {"term": {"cluster_id": text}}
    if leaf.field == "country":
        return {"term": {"country": text.upper()}}
    if leaf.field == "kind":
        return {"term": {"kind": text.casefold()}}
    if leaf.field == "lang":
        # BCP 47 knows no case: pt-br is pt-BR; and pt is also what is written in Brazil.
        either = [
            {"term": {"language": {"value": text, "case_insensitive": True}}},
            {"prefix": {"language": {"value": text + "-", "case_insensitive": True}}},
        ]
        return _some(either)
    if leaf.field == "topic":
        return _topic(text, isinstance(leaf, Prefix))
    return _address(text, isinstance(leaf, Prefix))


def _topic(text: str, prefix: bool) -> Query:
    """A topic by its code, with or without ``medtop:``, or by words of its name."""
    words = "".join("\\" + c if not c.isalnum() and c != " " else c for c in text)
    end = ".*" if prefix else f"({_BREAK}.*)?"
    asked = {"value": f"(.*{_BREAK})?{words}{end}", "case_insensitive": True}
    named: Query = {"regexp": {"topics.name": asked}}
    if prefix:
        return named
    codes = [text.lower(), f"medtop:{text.lower()}"]
    return _some([{"terms": {"topics.code": codes}}, named])


def _address(text: str, prefix: bool) -> Query:
    """A story by its address: whole, or by host and path without ``https://``, or by host."""
    fields = ("url", "canonical_url")
    if "://" in text:
        if prefix:
            return _some([{"prefix": {field: text}} for field in fields])
        return _some([{"term": {field: text}} for field in fields])
    host, slash, _ = text.partition("/")
    if not slash and not prefix:
        host = host.lower()
        below = re.sub(r"([*?\\])", r"\\\1", host)
        return _some([{"term": {"host": host}}, {"wildcard": {"host": {"value": f"*.{below}"}}}])
    starts = [f"{scheme}://{www}{text}" for scheme in ("https", "http") for www in ("", "www.")]
    if prefix:
        return _some([{"prefix": {field: start}} for field in fields for start in starts])
    return _some([{"terms": {field: starts}} for field in fields])
