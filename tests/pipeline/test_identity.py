"""A story's identity holds although canonical links are wrong, in any order and across runs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

from tests import flows, makers, sites
from tests.indices import change
from wirewatch.pipeline.identity import identify
from wirewatch.records import Article, PageStatus, Story, stable_id
from wirewatch.settings import Settings
from wirewatch.store import connect

SECTION = "http://a.com/article.php"
TUNNEL = "The council met for nine hours about the tunnel and then went home again at dawn. " * 3
KEEPER = "A goalkeeper of forty years was sold to a club that nobody in the city had heard of. " * 3


def article(path: str, title: str, text: str, canonical: str = SECTION) -> Article:
    return makers.article(f"http://a.com/{path}", text, title=title, canonical_url=canonical)


def known_as(articles: Sequence[Article]) -> list[str]:
    return [one.canonical_url for _, one in identify(articles, {})]


def test_one_address_for_a_whole_section_is_a_mistake() -> None:
    made = [
        article("1", "Tunnel", TUNNEL),
        article("2", "Goalkeeper sold", KEEPER),
        article("3", "Tunnel: the printed page", TUNNEL),
    ]
    assert known_as(made) == ["http://a.com/1", "http://a.com/2", "http://a.com/3"]
    # Forms of one article, and pages of one article under one title, stay together.
    assert known_as([article("1", "Tunnel", TUNNEL), article("2", "The tunnel", TUNNEL[:170])]) == [
        SECTION, SECTION,
    ]  # fmt: skip
    assert known_as([article("1", "Tunnel", TUNNEL), article("2", "Tunnel", KEEPER)]) == [
        SECTION, SECTION,
    ]  # fmt: skip
    chinese = [
        article("1", "一", "市议会开会讨论隧道问题" * 9),
        article("2", "二", "守门员被卖给俱乐部了" * 9),
    ]
    assert known_as(chinese) == ["http://a.com/1", "http://a.com/2"]


def run(articles: Sequence[Article], stored: dict[str, Story]) -> list[str]:
    """The ids that a run gives to articles; their stories are stored afterwards."""
    found = identify(articles, stored)
    for identity, one in found:
        stored.setdefault(identity, Story(id=identity, article=one))
    return [identity for identity, _ in found]


def test_another_text_under_an_address_of_an_earlier_run_is_another_story() -> None:
    pages = [
        article("article.php?id=1", "Tunnel", TUNNEL),
        article("article.php?id=2", "Goalkeeper sold", KEEPER),
        article("article.php", "Front page of a paper", "Granary burnt down in the night. " * 9),
    ]
    for order in permutations(pages):
        for split in range(3):
            stored: dict[str, Story] = {}
            ids = run(order[:split], stored) + run(order[split:], stored)
            assert len(set(ids)) == 3
            # Whatever comes with them, pages that are read again are the same stories.
            assert run(order, stored) == ids
            for page, identity in zip(order, ids, strict=True):
                assert run([page], stored) == [identity]


def test_another_form_of_a_known_text_joins_it_although_others_have_its_address() -> None:
    stored: dict[str, Story] = {}
    [first] = run([article("1", "Tunnel", TUNNEL)], stored)
    assert first == stable_id("story", SECTION)
    form, other = run(
        [article("1?print", "The tunnel", TUNNEL), article("2", "Goalkeeper sold", KEEPER)], stored
    )
    assert form == first
    assert other == stable_id("story", "http://a.com/2")


def test_a_page_that_says_something_else_now_is_the_same_story() -> None:
    stored: dict[str, Story] = {}
    [before] = run([article("1", "Tunnel", TUNNEL)], stored)
    assert run([article("1", "Goalkeeper sold", KEEPER)], stored) == [before]


@pytest.mark.es
def test_the_second_article_of_a_template_can_be_searched(options: Settings) -> None:
    texts = {1: ("Council rebuilds bridge", TUNNEL), 2: ("Fire destroys mill", KEEPER)}
    listed = [1]

    def answer(asked: sites.Request) -> sites.Answer:
        base = f"http://{asked.host}"
        if asked.path == "/feed":
            return sites.rss(f"{base}/article.php?id={number}" for number in listed)
        if not asked.path.startswith("/article.php?id="):
            return sites.Answer(status=404)
        title, text = texts[int(asked.path[-1])]
        link = f'<link rel="canonical" href="{base}/article.php">'
        return sites.Answer(sites.page(title, text, text[::-1], head=link))

    with sites.serve(answer) as site:
        made = sites.followed(options, site)
        flows.ingest(made, "first")
        listed[:] = [2, 1]
        with connect(made) as store:
            script = "ctx._source.next_poll = '2020-01-01T00:00:00Z'"
            change(store, "feeds", {"match_all": {}}, script)
        account = flows.ingest(made, "second")
    with connect(made) as store:
        store.refresh()
        pages = {page.story_id for page in store.pages.all([PageStatus.INDEXED])}
        titles = {story.article.title for story in store.stories.all() if story.id in pages}
    assert titles == {title for title, _ in texts.values()}
    assert "same_story" not in account.stages["deduplicate"]
