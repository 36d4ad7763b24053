"""Two versions of a page, compared: nothing of note, or a change with its words."""

from __future__ import annotations

from collections.abc import Sequence

from wirewatch.records import Change, Edit, Record, RevisionKind
from wirewatch.revisions import diff
from wirewatch.revisions.cosmetic import steady
from wirewatch.revisions.notes import Note, NoteKind, new_notes, notes
from wirewatch.revisions.words import words

EDITS = 100  # places kept of a diff; the versions themselves are kept whole
EDIT_WORDS = 60  # words kept of each side of a place
TITLE = -1  # where an edit of the title is


class Comparison(Record, frozen=True, kw_only=True):
    """What a page's later version is to the one before it."""

    kind: RevisionKind  # changed, correction or withdrawal
    change: Change
    note: Note | None = None  # the new note that made the kind


def compare(old_title: str, old_text: str, new_title: str, new_text: str) -> Comparison | None:
    """What changed, or None where only cosmetics did.

    Cosmetic are whitespace, quotes, dashes, other punctuation, and what changes by itself
    (:mod:`wirewatch.revisions.cosmetic`). Counts are of words; of scripts without blanks between
    words, of characters. The time grows with the length of the texts.
    """
    if (old_title, old_text) == (new_title, new_text):
        return None
    titles = words(old_title), words(new_title)
    texts = words(steady(old_text)), words(steady(new_text))
    if titles[0] == titles[1] and texts[0] == texts[1]:
        return None
    fresh = new_notes(notes(old_title, old_text), notes(new_title, new_text))
    # A withdrawal says more than the correction it may come with.
    first = next((n for n in fresh if n.kind == NoteKind.WITHDRAWAL), None) or next(
        iter(fresh), None
    )
    kind = RevisionKind(first.kind.value) if first else RevisionKind.CHANGED
    return Comparison(kind=kind, change=_change(titles, texts), note=first)


def _change(titles: tuple[list[str], list[str]], texts: tuple[list[str], list[str]]) -> Change:
    spans = diff.differences(*texts)
    moved = diff.moved(*texts, spans)
    in_title = diff.differences(*titles)
    removed = sum(b - a for a, b, _, _ in [*in_title, *spans])
    added = sum(d - c for _, _, c, d in [*in_title, *spans])
    edits = [_edit(titles, span, TITLE) for span in in_title]
    edits += [_edit(texts, span, span[0]) for span in spans]
    return Change(
        words_added=added - moved,
        words_removed=removed - moved,
        words_moved=moved,
        title=bool(in_title),
        edits=tuple(edits[:EDITS]),
        edits_left_out=max(0, len(edits) - EDITS),
    )


def _edit(sides: tuple[list[str], list[str]], span: diff.Span, at: int) -> Edit:
    a, b, c, d = span
    return Edit(at=at, removed=_shown(sides[0][a:b]), added=_shown(sides[1][c:d]))


def _shown(found: Sequence[str]) -> str:
    kept = " ".join(found[:EDIT_WORDS])
    return kept if len(found) <= EDIT_WORDS else f"{kept} … ({len(found) - EDIT_WORDS} more)"
