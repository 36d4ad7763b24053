"""Copies of one report have the same topics, however much of it each of them printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wirewatch.records import Story, TopicTag, replace
from wirewatch.topics.tagger import Tagger

MORE = frozenset({"mix", "embedded"})  # relations of stories that hold more than the report


def whole(members: Iterable[Story]) -> Story | None:
    """The story with the longest text of a report; None where all hold more than that."""
    copies = [story for story in members if not _holds_more(story)]
    return max(copies, key=lambda story: (len(story.article.text), story.id), default=None)


def decides(story: Story, members: Sequence[Story], tagger: Tagger) -> Story:
    """The story whose text decides on the topics: the longest of the report, or the story itself
    where it holds more than that, or where the longest has no topic."""
    longest = None if _holds_more(story) else whole((*members, story))
    if longest is None or longest.id == story.id or not tagger.tagged(longest).topics:
        return story
    return longest


def shared(story: Story, members: Sequence[Story], tagger: Tagger) -> Story:
    """The story with its topics; ``members`` are the stories of its cluster.

    A copy takes the topics of the longest text of the report, and says so, unless that has none.
    """
    source = decides(story, members, tagger)
    tagged = tagger.tagged(source)
    if source.id == story.id:
        return tagged
    return replace(story, topics=tuple(_taken(tag, source) for tag in tagged.topics))


def _holds_more(story: Story) -> bool:
    return story.link is not None and story.link.relation in MORE


def _taken(tag: TopicTag, longest: Story) -> TopicTag:
    source = longest.article.outlet or longest.article.host or longest.id
    return replace(tag, why=(f"copy: as in the longest text of the report, by {source}", *tag.why))
