from __future__ import annotations

from datetime import timedelta

from tests.dedup.conftest import START, Desk
from tests.dedup.test_deduplicator import ids, report
from wirewatch.dedup.rebuild import rebuild


def test_a_rebuilt_index_answers_as_the_old_one_did(desk: Desk) -> None:
    first, second = report(1), report(2)
    desk.place([*first[:3], *second[:3]])
    before = desk.index.state().entries
    desk.index.segments[0].path.write_bytes(b"damaged")
    assert desk.index.check()
    count = rebuild(
        desk.index, desk.memory.by_id.values(), desk.settings, now=START + timedelta(hours=1)
    )
    assert (count, desk.index.state().entries, desk.index.check()) == (6, before, [])
    desk.place([*first[3:], *second[3:]])
    assert desk.memory.partition() == {ids(first), ids(second)}


def test_stories_outside_the_window_are_not_kept(desk: Desk) -> None:
    desk.place(report(1))
    later = START + timedelta(days=20)
    assert rebuild(desk.index, desk.memory.by_id.values(), desk.settings, now=later) == 0
    assert desk.index.state().stories == 0
