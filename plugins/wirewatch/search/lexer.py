"""A query cut into tokens, each with its column."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from wirewatch.records import Record
from wirewatch.search import foreign
from wirewatch.search.tree import OPERATORS

QUOTES = '"“”„‟'  # phones and word processors write curly ones
MOST_NOTES = 5  # that a query gets: the first ones tell enough
_SUFFIX = re.compile(r"[~^][0-9.]*$")  # Lucene's fuzziness and boost
PREFIX_LETTERS = 3  # shorter prefixes stand for a tenth of the vocabulary
_OPENING = "(" + QUOTES
_AFTER = re.compile(r"\s*[\"“”„‟(]?([\w'’-]+)")  # the next word, for an example
_ENDING = re.compile(r"\w['’](?:[\s.,;:!?)]|$)")  # where a single quotation mark closes
FIELD_LETTERS = 20  # a name before a colon that is longer is no slip of a field's name


class BadQuery(ValueError):
    """A query that cannot be understood or is past a limit.

    ``column`` counts characters from 1; ``expected`` says what would have been right there.
    """

    def __init__(self, message: str, column: int = 1, expected: str = "") -> None:
        self.message = message
        self.column = column
        self.expected = expected
        super().__init__(
            f"column {column}: {message}" + (f"; expected {expected}" if expected else "")
        )


class Note(Record, frozen=True, kw_only=True):
    """How something was understood that may have been meant otherwise, and where it stands."""

    column: int  # in characters, from 1
    message: str

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}"


class Kind(Enum):
    """What a token is."""

    WORD = "a word"
    PREFIX = "a prefix"
    PHRASE = "a phrase"
    FIELD = "a field"
    SAVED = "a saved search"
    EVERYTHING = "*"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    OPEN = "("
    CLOSE = ")"
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its text without marks and escapes, its column, a phrase's slop."""

    kind: Kind
    text: str
    column: int
    slop: int = 0


_OPERANDS = (Kind.WORD, Kind.PREFIX, Kind.PHRASE, Kind.CLOSE)


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters up to the next mark: the text without escapes, and which were not escaped."""

    text: str
    bare: tuple[bool, ...]
    end: int


class Lexer:
    """Reads tokens one at a time; ``fields`` are the names that may stand before a colon."""

    def __init__(self, query: str, fields: frozenset[str], most_slop: int) -> None:
        self.notes: list[Note] = []
        self._query = query.translate(foreign.WIDE)
        self._fields = fields
        self._most_slop = most_slop
        self._at = 0
        self._field_before = ""  # whose colon stands right before what comes next
        self._last = Token(Kind.OPEN, "", 0)

    def next(self) -> Token:
        """The next token; END for ever after the last. Raises BadQuery."""
        while True:
            while self._at < len(self._query) and _blank(self._query[self._at]):
                self._at += 1
            if self._at >= len(self._query):
                return Token(Kind.END, "", len(self._query) + 1)
            field, self._field_before = self._field_before, ""
            token = self._read(field)
            if token is not None:
                self._last = token
                return token

    def note(self, column: int, message: str) -> None:
        """Keeps how something was understood, up to :data:`MOST_NOTES`."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(column=column, message=message))

    def _read(self, field: str) -> Token | None:
        """A token, or None when what stands here holds nothing to search for."""
        query, start = self._query, self._at
        here, column = query[start], start + 1
        if here in "()":
            self._at += 1
            return Token(Kind.OPEN if here == "(" else Kind.CLOSE, here, column)
        if here in QUOTES or self._closed(start):
            return self._phrase()
        if here == "-" and not field:
            end = start
            while end < len(query) and query[end] == "-":
                end += 1
            self._at = end
            alone = end == len(query) or _blank(query[end]) or query[end] == ")"
            if end - start > 1 and not alone:
                raise BadQuery(
                    "a row of dashes before a word", column, "one dash, or a blank after them"
                )
            # A dash between blanks, or a row of them, is punctuation.
            return None if alone else Token(Kind.NOT, "-", column)
        run = self._run()
        if not field and (token := self._field(run, column)):
            return token
        self._at = run.end
        if field != "url":  # where other signs are letters
            self._check(run, column, field)
        return self._word(run, column, field)

    def _run(self) -> _Run:
        query, at = self._query, self._at
        text: list[str] = []
        bare: list[bool] = []
        while at < len(query) and not _blank(query[at]):
            escaped = query[at] == "\\" and at + 1 < len(query) and not _blank(query[at + 1])
            if escaped:
                at += 1
            elif query[at] in "()" + QUOTES or self._closed(at):
                break
            text.append(query[at])
            bare.append(not escaped)
            at += 1
        return _Run("".join(text), tuple(bare), at)

    def _field(self, run: _Run, column: int) -> Token | None:
        """A field's name before a colon; None when the colon is only a colon, or there is none."""
        colon = run.text.find(":")
        if colon < 1 or not all(run.bare[: colon + 1]):
            return None
        name, rest = run.text[:colon].lower(), run.text[colon + 1 :]
        value = (
            self._at + colon + 1
        )  # nothing before it was escaped: offsets are those of the query
        if name in ("http", "https") and rest.startswith("//"):
            self._field_before = "url"  # an address pasted as it is; it is read again as the value
            return Token(Kind.FIELD, "url", column)
        followed = bool(rest) or (value < len(self._query) and self._query[value] in "(" + QUOTES)
        if name in self._fields:
            if not followed:
                raise BadQuery(
                    f"nothing stands after {name}:", value + 1, "a value right after the colon"
                )
            self._at, self._field_before = value, name
            return Token(Kind.FIELD, name, column)
        letters = name.replace("_", "")
        if followed and letters.isascii() and letters.isalpha() and len(name) <= FIELD_LETTERS:
            known = "one of " + ", ".join(sorted(self._fields))
            ours = foreign.field_of(name, rest)
            raise BadQuery(f"there is no field {name!r}", column, ours or known)
        return None  # "Re: war", "12:30": part of the text

    def _check(self, run: _Run, column: int, field: str) -> None:
        """Raises BadQuery for what other languages mean something else by; notes what they may."""
        text = "".join(
            char if bare else foreign.ESCAPED for char, bare in zip(run.text, run.bare, strict=True)
        )
        then = self._query[run.end : run.end + 1]
        after = _AFTER.match(self._query, run.end)
        told = self._last.kind in (Kind.WORD, Kind.PHRASE)
        words = (self._last.text if told else "a", after[1] if after else "b")
        found = foreign.find(
            text, self._fields, field=field, then=then, words=words, most=self._most_slop
        )
        if found:
            raise BadQuery(found.message, column + found.at, found.expected)
        if field:
            return
        more = self._query[run.end :]
        if text.startswith("+") and (text[1:2].isalpha() or (text == "+" and then in _OPENING)):
            self.note(column, "+ is passed over: every word is required here")
        elif text.endswith("!") and text[:-1].isalpha() and len(text) > PREFIX_LETTERS:
            self.note(column + len(text) - 1, f"! is passed over; write {text[:-1]}* for words "
                      "that begin so")  # fmt: skip
        elif text == "or" and self._last.kind in _OPERANDS and has_words(more):
            self.note(column, "or is a word here; write OR for one or the other")
        elif text == "not" and self._last.text in ("and", "but") and has_words(more):
            self.note(column, "not is a word here; write NOT for stories without it")
        elif (
            text[0] in "'‘"
            and text[1:2].isalnum()
            and text[-1] not in "'’"
            and _ENDING.search(more)
        ):
            self.note(
                column, 'single quotation marks are passed over; write "…" for words in a row'
            )

    def _closed(self, at: int) -> bool:
        """Whether an angle quotation mark stands here, and further on the one that closes it."""
        closing = foreign.GUILLEMETS.get(self._query[at])
        return closing is not None and self._query.find(closing, at + 1) > 0

    def _word(self, run: _Run, column: int, field: str) -> Token | None:
        text, bare = run.text, run.bare
        if not field:
            if text in OPERATORS and all(bare):
                return Token(Kind[text], text, column)
            if text == "*" and bare[0]:
                return Token(Kind.EVERYTHING, text, column)
            if text.startswith("@") and bare[0] and has_words(text):
                return Token(Kind.SAVED, unicodedata.normalize("NFC", text[1:]), column)
        if not has_words(text):
            if field:
                raise BadQuery("there is nothing to search for", column, "a value after the colon")
            return None
        if field != "url":  # where these marks are letters like others
            _refuse(run, column)
        if text.endswith("*") and bare[-1]:
            return Token(Kind.PREFIX, unicodedata.normalize("NFC", text[:-1]), column)
        return Token(Kind.WORD, unicodedata.normalize("NFC", text), column)

    def _phrase(self) -> Token:
        query, start = self._query, self._at
        closing = foreign.GUILLEMETS.get(query[start], QUOTES)
        text: list[str] = []
        at = start + 1
        while at < len(query) and query[at] not in closing:
            if query[at] == "\\" and at + 1 < len(query):
                at += 1
            elif query[at] == "*" and at > start + 1 and query[at - 1].isalnum():
                raise BadQuery("a star inside a phrase", at + 1, "whole words")
            elif query[at] == "?" and query[at - 1].isalnum() and query[at + 1 : at + 2].isalnum():
                raise BadQuery("a question mark inside a word", at + 1, "whole words")
            text.append(" " if _blank(query[at]) else query[at])
            at += 1
        if at >= len(query):
            raise BadQuery("this phrase has no end", start + 1, "a closing quotation mark")
        self._at = at + 1
        words = unicodedata.normalize("NFC", "".join(text))
        if not has_words(words):
            raise BadQuery("an empty phrase", start + 1, "words between the quotation marks")
        return Token(Kind.PHRASE, words, start + 1, self._slop())

    def _slop(self) -> int:
        query, start = self._query, self._at
        if start >= len(query) or query[start] != "~":
            return 0
        at = start + 1
        while at < len(query) and query[at] in "0123456789":
            at += 1
        digits = query[start + 1 : at]
        if not 1 <= len(digits) <= 6 or int(digits) > self._most_slop:
            raise BadQuery(
                "no distance after the ~",
                start + 2,
                f"a whole number from 0 to {self._most_slop}",
            )
        self._at = at
        return int(digits)


def _refuse(run: _Run, column: int) -> None:
    """Raises BadQuery for what other query languages have and this one has not."""
    inside = len(run.text) - 1
    for at, (char, bare) in enumerate(zip(run.text, run.bare, strict=True)):
        if bare and char == "*" and at < inside:
            raise BadQuery("a star inside a word", column + at, "a star at a word's end only")
    found = _SUFFIX.search(run.text)
    if found and run.bare[found.start()]:
        what = "a distance" if found[0][0] == "~" else "a weight"
        raise BadQuery(
            f"{what} after a word", column + found.start(), "~ only after a phrase, no ^ at all"
        )


def has_words(text: str) -> bool:
    """Whether there is a letter, a number or a picture in it that an index could hold."""
    return any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in text)


def words_of(text: str) -> list[str]:
    """The words in it, in small letters and without accents, about as the index has them."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def _blank(char: str) -> bool:
    # Control characters and halves of surrogate pairs are no text: they part words.
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cs", "Zs", "Zl", "Zp")
