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
        address = website.ensure(settings, print)
        assert address == f"http://127.0.0.1:{settings['web.port']}"
        assert httpx.get(f"{address}/api/v1/stories", timeout=60).json()["stories"] == 0
        first = processes.find(run, website.NAME)
        assert website.ensure(settings, print) == address
        assert processes.find(run, website.NAME) == first
        closed = settings.with_options(web__loopback_reads=False)
        assert website.ensure(closed, print) == address
        assert processes.find(run, website.NAME) != first
        assert httpx.get(f"{address}/api/v1/stories", timeout=60).status_code == 401
        assert (tmp_path / "local/web.secret").stat().st_mode & 0o077 == 0
    finally:
        assert up.down(settings) == ("web",)
    assert not processes.running(run)
