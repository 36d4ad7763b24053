"""WebSub from end to end: a publisher, its hub and the app are real HTTP servers on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest
import uvicorn
from aiohttp import web
from yarl import URL

from tests import makers
from tests.fetch.servers import UNGUARDED
from wirewatch.fetch import urls
from wirewatch.pipeline.poll import poll
from wirewatch.pipeline.subscriptions import ask_hubs
from wirewatch.records import Feed, FeedState, Subscription, SubscriptionState, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.web.app import create_app

pytestmark = pytest.mark.es


def document(*links: str) -> bytes:
    items = "".join(f"<item><title>T{link}</title><link>{link}</link></item>" for link in links)
    return f"<rss><channel><title>N</title>{items}</channel></rss>".encode()


@dataclass
class World:
    """A publisher with its hub, and wirewatch's app with a public address."""

    options: Settings
    port: int  # of publisher and hub
    forms: list[dict[str, str]] = field(default_factory=list)  # what the hub was asked
    answer: int = 202
    verifies: bool = True
    lease: int = 3_600
    links: list[str] = field(default_factory=lambda: ["/1"])
    polls: int = 0

    @property
    def url(self) -> str:
        return f"http://daily.localhost:{self.port}/feed"

    @property
    def id(self) -> str:
        return urls.feed_id(self.url)

    def add(self) -> None:
        with connect(self.options) as store:
            store.feeds.add([makers.feed(self.url, id=self.id, interval=900, added=utc_now())])

    def poll(self) -> dict[str, int]:
        """A run in which the feed is due."""
        with connect(self.options, prepare=False) as store:
            feed = store.feeds.get([self.id])[self.id]
            store.feeds.save(feed, replace(feed, next_poll=None))
            store.refresh()
        return poll(self.options, f"run-{self.polls}").notes

    def change(self, **fields: object) -> None:
        """The subscription with these fields."""
        with connect(self.options, prepare=False) as store:
            store.subscriptions.put([replace(self.subscription(), **fields)])
            store.refresh()

    def subscription(self) -> Subscription:
        with connect(self.options, prepare=False) as store:
            return store.subscriptions.get([self.id])[self.id]

    def feed(self) -> Feed:
        with connect(self.options, prepare=False) as store:
            return store.feeds.get([self.id])[self.id]

    def ask(self, after: timedelta = timedelta(0)) -> dict[str, int]:
        """The pipeline's requests to hubs, so much later."""
        with connect(self.options, prepare=False) as store:
            return dict(ask_hubs(self.options, store, utc_now() + after))

    def page_urls(self) -> list[str]:
        with connect(self.options, prepare=False) as store:
            store.refresh()
            return sorted(page.url.rpartition("/")[2] for page in store.pages.all())

    def push(self, body: bytes, method: str = "sha256", secret: str = "", path: str = "") -> int:
        """What a hub's push is answered with."""
        known = self.subscription()
        key = (secret or known.secret).encode()
        signature = hmac.new(key, body, getattr(hashlib, method)).hexdigest()
        headers = {"Content-Type": "application/rss+xml"}
        if secret != "none":
            headers["X-Hub-Signature"] = f"{method}={signature}"
        where = path or f"/websub/{known.id}/{known.token}"
        return self._ask("POST", where, data=body, headers=headers)[0]

    def get(self, path: str, **query: str) -> tuple[int, str]:
        known = {name.replace("_", ".", 1): value for name, value in query.items()}
        return self._ask("GET", f"{path}?{urlencode(known)}")

    def _ask(self, method: str, path: str, **given: object) -> tuple[int, str]:
        return asyncio.run(asked(method, self.options["websub.callback"] + path, **given))


async def asked(method: str, url: str, **given: Any) -> tuple[int, str]:
    """Status and text of an answer, whatever name of this machine the URL has."""
    parts = urlsplit(url)
    headers = {"Host": parts.netloc, **given.pop("headers", {})}
    address = url.replace(parts.netloc, f"127.0.0.1:{parts.port}", 1)
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, URL(address, encoded=True), headers=headers, **given) as answer,
    ):
        return answer.status, await answer.text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def threaded(start: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=start, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join(10)


@contextmanager
def running(app: web.Application, port: int) -> Iterator[None]:
    """The publisher and hub, in a loop and thread of their own."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    def start() -> None:
        asyncio.set_event_loop(loop)
        runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        loop.run_until_complete(runner.setup())
        loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", port).start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    with threaded(start, lambda: loop.call_soon_threadsafe(loop.stop) and None):
        assert ready.wait(10)
        yield


@pytest.fixture
def world(options: Settings) -> Iterator[World]:
    ours, theirs = free_port(), free_port()
    options = options.with_options(
        **UNGUARDED, websub__callback=f"http://wirewatch.localhost:{ours}", websub__lease=7_200
    )
    made = World(options, theirs)

    async def feed(_: web.Request) -> web.Response:
        own = f"http://daily.localhost:{theirs}"
        links = f'<{own}/hub>; rel="hub", <{own}/feed>; rel="self alternate"'
        return web.Response(body=document(*made.links), headers={"Link": links})

    async def hub(request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        made.forms.append(form)
        if made.verifies and made.answer == 202:  # before the request is answered, as some do
            query = {
                "hub.mode": form["hub.mode"],
                "hub.topic": form["hub.topic"],
                "hub.challenge": "c-42",
                "hub.lease_seconds": str(made.lease),
            }
            address = f"{form['hub.callback']}?{urlencode(query)}"
            assert await asked("GET", address) == (200, "c-42")
        return web.Response(status=made.answer, text="so says the hub")

    app = web.Application()
    app.router.add_get("/feed", feed)
    app.router.add_post("/hub", hub)
    server = uvicorn.Server(
        uvicorn.Config(create_app(options), host="127.0.0.1", port=ours, log_level="error")
    )

    def stop() -> None:
        server.should_exit = True

    with running(app, theirs), threaded(server.run, stop):
        made.add()
        _until(lambda: server.started)
        yield made


def _until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not start")


def test_subscribed_verified_pushed_and_polled_more_seldom(world: World) -> None:
    notes = world.poll()
    assert notes["hubs_asked"] == 1
    (form,) = world.forms
    known = world.subscription()
    assert form["hub.mode"] == "subscribe"
    assert form["hub.topic"] == world.url
    assert form["hub.lease_seconds"] == "7200"
    assert form["hub.callback"].endswith(f"/websub/{world.id}/{known.token}")
    assert form["hub.secret"] == known.secret
    assert len(known.secret) < 200
    assert (known.state, known.failures, known.error) == (SubscriptionState.ACTIVE, 0, "")
    assert known.expires is not None
    assert known.verified is not None
    assert known.expires - known.verified == timedelta(seconds=3_600)  # the hub's lease, not ours
    before = world.feed().next_poll
    assert before is not None

    assert world.push(document("/1", "/2", "mailto:x")) == 202
    assert world.page_urls() == ["1", "2"]
    pushed = world.subscription()
    assert (pushed.pushes, pushed.brought, pushed.missed) == (1, 1, 0)

    assert "hubs_asked" not in world.poll()  # the lease has hardly begun
    after = world.feed()
    assert after.next_poll == pushed.expires  # put off, but never beyond the lease
    assert after.last_new == pushed.last_push


def test_a_hub_whose_host_is_being_asked_for_a_page_waits(world: World) -> None:
    host = f"daily.localhost:{world.port}"
    world.poll()
    asked_before = len(world.forms)
    world.change(
        state=SubscriptionState.REQUESTED, verified=None, requested=None, next_try=utc_now()
    )
    world.options = world.options.with_options(fetch__wait=0)
    with connect(world.options, prepare=False) as store:
        store.hosts.take([host], "a run elsewhere", 60)
        assert world.ask()["hubs_failed"] == 1
        assert len(world.forms) == asked_before
        assert "is being asked by another task" in world.subscription().error
        store.hosts.release({host: (0, 0)}, "a run elsewhere")
    world.change(next_try=utc_now())
    assert world.ask()["hubs_asked"] == 1
    assert len(world.forms) == asked_before + 1


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_method_of_signing_is_taken_and_a_replay_is_harmless(
    world: World, method: str
) -> None:
    world.poll()
    assert [world.push(document("/2"), method) for _ in range(2)] == [202, 202]
    assert world.page_urls() == ["1", "2"]
    assert (world.subscription().pushes, world.subscription().brought) == (2, 1)


def test_what_the_hub_did_not_sign_is_ignored(world: World) -> None:
    world.poll()
    known = world.subscription()
    forged = document("/forged")
    assert world.push(forged, secret="guess") == 202
    assert world.push(forged, secret="none") == 202
    assert world.push(forged, method="md5") == 202
    assert world.push(forged, path=f"/websub/{world.id}/{'0' * 48}") == 404
    assert world.push(forged, path=f"/websub/{'0' * 24}/{known.token}") == 404
    assert world.push(forged, path=f"/websub/..%2f/{known.token}") in (400, 404)
    assert world.page_urls() == ["1"]
    assert world.subscription() == known


def test_a_push_that_is_no_feed_makes_the_feed_due(world: World) -> None:
    world.poll()
    later = world.feed().next_poll
    assert world.push(b"<html><title>Oops</title></html>") == 202
    due = world.feed().next_poll
    assert later is not None
    assert due is not None
    assert due < later
    assert world.page_urls() == ["1"]


def test_only_what_was_asked_for_is_confirmed(world: World) -> None:
    world.verifies = False
    world.poll()
    known = world.subscription()
    assert known.state == SubscriptionState.REQUESTED
    path = f"/websub/{known.id}/{known.token}"
    right = {"hub_mode": "subscribe", "hub_topic": known.topic, "hub_challenge": "x"}
    assert world.get(path, **{**right, "hub_topic": "http://other.example/"})[0] == 404
    assert world.get(path, **{**right, "hub_mode": "unsubscribe"})[0] == 404
    assert world.get(path[:-1] + "0" * 2, **right)[0] == 404
    assert world.get(path, **{**right, "hub_lease_seconds": "nan"})[0] == 400
    assert world.subscription().state == SubscriptionState.REQUESTED
    assert world.get(path, **right) == (200, "x")
    assert world.subscription().state == SubscriptionState.ACTIVE


def test_a_hub_that_denies_or_fails_is_asked_again_and_the_feed_polled(world: World) -> None:
    world.verifies = False
    world.poll()
    known = world.subscription()
    path = f"/websub/{known.id}/{known.token}"
    told = world.get(path, hub_mode="denied", hub_topic=known.topic, hub_reason="too many")
    assert told[0] == 204
    denied = world.subscription()
    assert (denied.state, denied.error) == (SubscriptionState.LAPSED, "the hub denied it: too many")
    world.answer = 500
    assert world.ask(timedelta(hours=2)) == {"hubs_failed": 1}
    failed = world.subscription()
    assert failed.error == "the hub answered 500: so says the hub"
    assert failed.failures == 2
    assert failed.next_try is not None
    assert failed.next_try > utc_now() + timedelta(hours=3)
    assert world.ask(timedelta(hours=1)) == {}  # not yet
    world.answer, world.verifies = 202, True
    assert world.ask(timedelta(hours=5)) == {"hubs_asked": 1}
    assert world.subscription().state == SubscriptionState.ACTIVE
    assert world.poll()["feeds_unchanged"] == 1  # polled all the while


def test_a_request_that_is_never_verified_is_a_failure(world: World) -> None:
    world.verifies = False
    world.poll()
    assert world.ask(timedelta(minutes=30)) == {}
    assert world.ask(timedelta(hours=2)) == {"hubs_asked": 1}
    known = world.subscription()
    assert (known.failures, known.error) == (1, "the hub took the request and has not verified it")


def test_a_lease_is_renewed_before_it_ends_and_lapses_without(world: World) -> None:
    world.poll()
    first = world.subscription()
    assert world.ask(timedelta(minutes=20)) == {}
    assert world.ask(timedelta(minutes=31)) == {"hubs_asked": 1}  # half of the lease is over
    again = world.subscription()
    assert (again.token, again.secret) == (first.token, first.secret)
    assert again.verified is not None
    assert first.verified is not None
    assert again.verified > first.verified
    world.verifies = False
    ended = utc_now() - timedelta(minutes=1)
    world.change(expires=ended, next_try=ended, verified=ended - timedelta(hours=1), brought=5)
    world.ask()
    assert world.subscription().state == SubscriptionState.LAPSED
    world.poll()
    due = world.feed().next_poll
    assert due is not None
    assert due < utc_now() + timedelta(hours=1)  # polled as any other


def test_pushes_that_miss_entries_do_not_slow_the_polls_down(world: World) -> None:
    world.poll()
    world.push(document("/2"))
    world.links = ["/1", "/2", "/3", "/4"]
    world.poll()  # the first after the verification: what it finds may be older
    assert world.subscription().missed == 0
    world.links += ["/5", "/6"]
    world.poll()
    known = world.subscription()
    assert (known.brought, known.missed) == (1, 2)
    due = world.feed().next_poll
    assert due is not None
    assert due < utc_now() + timedelta(minutes=30)


def test_a_feed_that_is_not_wanted_any_more_is_unsubscribed(world: World) -> None:
    world.poll()
    feed = world.feed()
    with connect(world.options, prepare=False) as store:
        store.feeds.save(feed, replace(feed, state=FeedState.GONE))
        store.subscriptions.leave([feed.id], utc_now())
        assert world.push(document("/9")) == 410
    assert world.ask() == {"hubs_asked": 1}
    assert world.forms[-1]["hub.mode"] == "unsubscribe"
    with connect(world.options, prepare=False) as store:
        assert store.subscriptions.get([feed.id]) == {}  # the hub has confirmed it
    assert world.page_urls() == ["1"]


def test_another_hub_gets_a_subscription_of_its_own(world: World) -> None:
    world.poll()
    first = world.subscription()
    world.change(hub="http://elsewhere.localhost:1/hub", next_try=utc_now() + timedelta(days=1))
    world.links.append("/2")
    world.poll()
    again = world.subscription()
    assert again.hub == first.hub
    assert again.token != first.token


def test_a_hub_inside_the_network_is_not_asked(world: World) -> None:
    world.poll()
    past = utc_now() - timedelta(hours=1)
    world.change(hub="http://127.0.0.1:9/hub", next_try=past)
    world.ask()
    assert (
        "the hub is not asked: 127.0.0.1 is a loopback address" in world.subscription().error
        or ("port 9 of 127.0.0.1 is not allowed" in world.subscription().error)
    )


def test_without_a_public_address_nobody_is_asked(world: World) -> None:
    options = world.options.with_options(websub__callback="")
    assert poll(options, "run").notes["feeds_read"] == 1
    assert world.forms == []
    assert _subscriptions(options) == []


def _subscriptions(options: Settings) -> list[Subscription]:
    def read(store: Store) -> list[Subscription]:
        store.refresh()
        return list(store.subscriptions.all())

    with connect(options, prepare=False) as store:
        return read(store)
