"""robots.txt as RFC 9309 says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from wirewatch.fetch.robots import KEPT, KEPT_AFTER_FAILURE, Answer, Robots, Verdict, parse
from wirewatch.fetch.robots_store import RobotsStore
from wirewatch.records import Reason


class World:
    """A host whose robots.txt and clock the test sets."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked, self.now = answer, 0, 0.0
        self.robots = Robots(self.fetch, "wirewatch", lambda: self.now)

    async def fetch(self, url: str) -> Answer:
        assert url == "http://e.example/robots.txt"
        self.asked += 1
        await asyncio.sleep(0)
        return self.answer

    def check(self, path: str) -> Verdict:
        return asyncio.run(self.robots.check(f"http://e.example{path}"))


def test_the_longest_rule_wins_and_our_own_group_is_taken() -> None:
    body = b"User-agent: *\nDisallow: /\n\nUser-agent: WireWatch\nDisallow: /a\nAllow: /a/b\n"
    world = World(Answer(200, body + b"Crawl-delay: 7\n"))
    assert world.check("/").allowed
    assert not world.check("/a/x").allowed
    assert world.check("/a/b/c").allowed
    assert world.check("/").crawl_delay == 7
    assert world.asked == 1


@pytest.mark.parametrize(
    ("status", "allowed"), [(200, True), (401, True), (404, True), (429, False), (500, False)]
)
def test_what_a_status_means(status: int, allowed: bool) -> None:
    verdict = World(Answer(status)).check("/")
    assert verdict.allowed == allowed
    assert allowed or verdict.reason in (Reason.SERVER_ERROR, Reason.RATE_LIMITED)


def test_an_unreachable_host_keeps_its_own_reason() -> None:
    verdict = World(Answer(0, reason=Reason.DNS, detail="no such name")).check("/")
    assert (verdict.allowed, verdict.reason) == (False, Reason.DNS)
    assert "no such name" in verdict.detail


def test_answers_are_kept_a_day_and_failures_for_less() -> None:
    world = World(Answer(503))
    assert not world.check("/").allowed
    world.answer = Answer(200, b"User-agent: *\nDisallow: /x")
    assert not world.check("/").allowed
    world.now += KEPT_AFTER_FAILURE
    assert world.check("/").allowed
    world.now += KEPT - 1
    world.answer = Answer(404)
    assert not world.check("/x").allowed
    world.now += 1
    assert world.check("/x").allowed
    assert world.asked == 3


def test_answers_outlive_the_run(tmp_path: Path) -> None:
    def robots(answer: Answer, now: float) -> tuple[World, RobotsStore]:
        world, store = World(answer), RobotsStore(tmp_path / "r" / "robots.sqlite", now)
        world.now = now
        world.robots = Robots(world.fetch, "wirewatch", lambda: world.now, store)
        return world, store

    for now, asked in ((1_000.0, 1), (1_000.0 + KEPT - 1, 0), (1_000.0 + KEPT, 1)):
        world, store = robots(Answer(200, b"User-agent: *\nDisallow: /x"), now)
        assert not world.check("/x").allowed
        assert world.asked == asked
        store.close()


def test_many_pages_ask_once() -> None:
    world = World(Answer(404))

    async def run() -> None:
        await asyncio.gather(*(world.robots.check(f"http://e.example/{n}") for n in range(9)))

    asyncio.run(run())
    assert world.asked == 1


def test_opting_out_of_training_is_noticed_and_does_not_shut_us_out() -> None:
    verdict = World(Answer(200, b"User-agent: GPTBot\nDisallow: /\n")).check("/")
    assert (verdict.allowed, verdict.training_refused) == (True, True)
    assert not World(Answer(200, b"")).check("/").training_refused


def test_hostile_files() -> None:
    long = parse(b"User-agent: *\nDisallow: /x\n" + b"#" * 600_000 + b"\nDisallow: /y\n")
    assert not long.can_fetch("http://e.example/x", "wirewatch")
    assert long.can_fetch("http://e.example/y", "wirewatch")  # past 500 KiB
    stars = parse(b"User-agent: *\nDisallow: /" + b"*a" * 2_000 + b"$\nDisallow: /x\n")
    assert stars.can_fetch("http://e.example/" + "a" * 4_000, "wirewatch")
    assert parse(b"\xff\xfe\x00garbage: \x00").can_fetch("http://e.example/", "wirewatch")
    assert not parse("\ufeffUser-agent: *\nDisallow: /".encode()).can_fetch(
        "http://e.example/", "x"
    )
    for delay in (b"-5", b"nan", b"inf", b"1e9"):
        world = World(Answer(200, b"User-agent: *\nCrawl-delay: " + delay))
        assert 0 <= world.check("/").crawl_delay <= KEPT
