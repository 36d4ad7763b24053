"""What comes to an alert that was told: copies that join its cluster, changes of its stories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wirewatch.alerts.events import own_headlines, portrait
from wirewatch.records import (
    Alert,
    Cluster,
    Revision,
    RevisionKind,
    Story,
    Unmatched,
    replace,
)
from wirewatch.revisions.story import revision_id
from wirewatch.store import Store

NOTE = 300  # characters of a page's own note that are kept

_WORDS = {
    RevisionKind.CHANGED: "revised",
    RevisionKind.CORRECTION: "corrected",
    RevisionKind.WITHDRAWAL: "withdrawn",
    RevisionKind.VANISHED: "its page is gone",
    RevisionKind.RETURNED: "its page is there again",
}


def changes(store: Store, stories: Iterable[Story]) -> dict[str, str]:
    """What the newest revision of each revised story says, in words, by story."""
    revised = [one for one in stories if one.unmatched == Unmatched.REVISED and one.revisions]
    wanted = {revision_id(one.id, one.revisions): one for one in revised}
    found = store.revisions.get(list(wanted))
    return {
        wanted[identity].id: _told(revision, wanted[identity])
        for identity, revision in found.items()
    }


def _told(revision: Revision, story: Story) -> str:
    parts = [revision.note[:NOTE]] if revision.note else []
    if revision.change:
        change = revision.change
        parts.append(f"{change.words_added} words added, {change.words_removed} removed")
        if change.title:
            parts.append("another headline")
    outlet = story.article.outlet or story.article.host
    where = " ".join(one for one in (outlet, f"(version {revision.number})") if one)
    return f"{_WORDS.get(revision.kind, 'revised')} by {where}" + (
        f": {'; '.join(parts)}" if parts else ""
    )


def joined(
    alert: Alert,
    cluster: Cluster,
    arrived: Sequence[Story],
    changed: Mapping[str, str],
    titles: Mapping[str, str],
    lead: Story | None,
    now: datetime,
) -> Alert:
    """The alert with what came to its cluster; as it was when nothing did.

    ``arrived`` are stories of the cluster that were not matched yet, ``lead`` is its lead where
    that matches the search, ``changed`` what revised stories say of themselves.
    """
    known = {*alert.stories, alert.story_id}
    fresh = [story for story in arrived if story.id not in known]
    told = [changed[one.id] for one in arrived if one.id in known and one.id in changed]
    words = [one for one in told if one not in alert.detail]
    if not fresh and not words:
        return alert
    after = replace(
        alert,
        stories=(*alert.stories, *(story.id for story in fresh)),
        revision=alert.revision + 1,
        updated=now,
    )
    times = [one for one in (alert.searchable, *(story.indexed for story in fresh)) if one]
    after = replace(after, searchable=max(times, default=None))
    if alert.cluster_id == cluster.id or alert.story_id in cluster.stories:
        after = replace(
            after, outlets=cluster.outlets, own_headlines=own_headlines(cluster, titles)
        )
    if fresh:
        words.append(reach(after))
    if alert.copy_only and lead:
        shown = portrait(lead)
        shown["excerpt"] = shown["excerpt"] or alert.excerpt  # it is read without its text
        after = replace(after, copy_only=False, **shown)
    return replace(after, detail="; ".join(words))


def reach(alert: Alert) -> str:
    """How far a report went, in words: ``now 9 outlets, 2 with own headlines``."""
    outlets = f"now {alert.outlets} outlet{'s' if alert.outlets != 1 else ''}"
    if not alert.own_headlines:
        return outlets
    own = alert.own_headlines
    return f"{outlets}, {own} with {'own headlines' if own != 1 else 'an own headline'}"
