"""When feeds are polled, and what their state says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests import makers
from tests.fetch.servers import settings
from wirewatch.feeds import schedule
from wirewatch.feeds.parse import ParsedFeed
from wirewatch.fetch.answers import Failure, Response
from wirewatch.records import Entry, Feed, FeedState, Reason, replace

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)  # a Sunday
OPTIONS = settings()


def feed(**fields: object) -> Feed:
    given = {
        "last_poll": NOW - timedelta(seconds=1_000), "last_new": NOW - timedelta(hours=1),
        "last_success": NOW, "interval": 1_000.0, "url": "https://n.example/f",
    }  # fmt: skip
    return makers.feed("0000", **{**given, **fields})


def response(**fields: object) -> Response:
    given: dict[str, object] = {
        "url": "https://n.example/f",
        "final_url": "https://n.example/f",
        "status": 200,
        "when": NOW,
    }
    return Response(**{**given, **fields})  # type: ignore[arg-type]


def parsed(entries: int = 20, **fields: object) -> ParsedFeed:
    entry = Entry(feed_id="0000", url="https://n.example/1")
    return ParsedFeed(kind="rss", entries=(entry,) * entries, **fields)  # type: ignore[arg-type]


def wait(after: Feed) -> float:
    assert after.next_poll is not None
    return (after.next_poll - NOW).total_seconds()


def success(before: Feed, new: int, **fields: object) -> Feed:
    return schedule.after_success(before, response(), parsed(**fields), new, NOW, OPTIONS)  # type: ignore[arg-type]


def failure(before: Feed, reason: Reason, **fields: object) -> Feed:
    failed = Failure(url=before.url, reason=reason, detail="words", **fields)  # type: ignore[arg-type]
    return schedule.after_failure(before, failed, NOW, OPTIONS)


def test_the_interval_follows_the_feed_both_ways() -> None:
    intervals = [success(feed(), new).interval for new in (0, 1, 2, 10, 20)]
    assert intervals == [1_500, 850, 500, 300, 300]  # 100 is below the shortest
    assert schedule.after_unchanged(feed(), response(), NOW, OPTIONS).interval == 1_500


def test_the_first_poll_says_nothing_about_the_pace() -> None:
    first = success(feed(last_success=None, interval=0.0), 20)
    assert (first.interval, first.new_entries, first.last_new) == (900, 20, NOW)


def test_intervals_grow_with_the_silence_and_stay_within_their_bounds() -> None:
    quiet, hours = feed(interval=1_700.0, last_new=NOW - timedelta(hours=8)), []
    for silence in (1, 8, 9, 100, 1_000):
        quiet = success(replace(quiet, last_new=NOW - timedelta(hours=silence)), 0)
        hours.append(round(quiet.interval / 3_600, 3))
    assert hours == [0.5, 0.75, 1.125, 1.688, 2.531]
    for _ in range(30):
        quiet = success(quiet, 0)
    assert (quiet.interval, wait(quiet)) == (86_400, 86_400)
    awake = replace(quiet, last_poll=NOW - timedelta(hours=24))
    assert success(awake, 1).interval == 1_800  # what came lets expect more
    assert success(awake, 96).interval == 300
    assert success(awake, 10).interval == 1_800


def test_what_a_feed_asks_for_is_honoured() -> None:
    assert wait(success(feed(), 2, ttl=7_200.0)) == 7_200
    slow = response(headers=(("Cache-Control", "public, max-age=1800"),))
    assert wait(schedule.after_unchanged(feed(interval=300.0), slow, NOW, OPTIONS)) == 1_800
    for_ever = response(headers=(("cache-control", "max-age=31536000, s-maxage=5"),))
    assert wait(schedule.after_unchanged(feed(interval=300.0), for_ever, NOW, OPTIONS)) == 3_600
    shared = response(headers=(("Cache-Control", "s-max-age=900"),))
    assert wait(schedule.after_unchanged(feed(interval=300.0), shared, NOW, OPTIONS)) == 450


def test_hours_and_days_to_skip() -> None:
    hours = success(feed(interval=2_000.0), 1, skip_hours=(12, 13))
    assert hours.next_poll == NOW.replace(hour=14)
    days = success(feed(interval=2_000.0), 1, skip_days=("sunday",))
    assert days.next_poll == datetime(2026, 3, 2, tzinfo=UTC)
    never = success(feed(interval=2_000.0), 1, skip_hours=tuple(range(24)))
    assert never.next_poll is not None
    assert never.next_poll < NOW + timedelta(hours=2)


def test_failures_back_off_in_a_line_and_a_success_forgives_them() -> None:
    current, waits = feed(), []
    for _ in range(4):
        current = failure(current, Reason.TIMEOUT)
        waits.append(wait(current))
    assert waits == [1_000, 1_800, 2_700, 3_600]
    assert (current.state, current.failures, current.error) == (FeedState.FAILING, 4, "words")
    assert wait(failure(feed(failures=5_000), Reason.DNS)) == 86_400
    assert wait(failure(feed(), Reason.RATE_LIMITED, retry_after=5_432.0)) == 5_432
    again = success(current, 0)
    assert (again.state, again.failures, again.error) == (FeedState.ACTIVE, 0, "")


def test_gone_is_for_good_and_a_missed_turn_is_no_failure() -> None:
    gone = failure(feed(), Reason.GONE, status=410)
    assert (gone.state, gone.next_poll, gone.error) == (FeedState.GONE, None, "gone: words")
    late = failure(feed(), Reason.POSTPONED, attempted=False)
    assert (late.failures, late.polls, wait(late)) == (0, 0, 60)
    assert failure(feed(), Reason.ROBOTS).error == "blocked by robots.txt: words"


def test_a_permanent_redirect_is_followed_after_three_polls() -> None:
    target = "https://new.example/f"
    current = feed()
    for moved in (target, target, "", target, target, target):
        answer = response(permanent_redirect_to=moved)
        assert current.url == "https://n.example/f"
        current = schedule.after_unchanged(current, answer, NOW, OPTIONS)
    assert (current.url, current.id, current.moved_polls) == (target, "0000", 0)


def test_an_unconditional_poll_at_least_once_a_day() -> None:
    assert not schedule.conditional(feed(), NOW)
    polled = schedule.after_unchanged(feed(), response(), NOW, OPTIONS)
    assert polled.last_full == NOW
    assert schedule.conditional(polled, NOW + timedelta(hours=23))
    asked = response(status=304, request_headers=(("If-None-Match", "e"),))
    later = schedule.after_unchanged(polled, asked, NOW + timedelta(hours=23), OPTIONS)
    assert not schedule.conditional(later, NOW + timedelta(hours=24))


def test_validators_are_kept_over_a_304() -> None:
    fresh = response(headers=(("ETag", '"a"'), ("Last-Modified", "x")))
    one = schedule.after_unchanged(feed(), fresh, NOW, OPTIONS)
    two = schedule.after_unchanged(one, response(status=304), NOW, OPTIONS)
    assert (two.etag, two.last_modified) == ('"a"', "x")
    three = schedule.after_unchanged(two, response(), NOW, OPTIONS)
    assert (three.etag, three.last_modified) == ("", "")


def test_feeds_added_together_do_not_stay_together() -> None:
    waits = {wait(success(feed(id=f"{n:04x}0"), 1)) for n in range(0, 65_536, 8_192)}
    assert len(waits) == 8
    assert max(waits) <= 850 * 1.05


def test_the_newest_date_of_the_entries_is_kept_and_none_from_the_future() -> None:
    at = [NOW - timedelta(hours=2), NOW + timedelta(hours=1), None]
    entries = tuple(Entry(feed_id="0000", url="u", published=time) for time in at)
    read = ParsedFeed(kind="rss", entries=entries)
    after = schedule.after_success(feed(), response(), read, 1, NOW, OPTIONS)
    assert after.last_entry == at[0]
    undated = schedule.after_success(after, response(), parsed(), 1, NOW, OPTIONS)
    assert undated.last_entry == at[0]


def test_a_silent_feed_keeps_its_words_until_it_speaks() -> None:
    silent = feed(state=FeedState.SILENT, note="silent since Friday")
    assert success(silent, 0).note == "silent since Friday"
    spoken = success(silent, 1)
    assert (spoken.state, spoken.note) == (FeedState.ACTIVE, "")
