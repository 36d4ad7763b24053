from __future__ import annotations

import httpx
import pytest

from wirewatch.local import paths, processes, up, website

pytestmark = pytest.mark.es


def test_the_web_app_runs_with_exactly_the_settings_and_is_stopped(options, tmp_path):
    settings = options.with_options(
        web__port=paths.any_port(),
        web__host="0.0.0.0",  # what make starts listens on loopback, whatever serve is told
    )
    run = paths.run_folder(settings)
    try:
        link = website.ensure(settings, print)
        address = f"http://127.0.0.1:{settings['web.port']}"
        assert link.startswith(f"{address}/?token=")
        with httpx.Client(base_url=address, timeout=60) as client:
            assert client.get("/api/v1/stories").status_code == 401
            client.get(link)
            assert client.get("/api/v1/stories").json()["stories"] == 0
        first = processes.find(run, website.NAME)
        assert website.ensure(settings, print) == link
        assert processes.find(run, website.NAME) == first
        assert website.ensure(settings.with_options(web__session=1), print) == link
        assert processes.find(run, website.NAME) != first
        token = link.partition("=")[2]
        assert token not in (paths.log_folder(settings) / "web.log").read_text("utf-8")
        assert (tmp_path / "local/web.secret").stat().st_mode & 0o077 == 0
    finally:
        assert up.down(settings) == ("web",)
    assert not processes.running(run)
