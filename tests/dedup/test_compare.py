from __future__ import annotations

import pytest

from tests.dedup.conftest import prose, report
from wirewatch.dedup.compare import Rule, compare, link, passages
from wirewatch.dedup.features import Profile, measure, report_of
from wirewatch.settings import Settings


@pytest.fixture
def rule(settings: Settings) -> Rule:
    return Rule.of(settings)


def test_figures_of_a_text_with_itself_and_with_a_stranger() -> None:
    one, other = Profile(prose(1)), Profile(prose(2))
    same = measure(one, Profile(prose(1)), 0)
    assert (same.containment, same.containment_of, same.resemblance) == (1, 1, 1)
    assert (same.runs, same.phrases, same.sentences, same.head, same.ratio) == (1, 1, 1, 1, 1)
    assert (same.numbers, same.numbers_conflict, same.names_conflict) == (1, 0, 0)
    strange = measure(one, other, 0)
    assert (strange.runs, strange.sentences) == (0, 0)
    assert strange.containment < 0.4


def test_numbers_in_the_same_place_that_differ_are_found_and_named() -> None:
    frame = (
        "Net profit in the quarter rose to {} million while sales fell by {} percent to {} million."
    )
    a, b = Profile(frame.format(12, 3, 90)), Profile(frame.format(15, 3, 85))
    pair = measure(a, b, 0)
    assert (pair.numbers_placed, round(pair.numbers_conflict, 2)) == (3, 0.67)
    made = link(a, b, "b", pair, joins=False, score=0.1, same_outlet=False)
    assert made.numbers_differ == ("12", "90")


def test_a_verbatim_text_of_another_day_joins_and_a_reworded_one_does_not(rule: Rule) -> None:
    text = prose(1)
    words = text.split()
    words[::9] = [f"{word}x" for word in words[::9]]
    assert compare(Profile(text), Profile(text), 100, rule).joins
    reworded = compare(Profile(text), Profile(" ".join(words)), 100, rule)
    assert not reworded.copy
    assert compare(Profile(text), Profile(text), 200, rule).why == "too many hours apart"


def test_boilerplate_of_one_outlet_around_two_reports_makes_no_copy(rule: Rule) -> None:
    block = prose(9, 120)
    one, other = (Profile(prose(seed, 90) + " " + block, f"Title {seed}") for seed in (1, 2))
    assert not compare(one, other, 1, rule, same_outlet=True).copy


def test_related_headlines_and_the_headline_above_are_no_part_of_the_report() -> None:
    body = "\n".join([prose(1, 60), prose(2, 60)])
    page = f"Headline\n{body}\nRelated news:\nOther headline\nAnother one"
    assert report_of(page, "Headline").strip() == body
    assert report_of(body, "Headline") == body
    going_on = f"{body}\nRelated news\n{prose(3, 60)}"
    assert report_of(going_on, "") == going_on


@pytest.mark.parametrize("language", ["en", "ru", "ar"])
def test_a_poor_scan_is_a_copy_and_another_report_is_not(rule: Rule, language: str) -> None:
    text = " ".join(report(language, 3, 160))
    words = text.split()
    for at in range(0, len(words), 5):
        if words[at].isalpha() and len(words[at]) > 3:
            words[at] = words[at][:2] + words[at][3:]
    scan = Profile(" ".join(words))
    assert compare(Profile(text), scan, 5, rule).joins
    assert not compare(Profile(" ".join(report(language, 4, 160))), scan, 5, rule).copy


@pytest.mark.parametrize("title", ["Harbour reopens after the flood", ""])
def test_captions_that_repeat_the_headline_are_no_part_of_the_report(title: str) -> None:
    name = "Harbour reopens after the flood"
    body = f"{prose(1, 60)}\n{prose(2, 60)}"
    page = f"{name}\n{name} (library picture)\nIn the picture: {name} on Monday.\n{body}"
    assert report_of(page, title) == body
    brief = f"{name} with a parade.\nShips sail."
    assert report_of(brief, name) == brief


def test_the_longest_shared_passages_are_the_evidence() -> None:
    shared = prose(5, 40)
    one, other = Profile(prose(1, 60) + " " + shared), Profile(shared + " " + prose(2, 60))
    assert passages(one, other)[0].split()[0] == shared.split()[0]
