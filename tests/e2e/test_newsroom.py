"""The whole pipeline over the sample newsroom, held against its truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

import pytest

from newsroom.server import Newsroom
from tests import flows
from tests.e2e.compare import Found
from tests.sample import RUN
from wirewatch.dedup.explain import history
from wirewatch.pipeline.by_hand import merge_clusters, split_cluster
from wirewatch.pipeline.fingerprints import check_fingerprints, rebuild_fingerprints
from wirewatch.records import Feed, FeedState, PageStatus, Run, replace, utc_now
from wirewatch.search.search import search
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

pytestmark = pytest.mark.es


@pytest.fixture(scope="module")
def account(ingested: Settings) -> Run:
    with connect(ingested) as store:
        run = store.runs.get(RUN)
    assert run is not None
    return run


@pytest.fixture(scope="module")
def store(ingested: Settings, account: Run) -> Iterator[Store]:
    with connect(ingested) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(store: Store, room: Newsroom) -> Found:
    return Found(store, room.truth())


def test_the_run_accounts_for_every_item(account: Run) -> None:
    assert account.state == "done"
    assert account.problems == ()
    for stage, counts in account.stages.items():
        assert counts["taken"] > 0, stage


def test_every_page_is_known(found: Found) -> None:
    assert found.missing() == []


def test_every_page_ends_as_it_must(found: Found) -> None:
    assert found.wrong_status() == []


def test_every_refusal_says_why_in_words(found: Found) -> None:
    for page in found.all_pages:
        if page.status != PageStatus.INDEXED:
            assert page.reason, page.url
            assert len(page.detail) > 10, page.url


def test_every_cluster_is_exact(found: Found) -> None:
    assert found.wrong_clusters() == []


def test_pages_of_one_canonical_url_are_one_story(found: Found) -> None:
    for expected, story in found.indexed():
        assert story.article.canonical_url == expected.story


def test_every_language_is_right(found: Found) -> None:
    wrong = [
        f"{expected.url}: {story.article.language}"
        for expected, story in found.indexed()
        if story.article.language.split("-")[0] != expected.language
    ]
    assert wrong == []


def test_dates_are_right(found: Found) -> None:
    wrong = []
    for expected, story in found.indexed():
        if expected.published is None:
            continue
        published = story.article.published and story.article.published.astimezone(UTC)
        day = expected.precision == "day"
        same = published == expected.published or (
            day and published is not None and published.date() == expected.published.date()
        )
        if not same:
            wrong.append(f"{expected.url}: {published} for {expected.published}")
    assert len(wrong) <= len(found.indexed()) * 0.05, wrong


def test_authors_are_right(found: Found) -> None:
    wrong = [
        f"{expected.url}: {story.article.authors} for {expected.authors}"
        for expected, story in found.indexed()
        if set(story.article.authors) != set(expected.authors)
    ]
    assert len(wrong) <= len(found.indexed()) * 0.05, wrong


def test_titles_and_bodies_are_right(found: Found) -> None:
    wrong = []
    for expected, story in found.indexed():
        text = " ".join(story.article.text.split())
        if any(" ".join(passage.split()) not in text for passage in expected.contains):
            wrong.append(f"{expected.url}: a passage is missing")
        wrong += [
            f"{expected.url}: {furniture!r}" for furniture in expected.excludes if furniture in text
        ]
        if story.article.title != expected.title:
            wrong.append(f"{expected.url}: {story.article.title!r} for {expected.title!r}")
    assert len(wrong) <= len(found.indexed()) * 0.05, wrong


def test_agencies_are_right(found: Found) -> None:
    """The agency that signs a page, or whose report it is: a copy need not say so itself."""
    wrong = [
        f"{expected.url}: {story.agency!r} for {expected.agency!r}, {story.agency_evidence}"
        for expected, story in found.indexed()
        if story.agency != expected.agency
        and (expected.agency or story.agency not in ("", expected.report_agency))
    ]
    assert len(wrong) <= len(found.indexed()) * 0.05, wrong


def test_outlets_are_right_whoever_named_the_page_first(found: Found) -> None:
    wrong = [
        f"{expected.url}: {story.article.outlet}"
        for expected, story in found.indexed()
        if story.article.outlet != expected.outlet or story.article.country != expected.country
    ]
    assert wrong == []


def test_most_topics_are_right(found: Found) -> None:
    """The tagger's own benchmark has its figures; here a story must not be tagged at random."""
    hits = sum(
        bool(set(expected.topics) & {topic.code for topic in story.topics})
        for expected, story in found.indexed()
    )
    assert hits >= 0.7 * len(found.indexed())
    for _, story in found.indexed():
        for topic in story.topics:
            assert topic.why, (story.article.title, topic.code)


def test_one_story_of_each_cluster_leads_and_the_cluster_says_why(
    found: Found, store: Store
) -> None:
    clusters = {cluster.id: cluster for cluster in store.clusters.all()}
    leads = [story for story in found.stories.values() if story.lead]
    assert {story.cluster_id for story in found.stories.values()} == set(clusters)
    assert sorted(story.cluster_id for story in leads) == sorted(clusters)
    for lead in leads:
        assert clusters[lead.cluster_id].lead == lead.id
        assert clusters[lead.cluster_id].lead_reason
        assert lead.id in clusters[lead.cluster_id].stories


def test_every_copy_carries_its_evidence(found: Found) -> None:
    for story in found.stories.values():
        if story.cluster_id != story.id:
            assert story.link is not None, story.article.title
            assert story.link.story_id in found.stories
            assert story.link.containment > 0


def test_a_mix_names_its_second_source(found: Found) -> None:
    mixes = [(e, s) for e, s in found.indexed() if e.second_source]
    assert mixes
    clusters = {e.cluster: s.cluster_id for e, s in found.indexed() if not e.second_source}
    for expected, story in mixes:
        sources = {found.stories[link.story_id].cluster_id for link in story.sources}
        assert clusters[expected.second_source] in sources, expected.url


def test_feeds_say_how_they_fare(store: Store, room: Newsroom) -> None:
    feeds = {feed.url: feed for feed in store.feeds.all()}
    for expected in room.truth().feeds:
        feed = feeds[expected.url]
        assert feed.state == FeedState.ACTIVE
        assert feed.entries - feed.rejected_entries == expected.entries, feed.url
        if expected.malformed or expected.empty:
            assert feed.note, feed.url


def test_politeness_one_request_at_a_time_and_robots_first(room: Newsroom, account: Run) -> None:
    asked: dict[str, list[str]] = {}
    for request in room.requests:
        asked.setdefault(request.host, []).append(request.path)
        assert "wirewatch" in request.headers["user-agent"]
    for host, paths in asked.items():
        assert paths[0] == "/robots.txt", host


def test_search_finds_one_line_a_report(store: Store, found: Found) -> None:
    clusters: dict[str, list] = {}
    for expected, story in found.indexed():
        clusters.setdefault(expected.cluster, []).append(story)
    biggest = max(clusters.values(), key=len)
    lead = next(story for story in biggest if story.lead)
    results = search(store, f"cluster:{lead.cluster_id}", now=utc_now())
    assert [hit.story.id for hit in results.hits] == [lead.id]
    assert results.hits[0].copies == len(biggest)


def test_alerts_come_once_an_event(ingested: Settings, store: Store, room: Newsroom) -> None:
    first = flows.alert(ingested)
    assert first["stories"] == len(list(store.stories.all()))
    assert first["alerts"] > 0
    told = list(store.alerts.all())
    assert len({(one.search_id, one.cluster_id) for one in told}) == len(told) == first["alerts"]
    assert first["sent"] == first["alerts"]  # all go to the log
    again = flows.alert(ingested)
    assert (again["stories"], again["alerts"]) == (0, 0)


def test_a_second_run_duplicates_nothing(
    ingested: Settings, store: Store, found: Found, room: Newsroom
) -> None:
    """Feeds are polled again at once; what the lying feed hid is all that may come."""
    before = dict(found.stories)
    for feed in list(store.feeds.all()):
        store.feeds.save(feed, _due(feed))
    account = flows.ingest(ingested, "second")
    assert account.state == "done"
    store.refresh()
    after = {story.id: story for story in store.stories.all()}
    new = {after[identity].article.canonical_url for identity in after.keys() - before.keys()}
    hidden = {page.story for page in room.truth().pages if page.hidden}
    assert new <= hidden
    assert before.keys() <= after.keys()


def test_a_cluster_tells_what_each_copy_changed(store: Store, found: Found) -> None:
    told = {expected.relation: story for expected, story in found.indexed()}
    cut = told["tail_cut"]
    cluster = store.clusters.resolve(cut.cluster_id)
    assert cluster is not None
    changes = {
        one.story_id: one for one in history(cluster, store.stories.stories(cluster.stories))
    }
    assert len(changes) == len(cluster.stories)
    assert changes[cut.id].cut
    assert not changes[cut.id].added or cut.link is None


def test_a_split_and_a_merge_by_hand_are_whole_and_undo_each_other(
    ingested: Settings, store: Store, found: Found
) -> None:
    lead = max((cluster for cluster in store.clusters.all()), key=lambda one: len(one.stories))
    out = next(one for one in reversed(lead.stories) if one != lead.id)
    made = split_cluster(store, ingested, lead.id, [out])
    assert made == out
    assert store.stories.stories([out])[out].cluster_id == out
    assert store.stories.stories([out])[out].lead
    kept = merge_clusters(store, ingested, lead.id, made)
    assert kept == lead.id
    again = store.clusters.resolve(made)
    assert again is not None
    assert again.id == lead.id
    assert sorted(again.stories) == sorted(lead.stories)
    assert set(again.pinned) == set(lead.stories)
    assert store.stories.stories([out])[out].cluster_id == lead.id


def test_the_fingerprints_made_anew_find_the_same_copies(
    ingested: Settings, store: Store, found: Found
) -> None:
    assert check_fingerprints(store, ingested, utc_now()) == []
    count = rebuild_fingerprints(store, ingested, utc_now())
    assert count == len(list(store.stories.all()))
    assert check_fingerprints(store, ingested, utc_now()) == []


def _due(feed: Feed) -> Feed:
    return replace(feed, next_poll=None)
