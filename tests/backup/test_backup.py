"""A backup restored after everything was destroyed, and what is said when it cannot be."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests import flows, makers
from tests.indices import clear, own_prefix
from tests.sample import Sample
from wirewatch.archive import check
from wirewatch.backup import contents, manifest, snapshots
from wirewatch.backup.make import make
from wirewatch.backup.manifest import BadBackup, Manifest
from wirewatch.backup.restore import restore, unfinished
from wirewatch.cli import app
from wirewatch.local import paths
from wirewatch.local.airflow.server import settings_environ
from wirewatch.pipeline import turns
from wirewatch.pipeline.fingerprints import check_fingerprints
from wirewatch.pipeline.paths import archive_of
from wirewatch.records import Key, SavedSearch, replace, utc_now
from wirewatch.search.search import search
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.store.scan import scan
from wirewatch.web.security.secret import secret

pytestmark = pytest.mark.es

PASSING_BY = ("locks", "hosts")  # who may do what at this moment


def picture(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every document by its index's name without the prefix, and every file of the state."""
    with connect(settings) as store:
        store.refresh()
        found: dict[str, dict[str, Any]] = {}
        for name, one in store.templates.served().items():
            if one["noun"] not in PASSING_BY:
                hits = scan(store.es, name, {"match_all": {}})
                plain = name.removeprefix(store.prefix)
                found[plain] = {hit["_id"]: hit["_source"] for hit in hits}
    root = Path(settings.state)
    found["files"] = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("archive", "batches", "fingerprints")
        for path in (root / folder).rglob("*")
        if path.is_file()
    }
    return found


def destroy(settings: Settings) -> None:
    clear(settings["elasticsearch.url"], settings["elasticsearch.prefix"])
    shutil.rmtree(settings.state)
    shutil.rmtree(paths.installation(settings), ignore_errors=True)


@pytest.fixture
def full(sample: Sample, tmp_path: Path) -> Iterator[Settings]:
    """An installation with stories, alerts, saved searches and keys."""
    with sample.copied(tmp_path) as settings:
        with connect(settings) as store:
            store.searches.create(SavedSearch(id="mine", name="Mine", query="*", origin="user"))
            store.keys.create(Key(id="k", name="K", hash="h", scopes=("read",), created=utc_now()))
        flows.alert(settings)
        secret(settings)
        yield settings


@pytest.fixture
def small(options: Settings, es_prefix: str) -> Settings:
    """An installation with one page and one file."""
    own = options.with_options(elasticsearch__prefix=es_prefix)
    fill(own)
    return own


@pytest.fixture(scope="module")
def a_set(es_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A set that is made once; who changes it copies it."""
    folder = tmp_path_factory.mktemp("backup")
    with own_prefix(es_url) as prefix:
        settings = makers.options(es_url, prefix, folder)
        fill(settings)
        make(settings, folder / "set")
        yield folder / "set"


@pytest.fixture
def nowhere(es_url: str, tmp_path: Path) -> Settings:
    """Settings of an installation in which nothing is, not even an index."""
    return makers.options(es_url, f"test-{uuid.uuid4().hex[:12]}", tmp_path)


def fill(settings: Settings) -> None:
    with connect(settings) as store:
        store.pages.discover([makers.page("p")])
        store.refresh()
    file = Path(settings.state) / "archive/2026/11/23/r-0000.warc.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"bytes of a page")


def test_everything_comes_back_after_everything_was_destroyed(
    full: Settings, tmp_path: Path
) -> None:
    before, signed = picture(full), secret(full)
    assert len(before["-alerts"]) > 0 and len(before["-stories-" + f"{utc_now():%Y.%m}"]) > 50
    made = make(full, tmp_path / "set")
    assert picture(full) == before
    destroy(full)
    assert restore(full, tmp_path / "set") == made
    assert picture(full) == before
    assert secret(full) == signed
    assert unfinished(full) is None
    assert not [one for one in check(archive_of(full)) if one.problems]
    with connect(full) as store:
        assert check_fingerprints(store, full, utc_now()) == []
        found = search(store, "ferry OR dockers", now=utc_now())
        assert found.stories > 0
        assert [key.name for key in store.keys.all()] == ["K"]
        again = [made.snapshot in name for name in store.es.snapshot.get_repository()]
        assert not any(again)
    assert flows.alert(full)["alerts"] == 0
    assert picture(full)["-alerts"] == before["-alerts"]


def test_it_is_restored_under_another_prefix(small: Settings, es_url: str, tmp_path: Path) -> None:
    made = make(small, tmp_path / "set")
    with own_prefix(es_url) as prefix:
        other = small.with_options(
            elasticsearch__prefix=prefix, state=str(tmp_path / "other"),
            local__folder=str(tmp_path / "other-local"),
        )  # fmt: skip
        restore(other, tmp_path / "set")
        assert picture(other) == picture(small)
        with connect(other) as store:
            assert len(store.templates.served()) == len(made.indices)
            assert store.es.indices.exists_alias(name=f"{prefix}-stories")


def changed(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def reshaped(folder: Path, **fields: object) -> None:
    """The manifest with other fields, as if it had been made so."""
    manifest.write(folder, replace(manifest.read(folder), **fields))


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "no whole backup.*manifest.json"),
    "torn manifest": (lambda f: changed(f / "manifest.json", lambda b: b[:-9]), "is torn"),
    "changed manifest": (
        lambda f: changed(f / "manifest.json", lambda b: b.replace(b'"id":"20', b'"id":"19')),
        "its checksum differs",
    ),
    "later form": (lambda f: reshaped(f, format=99, wirewatch="7.1"), "wirewatch 7.1.*later one"),
    "later mappings": (
        lambda f: reshaped(
            f, wirewatch="7.1",
            indices=tuple(replace(one, version=99) for one in manifest.read(f).indices),
        ),
        "wirewatch 7.1, whose .*-alerts.*does not know",
    ),
    "later Elasticsearch": (
        lambda f: reshaped(f, elasticsearch="99.1.0"), "of Elasticsearch 99.1.0, and .* is older",
    ),
    "missing file": (
        lambda f: next((f / "state/archive").rglob("*.gz")).unlink(), r"torn: .*gz is missing",
    ),
    "short file": (
        lambda f: changed(next((f / "state/archive").rglob("*.gz")), lambda b: b[:-1]),
        "torn: .*has 14 bytes, not 15",
    ),
    "changed file": (
        lambda f: changed(next((f / "state/archive").rglob("*.gz")), lambda b: b[::-1]),
        "torn: .*its checksum differs",
    ),
    "changed snapshot": (
        lambda f: changed(max((f / "elasticsearch").glob("index-*")), lambda b: b[::-1]),
        "torn: elasticsearch/index-.*its checksum differs",
    ),
    "file outside": (
        lambda f: reshaped(
            f,
            files=(manifest.KeptFile(path="../secrets", bytes=1, sha256=""),),
        ),
        "outside the set",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_set_is_refused_and_nothing_is_changed(
    how: str, a_set: Path, nowhere: Settings, tmp_path: Path
) -> None:
    spoil, words = SPOILT[how]
    shutil.copytree(a_set, tmp_path / "set")
    spoil(tmp_path / "set")
    with pytest.raises(BadBackup, match=words):
        restore(nowhere, tmp_path / "set")
    assert not Path(nowhere.state).exists()
    with connect(nowhere, prepare=False) as store:
        assert store.templates.indices() == {}


def test_where_something_is_nothing_is_restored(small: Settings, a_set: Path) -> None:
    with pytest.raises(BadBackup, match=r"already: .*-pages-\d+ has 1 documents; .* 1 files"):
        restore(small, a_set)
    assert unfinished(small) is None


def test_a_folder_with_something_in_it_takes_no_backup(small: Settings, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "note").touch()
    with pytest.raises(BadBackup, match="is not empty"):
        make(small, tmp_path / "set")


def test_a_backup_waits_for_a_run_or_is_refused(small: Settings, tmp_path: Path) -> None:
    with connect(small) as store:
        turns.take(store, small, "revisit", "other", turns.holder_of("other"))
        with pytest.raises(turns.Busy, match="revisit is under way"):
            make(small, tmp_path / "set")
        assert not (tmp_path / "set").exists()
        assert store.locks.get("ingest").run == ""
        make(
            small, tmp_path / "set", wait=60, told=lambda _: store.locks.release("revisit", "other")
        )


def test_a_killed_backup_is_no_set(
    small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(manifest, "write", broken)
    with pytest.raises(KeyboardInterrupt):
        make(small, tmp_path / "set")
    with pytest.raises(BadBackup, match="no whole backup"):
        restore(small, tmp_path / "set")


def test_a_killed_restore_begins_anew(
    small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = picture(small)
    make(small, tmp_path / "set")
    destroy(small)

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(contents, "opened", broken)
        with pytest.raises(KeyboardInterrupt):
            restore(small, tmp_path / "set")
    with pytest.raises(BadBackup, match=f"call 'wirewatch restore {tmp_path}/set' again"):
        flows.ingest(small)
    restore(small, tmp_path / "set")
    assert picture(small) == before
    assert flows.ingest(small).state == "done"


def test_a_repository_that_elasticsearch_refuses(
    small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "place", lambda *_: tmp_path / "elsewhere")
    with pytest.raises(BadBackup, match=r"takes no snapshots in .*elsewhere.*path\.repo"):
        make(small, tmp_path / "set")


class Nodes:
    """A server that tells of its nodes what the test says."""

    def __init__(self, repo: object) -> None:
        self.nodes = self
        self._repo = repo

    def info(self, metric: str) -> dict[str, Any]:
        assert metric == "settings"
        return {"nodes": {"n": {"settings": {"path": {"repo": self._repo} if self._repo else {}}}}}


def test_where_snapshots_may_lie(tmp_path: Path) -> None:
    assert snapshots.place(Nodes([str(tmp_path)]), "u") == tmp_path  # type: ignore[arg-type]
    assert snapshots.place(Nodes(str(tmp_path)), "u") == tmp_path  # type: ignore[arg-type]
    with pytest.raises(BadBackup, match=r"nowhere: set path\.repo"):
        snapshots.place(Nodes(None), "u")  # type: ignore[arg-type]
    with pytest.raises(BadBackup, match=r"/far/away \(path\.repo\).*--repository"):
        snapshots.place(Nodes(["/far/away"]), "u")  # type: ignore[arg-type]


def test_a_repository_that_elasticsearch_knows(small: Settings, tmp_path: Path) -> None:
    before = picture(small)
    with connect(small) as store:
        place = snapshots.place(store.es, small["elasticsearch.url"])
        name = store.prefix
        with (
            snapshots.folder_of(place, name) as there,
            snapshots.repository(store.es, name, there),
        ):
            made: Manifest = make(small, tmp_path / "set", repository=name)
            assert not (tmp_path / "set" / "elasticsearch").exists()
            destroy(small)
            restore(small, tmp_path / "set")
            assert made.repository == name
            assert picture(small) == before
    destroy(small)
    with pytest.raises(BadBackup, match=f"the repository {name}"):
        restore(small, tmp_path / "set")


def test_the_commands(small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings_environ(small).items():
        monkeypatch.setenv(name, value)
    folder = str(tmp_path / "set")
    made = CliRunner().invoke(app, ["backup", folder])
    assert made.exit_code == 0, made.stderr
    assert "1 documents in" in made.stdout
    assert "is whole" in CliRunner().invoke(app, ["backup", folder, "--check"]).stdout
    destroy(small)
    ran = CliRunner().invoke(app, ["restore", folder, "--json"])
    assert json.loads(ran.stdout)["prefix"] == small["elasticsearch.prefix"]
    assert isinstance(CliRunner().invoke(app, ["restore", folder]).exception, BadBackup)
