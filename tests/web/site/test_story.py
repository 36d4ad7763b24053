"""What a story's page tells somebody who never saw its cluster, against the newsroom's truth."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from newsroom.truth import PageTruth, Truth
from tests.web.conftest import Site
from tests.web.site.conftest import Opened
from wirewatch.records import Story

pytestmark = pytest.mark.es


@pytest.fixture(scope="module")
def known(site: Site, truth: Truth) -> dict[str, tuple[Story, PageTruth]]:
    """Stories and the truth about them, by canonical address."""
    stories = {one.article.canonical_url: one for one in site.store.stories.all()}
    return {
        page.story: (stories[page.story], page) for page in truth.pages if page.story in stories
    }


def _clusters(known: dict[str, tuple[Story, PageTruth]]) -> list[list[tuple[Story, PageTruth]]]:
    by_cluster: dict[str, list[tuple[Story, PageTruth]]] = {}
    for story, page in known.values():
        by_cluster.setdefault(story.cluster_id, []).append((story, page))
    return [members for members in by_cluster.values() if len(members) > 2]


def test_it_tells_who_wrote_it_and_who_has_it(
    look: Opened, known: dict[str, tuple[Story, PageTruth]]
) -> None:
    page = look().page
    told = 0
    for members in _clusters(known)[:6]:
        story = members[-1][0]
        page.goto(f"/story/{story.id}")
        tale = page.locator(".tale").first.inner_text()
        agency = next((one.report_agency for _, one in members if one.report_agency), "")
        if agency:
            assert tale.startswith(f"{agency} wrote this report"), tale
            told += 1
        assert "had it first" in tale
        shown = page.locator(".timeline .who").all_inner_texts()
        for member, _ in members:
            assert any(member.article.outlet in line for line in shown), (
                member.article.outlet,
                shown,
            )
        stamps = page.locator(".timeline .at time").evaluate_all(
            "all => all.map((o) => o.dateTime.slice(0, 10))"
        )
        assert stamps == sorted(stamps)
    assert told


def test_it_tells_what_each_cut_added_moved_and_retitled(
    look: Opened, known: dict[str, tuple[Story, PageTruth]], site: Site
) -> None:
    page = look().page
    seen: set[str] = set()
    for members in _clusters(known):
        lead = next((story for story, _ in members if story.lead), None)
        if lead is None:
            continue
        page.goto(f"/story/{lead.id}")
        lines = {
            row.locator(".who").inner_text(): row for row in page.locator(".timeline > li").all()
        }
        for story, what in members:
            if story.id == lead.id:
                continue
            row = next(row for who, row in lines.items() if story.article.outlet in who)
            did = row.locator(".did").inner_text()
            if story.article.title.casefold() != lead.article.title.casefold():
                assert "headlined anew" in did, (did, story.article.title, lead.article.title)
                assert row.locator(".headline").inner_text() == story.article.title
                seen.add("retitled")
            else:
                assert "headlined" not in did
            if what.relation == "truncated":
                assert "cut" in did and "shortened" in did, did
                seen.add("cut")
            for word in ("cut", "added", "moved", "reworded"):
                if re.search(rf"\b{word} \d", did):
                    seen.add(word)
                    details = row.locator("details")
                    details.locator("summary").click()
                    expect(details.locator("li").first).to_be_visible()
                    details.locator("summary").click()
    assert {"cut", "added", "moved", "reworded", "retitled"} <= seen


def test_a_report_that_one_outlet_has_is_its_own(
    look: Opened, known: dict[str, tuple[Story, PageTruth]]
) -> None:
    page = look().page
    story = next(
        story for story, one in known.values()
        if not one.report_agency and not story.agency and story.lead and not story.link
        and sum(other.cluster_id == story.cluster_id for other, _ in known.values()) == 1
    )  # fmt: skip
    page.goto(f"/story/{story.id}")
    expect(page.locator(".tale").first).to_contain_text("wrote it itself")
    expect(page.locator(".tale").first).to_contain_text("Nobody else has it so far")


def test_side_by_side_shows_both_texts_whole(
    look: Opened, known: dict[str, tuple[Story, PageTruth]]
) -> None:
    page = look().page
    story = next(one for one, _ in known.values() if one.link and one.link.relation == "truncated")
    page.goto(f"/story/{story.id}#side")
    sides = page.locator(".sides")
    for fold in sides.locator("details").all():
        fold.locator("summary").click()
    rows = sides.locator(".row:not(.heads)")
    for side in (0, 1):
        text = "".join(
            rows.evaluate_all(f"all => all.map((one) => one.children[{side}].textContent)")
        )
        titles = [one for one, _ in known.values() if one.article.text[:40] in text]
        assert any(
            re.sub(r"\s", "", one.article.title + one.article.text) == re.sub(r"\s", "", text)
            for one in titles
        ), text[:200]
    assert sides.locator("del").count() > 0
    chooser = page.locator("select[name=with]")
    other = chooser.locator("option:not([selected])").first.get_attribute("value")
    chooser.select_option(other)
    page.get_by_role("button", name="Compare").click()
    assert f"with={other}" in page.url


def test_topics_and_dates_say_why(look: Opened, known: dict[str, tuple[Story, PageTruth]]) -> None:
    page = look().page
    story = next(one for one, _ in known.values() if one.topics and one.agency_evidence)
    page.goto(f"/story/{story.id}")
    about = page.locator(".about")
    expect(about).to_contain_text(story.topics[0].name)
    expect(about).to_contain_text(story.topics[0].why[0])
    expect(about).to_contain_text(story.agency_evidence)
    expect(about).to_contain_text("in the feed")
    about.get_by_role("link", name=story.topics[0].name).click()
    expect(page.locator(".chips")).to_contain_text(story.topics[0].name)


def test_two_stories_are_told_apart_or_not(look: Opened, site: Site) -> None:
    page = look().page
    copy = next(one for one in site.store.stories.all() if one.link and one.link.score > 0.9)
    other = next(one for one in site.store.stories.all() if one.cluster_id != copy.cluster_id
                 and one.article.language == copy.article.language)  # fmt: skip
    page.goto("/compare/stories")
    page.get_by_label("One story").fill(copy.id)
    page.get_by_label("and another").fill(f"{site.url}/story/{copy.link.story_id}")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Copies of one report")).to_be_visible()
    page.get_by_label("and another").fill(other.article.canonical_url)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="No copies")).to_be_visible()
    page.get_by_label("and another").fill("nothing like it")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no story")
