from pathlib import Path

import pytest

from wirewatch import settings


def test_every_default_is_allowed() -> None:
    for option in settings.OPTIONS:
        written = (
            ",".join(option.default) if isinstance(option.default, tuple) else str(option.default)
        )
        assert option.parse(written) == option.default, option.name


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "wirewatch.toml").write_text("[run]\npages = 7\nfeeds = 8\n")
    loaded = settings.load({"WIREWATCH_RUN_PAGES": "9"}, root=tmp_path)
    assert (loaded["run.pages"], loaded["run.feeds"]) == (9, 8)
    assert loaded["run.partitions"] == settings.BY_NAME["run.partitions"].default


def test_every_wrong_option_is_listed_with_what_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "wirewatch.toml"
    file.write_text("[run]\npages = 0\nnonsense = 1\n")
    with pytest.raises(settings.BadOptions) as caught:
        settings.load({"WIREWATCH_RUN_FEEDS": "many", "WIREWATCH_FOO": "1"}, root=tmp_path)
    problems = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    assert "run.pages = '0'" in problems
    assert "whole number from 1 to 100000" in problems
    assert "run.nonsense" in problems
    assert "WIREWATCH_RUN_FEEDS" in problems
    assert "WIREWATCH_FOO" in problems


def test_elasticsearch_url_of_the_environment_wins() -> None:
    loaded = settings.load({"ELASTICSEARCH_URL": "http://10.0.0.5:9200/"})
    assert loaded["elasticsearch.url"] == "http://10.0.0.5:9200"


def test_a_missing_named_file_is_an_error() -> None:
    with pytest.raises(settings.BadOptions, match="there is no file"):
        settings.load({"WIREWATCH_CONFIG": "/nowhere/wirewatch.toml"})
