"""Searching the dozen stories of ``stories.py`` in a real Elasticsearch."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from tests.search.stories import STORIES
from tests.search.test_language import QUERIES
from wirewatch.records import SavedSearch
from wirewatch.search import read
from wirewatch.search.language import BadQuery
from wirewatch.search.request import BadRequest
from wirewatch.search.results import Results
from wirewatch.search.search import search
from wirewatch.store import Store

pytestmark = pytest.mark.es
NOW = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)
EN = {"elections", "elections-copy", "bank", "who", "cafe", "undated"}


def names(results: Results) -> list[str]:
    return [hit.story.article.canonical_url.rsplit("/", 1)[-1] for hit in results.hits]


def found(store: Store, query: str) -> set[str]:
    results = search(store, query, collapse="none", now=NOW)
    assert results.stories == len(results.hits)
    return set(names(results))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Stemmed in each story's own language.
        ("election", {"elections", "elections-copy"}),
        ("inundaciones alcaldes", {"inundacion"}),
        ("haus", {"haeuser"}),
        ("eleições", {"pt"}),
        ("انتخابات", {"arabic"}),
        ("quandles", {"unknown"}),
        ("quandle -zimbled", set()),
        # Scripts without blanks: as it stands, not as scattered characters.
        ("北京大学", {"chinese"}),
        ("选举", {"chinese"}),
        ("北报", set()),
        # Accents folded, on both sides.
        ("cafe zurich facade", {"cafe"}),
        ("lukasz", {"cafe"}),
        ("INUNDACION", {"inundacion"}),
        ("häuser fluß", {"haeuser"}),
        # All words, stop words too.
        ("voters turnout", {"elections", "elections-copy"}),
        ("voters turnout counting", {"elections"}),
        ("voters café", set()),
        ("the who", {"who"}),
        ("bank the", {"bank"}),
        # A word that analysis cuts in two is asked as it stands.
        ("wire-copy F-16", {"bank"}),
        ("copy-wire", set()),
        # Phrases: exact words, unstemmed, in a row.
        ('"interest rates"', {"bank"}),
        ('"interest rate"', set()),
        ('"rates interest"', set()),
        ('"to be heard"', {"who"}),
        ('"to be or"', set()),
        ('"voter"', set()),
        # Within a distance.
        ('"bank raised"~0', {"bank"}),
        ('"bank rates"~1', set()),
        ('"bank rates"~2', {"bank"}),
        # Prefixes of the words as they stand.
        ("elect*", {"elections", "elections-copy"}),
        ("façad*", {"cafe"}),
        ("title:elect*", {"elections"}),
        ("Häu*", {"haeuser"}),
        ("wire-cop*", {"bank"}),
        ("copy-wir*", set()),
        ("北京大学*", {"chinese"}),
        ("大学北京*", set()),
        # Boolean.
        ("harbour OR mayor", {"who", "undated", "elections", "elections-copy"}),
        ("harbour AND NOT band", {"undated"}),
        ("lang:en -(harbour OR mayor)", {"bank", "cafe"}),
        ("NOT lang:en", {s.article.url.rsplit("/", 1)[-1].split("?")[0] for s in STORIES} - EN),
        # Fields.
        ("title:rate", {"bank"}),
        ("title:river", set()),
        ("outlet:ledger", {"bank", "cafe"}),
        ("source:Ledger", {"bank", "cafe"}),
        ('outlet:"der bote"', {"haeuser"}),
        ('outlet:"bote der"', set()),
        ("agency:meridian", {"elections", "elections-copy"}),
        ("author:etxeberria", {"bank"}),
        ('author:"lucia pena"', {"inundacion"}),
        ("author:lind*", {"elections"}),
        ("topic:economy", {"bank"}),
        ("topic:emergency", {"inundacion", "haeuser"}),
        ("topic:port", set()),
        ("topic:gov*", {"elections", "elections-copy", "arabic"}),
        ("topic:11000000", {"elections", "elections-copy", "arabic"}),
        ("topic:medtop:04000000", {"bank"}),
        ('topic:"economy, business and finance"', {"bank"}),
        ("topic:p.litics", set()),
        ("lang:pt", {"pt"}),
        ("lang:PT-br", {"pt"}),
        ("lang:(es OR de)", {"inundacion", "haeuser"}),
        ("country:ie", {"elections-copy"}),
        ("kind:live", {"bank"}),
        ("kind:Article title:elections", {"elections"}),
        ("https://ledger.example/bank", {"bank"}),
        ("url:https://ledger.example/bank?ref=feed", {"bank"}),
        ("url:ledger.example/bank", {"bank"}),
        ("url:coastpost.example", {"elections-copy"}),
        ("url:herald.example/elec*", {"elections"}),
        (f"cluster:{STORIES[0].cluster_id}", {"elections", "elections-copy"}),
        # Dates: days of UTC, ends included; without a date, the time it was first seen.
        ("published:2026-11-04", {"inundacion", "haeuser"}),
        ("published:2026-11-06..2026-11-07", {"who", "cafe"}),
        ("published:2026-11-08", {"undated"}),
        ("published:..2026-10", {"unknown"}),
        ("published:2026-11-07T23:59..", {"cafe", "undated"}),
        ("published:1d", {"cafe", "undated"}),
        ("seen:2026-10", {"unknown"}),
    ],
)
def test_finds(library: Store, query: str, expected: set[str]) -> None:
    assert found(library, query) == expected


def test_everything(library: Store) -> None:
    assert len(found(library, "*")) == len(STORIES)


def test_newest_first(library: Store) -> None:
    assert names(search(library, "lang:en", collapse="none", now=NOW)) == [
        "undated",
        "cafe",
        "who",
        "bank",
        "elections-copy",
        "elections",
    ]


def test_a_title_weighs_more_than_a_text(library: Store) -> None:
    results = search(library, "mayor OR river", sort="relevance", collapse="none", now=NOW)
    assert set(names(results)[:2]) == {"elections", "elections-copy"}


def test_filters_say_nothing_of_relevance(library: Store) -> None:
    results = search(library, "outlet:ledger OR café", sort="relevance", now=NOW)
    assert names(results)[0] == "cafe"
    assert results.hits[1].score == 0


def test_any_word(library: Store) -> None:
    results = search(
        library, "harbour band nosuchword lang:en", sort="relevance", any_word=True, now=NOW
    )
    assert names(results) == ["who", "undated"]


def test_copies_are_folded_into_their_cluster(library: Store) -> None:
    results = search(library, "mayor", now=NOW)
    assert (results.stories, results.clusters, results.clusters_approximate) == (2, 1, False)
    (hit,) = results.hits
    assert names(results) == ["elections"]  # the lead, though the copy is newer
    assert (hit.matching, hit.copies, hit.outlets) == (2, 2, 2)


def test_a_cluster_whose_lead_does_not_match_shows_what_does(library: Store) -> None:
    results = search(library, "country:IE", now=NOW)
    assert names(results) == ["elections-copy"]
    assert (results.hits[0].matching, results.hits[0].copies) == (1, 2)


def test_hits_are_stories_without_their_text(library: Store) -> None:
    (hit,) = search(library, "café", now=NOW).hits
    assert hit.story.article.title == "A café for Zürich's naïve painters"
    assert hit.story.article.text == ""


def test_highlights_mark_what_matched(library: Store) -> None:
    (hit,) = search(library, 'election "highest in years"', now=NOW).hits
    marked = {(h.field, p.text) for h in hit.highlights for p in h.pieces if p.match}
    assert marked >= {("title", "Elections"), ("text", "election"), ("text", "highest in years")}
    title = next(h for h in hit.highlights if h.field == "title")
    assert "".join(p.text for p in title.pieces) == STORIES[0].article.title


def test_topics_stand_behind_those_that_they_are_within() -> None:
    economy = "economy, business and finance"
    topics = (economy, "sport", "tennis", "competition discipline", "Tunnel", "inflation")
    buckets = [{"key": topic, "doc_count": 9 - place} for place, topic in enumerate(topics)]
    counts = read.facets({"aggregations": {"topic": {"buckets": buckets}}}, ["topic"])["topic"]
    assert [(one.value, one.within) for one in counts] == [
        (economy, ""),
        ("inflation", economy),
        ("sport", ""),
        ("competition discipline", "sport"),
        ("tennis", "competition discipline"),
        ("Tunnel", ""),
    ]


def test_facets_count_stories(library: Store) -> None:
    names = ("topic", "outlet", "agency", "language", "country", "author")
    facets = search(library, "mayor", facets=names, now=NOW).facets
    counted = {name: {c.value: c.stories for c in facets[name]} for name in names}
    assert counted == {
        "topic": {"politics and government": 2},
        "outlet": {"Coast Post": 1, "Morning Herald": 1},
        "agency": {"Meridian News Agency": 2},
        "language": {"en": 2},
        "country": {"GB": 1, "IE": 1},
        "author": {"Ada Lindqvist": 1},
    }


def test_saved_searches_are_taken_from_the_store(library: Store) -> None:
    library.searches.put([SavedSearch(id="vote", name="Vote", query="mayor OR eleições")])
    assert found(library, "@vote lang:pt") == {"pt"}
    with pytest.raises(BadQuery, match="no saved search"):
        found(library, "@nosuch")


def test_wrong_requests_say_all_that_is_wrong(library: Store) -> None:
    with pytest.raises(BadRequest) as caught:
        search(library, "x", sort="best", collapse="host", size=0, facets=("mood",))
    for said in ("newest, relevance", "cluster, none", "1 to 500", "topic"):
        assert said in str(caught.value)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(QUERIES)
def test_any_text_gives_results_or_a_clear_error(library: Store, query: str) -> None:
    try:
        search(library, query, now=NOW, sort="relevance", size=3)
    except BadQuery as error:
        assert str(error)
