"""When a disk will be full: told from what was measured before, and from nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wirewatch.settings import load
from wirewatch.upkeep import measurements
from wirewatch.upkeep.disk import Disk, in_words
from wirewatch.upkeep.measurements import Measured, Outlook, outlooks

NOW = datetime(2026, 11, 20, tzinfo=UTC)
GB = 10**9


def disk(free: float, total: int = 100) -> Disk:
    return Disk(name="state", place="/data", total=total * GB, free=int(free * GB))


def look(days: float, free: float, total: int = 100) -> Measured:
    return Measured(at=NOW - timedelta(days=days), disks=(disk(free, total),))


def outlook(looks: list[Measured], free: float) -> Outlook:
    [found] = outlooks(looks, [disk(free)], NOW, 1_000)
    return found


def test_a_disk_that_fills_evenly() -> None:
    found = outlook([look(days, 42 + days) for days in range(20, 0, -1)], 42)
    assert found.words == (
        "42.0 GB of 100.0 GB free; disk full in 41 days at this rate (1.0 GB a day)"
    )


def test_one_large_deletion_does_not_bend_the_rate() -> None:
    even = [look(days, 10 + days) for days in range(20, 10, -1)]
    after = [look(days, 40 + days) for days in range(10, 0, -1)]
    found = outlook(even + after, 40)
    assert found.rate is not None
    assert 0.5 * GB < found.rate < 1.1 * GB


def test_what_was_a_month_ago_says_nothing_of_now() -> None:
    fast = [look(days, 2 * days) for days in range(90, 31, -1)]
    still = [look(days, 50) for days in range(30, 0, -1)]
    assert outlook(fast + still, 50).words == "50.0 GB of 100.0 GB free; it is not filling up"


@pytest.mark.parametrize(
    "looks", [[], [look(5, 60)], [look(0.3, 60), look(0.2, 55), look(0.1, 52)]]
)
def test_too_little_is_known(looks: list[Measured]) -> None:
    found = outlook(looks, 50)
    assert (found.rate, found.days) == (None, None)
    assert "told after a day of looks" in found.words


def test_a_disk_of_another_size_is_another_disk() -> None:
    looks = [look(days, 90 - days, 200) for days in range(20, 0, -1)]
    assert outlook(looks, 50).rate is None


def test_a_disk_that_is_full() -> None:
    assert outlook([], 0.5).words == (
        "500.0 MB of 100.0 GB free: disk full, less than disk.reserve"
    )


def test_looks_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    settings = load({}).with_options(state=str(tmp_path))
    assert measurements.past(settings) == ([], "")
    looks = [look(days, days) for days in range(500, 0, -1)]
    measurements.keep(settings, looks)
    assert measurements.past(settings) == (looks[-measurements.KEPT :], "")


def test_a_torn_file_is_told_and_begun_anew(tmp_path: Path) -> None:
    settings = load({}).with_options(state=str(tmp_path))
    measurements.keep(settings, [look(1, 1)])
    file = tmp_path / measurements.FILE
    file.write_bytes(file.read_bytes()[:-9])
    looks, problem = measurements.past(settings)
    assert looks == []
    assert "begin anew" in problem and str(file) in problem


def test_sizes_in_words() -> None:
    assert [in_words(size) for size in (0, 999, 1_500, 2.5e6, 3e9, 4e12)] == [
        "0 bytes", "999 bytes", "1.5 kB", "2.5 MB", "3.0 GB", "4.0 TB",
    ]  # fmt: skip
