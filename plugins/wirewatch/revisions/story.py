"""A story after its page was looked at again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wirewatch.records import Article, Revision, RevisionKind, Story, replace, stable_id
from wirewatch.revisions.compare import Comparison, compare
from wirewatch.revisions.notes import NoteKind, notes

# What a page's article is known by: no later reading changes it.
IDENTITY = (
    "page_id",
    "url",
    "canonical_url",
    "first_seen",
    "outlet",
    "host",
    "country",
    "feed_id",
)
# What the first reading settles: later ones come with a new date, and with other names.
FIRST_READ = (
    *IDENTITY,
    "published",
    "published_precision",
    "published_source",
    "published_day",
    "credits",
)


def revision_id(story_id: str, number: int) -> str:
    """The id of a story's revision of that number."""
    return stable_id("revision", story_id, str(number))


def read_again(story: Story, article: Article, kept: Collection[str] = FIRST_READ) -> Story:
    """The story with what its page says now, but for the fields ``kept`` of its article.

    Its place in a cluster and its agency stay: a page that changed is still the report that was
    published then.
    """
    said = {note.kind for note in notes(article.title, article.text)}
    return replace(
        story,
        article=replace(article, **{name: getattr(story.article, name) for name in kept}),
        word_count=len(article.text.split()),
        corrected=story.corrected or NoteKind.CORRECTION in said,
        withdrawn=NoteKind.WITHDRAWAL in said,
    )


def revised(
    story: Story, article: Article | None, seen: datetime, run: str
) -> tuple[Story, tuple[Revision, ...]]:
    """The story as the page shows it at ``seen``, and the revisions that say what changed.

    ``article`` is None where the page is gone: the story then keeps its text. Nothing of note
    gives the story as it was, and no revision. The first change also keeps, as number 0, what was
    there before it.
    """
    if article is None:
        if story.vanished:
            return story, ()
        kind, found = RevisionKind.VANISHED, None
        after = replace(story, vanished=True)
    else:
        before = story.article
        found = compare(before.title, before.text, article.title, article.text)
        if found is None and not story.vanished:
            return story, ()
        kind = found.kind if found else RevisionKind.RETURNED
        after = replace(read_again(story, article) if found else story, vanished=False)
    after = replace(after, revisions=story.revisions + 1, revised=seen)
    made = _revision(after, kind, seen, found, run)
    if story.revisions:
        return after, (made,)
    return after, (_first(story, run), made)


def caught_up(story: Story, ahead: Revision) -> Story:
    """The story brought to a revision that was written while the story was not: by a run that was
    killed in between.
    """
    after = replace(
        story,
        revisions=ahead.number,
        revised=ahead.seen,
        vanished=ahead.kind == RevisionKind.VANISHED,
    )
    if ahead.kind in (RevisionKind.VANISHED, RevisionKind.RETURNED):
        return after
    now = replace(after.article, title=ahead.title, text=ahead.text, language=ahead.language)
    return read_again(after, now)


def _first(story: Story, run: str) -> Revision:
    article = story.article
    return Revision(
        id=revision_id(story.id, 0),
        story_id=story.id,
        cluster_id=story.cluster_id,
        number=0,
        kind=RevisionKind.FIRST,
        seen=article.first_seen,
        language=article.language,
        title=article.title,
        text=article.text,
        run=run,
    )


def _revision(
    after: Story, kind: RevisionKind, seen: datetime, found: Comparison | None, run: str
) -> Revision:
    gone = kind == RevisionKind.VANISHED
    return Revision(
        id=revision_id(after.id, after.revisions),
        story_id=after.id,
        cluster_id=after.cluster_id,
        number=after.revisions,
        kind=kind,
        seen=seen,
        language=after.article.language,
        title="" if gone else after.article.title,
        text="" if gone else after.article.text,
        note=found.note.text if found and found.note else "",
        change=found.change if found else None,
        run=run,
    )
