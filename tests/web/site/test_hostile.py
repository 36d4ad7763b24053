"""Hostile text in every field, through the whole pipeline and past it, into the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests import flows, makers
from tests.indices import own_prefix
from tests.web.conftest import UNLIMITED, Site, served
from tests.web.site import hostile
from tests.web.site.conftest import Watched, apart, window
from wirewatch.records import (
    Change,
    Delivery,
    DeliveryState,
    Edit,
    FeedState,
    Link,
    PageStatus,
    Reason,
    Revision,
    RevisionKind,
    Run,
    SavedSearch,
    TopicTag,
    stable_id,
)
from wirewatch.store import connect

pytestmark = pytest.mark.es

WHEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
NARROW = {"width": 360, "height": 800}
FOREIGN = (
    "script:not([src*='/static/']), iframe, img, object, embed, base, style, [onerror], [onload]"
)


@pytest.fixture(scope="module")
def piped(es_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site over articles that the whole pipeline took in."""
    texts = [*hostile.HOSTILE, *hostile.naughty()]
    folder = tmp_path_factory.mktemp("piped")
    with hostile.site(texts) as there, own_prefix(es_url) as prefix:
        settings = makers.options(
            es_url,
            prefix,
            folder,
            **UNLIMITED,
            fetch__allow=there.allow,
            fetch__delay=0,
            fetch__timeout=30,
        )
        feed = makers.feed(
            f"{there.base('hostile')}/feed", outlet=hostile.HOSTILE[1], country="GB", title="x"
        )
        with connect(settings) as store:
            store.feeds.add([feed]).raise_refused("feeds")
            apart(lambda: flows.ingest(settings, "hostile"))
            store.refresh()
            with served(settings, store) as address:
                yield Site(address, store, settings)


@pytest.fixture(scope="module")
def stored(es_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose index has the texts in each field of each record, as if nothing had cleaned
    them on the way."""
    folder = tmp_path_factory.mktemp("stored")
    with own_prefix(es_url) as prefix:
        settings = makers.options(es_url, prefix, folder, **UNLIMITED)
        with connect(settings) as store:
            for number, text in enumerate(hostile.HOSTILE):
                _fill(store, number, text)
            store.refresh()
            with served(settings, store) as address:
                made = Site(address, store, settings)
                made.add_key("all", "read", "write", "operate")
                yield made


def _fill(store, number: int, text: str) -> None:
    short = text[:400]
    ids = [stable_id("hostile", str(number), str(copy)) for copy in range(2)]
    link = Link(
        story_id=ids[0],
        relation=short,
        score=0.9,
        containment=0.9,
        containment_of=0.9,
        resemblance=0.9,
        shared=(text,),
        numbers_differ=(text,),
        names_differ=(text,),
    )
    stories = [
        makers.story(
            identity,
            f"{text}\n{hostile.FILLER}{text} copy {copy}. {text}",
            cluster_id=ids[0],
            lead=copy == 0,
            url="javascript:alert(30)",
            canonical_url=f"javascript:alert(31)//{text}" if copy else short,
            title=f"{text} {number}" if copy else text,
            description=text,
            authors=(short, "x" * 200),
            published=WHEN,
            published_source=short,
            first_seen=WHEN,
            outlet=short + str(copy),
            host=short,
            country="GB",
            credits=(text,),
            agency=short,
            agency_evidence=text,
            topics=(TopicTag(code=short, name=short, score=0.5, why=(text, text)),),
            link=link if copy else None,
            sources=(link,) if copy else (),
            word_count=9,
            image="javascript:alert(32)",
            extractor=text,
            section=text,
            keywords=(short, "k" * 400),
            title_source=short,
            authors_source=short,
            paywalled=True,
            revisions=2,
            corrected=True,
            page_id=ids[copy],
            feed_id=ids[0],
        )
        for copy, identity in enumerate(ids)
    ]
    store.stories.create(stories).raise_refused("stories")
    whole = makers.cluster(*stories, lead_reason=text, first=WHEN, last=WHEN)
    store.clusters.write([(whole, None)])
    edits = (Edit(at=-1, removed=text, added=text), Edit(at=3, removed=text, added=text))
    store.revisions.create(
        Revision(
            id=stable_id(ids[1], str(row)),
            story_id=ids[1],
            cluster_id=ids[0],
            number=row,
            kind=RevisionKind.CORRECTION if row else RevisionKind.FIRST,
            seen=WHEN,
            title=text,
            text=f"{text} {row}",
            note=text,
            change=Change(words_added=1, title=True, edits=edits) if row else None,
        )
        for row in range(2)
    )
    store.feeds.add(
        [
            makers.feed(
                ids[0],
                url=f"javascript:alert(33)//{number}",
                title=text,
                outlet=short,
                state=FeedState.FAILING,
                error=text,
                note=text,
                last_poll=WHEN,
                failures=9,
                moved_to=short,
            )
        ]
    )
    store.pages.discover(
        [
            makers.page(
                ids[0],
                url=f"javascript:alert(34)//{number}",
                host=short,
                outlet=short,
                status=PageStatus.REJECTED,
                reason=Reason.ROBOTS,
                detail=text,
                discovered=WHEN,
            )
        ]
    )
    told = makers.alert(
        stories[0],
        "s",
        id=ids[0],
        search_name=text,
        url="javascript:alert(35)",
        outlet=short,
        created=WHEN,
    )
    store.alerts.create([told])
    store.deliveries.create(
        [
            Delivery(
                id=ids[0],
                search_id="s",
                channel=short,
                alerts=(told.id,),
                state=DeliveryState.DEAD,
                error=text,
                created=WHEN,
                next_try=WHEN,
            )
        ]
    )
    store.searches.put(
        [SavedSearch(id=f"s{number}", name=text, query=short, channels=(short,), origin="user")]
    )
    store.runs.begin(
        Run(
            id=f"r{number}",
            kind="ingest",
            state="failed",
            started=WHEN,
            stages={"poll": {"taken": 1, short[:60]: 1}},
            problems=(text,),
        )
    )


def examine(watched: Watched, path: str, *statuses: int) -> None:
    """Opens a page: nothing ran, nothing foreign is in it, no link runs a script, all fits."""
    page = watched.page
    answer = page.goto(path)
    assert answer is not None
    assert answer.status in (statuses or (200,)), (path, answer.status)
    assert page.locator(FOREIGN).count() == 0, path
    links = page.locator("a").evaluate_all("all => all.map((one) => one.protocol)")
    assert set(links) <= {"http:", "https:"}, path
    assert watched.overflow() <= 0, path
    assert watched.wrong == [], path
    assert page.evaluate("location.hostname") == "127.0.0.1"


def test_articles_are_shown_as_text(piped: Site, browser: Browser) -> None:
    stories = {one.id: one for one in piped.store.stories.all()}
    assert len(stories) >= len(hostile.HOSTILE) * 0.9, piped.store.pages.count()
    with window(browser, piped.url, piped.link, viewport=NARROW) as watched:
        page = watched.page
        for story in stories.values():
            examine(watched, f"/story/{story.id}")
            assert _bare(page.locator("h1").inner_text()) == _bare(story.article.title)
            text = _bare(page.locator(".body").text_content() or "")
            assert text == _bare(story.article.text[: len(text) + 10_000])[: len(text)]
            assert len(text) >= min(len(_bare(story.article.text)), 5_000)
        for path in ("/?collapse=none", "/?q=harbour", "/sources", "/runs", "/pages", "/trends"):
            examine(watched, path)


def test_the_longest_text_is_shown_in_parts(piped: Site, browser: Browser) -> None:
    story = max(piped.store.stories.all(), key=lambda one: (len(one.article.text), one.id))
    assert len(story.article.text) >= 150_000
    with window(browser, piped.url, piped.link, viewport=NARROW) as watched:
        examine(watched, f"/story/{story.id}")
        page = watched.page
        assert len(page.locator(".body").inner_text()) < 25_000  # of 200,000 that are kept
        # Not the whole page's: how many copies are listed beside it is another matter.
        assert len(page.locator("section.text").inner_html()) < 30_000
        page.get_by_role("link", name="The rest").click()
        assert len(page.locator(".body").inner_text()) >= 150_000
        assert watched.wrong == []


def test_every_field_of_every_record_is_shown_as_text(stored: Site, browser: Browser) -> None:
    with window(browser, stored.url, stored.link, viewport=NARROW) as watched:
        page = watched.page
        page.goto("/login")
        page.get_by_label("Key", exact=True).fill(stored.keys["all"])
        page.get_by_role("button", name="Log in").click()
        for number, text in enumerate(hostile.HOSTILE):
            ids = [stable_id("hostile", str(number), str(copy)) for copy in range(2)]
            for identity in ids:
                examine(watched, f"/story/{identity}")
                for fold in page.locator("details").all():
                    fold.evaluate("one => { one.open = true }")
                assert watched.overflow() <= 0, text
            examine(watched, f"/story/{ids[1]}?version=1#side")
            examine(watched, f"/compare/stories?one={ids[0]}&other={ids[1]}")
            examine(watched, f"/source?outlet={quote(text[:400])}0", 200, 404)
            examine(watched, f"/searches/s{number}")
        for path in (
            "/?collapse=none",
            "/sources?order=health",
            "/searches",
            "/alerts",
            "/runs",
            "/pages?status=rejected",
            "/trends",
            "/compare?q=harbour",
        ):
            examine(watched, path)
        page.goto("/?collapse=cluster")
        for fold in page.locator("details").all():
            fold.evaluate("one => { one.open = true }")
        assert watched.overflow() <= 0


def test_hostile_parameters_give_a_page(stored: Site, browser: Browser) -> None:
    with window(browser, stored.url, stored.link, viewport=NARROW) as watched:
        for text in [*hostile.HOSTILE, *hostile.naughty()[:200]]:
            given = quote(text.encode("utf-8", "replace"))
            examine(watched, f"/?q={given}", 200, 400)
            if text not in hostile.HOSTILE:
                continue
            paths = (
                f"/?outlet={given}&not-topic={given}&time={given}&sort={given}&cursor={given}",
                f"/?language={given}&country={given}",
                f"/compare?q={given}&q=harbour",
                f"/trends?q={given}&days={given}",
                f"/compare/stories?one={given}&other={given}",
                f"/sources?name={given}&order={given}&page={given}",
                f"/pages?status={given}&reason={given}",
                f"/alerts?search={given}",
                f"/login?next={given}&wrong={given}",
            )
            # Each text in three of the pages: in all of them it would take minutes.
            for path in paths[hostile.HOSTILE.index(text) % 3 :: 3]:
                examine(watched, path, 200, 400, 404, 410)


def _bare(text: str) -> str:
    """Without white space and the marks that a browser folds: what is left must be the same."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ufeff]", "", text)
