"""The pages in a real Airflow server: shut to strangers, open to who is logged in."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from wirewatch.local import paths, processes
from wirewatch.local.airflow import server
from wirewatch.settings import load

pytestmark = [pytest.mark.airflow, pytest.mark.es]

WAIT = 180  # seconds until the server answers: 10 on a quiet machine
PASSWORDS = {"admin": "for-the-test", "reader": "for-the-test-too"}


@pytest.fixture(scope="module")
def airflow(
    newsroom_settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The address of an Airflow api-server with the project's plugins, and its log."""
    folder = tmp_path_factory.mktemp("airflow")
    settings = newsroom_settings.with_options(local__folder=str(folder))
    port = paths.any_port()
    environ = server.environment(settings, port)
    environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = "admin:admin,reader:viewer"
    home = Path(environ["AIRFLOW_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    (home / "passwords.json").write_text(json.dumps(PASSWORDS))
    command = str(Path(sys.executable).parent / "airflow")
    subprocess.run([command, "db", "migrate"], env=environ, check=True, capture_output=True)
    log = folder / "api-server.log"
    process = processes.start(
        folder, "api-server", [command, "api-server", "--workers", "1"], log=log, environ=environ,
        cwd=settings.root,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + WAIT
        while not _answers(url):
            assert process.alive and time.monotonic() < end, log.read_text()[-3_000:]
            time.sleep(0.5)
        yield url, log
    finally:
        processes.stop(folder, "api-server", patience=25)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v2/version", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _token(url: str, user: str) -> str:
    answer = httpx.post(
        f"{url}/auth/token", json={"username": user, "password": PASSWORDS[user]}, timeout=30
    )
    return str(answer.json()["access_token"])


def test_strangers_see_nothing(airflow: tuple[str, Path]) -> None:
    url, _ = airflow
    for path in ("/", "/story/0", "/sources", "/runs", "/searches/new", "/api/v1/stories?q=*"):
        answer = httpx.get(f"{url}/wirewatch{path}", headers={"accept": "text/html"}, timeout=60)
        assert answer.status_code == 401, path
        assert "Kestrel" not in answer.text
    forged = {"authorization": "Bearer nonsense"}
    assert httpx.get(f"{url}/wirewatch/", headers=forged, timeout=60).status_code == 401
    assert httpx.get(f"{url}/wirewatch/login", timeout=60).status_code == 404


def test_the_logged_in_search_and_read(airflow: tuple[str, Path]) -> None:
    url, log = airflow
    cookie = {"_token": _token(url, "reader")}
    with httpx.Client(base_url=url, cookies=cookie, timeout=60) as browser:
        answer = browser.get("/wirewatch/?q=ferry", headers={"accept": "text/html"})
        assert answer.status_code == 200, log.read_text()[-3_000:]
        assert "<mark>ferry</mark>" in answer.text
        assert 'href="/wirewatch/story/' in answer.text  # links stay below the mount
        assert 'href="/wirewatch/static/wirewatch.css' in answer.text
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert browser.get("/wirewatch/static/wirewatch.css").status_code == 200
        story = answer.text.split('href="/wirewatch/story/')[1][:24]
        assert browser.get(f"/wirewatch/story/{story}").status_code == 200
        found = browser.get("/wirewatch/api/v1/stories?q=ferry")
        assert found.json()["stories"] > 0
        # A viewer of Airflow's reads and does not write.
        assert browser.get("/wirewatch/searches/new").status_code == 403


def test_writing_needs_the_role_and_the_token(airflow: tuple[str, Path]) -> None:
    url, _ = airflow
    cookie = {"_token": _token(url, "admin")}
    with httpx.Client(base_url=url, cookies=cookie, timeout=60) as browser:
        form = browser.get("/wirewatch/searches/new", headers={"accept": "text/html"})
        assert form.status_code == 200
        token = form.text.split('name="csrf" value="')[1].split('"')[0]
        values = {"id": "from-airflow", "name": "From Airflow", "query": "ferry", "enabled": "yes"}
        assert browser.post("/wirewatch/searches", data=values).status_code == 403
        made = browser.post("/wirewatch/searches", data={**values, "csrf": token})
        assert made.status_code == 303
        assert made.headers["location"] == "/wirewatch/searches"


def test_it_is_in_the_navigation_and_no_plugin_failed(airflow: tuple[str, Path]) -> None:
    url, _ = airflow
    headers = {"authorization": f"Bearer {_token(url, 'admin')}"}
    plugins = httpx.get(f"{url}/api/v2/plugins", headers=headers, timeout=60).json()["plugins"]
    ours = next(one for one in plugins if one["name"] == "wirewatch")
    view = ours["external_views"][0]
    assert (view["href"], view["destination"]) == ("/wirewatch/", "nav")
    [operations] = ours["external_views"][1:]
    assert (operations["href"], operations["destination"]) == ("/wirewatch/operations", "nav")
    assert ours["fastapi_apps"][0]["url_prefix"] == "/wirewatch"
    errors = httpx.get(f"{url}/api/v2/plugins/importErrors", headers=headers, timeout=60).json()
    assert errors["total_entries"] == 0, errors


def test_the_plugin_is_light() -> None:
    """Every task of Airflow's imports it: neither FastAPI nor Elasticsearch nor numpy may come."""
    code = (
        "import sys, wirewatch_plugin; "
        "print([n for n in ('fastapi', 'elasticsearch', 'numpy', 'jinja2') if n in sys.modules])"
    )
    environ = {"PYTHONPATH": str(load({}).root / "plugins"), "PATH": "/usr/bin:/bin"}
    before = subprocess.run(
        [sys.executable, "-c", "import sys, airflow.plugins_manager; " + code.split("; ", 1)[1]],
        env=environ, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    after = subprocess.run(
        [sys.executable, "-c", code], env=environ, check=True, capture_output=True, text=True
    ).stdout
    assert after.splitlines()[-1] == before.splitlines()[-1]
