from __future__ import annotations

import hashlib
import html
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree
from protego import Protego

from newsroom import feeds, pages
from newsroom.behaviours import LARGE, ODDITIES
from newsroom.outlets import BY_LABEL, OUTLETS
from newsroom.plan import Placement, plan
from newsroom.server import Newsroom
from newsroom.truth import FeedTruth

Get = Callable[..., Any]
SITEMAP = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}
WAIT = 60  # seconds for a process of its own to listen or to end


def treated(treatment: str) -> Placement:
    return next(p for p in plan().placements if p.treatment == treatment)


def url_of(room: Newsroom, placement: Placement) -> str:
    return pages.origin(placement.outlet, room.port) + pages.link(placement, room.epoch)


def odd_url(room: Newsroom, kind: str) -> str:
    oddity = next(one for one in ODDITIES if one.kind == kind)
    return pages.origin(BY_LABEL[oddity.outlet], room.port) + oddity.path


def feed_of(room: Newsroom, label: str) -> str:
    return feeds.feed_urls(BY_LABEL[label], room.port)[0]


# Feeds


def entries_of(feed: FeedTruth, body: bytes) -> int:
    if feed.kind == "json":
        return len(json.loads(body)["items"])
    if feed.kind == "sitemap":
        return len(etree.fromstring(body).findall("s:url/n:news", SITEMAP))
    parsed = feedparser.parse(body)
    assert bool(parsed.bozo) == feed.malformed, feed.url
    return len([entry for entry in parsed.entries if entry.get("link")])


def test_every_feed_reads_as_the_truth_says(room: Newsroom, get: Get) -> None:
    for feed in room.truth().feeds:
        answer = get(feed.url)
        assert answer.status == 200
        assert entries_of(feed, answer.body) == feed.entries, feed.url
        assert feed.empty == (feed.entries == 0)


def test_a_full_text_feed_carries_the_body_and_others_do_not(room: Newsroom, get: Get) -> None:
    checked = 0
    for outlet in OUTLETS:
        text = get(feed_of(room, outlet.label)).text.replace('\\"', '"')
        text = html.unescape(html.unescape(text))  # HTML inside XML
        for placement in plan().of(outlet):
            body = placement.version.body
            if len(body) > 2 and not placement.hidden:
                assert (body[-2] in text) == outlet.full_text, placement.key
                checked += 1
    assert checked > 50


def test_titles_dates_and_links_come_out_of_a_feed_as_they_went_in(
    room: Newsroom, get: Get
) -> None:
    placement = plan().of(BY_LABEL["kestrel-times"])[0]
    parsed = feedparser.parse(
        get(feed_of(room, "kestrel-times")).body,
        response_headers={"content-location": feed_of(room, "kestrel-times")},
    )
    found = {entry.title: entry for entry in parsed.entries}[placement.version.title]
    assert found.link == url_of(room, placement)  # relative in the feed, with an xml:base
    assert datetime.fromisoformat(found.published) == placement.published(room.epoch)


def test_feeds_miss_what_feeds_of_the_world_miss(room: Newsroom, get: Get) -> None:
    assert b"<dc:date>" not in get(feed_of(room, "old-town-gazette")).body
    assert b"<dc:date>" in get(feed_of(room, "hanse-anzeiger")).body
    items = get(feed_of(room, "union-dispatch")).body.partition(b"<item>")[2]
    assert b"<link>" not in items
    rows = json.loads(get(feed_of(room, "voz-del-valle")).body)["items"]
    assert [("title" in row) for row in rows[:3]] == [False, False, True]


def test_an_honest_feed_answers_304_and_a_lying_one_does_so_wrongly(
    room: Newsroom, get: Get
) -> None:
    honest = feed_of(room, "harbour-courier")
    first = get(honest)
    assert get(honest, {"If-None-Match": first.headers["ETag"]}).status == 304
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert get(honest, since).status == 304
    assert parsedate_to_datetime(first.headers["Last-Modified"]) <= room.epoch

    lying = feed_of(room, "capital-monitor")
    first = get(lying)
    assert get(lying, {"If-None-Match": first.headers["ETag"]}).status == 304
    later = get(lying)
    assert later.headers["ETag"] == first.headers["ETag"]
    before, after = feedparser.parse(first.body).entries, feedparser.parse(later.body).entries
    assert len(after) == len(before) + 1
    new = {entry.link for entry in after} - {entry.link for entry in before}
    assert new == {page.url for page in room.truth().pages if page.hidden}


# Pages that fail


def test_missing_and_withdrawn_pages(shared_room: Newsroom, get: Get) -> None:
    assert get(odd_url(shared_room, "not_found")).status == 404
    assert get(odd_url(shared_room, "gone")).status == 410
    soft = get(odd_url(shared_room, "soft_404"))
    assert soft.status == 200
    assert "no existe" in soft.text


def test_the_hanging_page_never_answers_and_blocks_nobody(shared_room: Newsroom, get: Get) -> None:
    with pytest.raises(TimeoutError):
        get(odd_url(shared_room, "hang"), timeout=0.5)
    assert get(feed_of(shared_room, "coastline-radio")).status == 200


def test_the_loop_leads_back_to_itself(shared_room: Newsroom, get: Get) -> None:
    start = odd_url(shared_room, "loop")
    base = pages.origin(BY_LABEL["union-dispatch"], shared_room.port)
    there = get(start)
    back = get(base + there.headers["Location"])
    assert (there.status, back.status) == (302, 302)
    assert base + back.headers["Location"] == start


def test_robots_keep_readers_from_one_page_only(shared_room: Newsroom, get: Get) -> None:
    url = odd_url(shared_room, "robots")
    base = pages.origin(BY_LABEL["harbour-courier"], shared_room.port)
    rules = Protego.parse(get(base + "/robots.txt").text)
    assert not rules.can_fetch(url, "wirewatch")
    assert rules.can_fetch(feed_of(shared_room, "harbour-courier"), "wirewatch")
    for placement in plan().of(BY_LABEL["harbour-courier"]):
        assert rules.can_fetch(url_of(shared_room, placement), "wirewatch")
    assert get(url).status == 200  # it is there for those who do not ask first
    assert (
        get(pages.origin(BY_LABEL["old-town-gazette"], shared_room.port) + "/robots.txt").status
        == 404
    )


def test_the_large_page_is_large_and_does_not_say_so(shared_room: Newsroom, get: Get) -> None:
    answer = get(odd_url(shared_room, "too_large"))
    assert len(answer.body) >= LARGE
    assert answer.headers["Content-Length"] is None


def test_pages_that_are_no_articles(shared_room: Newsroom, get: Get) -> None:
    assert get(odd_url(shared_room, "pdf")).body.startswith(b"%PDF-")
    assert get(odd_url(shared_room, "pdf")).headers["Content-Type"] == "application/pdf"
    assert get(odd_url(shared_room, "empty")).body == b""
    assert 'type="password"' in get(odd_url(shared_room, "login")).text
    assert "214 Partner" in get(odd_url(shared_room, "consent")).text
    assert get(odd_url(shared_room, "index")).text.count("<a href") > 5
    assert (
        len(etree.HTML(get(odd_url(shared_room, "short")).text).xpath("//div[@class='texto']/p"))
        == 1
    )


# Articles served oddly


def test_the_flaky_page_fails_once(room: Newsroom, get: Get) -> None:
    url = url_of(room, treated("flaky"))
    assert [get(url).status for _ in range(3)] == [500, 200, 200]


def test_the_busy_page_asks_to_wait_once(room: Newsroom, get: Get) -> None:
    url = url_of(room, treated("busy"))
    first = get(url)
    assert (first.status, first.headers["Retry-After"]) == (429, "1")
    assert get(url).status == 200


def test_the_slow_page_comes_in_pieces_and_whole(shared_room: Newsroom, get: Get) -> None:
    placement = treated("slow")
    host = f"{placement.outlet.host}:{shared_room.port}"
    connection = http.client.HTTPConnection("127.0.0.1", shared_room.port, timeout=20)
    connection.request("GET", placement.path(shared_room.epoch), headers={"Host": host})
    response = connection.getresponse()
    pieces = []
    while piece := response.read1():
        pieces.append(piece)
    connection.close()
    assert len(pieces) > 3
    assert b"".join(pieces) == pages.article(placement, plan(), shared_room.epoch, shared_room.port)


def test_the_redirected_article_is_found_behind_its_link(shared_room: Newsroom, get: Get) -> None:
    placement = treated("redirected")
    answer = get(url_of(shared_room, placement))
    assert answer.status == 302
    target = pages.origin(placement.outlet, shared_room.port) + answer.headers["Location"]
    assert placement.version.title in get(target).text
    assert shared_room.truth().by_url()[url_of(shared_room, placement)].final_url == target


def test_one_article_on_two_urls_has_one_canonical_link(shared_room: Newsroom, get: Get) -> None:
    placement = treated("twice")
    base = pages.origin(placement.outlet, shared_room.port)
    second = base + pages.second_path(placement, shared_room.epoch)
    found = set()
    for url in (url_of(shared_room, placement), second, second + "&utm_source=x&fbclid=y"):
        document = etree.HTML(get(url).text)
        found.add(document.xpath("string(//link[@rel='canonical']/@href)"))
    assert found == {url_of(shared_room, placement)}


def test_the_header_lies_about_the_charset_and_the_meta_tag_only_once(
    shared_room: Newsroom, get: Get
) -> None:
    declared = []
    for placement in plan().of(BY_LABEL["alpen-kurier"]):
        answer = get(url_of(shared_room, placement))
        assert "utf-8" in answer.headers["Content-Type"]
        assert placement.version.title in answer.body.decode("windows-1252")
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")
        declared.append(b'charset="utf-8"' in answer.body)
    assert declared.count(True) == 1
    assert declared.count(False) >= 1


def test_a_long_story_goes_on_on_a_second_page(shared_room: Newsroom, get: Get) -> None:
    story = next(p for p in plan().of(BY_LABEL["signal-weekly"]) if len(pages.parts_of(p)) == 2)
    base = pages.origin(story.outlet, shared_room.port)
    first = etree.HTML(get(url_of(shared_room, story)).text)
    following = first.xpath("string(//link[@rel='next']/@href)")
    second = etree.HTML(get(base + following).text)
    text = [
        "".join(p.itertext())
        for page in (first, second)
        for p in page.xpath("//div[@class='longread']/p")
    ]
    assert tuple(text) == story.version.body
    assert second.xpath("string(//link[@rel='canonical']/@href)") == url_of(shared_room, story)


def test_arabic_pages_run_from_right_to_left(shared_room: Newsroom, get: Get) -> None:
    for label in ("almina", "alufuq"):
        page = get(url_of(shared_room, plan().of(BY_LABEL[label])[0])).text
        assert '<html lang="ar-' in page
        assert 'dir="rtl"' in page


def test_metadata_is_where_the_outlet_puts_it(shared_room: Newsroom, get: Get) -> None:
    for outlet in OUTLETS:
        for placement in plan().of(outlet)[:1]:
            url = pages.origin(outlet, shared_room.port) + placement.path(shared_room.epoch)
            answer = get(url)
            while answer.status in (429, 500):
                answer = get(url)
            page = answer.body.decode(pages.encoding(placement)[0])
            scripts = etree.HTML(page).xpath("//script[@type='application/ld+json']/text()")
            assert bool(scripts) == any(name.startswith("json-ld") for name in outlet.metadata)
            for script in scripts:
                assert placement.version.title in json.dumps(json.loads(script), ensure_ascii=False)
            assert ("og:title" in page) == ("opengraph" in outlet.metadata)
            assert ("itemprop" in page) == ("microdata" in outlet.metadata)


# The newsroom as a whole


def test_revise_publishes_later_versions(room: Newsroom, get: Get) -> None:
    changed = [p for p in plan().placements if p.revisable]
    urls = [pages.origin(p.outlet, room.port) + p.path(room.epoch) for p in changed]
    before = [get(url) for url in urls]
    feed_url = feed_of(room, changed[0].outlet.label)
    etag = get(feed_url).headers["ETag"]
    room.revise()
    for placement, url, old in zip(changed, urls, before, strict=True):
        new = get(url, {"If-None-Match": old.headers.get("ETag", '"none"')})
        assert new.status == 200
        body = new.body.decode(pages.encoding(placement)[0])
        pieces = placement.text.revision[: len(pages.parts_of(placement, True)[0])]
        added = [part for part in pieces if part not in placement.text.paragraphs]
        assert new.body != old.body
        assert not added or any(part[:25] in body.replace("&#34;", '"') for part in added)
    assert get(feed_url, {"If-None-Match": etag}).status == 200


def test_an_unknown_host_gets_the_list_of_outlets(shared_room: Newsroom, get: Get) -> None:
    answer = get(f"http://nobody.localhost:{shared_room.port}/")
    assert answer.status == 404
    for outlet in OUTLETS:
        assert outlet.name in answer.text


def test_front_pages_and_unknown_paths(shared_room: Newsroom, get: Get) -> None:
    for outlet in OUTLETS:
        base = pages.origin(outlet, shared_room.port)
        front = get(base + "/")
        assert front.status == 200
        assert outlet.feed_path in etree.HTML(front.text).xpath("//link[@rel='alternate']/@href")
        assert get(base + "/no/such/page").status == 404


def test_requests_are_remembered_with_host_path_and_headers(room: Newsroom, get: Get) -> None:
    get(f"http://daybreak.localhost:{room.port}/news-sitemap.xml?x=1", {"User-Agent": "tester"})
    (request,) = room.requests
    assert (request.host, request.path) == ("daybreak.localhost", "/news-sitemap.xml?x=1")
    assert request.headers["user-agent"] == "tester"
    assert request.time.tzinfo is not None


def test_a_taken_port_is_an_error(room: Newsroom) -> None:
    with pytest.raises(OSError, match="in use"), Newsroom(port=room.port, epoch=room.epoch):
        pass


# One epoch, one newsroom

DIGEST = """
import hashlib, sys
from datetime import datetime
from newsroom import feeds, pages
from newsroom.outlets import OUTLETS
from newsroom.plan import plan
from newsroom.truth import truth
from wirewatch.records import to_json
epoch, port = datetime.fromisoformat(sys.argv[1]), 8765
sums = hashlib.sha256()
for outlet in OUTLETS:
    sums.update(feeds.feed(outlet, plan(), epoch, port))
for placement in plan().placements:
    sums.update(pages.article(placement, plan(), epoch, port))
sums.update(to_json(truth(epoch, port)))
sys.stdout.write(sums.hexdigest())
"""


def digest(epoch: datetime, hash_seed: str) -> str:
    environ = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    made = subprocess.run(
        [sys.executable, "-c", DIGEST, epoch.isoformat()],
        env=environ,
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=True,
    )
    return made.stdout


def test_the_same_epoch_gives_the_same_bytes_in_another_process(epoch: datetime) -> None:
    assert digest(epoch, "1") == digest(epoch, "2")
    assert len(digest(epoch, "1")) == hashlib.sha256().digest_size * 2


def test_it_serves_in_the_foreground_until_it_is_told_to_stop(tmp_path: Path, get: Get) -> None:
    state_file = tmp_path / "state" / "newsroom.json"
    command = [sys.executable, "-m", "newsroom.server", "--port", "0"]
    command += ["--state-file", str(state_file)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    epochs = []
    for number in (signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen(command, env=environ)
        try:
            deadline = time.monotonic() + WAIT
            state: dict[str, Any] = {}
            while state.get("pid") != process.pid:
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
                if state_file.exists():
                    state = json.loads(state_file.read_text("utf-8"))
            assert get(f"http://daybreak.localhost:{state['port']}/").status == 200
            epochs.append(state["epoch"])
            process.send_signal(number)
            assert process.wait(WAIT) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    assert epochs[0] == epochs[1]  # a restarted newsroom shows the same pages
