from __future__ import annotations

import socket

import pytest

from wirewatch.local import doctor, paths
from wirewatch.local.elasticsearch import java, server, source
from wirewatch.settings import load


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine with nothing on it, and its settings."""
    monkeypatch.setattr(java, "JVM_FOLDERS", ())
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    monkeypatch.setattr(server, "stand_in", lambda _: None)
    return load({}, tmp_path).with_options(
        local__cache=str(tmp_path / "cache"), airflow__port=paths.any_port()
    )


def _by_name(settings, environ=None):
    return {check.name: check for check in doctor.doctor(settings, environ or {})}


def test_what_is_missing_is_named_with_a_remedy(bare):
    found = _by_name(bare)
    for name in ("git", "JDK", "Elasticsearch"):
        assert not found[name].ok
        assert found[name].advice
    assert found["Python"].ok
    assert found["secrets"].ok


def test_a_java_that_does_not_fit_is_shown(bare, tmp_path):
    (tmp_path / "jre" / "bin").mkdir(parents=True)
    (tmp_path / "jre" / "bin" / "java").touch(0o755)
    (tmp_path / "jre" / "release").write_text('JAVA_VERSION="25.0.1"\n')
    check = _by_name(bare, {"JAVA_HOME": str(tmp_path / "jre")})["JDK"]
    assert not check.ok
    assert check.found == "only 25 (no jlink)"


def test_a_cached_elasticsearch_with_its_own_java_needs_neither_maven_nor_jdk(bare, tmp_path):
    home = source.folder_of(tmp_path / "cache")
    for file in ("bin/elasticsearch", "jdk/bin/java"):
        (home / file).parent.mkdir(parents=True)
        (home / file).touch(0o755)
    found = _by_name(bare)
    assert found["JDK"].ok
    assert found["Elasticsearch"].ok


def test_a_given_address_that_does_not_answer_is_told(bare):
    url = f"http://127.0.0.1:{paths.any_port()}"
    found = _by_name(bare.with_options(elasticsearch__url=url))
    assert not found["Elasticsearch"].ok
    assert url in found["Elasticsearch"].found
    assert "JDK" not in found  # nothing is started here


def test_a_taken_port_is_told_but_stops_nothing(bare):
    with socket.socket() as other:
        other.bind(("127.0.0.1", bare["airflow.port"]))
        other.listen()
        check = _by_name(bare)["port of airflow"]
    assert check.ok
    assert "taken" in check.found
    assert "free" in _by_name(bare)["port of airflow"].found


def test_secrets_that_others_can_read_are_told(bare):
    paths.write_private(paths.installation(bare) / "secrets.env", "A=b\n")
    assert _by_name(bare)["secrets"].ok
    (bare.root / ".env").write_text("A=b\n")
    (bare.root / ".env").chmod(0o644)
    check = _by_name(bare)["secrets"]
    assert not check.ok
    assert str(bare.root / ".env") in check.found
    assert "secrets.env" not in check.found


def test_too_little_disk_and_memory_are_told(bare, monkeypatch):
    monkeypatch.setattr(doctor, "DISK", 1 << 60)
    monkeypatch.setattr(doctor, "MEMORY", 1 << 60)
    found = _by_name(bare)
    assert not found["disk"].ok
    assert not found["memory"].ok
