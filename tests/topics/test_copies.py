"""Copies of one report share its topics."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import makers
from wirewatch.records import Link, Story
from wirewatch.topics.copies import shared
from wirewatch.topics.tagger import Tagger

CONFIG = Path(__file__).resolve().parents[2] / "config" / "topics"
REPORT = (
    "It left at noon and was due in the evening.\n"
    "A fire broke out in the engine room. Rescue workers evacuated ninety passengers, and the "
    "coast guard searched for survivors after the explosion."
)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(CONFIG)


def linked(name: str, text: str, relation: str = "", outlet: str = "") -> Story:
    link = Link(
        story_id="full", relation=relation, score=0.9, containment=1, containment_of=0.5,
        resemblance=0.5,
    )  # fmt: skip
    return makers.story(
        name, text, title="What the evening brought", cluster_id="c", outlet=outlet,
        **({"link": link} if relation else {}),
    )  # fmt: skip


def codes(story: Story) -> list[str]:
    return [tag.code for tag in story.topics]


def test_a_cut_copy_takes_the_topics_of_the_longest(tagger: Tagger) -> None:
    full = linked("full", REPORT, outlet="Harbour Post")
    cut = linked("cut", REPORT.split("\n")[0], "truncated")
    assert codes(tagger.tagged(cut)) == []
    told = shared(cut, [full, cut], tagger)
    assert codes(told) == codes(tagger.tagged(full)) != []
    assert all("by Harbour Post" in tag.why[0] for tag in told.topics)
    assert all(tag.why[1].startswith("words: ") for tag in told.topics)
    assert shared(full, [full, cut], tagger) == tagger.tagged(full)


def test_a_mix_keeps_its_own_topics(tagger: Tagger) -> None:
    full = linked("full", REPORT)
    other = "Parliament debated the election. The opposition and the prime minister spoke. " * 9
    mix = linked("mix", other + REPORT, "mix")
    assert shared(mix, [full, mix], tagger) == tagger.tagged(mix)
    assert shared(full, [full, mix], tagger) == tagger.tagged(full)


def test_a_report_without_topics_takes_none_away(tagger: Tagger) -> None:
    full = linked("full", "Nobody said anything of it. " * 20)
    copy = linked("copy", REPORT.split("\n")[1], "copy")
    assert shared(copy, [full, copy], tagger) == tagger.tagged(copy)
    assert codes(tagger.tagged(copy))


def test_the_longest_text_is_read_once_for_all_its_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Tagger.load(CONFIG)
    full = linked("full", REPORT)
    copies = [linked(f"cut-{n}", REPORT.partition("\n")[0], "truncated") for n in range(20)]
    reading, seen = own.read, []
    monkeypatch.setattr(own, "read", lambda article: seen.append(article) or reading(article))
    assert {tuple(codes(shared(one, [full, *copies], own))) for one in copies} != {()}
    assert seen == [full.article]
    changed = makers.story("full", "Nothing of note.", title="A quiet day", cluster_id="c")
    assert own.tagged(changed).topics == ()  # another text under the same id is read anew
