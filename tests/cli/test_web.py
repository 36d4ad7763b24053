"""``wirewatch keys`` and ``wirewatch serve`` as a person calls them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.cli.test_commands import call
from wirewatch.local import paths

pytestmark = pytest.mark.es


@pytest.fixture
def environ(es_url: str, empty_prefix: str, tmp_path: Path) -> dict[str, str]:
    return {
        "ELASTICSEARCH_URL": es_url,
        "WIREWATCH_ELASTICSEARCH_PREFIX": empty_prefix,
        "WIREWATCH_LOCAL_FOLDER": str(tmp_path / "local"),
        "WIREWATCH_WEB_PORT": str(paths.any_port()),
    }


def test_keys_are_made_listed_and_revoked_and_let_the_server_listen(
    environ: dict[str, str],
) -> None:
    alone = call("serve", "--host", "0.0.0.0", **environ)
    assert alone.returncode == 1
    assert "wirewatch keys add" in alone.stderr
    made = call("keys", "add", "Ada", "--scope", "read", "--days", "2", **environ)
    assert made.returncode == 0
    written = made.stdout.strip()
    assert written.startswith("ww_")
    assert "not shown again" in made.stderr
    (listed,) = json.loads(call("keys", "list", "--json", **environ).stdout)
    assert (listed["name"], listed["scopes"]) == ("Ada", ["read"])
    assert "hash" not in listed
    clean = {name: value for name, value in os.environ.items() if "WIREWATCH" not in name}
    server = subprocess.Popen(
        [sys.executable, "-m", "wirewatch.cli", "serve", "--host", "0.0.0.0"],
        env={**clean, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
    )
    try:
        url = f"http://127.0.0.1:{environ['WIREWATCH_WEB_PORT']}/api/v1"
        for _ in range(300):
            try:
                assert httpx.get(f"{url}/health", timeout=60).status_code == 200
                break
            except httpx.TransportError:
                assert server.poll() is None
                time.sleep(0.2)
        bearer = {"Authorization": f"Bearer {written}"}
        assert httpx.get(f"{url}/stories", headers=bearer, timeout=60).status_code == 200
        revoked = call("keys", "revoke", written, **environ)
        assert (revoked.returncode, "revoked" in revoked.stdout) == (0, True)
        assert httpx.get(f"{url}/stories", headers=bearer, timeout=60).status_code == 401
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def test_where_it_may_wait_the_server_starts_with_the_first_key(environ: dict[str, str]) -> None:
    clean = {name: value for name, value in os.environ.items() if "WIREWATCH" not in name}
    server = subprocess.Popen(
        [sys.executable, "-m", "wirewatch.cli", "serve", "--host", "0.0.0.0", "--wait"],
        env={**clean, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        assert "there is no key yet: make one with 'wirewatch keys add" in server.stderr.readline()
        assert call("keys", "add", "Ada", "--scope", "read", **environ).returncode == 0
        url = f"http://127.0.0.1:{environ['WIREWATCH_WEB_PORT']}/api/v1/health"
        for _ in range(300):
            try:
                assert httpx.get(url, timeout=60).status_code == 200
                break
            except httpx.TransportError:
                assert server.poll() is None
                time.sleep(0.2)
        else:
            pytest.fail("it does not answer")
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


def test_the_server_prints_the_link_and_logs_no_token(environ: dict[str, str]) -> None:
    link = call("keys", "link", **environ).stdout.strip()
    address, _, token = link.partition("/?token=")
    assert address == f"http://127.0.0.1:{environ['WIREWATCH_WEB_PORT']}"
    clean = {name: value for name, value in os.environ.items() if "WIREWATCH" not in name}
    server = subprocess.Popen(
        [sys.executable, "-m", "wirewatch.cli", "serve"],
        env={**clean, "PYTHONPATH": os.pathsep.join(sys.path), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for _ in range(300):
            try:
                assert httpx.get(link, timeout=60).headers["location"] == "/"
                break
            except httpx.TransportError:
                assert server.poll() is None
                time.sleep(0.2)
    finally:
        server.send_signal(signal.SIGTERM)
        said, _ = server.communicate(timeout=60)
    first, _, log = said.partition("\n")
    assert first == f"The pages, for reading: {link}"
    assert "token=…" in log
    assert token not in log
