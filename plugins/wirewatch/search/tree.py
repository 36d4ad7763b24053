"""What a query says: a tree of small records, and its printed form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as attribute

from wirewatch.search import foreign

QUOTED = frozenset('()"\\“”„‟«»‹›')  # these mean something even in a value
SPECIAL = QUOTED | set(":*~^")  # and these in a word; @ and - only where it begins
OPERATORS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or one value of a keyword field; ``field`` is empty for title and text."""

    text: str
    field: str = ""
    column: int = attribute(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so: ``elect*``."""

    text: str
    field: str = ""
    column: int = attribute(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Exact words in a row, or within ``slop`` moves of it."""

    text: str
    slop: int = 0
    field: str = ""
    column: int = attribute(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Dates:
    """A span of days as written: ``low..high``, either may be empty, or ``ago``: ``7d``."""

    field: str
    low: str = ""
    high: str = ""
    ago: str = ""
    column: int = attribute(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search inside a query: ``@name``."""

    name: str
    column: int = attribute(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Everything:
    """Every story: ``*``."""

    column: int = attribute(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but the part."""

    part: Node


Leaf = Word | Prefix | Phrase | Dates | Saved | Everything
Node = Leaf | And | Or | Not


def both(parts: list[Node]) -> Node:
    """All of the parts, brackets inside brackets of the same kind taken off."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else (part,))
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def either(parts: list[Node]) -> Node:
    """Any of the parts, brackets inside brackets of the same kind taken off."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Or) else (part,))
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def leaves(tree: Node) -> Iterator[Leaf]:
    """The leaves from left to right."""
    if isinstance(tree, And | Or):
        for part in tree.parts:
            yield from leaves(part)
    elif isinstance(tree, Not):
        yield from leaves(tree.part)
    else:
        yield tree


def to_text(tree: Node) -> str:
    """The query in its plainest writing; parsing it gives the same tree."""
    if isinstance(tree, Or):
        return " OR ".join(_bracketed(part, And, Or) for part in tree.parts)
    if isinstance(tree, And):
        return " ".join(_bracketed(part, And, Or) for part in tree.parts)
    if isinstance(tree, Not):
        return "NOT " + _bracketed(tree.part, And, Or)
    if isinstance(tree, Saved):
        return "@" + tree.name
    if isinstance(tree, Everything):
        return "*"
    if isinstance(tree, Dates):
        span = tree.ago or (tree.low if tree.low == tree.high else f"{tree.low}..{tree.high}")
        return f"{tree.field}:{span}"
    start = f"{tree.field}:" if tree.field else ""
    star = "*" if isinstance(tree, Prefix) else ""
    if isinstance(tree, Phrase):
        return start + _quoted(tree.text) + (f"~{tree.slop}" if tree.slop else "")
    if tree.field and not star and any(c.isspace() or c in QUOTED for c in tree.text):
        return start + _quoted(tree.text)
    return start + _escaped(tree.text, tree.field) + star


def _bracketed(part: Node, *kinds: type) -> str:
    return f"({to_text(part)})" if isinstance(part, kinds) else to_text(part)


def _quoted(text: str) -> str:
    return '"' + "".join("\\" + c if c in '\\"“”„‟*' else c for c in text) + '"'


def _escaped(text: str, field: str) -> str:
    marks = SPECIAL
    if field:  # a value: its colons and first signs are letters; of an address, nearly all are
        marks = QUOTED | set("*" if field == "url" else "*~^")
    if field != "url" and foreign.find(text, field=field):
        return "".join("\\" + c if at == 0 or not c.isalnum() else c for at, c in enumerate(text))
    written = "".join("\\" + c if c in marks else c for c in text)
    if not field and (text in OPERATORS or text.startswith(("-", "@"))):
        written = "\\" + written
    return written
