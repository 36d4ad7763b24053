"""Files of the fingerprint index changed or deleted: said at opening, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fsspec
import msgspec
import pytest

from tests.dedup.test_fingerprint_index import NOW, fill, ids, look, prints
from wirewatch.dedup.fingerprint_index import MANIFEST, FingerprintIndex
from wirewatch.dedup.segments import Damaged, Segment


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def start_of(segment: Segment, array: str) -> int:
    """Where an array begins in its file."""
    return segment.path.read_bytes().index(getattr(segment.rows, array).tobytes())


DAMAGES: dict[str, Callable[[Segment], None]] = {
    "hashes": lambda one: flip(one.path, start_of(one, "hashes")),
    "ordinals": lambda one: flip(one.path, start_of(one, "ordinals")),
    "stories": lambda one: flip(one.path, start_of(one, "stories")),
    "header": lambda one: flip(one.path, one.path.read_bytes().index(b'"last":') + 7),
    "cut": lambda one: one.path.write_bytes(one.path.read_bytes()[:300]),
    "deleted": lambda one: one.path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_missing_segment_is_said_with_the_remedy(tmp_path: Path, damage: str) -> None:
    index = FingerprintIndex(str(tmp_path))
    for run in range(3):
        index.write(f"r{run}", "0", ids(run, f"{run}b"), [5, 5], [prints(run)] * 2, NOW)
    victim = index.segments[1]
    DAMAGES[damage](victim)
    again = FingerprintIndex(str(tmp_path))
    with pytest.raises(Damaged, match="wirewatch dedup rebuild") as told:
        again.must_be_whole()
    assert victim.path.name in str(told.value)
    assert [victim.path.name in line for line in again.check()] == [True]
    assert index.check()  # also by who had it open
    again.remove(again.named() - {one.path for one in again.segments})  # what a rebuild does
    assert again.check() == []


def test_a_folder_without_a_manifest_gets_one(tmp_path: Path) -> None:
    fill(FingerprintIndex(str(tmp_path)), range(3))
    (tmp_path / MANIFEST).unlink()
    index = FingerprintIndex(str(tmp_path))
    index.must_be_whole()
    fill(index, range(3, 4))
    assert len(msgspec.json.decode((tmp_path / MANIFEST).read_bytes())) == 4
    index.segments[0].path.unlink()
    with pytest.raises(Damaged, match="missing"):
        FingerprintIndex(str(tmp_path)).must_be_whole()


def test_a_manifest_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(2))
    (tmp_path / MANIFEST).write_bytes(b"\x00\xff")
    again = FingerprintIndex(str(tmp_path))
    with pytest.raises(Damaged, match=MANIFEST):
        again.must_be_whole()
    again.remove(())
    again.must_be_whole()
    assert look(again, 1) == ids(1)


def test_a_remote_segment_that_is_gone_is_said(tmp_path: Path) -> None:
    root = f"memory://damaged-{tmp_path.name}"
    fill(FingerprintIndex(root, str(tmp_path / "one")), range(3))
    memory = fsspec.filesystem("memory")
    memory.rm(next(path for path in memory.find(root) if path.endswith(".seg")))
    with pytest.raises(Damaged, match="missing"):
        FingerprintIndex(root, str(tmp_path / "two")).must_be_whole()


def test_a_killed_merge_leaves_nothing_that_counts_as_missing(tmp_path: Path) -> None:
    index = FingerprintIndex(str(tmp_path))
    fill(index, range(8))
    manifest = (tmp_path / MANIFEST).read_bytes()
    kept = {one.path: one.path.read_bytes() for one in index.segments}
    index.merge(NOW.date())
    (tmp_path / MANIFEST).write_bytes(manifest)  # killed before it was written anew
    for path, data in kept.items():
        path.write_bytes(data)
    again = FingerprintIndex(str(tmp_path))
    again.must_be_whole()
    again.merge(NOW.date())
    again.must_be_whole()
    assert (again.state().segments, look(again, 3)) == (1, ids(3))
