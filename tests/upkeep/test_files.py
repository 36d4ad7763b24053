"""Files past their time: batches, the archive, fingerprints, answers for robots.txt."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.upkeep import worn
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.fetch.client import ROBOTS_FILE
from wirewatch.fetch.robots import Answer
from wirewatch.fetch.robots_store import RobotsStore
from wirewatch.pipeline import turns
from wirewatch.pipeline.paths import fingerprints_root
from wirewatch.records import stable_id
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.upkeep import caches
from wirewatch.upkeep.archive_files import archive_files
from wirewatch.upkeep.batch_files import batch_files
from wirewatch.upkeep.work import Freed, Work

pytestmark = pytest.mark.es
DAY = timedelta(days=1)


def work(store: Store, settings: Settings, **more: object) -> Work:
    return Work(settings.with_options(**more), store, worn.NOW, False)


def left(root: Path) -> set[str]:
    """The archive's files by their name without their ending; each has its index or none has."""
    files = {path.name.removesuffix(".warc.gz") for path in root.rglob("*.warc.gz")}
    assert files == {path.name.removesuffix(".index.jsonl") for path in root.rglob("*.jsonl")}
    return files


@pytest.fixture
def archive(options: Settings) -> Path:
    root = Path(options.state) / "archive"
    for days in (0, 1, 5, 40, 300):
        worn.archived(root, worn.NOW - days * DAY, f"r{days}")
    return root


def test_the_archive_is_kept_for_ever_unless_told(
    store: Store, options: Settings, archive: Path
) -> None:
    freed = archive_files(work(store, options))
    assert (freed.items, freed.what) == (0, "kept for ever (keep.archive and keep.archive_gb = 0)")
    assert left(archive) == {"r0", "r1", "r5", "r40", "r300"}


def test_the_archive_goes_by_age(store: Store, options: Settings, archive: Path) -> None:
    freed = archive_files(work(store, options, keep__archive=30))
    assert left(archive) == {"r0", "r1", "r5"}
    assert (freed.items, freed.bytes) == (4, 2 * 1_001)


def test_the_archive_goes_by_size_the_oldest_first(
    store: Store, options: Settings, archive: Path
) -> None:
    freed = archive_files(work(store, options, keep__archive_gb=3.5 * 1_001 / 1e9))
    assert left(archive) == {"r0", "r1", "r5"}
    assert freed.notes == ()


def test_what_a_run_may_still_read_stays(store: Store, options: Settings, archive: Path) -> None:
    (archive / "notes.txt").write_text("a person's")
    freed = archive_files(work(store, options, keep__archive=1, keep__archive_gb=1 / 1e9))
    assert left(archive) == {"r0", "r1"}
    assert (archive / "notes.txt").exists()
    assert freed.notes[0] == "1 files that are no archive of ours stay"
    assert freed.notes[1].endswith("more than keep.archive_gb: they are too young")


def test_batches_of_a_run_that_is_under_way_stay(store: Store, options: Settings) -> None:
    """Its last file may be old: a run of a large archive extracts for long."""
    worn.put(store, "runs", worn.run("slow", worn.NEW, state="running", finished=None),
             worn.run("ended", worn.OLD, finished=worn.NEW))  # fmt: skip
    for name in ("slow", "ended", "gone"):
        worn.batch(options, name, worn.OLD)
    assert batch_files(work(store, options)).items == 2
    folders = {path.name for path in (Path(options.state) / "batches").iterdir()}
    assert folders == {"slow", "ended"}


def test_fingerprints_past_the_window_go_but_not_beside_a_run(
    store: Store, options: Settings
) -> None:
    index = FingerprintIndex(fingerprints_root(options), "")
    for number, days in enumerate((0, 3, 60)):
        prints = [np.array([7 + number], np.uint32)]
        now = worn.NOW - days * DAY
        index.write(f"r{days}", "0", [stable_id(str(number))], [0], prints, now)
    turns.take(store, options, "ingest", "other", turns.holder_of("other"))
    beside = caches.fingerprints(work(store, options))
    assert beside == Freed(unit="files", what="left to the run that is under way")
    store.locks.release("ingest", "other")
    assert caches.fingerprints(work(store, options)).items == 1
    index.refresh()
    assert (index.state().days, index.damaged) == (2, ())
    assert caches.fingerprints(work(store, options)).items == 0


def test_outdated_answers_for_robots_txt_go_and_the_file_shrinks(
    store: Store, options: Settings
) -> None:
    file = Path(options.state) / ROBOTS_FILE
    now = time.time()
    kept = RobotsStore(file, now)
    noise = np.random.default_rng(1).bytes(20_000)
    for number in range(50):
        kept.put(f"http://old{number}.example", Answer(200, noise, None, ""), now + 1)
    kept.put("http://new.example", Answer(200, b"", None, ""), now + 9e6)
    kept.close()
    before = file.stat().st_size
    later = Work(options, store, worn.NOW + timedelta(hours=1), False)
    freed = caches.robots(later)
    assert freed.items == 50
    assert freed.bytes == before - file.stat().st_size > 500_000
    again = RobotsStore(file, now)
    assert set(again.get(["http://new.example"], now)) == {"http://new.example"}
    again.close()
