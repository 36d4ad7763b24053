"""The query language: text in, a checked tree out. ``docs/search.md`` shows it to users.

The parser is written by hand, by recursive descent: luqum's grammar binds OR closer than a blank,
cannot read addresses, apostrophes at a word's start or pasted headlines, and its errors have
neither a column nor what was expected; and its syntax (fuzzy, regex, boosts) would have to be
refused afterwards.

Grammar, loosest first::

    any    = all { "OR" all }
    all    = no { [ "AND" ] no }
    no     = ( "NOT" | "-" ) no | one
    one    = "(" any ")" | field ":" ( value | "(" any ")" ) | value | "@" name | "*"
    value  = word | prefix "*" | '"' words '"' [ "~" number ]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from wirewatch.records import StoryKind
from wirewatch.search import dates
from wirewatch.search.lexer import PREFIX_LETTERS, BadQuery, Kind, Lexer, Note, Token, has_words
from wirewatch.search.tree import (
    And,
    Dates,
    Everything,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Saved,
    Word,
    both,
    either,
    leaves,
    to_text,
)
from wirewatch.settings import Settings

__all__ = [
    "BadQuery",
    "Limits",
    "Note",
    "Resolver",
    "expand",
    "free_words",
    "limits_from",
    "parse",
    "to_text",
    "understand",
]

SYNONYMS = {"source": "outlet"}  # Media Cloud's and Event Registry's word for the same thing
TEXT = frozenset({"title"})
WORDS = frozenset({"outlet", "agency", "author"})
VALUES = frozenset({"topic", "lang", "country", "url", "cluster", "kind"})
DATES = frozenset({"published", "seen"})
FIELDS = TEXT | WORDS | VALUES | DATES
NAMING = TEXT | WORDS | {"topic"}  # whose values may have several words
LEVELS = 2  # of the tree, that one pair of brackets can make: an OR, and an AND inside it
VALUE_LENGTH = 1_000  # characters: a longer value is no name, tag or address that we keep
NAME = re.compile(r"[\w.-]{1,100}")  # a saved search's id: a slug
TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")  # BCP 47, loosely (RFC 5646, 2.1)
COUNTRY = re.compile(r"[A-Za-z]{2}")
_MARKS = re.compile(r"[^\w'’]+")  # what parts words, and is no part of one

Resolver = Callable[[str], str | None]  # a saved search's id to its query; None: there is none


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may ask for at the most; ``search.*`` in the options."""

    length: int = 10_000  # characters
    clauses: int = 200  # words, phrases and values, saved searches written out
    depth: int = 10  # brackets and NOTs inside one another
    prefixes: int = 20  # words ending in a star
    slop: int = 50  # of a proximity


def limits_from(settings: Settings) -> Limits:
    """The limits that an operator set."""
    return Limits(
        length=settings["search.max_length"],
        clauses=settings["search.max_clauses"],
        depth=settings["search.max_depth"],
        prefixes=settings["search.max_prefixes"],
        slop=settings["search.max_slop"],
    )


def parse(query: str, limits: Limits | None = None) -> Node:
    """The tree of a query, within the limits; saved searches stay names (see :func:`expand`).

    Raises BadQuery with the column and what was expected there.
    """
    return understand(query, limits)[0]


def understand(query: str, limits: Limits | None = None) -> tuple[Node, tuple[Note, ...]]:
    """The tree of a query, and how its parts were understood that may be meant otherwise.

    Raises BadQuery as :func:`parse` does.
    """
    limits = limits or Limits()
    if len(query) > limits.length:
        raise BadQuery(
            f"the query has {len(query):,} characters",
            limits.length + 1,
            f"{limits.length:,} at most",
        )
    parser = _Parser(query, limits)
    tree = parser.whole()
    _check_sizes(tree, limits)
    return tree, tuple(sorted(parser.notes, key=lambda note: note.column))


def free_words(text: str) -> str:
    """The query that asks for the words of any text, such as a headline, whatever marks it has.

    Empty when there is none.
    """
    words = _MARKS.sub(" ", text).split()
    return " ".join(to_text(Word(word)) for word in words if has_words(word))


def expand(tree: Node, resolve: Resolver, limits: Limits | None = None) -> Node:
    """The tree with every saved search in it written out, and those inside them.

    Raises BadQuery at the ``@`` of a name that is unknown, leads back to itself, or whose own
    query is wrong; or when all of it together is past the limits.
    """
    limits = limits or Limits()
    written = _expand(tree, resolve, limits, (), {})
    _check_sizes(written, limits)
    if _depth(written) > LEVELS * limits.depth:
        raise BadQuery(
            "with its saved searches written out, this query is nested too deep",
            1,
            f"{limits.depth} levels at most",
        )
    return written


class _Parser:
    def __init__(self, query: str, limits: Limits) -> None:
        self._lexer = Lexer(query, FIELDS | frozenset(SYNONYMS), limits.slop)
        self.notes = self._lexer.notes
        self._limits = limits
        self._token = self._lexer.next()
        self._taken = 0

    def whole(self) -> Node:
        if self._ended():
            raise BadQuery("there is no word in this query", 1, "a word, or * for every story")
        tree = self._any("", 0)
        if not self._ended():
            raise self._wrong("the end, AND, OR, or a further word")
        return tree

    def _ended(self) -> bool:
        return self._token.kind is Kind.END

    def _next(self) -> Token:
        token, self._token = self._token, self._lexer.next()
        return token

    def _any(self, field: str, depth: int) -> Node:
        parts = [self._all(field, depth)]
        while self._token.kind is Kind.OR:
            self._next()
            parts.append(self._all(field, depth))
        return either(parts)

    def _all(self, field: str, depth: int) -> Node:
        parts: list[Node] = []
        begun = self._token  # of the last row of words without an operator between them
        row: list[Node] = []
        while not parts or self._token.kind not in (Kind.OR, Kind.CLOSE, Kind.END):
            if parts and self._token.kind is Kind.AND:
                self._next()
                row = []
            if self._token.kind is not Kind.WORD:
                self._one_word(begun, row)
                begun, row = self._token, []
            parts.append(self._no(field, depth))
            row.append(parts[-1])
        self._one_word(begun, row)
        return both(parts)

    def _one_word(self, begun: Token, row: list[Node]) -> None:
        """Says of ``outlet:Kestrel Times`` what was understood."""
        words = [part for part in row if isinstance(part, Word)]
        if begun.kind is not Kind.FIELD or len(words) < 2 or words[0].field not in NAMING:
            return
        name, first = words[0].field, words[0].text
        rest = " ".join(word.text for word in words[1:])
        self._lexer.note(
            begun.column,
            f"{name}: takes one word, {first}; {rest} is looked for in title and text. Write "
            f"{to_text(Phrase(f'{first} {rest}', 0, name))} for all of it",
        )

    def _no(self, field: str, depth: int) -> Node:
        if self._token.kind is Kind.NOT:
            self._deeper(depth)
            self._next()
            return Not(self._no(field, depth + 1))
        return self._one(field, depth)

    def _one(self, field: str, depth: int) -> Node:
        token = self._token
        if token.kind is Kind.OPEN:
            return self._group(field, depth)
        if token.kind is Kind.FIELD:
            name = SYNONYMS.get(token.text, token.text)
            if field and name != field:
                raise BadQuery(
                    f"{name}: stands inside {field}:(…)", token.column, "a word or a phrase"
                )
            self._next()
            return self._group(name, depth) if self._token.kind is Kind.OPEN else self._leaf(name)
        return self._leaf(field)

    def _group(self, field: str, depth: int) -> Node:
        self._deeper(depth)
        opened = self._next()
        inside = self._any(field, depth + 1)
        if self._token.kind is not Kind.CLOSE:
            raise self._wrong(f"a closing bracket for the one at column {opened.column}")
        self._next()
        return inside

    def _deeper(self, depth: int) -> None:
        if depth >= self._limits.depth:
            raise BadQuery(
                "brackets and NOTs are nested too deep",
                self._token.column,
                f"{self._limits.depth} levels at most",
            )

    def _leaf(self, field: str) -> Node:
        token = self._token
        if token.kind not in (Kind.WORD, Kind.PREFIX, Kind.PHRASE, Kind.SAVED, Kind.EVERYTHING):
            raise self._wrong("a word, a phrase or an opening bracket")
        if field and token.kind in (Kind.SAVED, Kind.EVERYTHING):
            raise self._wrong(f"a value for {field}:")
        self._taken += 1
        if self._taken > self._limits.clauses:
            raise _too_many(self._limits, token.column)
        self._next()
        if token.kind is Kind.SAVED:
            if not NAME.fullmatch(token.text):
                raise BadQuery(
                    f"{token.text!r} is no saved search's name",
                    token.column,
                    "letters, digits, and . - _ between them",
                )
            return Saved(token.text, token.column)
        if token.kind is Kind.EVERYTHING:
            return Everything(token.column)
        if field in DATES:
            return _dates(field, token)
        if field in VALUES:
            return _value(field, token)
        if token.kind is Kind.PHRASE:
            return Phrase(token.text, token.slop, field, token.column)
        return _prefix(field, token) if token.kind is Kind.PREFIX else _word(field, token)

    def _wrong(self, expected: str) -> BadQuery:
        found = self._token
        what = "the query ends" if found.kind is Kind.END else f"{found.text!r} stands here"
        return BadQuery(what, found.column, expected)


def _word(field: str, token: Token) -> Word:
    return Word(token.text, field, token.column)


def _prefix(field: str, token: Token) -> Prefix:
    letters = sum(1 for char in token.text if char.isalnum())
    if letters < PREFIX_LETTERS or token.text.endswith("*"):
        raise BadQuery(
            f"{token.text}* would stand for too many words",
            token.column,
            f"{PREFIX_LETTERS} letters at least, then one star",
        )
    return Prefix(token.text, field, token.column)


def _dates(field: str, token: Token) -> Dates:
    try:
        if token.kind is Kind.PREFIX:
            raise dates.BadDate(f"{token.text}* is not a date")
        low, high, ago = dates.read(token.text.strip())
    except dates.BadDate as error:
        raise BadQuery(str(error), token.column, dates.EXPECTED) from error
    return Dates(field, low, high, ago, token.column)


def _value(field: str, token: Token) -> Node:
    """A leaf of a field whose values are names, tags or addresses."""
    if len(token.text) > VALUE_LENGTH:
        raise BadQuery(
            f"this value of {field}: has {len(token.text):,} characters",
            token.column,
            f"{VALUE_LENGTH:,} at most",
        )
    if token.kind is Kind.PREFIX:
        if field not in ("topic", "url"):
            raise BadQuery(f"{field}: takes no star", token.column, f"a whole value of {field}:")
        return _prefix(field, token)
    if token.slop:
        raise BadQuery(f"{field}: takes no distance", token.column, f"a whole value of {field}:")
    text = token.text.strip()
    if field == "lang" and not TAG.fullmatch(text):
        raise BadQuery(f"{text!r} is no language tag", token.column, "a tag such as en or pt-BR")
    if field == "country" and not COUNTRY.fullmatch(text):
        raise BadQuery(
            f"{text!r} is no country's code", token.column, "two letters, such as DE (ISO 3166)"
        )
    if field == "kind" and text.casefold() not in set(StoryKind):
        known = f"one of {', '.join(StoryKind)}"
        raise BadQuery(f"{text!r} is no kind of story", token.column, known)
    return Word(text, field, token.column)


def _check_sizes(tree: Node, limits: Limits) -> None:
    prefixes = 0
    for count, leaf in enumerate(leaves(tree), start=1):
        prefixes += isinstance(leaf, Prefix)
        if count > limits.clauses:
            raise _too_many(limits, leaf.column)
        if prefixes > limits.prefixes:
            raise BadQuery(
                "too many words that end in a star", leaf.column, f"{limits.prefixes} at most"
            )


def _too_many(limits: Limits, column: int) -> BadQuery:
    return BadQuery(
        "too many words and phrases in one query", column, f"{limits.clauses:,} at most"
    )


def _depth(tree: Node) -> int:
    if isinstance(tree, Not):
        return 1 + _depth(tree.part)
    if isinstance(tree, And | Or):
        return 1 + max(_depth(part) for part in tree.parts)
    return 0


def _expand(
    tree: Node,
    resolve: Resolver,
    limits: Limits,
    path: tuple[str, ...],
    known: dict[str, Node],
) -> Node:
    if isinstance(tree, And):
        return both([_expand(part, resolve, limits, path, known) for part in tree.parts])
    if isinstance(tree, Or):
        return either([_expand(part, resolve, limits, path, known) for part in tree.parts])
    if isinstance(tree, Not):
        return Not(_expand(tree.part, resolve, limits, path, known))
    if not isinstance(tree, Saved):
        return tree
    name, column = tree.name, tree.column
    if name in path:
        circle = " → ".join(f"@{step}" for step in (*path[path.index(name) :], name))
        raise BadQuery(f"saved searches lead back to themselves: {circle}", column)
    if len(path) >= limits.depth:
        raise BadQuery("saved searches are nested too deep", column, f"{limits.depth} at most")
    if name not in known:
        query = resolve(name)
        if query is None:
            raise BadQuery(f"there is no saved search {name!r}", column, "the id of one that is")
        try:
            known[name] = _expand(parse(query, limits), resolve, limits, (*path, name), known)
            _check_sizes(known[name], limits)  # else eight names could stand for a billion words
        except BadQuery as error:
            inside = error.message if path else f"in the saved search @{name}: {error}"
            raise BadQuery(inside, column, "" if not path else error.expected) from error
    return known[name]
