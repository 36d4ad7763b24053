from pathlib import Path

import pytest

from wirewatch.alerts.searches import BadSearches, load
from wirewatch.settings import project_root


def test_the_searches_that_come_with_it_are_good() -> None:
    assert len(load(project_root() / "config" / "searches")) >= 3


def test_a_folder_without_files_has_none(tmp_path: Path) -> None:
    assert load(tmp_path) == ()


def test_every_problem_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        """
[[search]]
id = "Bad Id"
name = "A"
query = "x"
colour = "red"

[[search]]
id = "ok"
name = "B"
query = "(open"
channels = ["carrier pigeon"]
"""
    )
    (tmp_path / "b.toml").write_text('[[search]]\nid = "fine"\nname = "C"\nquery = "x"\n')
    (tmp_path / "c.toml").write_text('[[search]]\nid = "fine"\nname = "D"\nquery = "x"\n')
    (tmp_path / "d.toml").write_text("not toml")
    with pytest.raises(BadSearches) as caught:
        load(tmp_path)
    told = "\n".join(caught.value.problems)
    for expected in (
        "a.toml: search 1: there is no key 'colour'",
        "'Bad Id'",
        "'carrier pigeon'",
        "a.toml: search 2: query:",
        "'fine' is used twice",
        "d.toml: not valid TOML",
    ):
        assert expected in told
