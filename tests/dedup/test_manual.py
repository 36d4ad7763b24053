from __future__ import annotations

import pytest

from tests.dedup.conftest import Desk, prose, story
from tests.dedup.test_deduplicator import cut, report
from wirewatch.dedup.manual import BadDecision, Decision, merge, split


def write(desk: Desk, decision: Decision) -> None:
    for cluster in (decision.switch, *decision.clusters):
        desk.memory.groups[cluster.id] = cluster
    for one in decision.stories:
        desk.memory.by_id[one.id] = one


def test_a_split_sticks_through_later_runs(desk: Desk) -> None:
    first = report(1)
    desk.place(first[:4])
    cluster = desk.memory.groups[first[0].id]
    decision = split(cluster, [first[1].id, first[3].id], desk.memory.by_id, desk.agencies)
    assert decision.switch.id == first[1].id
    write(desk, decision)
    apart = {
        frozenset({first[0].id, first[2].id}),
        frozenset({first[1].id, first[3].id}),
    }
    assert desk.memory.partition() == apart
    desk.place([first[4], story("another", first[0].article.text, hours=6)])
    told = desk.memory.partition()
    assert len(told) == 2
    assert all(any(part <= whole for whole in told) for part in apart)
    # An elder copy that both would link to must not bring them together again.
    desk.place([story("elder", first[0].article.text, hours=-1)])
    told = desk.memory.partition()
    assert len(told) == 2
    assert all(any(part <= whole for whole in told) for part in apart)


def test_the_part_with_the_first_story_keeps_the_id(desk: Desk) -> None:
    first = report(1)
    desk.place(first)
    cluster = desk.memory.groups[first[0].id]
    write(desk, split(cluster, [first[0].id], desk.memory.by_id, desk.agencies))
    assert desk.memory.groups[first[0].id].stories == (first[0].id,)
    assert desk.memory.groups[first[1].id].lead == first[1].id
    desk.place([story("another", first[0].article.text, hours=6)])
    assert len(desk.memory.partition()) == 2


def test_a_merge_sticks_and_its_id_redirects(desk: Desk) -> None:
    one, other = story("one", prose(1)), story("other", prose(2), hours=1)
    desk.place([one, other])
    groups = desk.memory.groups
    decision = merge(groups[one.id], groups[other.id], desk.memory.by_id, desk.agencies)
    assert (decision.switch.id, decision.switch.redirect) == (other.id, one.id)
    # Killed after the switch: asked for again it gives the same.
    groups[other.id] = decision.switch
    again = merge(groups[one.id], groups[other.id], desk.memory.by_id, desk.agencies)
    assert again == decision
    write(desk, again)
    assert len(desk.memory.partition()) == 1
    desk.place([story("copy", cut(other.article.text, 0, 150), hours=2)])
    assert len(desk.memory.partition()) == 1


def test_what_cannot_be_done_is_refused_in_words(desk: Desk) -> None:
    first = report(1)
    desk.place([*first[:2], story("else", prose(3))])
    groups, stories = desk.memory.groups, desk.memory.by_id
    cluster = groups[first[0].id]
    with pytest.raises(BadDecision, match="not in cluster"):
        split(cluster, [story("else", "").id], stories, desk.agencies)
    with pytest.raises(BadDecision, match="not none and not all"):
        split(cluster, cluster.stories, stories, desk.agencies)
    with pytest.raises(BadDecision, match="with itself"):
        merge(cluster, cluster, stories, desk.agencies)
