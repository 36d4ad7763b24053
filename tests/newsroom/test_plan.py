from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from newsroom.behaviours import TREATMENTS
from newsroom.outlets import FEED_KINDS, OUTLETS, speaking
from newsroom.plan import Plan, is_person, plan, slugify
from newsroom.site import Site
from newsroom.texts import TextKind, load

NAMED_KINDS = {
    "verbatim",
    "rebylined",
    "tail_cut",
    "quotes_moved",
    "boilerplate_added",
    "mix",
    "headline_rewritten",
    "brief",
    "related_news",
    "paragraphs_dropped",
    "scraped",
    "translation",
    "template",
    "own",
}


@pytest.fixture(scope="module")
def known() -> Plan:
    return plan()


def test_it_has_the_size_that_was_asked_for(known: Plan) -> None:
    assert len(OUTLETS) >= 14
    assert len(known.placements) >= 90
    assert len({placement.text.slug for placement in known.placements}) >= 35
    assert {outlet.speaks for outlet in OUTLETS} == {"en", "es", "de", "ar"}
    assert {outlet.feed for outlet in OUTLETS} == set(FEED_KINDS)
    printing = [outlet for outlet in OUTLETS if known.of(outlet)]
    assert len({outlet.template for outlet in printing}) == len(printing) >= 14


def test_every_text_is_printed(known: Plan) -> None:
    printed = {placement.text.slug for placement in known.placements}
    assert printed == {text.slug for text in load()}


def test_twelve_agency_reports_are_reprinted_by_three_to_nine_outlets_within_a_day(
    known: Plan,
) -> None:
    reprints = defaultdict(list)
    for placement in known.placements:
        if placement.text.kind is TextKind.AGENCY:
            reprints[placement.cluster].append(placement)
    assert len(reprints) >= 12
    for slug, copies in reprints.items():
        outlets = [copy.outlet.label for copy in copies if copy.outlet.label != "northwire"]
        assert 3 <= len(outlets) <= 9, slug
        assert len(set(outlets)) == len(outlets), slug
        ages = [copy.age for copy in copies]
        assert max(ages) - min(ages) <= 24, slug
        assert max(ages) <= 48
        assert min(ages) > 0


def test_every_kind_of_copy_is_there_and_really_differs(known: Plan) -> None:
    kinds = Counter(placement.version.kind for placement in known.placements)
    assert set(kinds) >= NAMED_KINDS
    for placement in known.placements:
        assert not placement.version.note.startswith("unchanged"), placement.key
        if placement.version.kind in ("tail_cut", "brief", "paragraphs_dropped"):
            assert placement.version.paragraphs != placement.text.paragraphs, placement.key
        assert placement.version.paragraphs, placement.key


def test_a_mix_names_both_reports(known: Plan) -> None:
    mixes = [placement for placement in known.placements if placement.version.kind == "mix"]
    slugs = {text.slug for text in load()}
    assert mixes
    for placement in mixes:
        assert placement.second_source in slugs - {placement.cluster}


def test_what_is_no_copy_has_a_cluster_of_its_own(known: Plan) -> None:
    by_cluster = defaultdict(set)
    for placement in known.placements:
        by_cluster[placement.cluster].add(placement.text.slug)
        assert placement.cluster == placement.text.slug
    for text in load():
        if text.kind is TextKind.TRANSLATION:
            assert by_cluster[text.slug] == {text.slug}
            assert text.translation_of in by_cluster


def test_two_texts_are_revised_later(known: Plan) -> None:
    assert len({p.text.slug for p in known.placements if p.revisable}) >= 2


def test_every_treatment_found_its_article(known: Plan) -> None:
    marked = Counter((p.outlet.label, p.treatment) for p in known.placements if p.treatment)
    assert marked == Counter((label, treatment) for label, _, treatment in TREATMENTS)
    assert [p.outlet.label for p in known.placements if p.hidden] == ["capital-monitor"]


def test_no_two_pages_share_an_address(known: Plan) -> None:
    Site(known, datetime(2026, 1, 1, tzinfo=UTC), 8765)  # raises when they do


def test_dates_lie_in_the_two_days_before_the_epoch(known: Plan) -> None:
    epoch = datetime(2026, 3, 1, 0, 7, tzinfo=UTC)  # the end of February, seen from before dawn
    for placement in known.placements:
        assert epoch - timedelta(hours=48) <= placement.published(epoch) <= epoch
        assert placement.published(epoch).utcoffset() == placement.outlet.clock.utcoffset(None)


def test_bylines_of_desks_are_no_people() -> None:
    for desk in ("Markets desk", "Newsdesk", "red/ag", "Agenturen", "وكالات", "Redacción", ""):
        assert not is_person(desk), desk
    for name in ("Marta Quill", "Inés Carbajal", "هدى القاسمي", "Jens Uhlig"):
        assert is_person(name), name


def test_every_author_is_printed_in_the_byline(known: Plan) -> None:
    for placement in known.placements:
        for name in placement.authors:
            assert name in placement.byline, placement.key


def test_slugs_are_ascii_words() -> None:
    assert slugify("Straße gesperrt: 3,2 Mio. Schäden!") == "strasse-gesperrt-3-2-mio-schaden"
    assert slugify("مكتبة صغيرة") == ""


def test_every_language_has_three_outlets_or_no_agency_report(known: Plan) -> None:
    for text in load():
        if text.kind is TextKind.AGENCY:
            assert len(speaking(text.language)) >= 3
