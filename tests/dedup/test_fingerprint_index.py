from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fsspec
import numpy as np
import pytest

from wirewatch.dedup.candidates import find_candidates, without_batch
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.dedup.segments import (
    Damaged,
    Source,
    build_rows,
    open_segment,
    pack_ids,
    unpack_ids,
    write_segment,
)
from wirewatch.records import stable_id

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def prints(seed: int, count: int = 40) -> np.ndarray:
    return np.unique(np.random.default_rng(seed).integers(0, 2**32, count, np.uint32))


def ids(*names: object) -> list[str]:
    return [stable_id("story", str(name)) for name in names]


def look(index: FingerprintIndex, seed: int, at: int = 0, run: str = "x") -> list[str]:
    own, left = ids("asking"), [prints(seed)]
    found = find_candidates(
        list(without_batch(index.segments, run, "0")),
        build_rows(own, [at], left),
        own,
        left,
        [at],
        window=3600,
        cap=64,
        limit=8,
    )
    return found.ids


def fill(index: FingerprintIndex, runs: range, now: datetime = NOW) -> None:
    for run in runs:
        index.write(f"r{run}", "0", ids(run), [0], [prints(run)], now)


def test_ids_survive_packing_and_others_are_refused() -> None:
    some = ids(1, 2, 3)
    assert unpack_ids(pack_ids(some)) == some
    with pytest.raises(ValueError, match="24 hexadecimal"):
        pack_ids(["short"])


def test_a_story_is_found_by_its_fingerprints_within_the_window(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(5))
    assert look(index, 3) == ids(3)
    assert look(index, 3, at=3601) == []
    assert look(index, 99) == []


def test_a_rerun_does_not_see_itself_and_overwrites_itself(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(3))
    assert look(index, 1, run="r1") == []
    index.write("r1", "0", ids("other"), [0], [prints(77)], NOW + timedelta(days=1))
    assert (look(index, 1), look(index, 77)) == ([], ids("other"))
    assert index.state().segments == 3


def test_a_rerun_of_a_merged_batch_does_not_see_itself(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(8))
    assert index.merge(NOW.date()) == 1
    assert index.state().segments == 1
    assert (look(index, 5), look(index, 5, run="r5")) == (ids(5), [])
    fill(index, range(5, 6))  # written again under the name of a file that was merged away
    assert look(index, 5) == ids(5)
    fresh = FingerprintIndex(str(tmp_path))
    assert look(fresh, 5) == ids(5)


def test_merging_changes_no_answer_and_closes_past_days(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(20))
    fill(index, range(20, 23), NOW - timedelta(days=1))
    before = [look(index, seed) for seed in range(25)]
    index.merge(NOW.date())
    assert [look(index, seed) for seed in range(25)] == before
    days = [segment.path.parent.name for segment in index.segments]
    assert days.count("2026-03-01") == 1
    assert index.check() == []


def test_of_a_story_written_twice_a_merge_keeps_the_later(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    for run in range(8):
        index.write(f"r{run}", "0", ids("same"), [run], [prints(run)], NOW)
    index.merge(NOW.date())
    assert index.state().stories == 1
    assert (look(index, 7), look(index, 0)) == (ids("same"), [])


def test_expiry_deletes_whole_days(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(2), NOW - timedelta(days=9))
    fill(index, range(2, 4))
    assert index.expire(date(2026, 2, 22)) == 1
    assert (look(index, 1), look(index, 2)) == ([], ids(2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-03-02", "manifest.json"]


def test_a_damaged_segment_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(3))
    victim = index.segments[0].path
    data = bytearray(victim.read_bytes())
    middle = 200  # inside the hashes
    flipped = bytes([*data[:middle], data[middle] ^ 1, *data[middle + 1 :]])
    victim.write_bytes(flipped)
    assert "checksum" in " ".join(index.check())
    victim.write_bytes(data[: len(data) // 2])
    assert "cut short" in " ".join(index.check())
    victim.write_bytes(b"no segment")
    assert str(victim) in " ".join(index.check())
    assert sum(bool(look(index, seed)) for seed in range(3)) == 2
    with pytest.raises(Damaged):
        open_segment(victim)


def test_what_a_killed_merge_leaves_is_counted_once_and_swept(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(8))
    kept = {segment.path: segment.path.read_bytes() for segment in index.segments}
    index.merge(NOW.date())
    for path, data in kept.items():  # killed after the rename, before the old files were deleted
        path.write_bytes(data)
    torn = tmp_path / "2026-03-02" / "b123.seg.99.tmp"
    torn.write_bytes(b"half")
    again = FingerprintIndex(str(tmp_path))
    assert again.state().stories == 8
    assert look(again, 3) == ids(3)
    again.merge(NOW.date())
    assert not torn.exists()
    assert len(list(tmp_path.glob("*/*"))) == 1


WRITER = """
import sys
from datetime import UTC, datetime
from tests.dedup.test_fingerprint_index import FingerprintIndex, fill
index = FingerprintIndex(sys.argv[1])
print("ready", flush=True)
while True:
    for start in range(0, 64, 4):
        fill(index, range(start, start + 4))
        index.merge(datetime(2026, 3, 2, tzinfo=UTC).date())
"""


def test_killed_while_writing_and_merging_every_answer_stays(tmp_path: Path) -> None:
    fill(FingerprintIndex(str(tmp_path)), range(64))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([".", "plugins"])}
    for attempt in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout
        assert child.stdout.readline()
        time.sleep(0.05 + 0.07 * attempt)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        index = FingerprintIndex(str(tmp_path))
        assert index.check() == []
        assert [look(index, seed) for seed in range(64)] == [ids(seed) for seed in range(64)]


def test_a_remote_root_is_read_by_another_worker(tmp_path: Path) -> None:
    root = f"memory://segments-{tmp_path.name}"
    writer = FingerprintIndex(root, str(tmp_path / "one"))
    reader = FingerprintIndex(root, str(tmp_path / "two"))
    fill(writer, range(8))
    reader.refresh()
    assert look(reader, 4) == ids(4)
    writer.merge(NOW.date())
    reader.refresh()
    assert (reader.state().segments, look(reader, 4)) == (1, ids(4))
    writer.expire(date(2026, 3, 3))
    reader.refresh()
    assert reader.state().stories == 0
    assert [path.rpartition("/")[2] for path in fsspec.filesystem("memory").find(root)] == [
        "manifest.json"
    ]


def test_an_empty_batch_is_a_segment_like_any_other(tmp_path: Path) -> None:
    write_segment(tmp_path / "e.seg", build_rows([], [], []), [Source(run="r", batch="0")])
    assert open_segment(tmp_path / "e.seg").rows.ids == []


def test_a_report_with_more_copies_than_the_cap_still_finds_some(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    many = ids(*range(200))
    index.write("r", "0", many, [0] * 200, [prints(1)] * 200, NOW)
    assert len(look(index, 1)) == 8
