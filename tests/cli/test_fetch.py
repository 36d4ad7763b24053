"""``wirewatch fetch`` against a real server: each hop told, and each refusal by its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests import sites
from wirewatch.cli import app

Call = Callable[..., Result]
TEXT = "The council met for nine hours about the tunnel and then went home again at dawn. " * 6
ARTICLE = (
    "<html lang='en'><head><title>Tunnel</title><meta charset='iso-8859-1'>"
    "<meta name='robots' content='noarchive, noai'></head><body><article><h1>Tunnel costs more</h1>"
    f"<p>{TEXT}</p><p>Caf\u00e9 owners protested. {TEXT}</p></article></body></html>"
).encode("latin-1")
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/robots.txt": (
        200, {"Content-Type": "text/plain"},
        b"User-agent: *\nDisallow: /private\nCrawl-delay: 0.01\nUser-agent: GPTBot\nDisallow: /\n",
    ),
    "/old": (301, {"Location": "/newer"}, b""),
    "/newer": (302, {"Location": "/page"}, b""),
    "/page": (200, {"Content-Type": "text/html; charset=iso-8859-1"}, ARTICLE),
    "/inside": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
    "/loop": (302, {"Location": "/loop"}, b""),
    "/image": (200, {"Content-Type": "image/gif"}, b"GIF89a"),
    "/short": (200, {"Content-Type": "text/html"}, b"<p>Too short.</p>"),
    "/busy": (429, {"Retry-After": "120"}, b""),
}  # fmt: skip


def answer(asked: sites.Request) -> sites.Answer:
    status, headers, body = ANSWERS.get(asked.path, (404, {}, b""))
    return sites.Answer(body, status, headers=headers)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with sites.serve(answer) as site:
        yield site.port


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: int) -> Call:
    for name, value in {
        "STATE": str(tmp_path / "state"), "LOCAL_FOLDER": str(tmp_path / "local"),
        "FETCH_ALLOW": f"*.localhost:{port}", "FETCH_DELAY": "0", "FETCH_WAIT": "5",
        "EXTRACT_PROCESSES": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"WIREWATCH_{name}", value)
    monkeypatch.setenv("ELASTICSEARCH_URL", "http://127.0.0.1:1")  # it needs none
    base = f"http://a.localhost:{port}"

    def call(path: str, *words: str) -> Result:
        return CliRunner().invoke(app, ["fetch", path if "://" in path else base + path, *words])

    return call


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_every_hop_is_told(fetch: Call, port: int) -> None:
    result = fetch("/old", "--json")
    assert result.exit_code == 0, result.output
    found = told(result)
    base = f"http://a.localhost:{port}"
    assert [(step["url"], step["status"], step.get("location", "")) for step in found["steps"]] == [
        (f"{base}/old", 301, f"{base}/newer"),
        (f"{base}/newer", 302, f"{base}/page"),
        (f"{base}/page", 200, ""),
    ]
    for step in found["steps"]:
        assert step["addresses"] == ["127.0.0.1"]
        assert step["robots"] == "allowed, once in 0.01 s, but not for AI training"
    assert (found["status"], found["bytes"]) == (200, len(ARTICLE))
    assert found["charset"] == "cp1252"
    assert (found["noarchive"], found["opt_outs"]) == (True, ["noai", "robots.txt"])
    assert found["article"] is None
    plain = fetch("/old").stdout
    for words in (f"1  GET {base}/old", "connected to  127.0.0.1", "redirects to", "cp1252"):
        assert words in plain, words


def test_what_extraction_makes_of_it(fetch: Call, tmp_path: Path) -> None:
    found = told(fetch("/page", "--extract", "--json"))
    assert found["article"]["title"] == "Tunnel costs more"
    assert "Café owners" in found["article"]["text"]
    plain = fetch("/page", "--extract").stdout
    assert "title  Tunnel costs more" in plain
    short = fetch("/short", "--extract")
    assert short.exit_code == 0
    assert "no article" in short.stdout
    assert "10 characters" in short.stdout
    assert not (tmp_path / "state" / "archive").exists()  # nothing is kept


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        ("/inside", 4, "guarded"),
        ("http://127.0.0.1/", 4, "guarded"),
        ("http://[::ffff:10.0.0.1]/", 4, "guarded"),
        ("http://b.localhost:22/", 4, "guarded"),
        ("ftp://example.org/", 4, "bad_url"),
        ("http://user:secret@example.org/", 4, "bad_url"),
        ("http://", 2, "bad_url"),
        ("/private/x", 1, "robots"),
        ("/nowhere", 1, "not_found"),
        ("/loop", 1, "redirect_loop"),
        ("/image", 1, "not_text"),
        ("/busy", 1, "rate_limited"),
    ],
)
def test_failures_by_reason_and_exit_code(fetch: Call, path: str, code: int, reason: str) -> None:
    result = fetch(path, "--json")
    found = told(result)
    assert (found["reason"], result.exit_code) == (reason, code)
    assert found["detail"] in " ".join(result.stderr.split())
    assert found["steps"]
    if path == "/inside":
        assert found["steps"][1]["robots"] == "not asked"
        assert found["steps"][1]["addresses"] == []
    if path == "/busy":
        assert found["next_after"] == 120
    if path == "/private/x":
        assert found["steps"][0]["robots"].startswith("refused: ")
