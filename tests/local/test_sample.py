from __future__ import annotations

import json
import socket

from wirewatch.local import paths, processes, sample
from wirewatch.settings import load


def test_a_newsroom_started_again_shows_the_same_pages_at_the_same_place(tmp_path):
    settings = load({}, tmp_path).with_options(local__newsroom_port=paths.any_port())
    state = tmp_path / ".wirewatch" / "newsroom.json"
    try:
        port = sample.ensure(settings, print)
        first = json.loads(state.read_text())
        assert (first["port"], port) == (port, settings["local.newsroom_port"])
        kept = processes.find(paths.run_folder(settings), sample.NAME)
        assert sample.ensure(settings, print) == port
        assert processes.find(paths.run_folder(settings), sample.NAME) == kept
        assert sample.stop(settings)
        other = settings.with_options(local__newsroom_port=paths.any_port())
        assert sample.ensure(other, print) == port
        assert json.loads(state.read_text())["epoch"] == first["epoch"]
        sample.stop(settings)
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", port))
            taken.listen()
            said: list[str] = []
            assert sample.ensure(settings, said.append) != port
        assert "taken" in said[0]
    finally:
        sample.stop(settings)


def test_the_demo_keeps_its_stories_apart(tmp_path):
    settings = load({}, tmp_path)
    options = sample.options(settings.with_options(fetch__allow="intranet:80"), 8765)
    assert options["elasticsearch.prefix"] != settings["elasticsearch.prefix"]
    assert options.state != settings.state
    assert options["fetch.allow"] == ("intranet:80", "*.localhost:8765")
