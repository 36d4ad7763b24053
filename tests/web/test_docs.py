"""What docs/api.md shows works as it stands there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.conftest import Site
from wirewatch.settings import project_root
from wirewatch.web.app import create_app
from wirewatch.web.problems import KINDS

pytestmark = pytest.mark.es

TEXT = (project_root() / "docs" / "api.md").read_text("utf-8")


def test_the_notebook_runs(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert code
    plain = code[1].split("# Volume by day")[0]  # the rest needs pandas
    there = plain.replace("http://127.0.0.1:8790/api/v1", f"{site.url}/api/v1")
    there = there.replace("ww_…", site.keys["read"])
    there = there.replace("ferry published:30d", "ferry")  # the stories here are of one month
    names: dict[str, Any] = {}
    exec(compile(there, "docs/api.md", "exec"), names)  # noqa: S102 - our own documentation
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == names["get"]("stories", q="ferry")["clusters"]
    asked = names["get"]("counts", q=["ferry", "train"])["volumes"]
    assert [one["query"] for one in asked] == ["ferry", "train"]


def test_every_path_and_every_problem_is_there(site: Site) -> None:
    paths = create_app(site.settings, site.store).openapi()["paths"]
    for path in paths:
        short = re.sub(r"\{.*\}", "{id}", path.removeprefix("/api/v1"))
        assert short in TEXT, short
    for slug, (status, _) in KINDS.items():
        assert f"`{slug}`" in TEXT, slug
        assert str(status) in TEXT
