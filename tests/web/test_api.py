"""What the API answers, over real stories."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from lxml import etree

from tests import makers
from tests.web.conftest import Site
from tests.web.sample import STORIES
from wirewatch.records import PageStatus, Reason, read_story

pytestmark = pytest.mark.es


def get(site: Site, path: str, key: str = "read", **parameters: Any) -> httpx.Response:
    with site.client(key) as client:
        answer = client.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_search_tells_copies_highlights_and_facets(site: Site) -> None:
    found = get(site, "/stories", q="ferry", facet=["outlet", "topic"], facet_values=3).json()
    assert found["query"] == "ferry"
    assert found["stories"] > found["clusters"] > 0
    assert set(found["facets"]) == {"outlet", "topic"}
    assert len(found["facets"]["outlet"]) == 3
    hit = next(hit for hit in found["hits"] if hit["copies"] > 1)
    assert hit["story"]["lead"] is True
    assert "text" not in hit["story"]  # a line; the story itself has it
    assert hit["story"]["image"] == ""  # every field is there, said or not
    pieces = [piece for light in hit["highlights"] for piece in light["pieces"]]
    assert any(piece["match"] and piece["text"].lower().startswith("ferr") for piece in pieces)
    alone = get(site, "/stories", q="ferry", collapse="none", size=500).json()
    assert len(alone["hits"]) == found["stories"]


def test_a_query_that_may_be_meant_otherwise_is_answered_with_what_was_understood(
    site: Site,
) -> None:
    asked = "lang:en outlet:Coast Post"
    [note] = get(site, "/stories", q=asked).json()["notes"]
    assert note["column"] == 9
    assert 'outlet:"Coast Post"' in note["message"]
    [counts] = get(site, "/counts", q=asked).json()["volumes"]
    assert counts["notes"] == [note]
    assert get(site, "/stories", q='outlet:"Coast Post"').json()["notes"] == []


def test_any_word_and_relevance(site: Site) -> None:
    both = get(site, "/stories", q="ferry orchestra").json()
    either = get(site, "/stories", q="ferry orchestra", words="any", sort="relevance").json()
    assert either["stories"] > both["stories"]
    assert either["hits"][0]["score"] >= either["hits"][-1]["score"] > 0


def test_pages_have_every_cluster_once(site: Site) -> None:
    seen: list[str] = []
    parameters: dict[str, Any] = {"q": "* -outlet:arriving", "size": 50, "paged": True}
    while True:
        found = get(site, "/stories", **parameters).json()
        seen += [hit["story"]["cluster_id"] for hit in found["hits"]]
        if not found["cursor"]:
            break
        parameters = {"q": "* -outlet:arriving", "size": 50, "cursor": found["cursor"]}
    assert len(seen) == len(set(seen)) == STORIES


def test_a_story_and_its_cluster(site: Site) -> None:
    found = get(site, f"/story/{site.ids['story']}").json()
    assert found["story"]["text"].startswith("The ")
    assert found["cluster"]["id"] == site.ids["cluster"]
    told = get(site, f"/cluster/{site.ids['cluster']}").json()
    assert told["first"] == told["origin"] == site.ids["story"]
    assert [one["role"] for one in told["stories"]] == ["wire"] * 4
    assert [len(one["cut"]) for one in told["stories"]] == [0, 0, 1, 2]
    assert [bool(one["retitled"]) for one in told["stories"]] == [False, True, False, False]
    assert told["summary"][0].startswith("Meridian News Agency wrote this report")
    assert told["left_out"] == 0
    assert get(site, f"/cluster/{site.ids['cluster']}", size=2).json()["left_out"] == 2


def test_revisions(site: Site) -> None:
    found = get(site, "/revisions", story=site.ids["story"]).json()
    assert [one["number"] for one in found["revisions"]] == [0, 1]
    assert found["revisions"][1]["change"]["edits"][0]["removed"] == "Before"


def test_counts_compare_split_and_share(site: Site) -> None:
    found = get(
        site, "/counts", q=["ferry", "flood"], interval="week", time_zone="Europe/Berlin",
        split="outlet", values=2, share=True,
    ).json()  # fmt: skip
    one, two = found["volumes"]
    assert [point["start"] for point in one["points"]] == [p["start"] for p in two["points"]]
    assert sum(point["count"] for point in one["points"]) == one["stories"] > 0
    assert all(0 <= point["share"] <= 1 for point in one["points"] if point["share"] is not None)
    assert len(one["split"]) == 2
    clusters = get(site, "/counts", q="ferry", interval="month", unit="clusters").json()
    assert sum(p["count"] for p in clusters["volumes"][0]["points"]) < one["stories"]
    everything = get(site, "/counts", interval="month").json()["volumes"][0]
    assert everything["query"] == "*"


def test_terms(site: Site) -> None:
    found = get(site, "/terms", q='"Łódź"', size=5).json()
    assert set(found) == {"query", "words", "topics", "outlets", "authors"}


def test_an_export_has_every_story_and_a_manifest(site: Site) -> None:
    total = get(site, "/stories", q="ferry").json()["stories"]
    answer = get(site, "/export", q="ferry")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    manifest = json.loads(answer.headers["wirewatch-manifest"])
    assert len(rows) == total == manifest["count"]
    assert manifest["query"] == "ferry"
    assert answer.headers["content-disposition"].endswith('.csv"')
    lines = get(site, "/export", q="ferry", format="jsonl").text.splitlines()
    assert len({read_story(json.loads(line)).id for line in lines}) == total
    assert get(site, "/export", q="ferry", format="ris").text.count("ER  - ") == total
    assert get(site, "/export", q="ferry", format="bibtex").text.count("@misc{") == total


def test_a_packed_export_has_the_manifest_beside_it(site: Site) -> None:
    packed = zipfile.ZipFile(
        io.BytesIO(get(site, "/export", q="ferry", format="jsonl", package="zip").content)
    )
    assert packed.testzip() is None
    file, manifest = packed.namelist()
    assert (file[-6:], manifest) == (".jsonl", "manifest.json")
    told = json.loads(packed.read(manifest))
    assert told["count"] == len(packed.read(file).splitlines()) > 0


def test_parquet_where_it_is_installed(site: Site) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    answer = get(site, "/export", q="ferry", format="parquet")
    table = parquet.read_table(io.BytesIO(answer.content))
    assert table.num_rows == json.loads(answer.headers["wirewatch-manifest"])["count"]


def test_a_query_as_a_feed(site: Site) -> None:
    for form, row in (("rss", "channel/item"), ("atom", "{http://www.w3.org/2005/Atom}entry")):
        answer = get(site, "/export", q="ferry", format=form)
        assert answer.headers["content-type"].startswith(f"application/{form}+xml")
        root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False))
        assert root.findall(row)


def test_a_feed_reader_sends_the_key_as_a_password(site: Site) -> None:
    with site.client() as client:
        given = httpx.BasicAuth("anybody", site.keys["read"])
        assert client.get("/api/v1/export?q=ferry&format=rss", auth=given).status_code == 200
        wrong = httpx.BasicAuth("anybody", "hunter2")
        assert client.get("/api/v1/export?q=ferry", auth=wrong).status_code == 401
        # A browser would send a password for other sites' pages, too: it changes nothing.
        mighty = httpx.BasicAuth("anybody", site.keys["all"])
        assert client.delete("/api/v1/searches/none", auth=mighty).status_code == 403


@pytest.mark.parametrize(
    ("path", "rows", "total"),
    [("/feeds", "feeds", 12), ("/pages", "pages", 60), ("/alerts", "alerts", 30),
     ("/runs", "runs", 5)],
)  # fmt: skip
def test_lists_have_every_row_once(site: Site, path: str, rows: str, total: int) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        found = get(site, path, size=7, cursor=cursor).json()
        assert found["total"] >= total
        seen += [row["id"] for row in found[rows]]
        cursor = found["cursor"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) >= total


def test_lists_are_filtered(site: Site) -> None:
    dead = get(site, "/pages", status="dead", reason="paywall", host="pages.example").json()
    assert {page["status"] for page in dead["pages"]} == {"dead"}
    assert dead["total"] == 20
    assert get(site, "/feeds", outlet="Kurier", state="active").json()["total"] == 2
    assert get(site, "/alerts", search="nothing").json()["total"] == 0
    assert get(site, "/runs", kind="ingest").json()["total"] == 2


def test_metrics_are_prometheus_text(site: Site) -> None:
    get(site, "/stories", q="ferry")
    text = get(site, "/metrics").text
    assert 'wirewatch_pages{reason="paywall",status="dead"} 20.0' in text
    assert 'wirewatch_feeds{state="active"}' in text
    assert 'wirewatch_requests_total{method="GET",route="/api/v1/stories",status="200"}' in text
    assert 'wirewatch_run_failed{kind="ingest"} 0.0' in text


def test_a_search_is_kept_changed_used_and_deleted(site: Site) -> None:
    body = {"name": "Boats", "query": "ferry OR boat", "channels": ["log"]}
    with site.client("write") as client, site.client("read") as reader:
        made = client.post("/api/v1/searches", json={"id": "boats", **body})
        assert made.status_code == 201
        assert made.json()["origin"] == "user"
        again = client.post("/api/v1/searches", json={"id": "boats", **body})
        assert again.status_code == 409
        assert reader.get("/api/v1/searches/boats").json()["channels"] == ["log"]
        assert reader.get("/api/v1/stories", params={"q": "@boats"}).json()["stories"] > 0
        loop = client.put("/api/v1/searches/boats", json={**body, "query": "a OR @boats"})
        assert loop.status_code == 400
        assert loop.json()["column"] == 6
        user = {"id": "loud", "name": "L", "query": "@boats -flood"}
        assert client.post("/api/v1/searches", json=user).status_code == 201
        refused = client.delete("/api/v1/searches/boats")
        assert refused.status_code == 409
        assert "loud" in refused.json()["detail"]
        changed = client.put("/api/v1/searches/boats", json={**body, "enabled": False})
        assert changed.json()["enabled"] is False
        assert changed.json()["created"] == made.json()["created"]
        assert client.delete("/api/v1/searches/loud").status_code == 204
        assert client.delete("/api/v1/searches/boats").status_code == 204
        assert client.delete("/api/v1/searches/boats").status_code == 404
        filed = client.delete("/api/v1/searches/water")
        assert filed.status_code == 409
        assert "file" in filed.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"id": "../feeds", "name": "X", "query": "a"},
        {"id": "wirewatch-keys", "name": "", "query": "a"},
        {"id": "x", "name": "X", "query": "a", "origin": "file"},
        {"id": "x", "name": "X", "query": "a", "channels": ["file:///etc/passwd"]},
        {"id": "x", "name": "X", "query": "a", "channels": []},
    ],
)
def test_a_wrong_search_is_not_kept(site: Site, body: dict[str, Any]) -> None:
    with site.client("write") as client:
        answer = client.post("/api/v1/searches", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_feed_comes_and_goes(site: Site) -> None:
    with site.client("operate") as client, site.client("read") as reader:
        made = client.post("/api/v1/feeds", json={"url": "https://new.example/rss"})
        assert made.status_code == 201
        path = f"/api/v1/feeds/{made.json()['id']}"
        assert reader.get(path).json()["url"] == "https://new.example/rss"
        again = client.post("/api/v1/feeds", json={"url": "HTTPS://NEW.example:443/rss"})
        assert again.status_code == 409
        assert client.delete(path).status_code == 204
        assert reader.get(path).status_code == 404


def test_pages_are_tried_again(site: Site) -> None:
    mine = makers.page("https://again.example/", status=PageStatus.REJECTED, reason=Reason.TLS)
    site.store.pages.discover([mine])
    site.store.refresh()
    with site.client("operate") as client:
        answer = client.post("/api/v1/pages/retry", json={"reason": "tls"}).json()
        assert answer == {"due": 1, "left_alone": 0, "unknown": [], "more": False}
        missing = client.post("/api/v1/pages/retry", json={"ids": [mine.id, "0" * 24]}).json()
        assert missing == {"due": 0, "left_alone": 1, "unknown": ["0" * 24], "more": False}
        assert client.post("/api/v1/pages/retry", json={}).status_code == 422
    # So that other tests find the same pages as ever.
    site.store.es.delete(index=f"{site.store.prefix}-pages", id=mine.id, refresh=True)
