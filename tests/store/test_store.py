"""The repositories against a real Elasticsearch."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import makers
from tests.makers import NOW
from wirewatch.records import (
    Alert,
    Cluster,
    FeedState,
    Link,
    PageStatus,
    Reason,
    Run,
    Story,
    replace,
)
from wirewatch.settings import Settings
from wirewatch.store import MappingDiffers, Store, Unavailable, connect

pytestmark = pytest.mark.es


def story(identity: str, **fields: object) -> Story:
    given = {"title": "Elección", "text": "Los votos se cuentan", "language": "es", "run": "r1"}
    return makers.story(identity, **{**given, **fields})


def test_nothing_listening_names_the_address_and_the_remedy(options: Settings) -> None:
    away = options.with_options(elasticsearch__url="http://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9 .*wirewatch es start"), connect(away):
        pass


def test_a_mapping_that_differs_is_named_and_nothing_is_written(
    es_url: str, es_prefix: str, options: Settings
) -> None:
    own = options.with_options(elasticsearch__prefix=es_prefix)
    with connect(own) as store:
        store.es.indices.delete(index=f"{es_prefix}-runs-000001")
        store.es.indices.create(
            index=f"{es_prefix}-runs", mappings={"properties": {"state": {"type": "text"}}}
        )
        with pytest.raises(MappingDiffers, match=r"-runs: .*state \(is text, should be keyword\)"):
            store.prepare()


def test_prepare_twice_changes_nothing(store: Store) -> None:
    store.feeds.add([makers.feed("f")])
    store.prepare()
    assert [feed.id for feed in store.feeds.all()] == ["f"]


def test_a_field_that_no_mapping_has_is_refused(store: Store) -> None:
    document = {**store.stories.document(story("s")), "surprise": 1}
    outcome = store.es.options(ignore_status=400).index(
        index=store.templates.month("2026.11"), document=document
    )
    assert "strict_dynamic_mapping" in str(outcome)


def test_feeds_are_created_once_and_saved_only_unchanged(store: Store) -> None:
    feed = makers.feed("f", outlet="A")
    assert store.feeds.add([feed]).done == ["f"]
    assert store.feeds.add([replace(feed, outlet="B")]).conflicts == ["f"]
    polled = replace(feed, polls=1, next_poll=NOW + timedelta(hours=1))
    assert store.feeds.save(feed, polled)
    assert not store.feeds.save(feed, replace(feed, polls=5))  # read before somebody else wrote
    assert store.feeds.get(["f", "g"]) == {"f": polled}


def test_due_feeds_come_longest_overdue_first(store: Store) -> None:
    hour = timedelta(hours=1)
    store.feeds.add(
        [
            makers.feed("later", next_poll=NOW + hour),
            makers.feed("overdue", next_poll=NOW - 2 * hour),
            makers.feed("due", next_poll=NOW - hour),
            makers.feed("new"),
            makers.feed("gone", state=FeedState.GONE),
        ]
    )
    assert [feed.id for feed in store.feeds.due(NOW, 10)] == ["new", "overdue", "due"]
    assert len(store.feeds.due(NOW, 1)) == 1
    assert store.feeds.count() == {"active": 4, "gone": 1}


def test_a_page_is_discovered_once_and_leased_to_one_run(store: Store) -> None:
    assert len(store.pages.discover(makers.page(f"p{n}") for n in range(3)).done) == 3
    assert store.pages.discover([makers.page("p1")]).conflicts == ["p1"]
    first = store.pages.claim("r1", NOW, lease=60, limit=2)
    assert len(first) == 2
    again = store.pages.claim("r1", NOW, lease=60, limit=2)
    assert {one.id for one in again} == {one.id for one in first}
    other = store.pages.claim("r2", NOW, lease=60, limit=10)
    assert {one.id for one in first} | {one.id for one in other} == {"p0", "p1", "p2"}
    assert len(other) == 1


def test_a_lease_that_expired_is_claimed_again_and_its_old_holder_writes_nothing(
    store: Store,
) -> None:
    store.pages.discover([makers.page("p1")])
    [mine] = store.pages.claim("r1", NOW, lease=60, limit=10)
    [theirs] = store.pages.claim("r2", NOW + timedelta(seconds=61), lease=60, limit=10)
    late = replace(mine, status=PageStatus.DEAD, reason=Reason.GONE, lease=None)
    assert store.pages.save([late], "r1").unchanged == ["p1"]
    done = replace(theirs, status=PageStatus.INDEXED, story_id="s", lease=None)
    assert store.pages.save([done], "r2").done == ["p1"]
    assert store.pages.get(["p1"])["p1"].status == PageStatus.INDEXED
    # Killed after writing and run again: the same write is the run's own.
    assert not store.pages.save([done], "r2").unchanged


def test_pages_not_due_yet_and_final_ones_are_not_claimed(store: Store) -> None:
    store.pages.discover(
        [
            makers.page("p1", status=PageStatus.RETRY, next_attempt=NOW + timedelta(hours=1)),
            makers.page("p2", status=PageStatus.DEAD),
            makers.page("p3", status=PageStatus.REJECTED),
            makers.page("p4", status=PageStatus.RETRY, next_attempt=NOW),
        ]
    )
    assert [one.id for one in store.pages.claim("r", NOW, lease=60, limit=10)] == ["p4"]


def test_dead_pages_are_made_due_again_by_hand(store: Store) -> None:
    store.pages.discover(
        [
            makers.page("p1", status=PageStatus.DEAD, attempts=6, reason=Reason.DNS),
            makers.page("p2"),
        ]
    )
    outcome = store.pages.retry(["p1", "p2", "nowhere"], NOW)
    assert (outcome.done, outcome.unchanged, list(outcome.refused)) == (["p1"], ["p2"], ["nowhere"])
    assert store.pages.get(["p1"])["p1"].attempts == 0


def test_a_story_is_created_once_and_read_back_whole(store: Store) -> None:
    link = Link(
        story_id="t", relation="copy", score=0.9, containment=0.8, containment_of=0.7,
        resemblance=0.6, shared=("los votos",),
    )  # fmt: skip
    told = story("s", link=link, authors=("Ana Ruiz",), published=NOW)
    assert store.stories.create([told]).done == ["s"]
    assert store.stories.create([makers.changed(told, title="other")]).conflicts == ["s"]
    store.refresh()
    assert store.stories.stories(["s", "absent"]) == {"s": told}


def test_a_body_longer_than_a_keyword_is_whole_and_searchable(store: Store) -> None:
    text = "palabra " * 20_000 + "aguja"  # 160 kB; a keyword field ends at 32,766 bytes
    assert store.stories.create([story("s", text=text)]).done == ["s"]
    store.refresh()
    found = store.es.search(index=store.stories.alias, query={"match": {"text.es": "aguja"}})
    assert found["hits"]["total"]["value"] == 1
    assert store.stories.stories(["s"])["s"].article.text == text


@pytest.mark.parametrize(
    ("language", "key"),
    [("en", "en"), ("en-GB", "en"), ("pt-BR", "pt_br"), ("pt", "pt"), ("nb", "no"),
     ("zh-Hant", "cjk"), ("fil", "other"), ("fi", "fi"), ("und", "other"), ("", "other")],
)  # fmt: skip
def test_a_story_is_analysed_in_its_own_language(store: Store, language: str, key: str) -> None:
    assert store.templates.language_key(language) == key


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [("en", "The ministers were voting", "vote"), ("es", "Las elecciones", "eleccion"),
     ("de", "Die Häuser brannten", "hausern"), ("fr", "Les élections", "election"),
     ("ar", "الانتخابات", "انتخاب"), ("zh", "總統選舉", "選舉"), ("fil", "Ang Halalán", "halalan")],
)  # fmt: skip
def test_words_are_stemmed_and_folded_by_language(
    store: Store, language: str, text: str, word: str
) -> None:
    store.stories.create([story("s", text=text, language=language)])
    store.refresh()
    field = f"text.{store.templates.language_key(language)}"
    found = store.es.search(index=store.stories.alias, query={"match": {field: word}})
    assert found["hits"]["total"]["value"] == 1


def test_placing_changes_only_what_clustering_says(store: Store) -> None:
    told = story("s")
    store.stories.create([told])
    moved = makers.changed(told, cluster_id="c", lead=False, title="not written")
    assert store.stories.place([moved]).done == ["s"]
    assert store.stories.place([moved]).unchanged == ["s"]
    store.refresh()
    assert store.stories.stories(["s"])["s"] == makers.changed(told, cluster_id="c", lead=False)


def test_stories_of_two_months_are_behind_one_alias(store: Store) -> None:
    older = story("old", first_seen=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    store.stories.create([older, story("new")])
    store.refresh()
    assert set(store.stories.stories(["old", "new"])) == {"old", "new"}
    assert store.es.indices.exists(index=f"{store.prefix}-stories-2026.10")


def test_a_cluster_is_changed_only_at_the_version_that_was_read(store: Store) -> None:
    cluster = Cluster(id="c", lead="s", first=NOW, last=NOW, run="r1")
    assert store.clusters.write([(cluster, None)]).done == ["c"]
    assert store.clusters.write([(cluster, None)]).done == ["c"]  # the same run, killed and rerun
    [(read, version)] = store.clusters.read(["c"]).values()
    by_hand = replace(read, lead="t", run="by hand")
    assert store.clusters.write([(by_hand, version)]).done == ["c"]
    late = replace(read, lead="u", run="r2")
    assert store.clusters.write([(late, version)]).conflicts == ["c"]
    assert store.clusters.get(["c"])["c"].lead == "t"


def test_redirects_are_followed_to_their_end(store: Store) -> None:
    made = Cluster(id="a", lead="s", first=NOW, last=NOW)
    chain = [replace(made, redirect="b"), replace(made, id="b", redirect="c"),
             replace(made, id="c")]  # fmt: skip
    store.clusters.write((cluster, None) for cluster in chain)
    store.refresh()
    found = store.clusters.resolve("a")
    assert found is not None
    assert found.id == "c"
    assert store.clusters.resolve("nowhere") is None
    assert {key: sorted(ids) for key, ids in store.clusters.absorbed(["c"]).items()} == {
        "c": ["a", "b"]
    }
    assert [cluster.id for cluster in store.clusters.all()] == ["c"]


def test_an_alert_is_created_once(store: Store) -> None:
    alert = Alert(id="x", search_id="a", search_name="A", cluster_id="c", story_id="s",
                  title="T", url="http://a/", created=NOW)  # fmt: skip
    assert store.alerts.create([alert]).done == ["x"]
    assert store.alerts.create([replace(alert, story_id="t")]).conflicts == ["x"]


def test_a_run_keeps_its_first_note(store: Store) -> None:
    store.runs.begin(Run(id="r", kind="ingest", started=NOW))
    store.runs.update("r", stages={"fetch": {"taken": 3}})
    store.runs.begin(Run(id="r", kind="ingest", started=NOW + timedelta(hours=1)))
    run = store.runs.get("r")
    assert run is not None
    assert (run.started, run.stages) == (NOW, {"fetch": {"taken": 3}})


def test_reading_all_returns_each_once(store: Store) -> None:
    total = 2_345  # over two pages of the scan, many with the same sort key
    store.pages.discover(makers.page(f"p{number}") for number in range(total))
    store.refresh()
    ids = [one.id for one in store.pages.all(["discovered"])]
    assert len(ids) == len(set(ids)) == total
