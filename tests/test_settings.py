from pathlib import Path

import pytest

from wirewatch import settings
from wirewatch.pipeline.flow import FLOWS


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


def test_no_option_lets_a_task_wait_past_its_time_out() -> None:
    stages = [stage for flow in FLOWS.values() for stage in flow.stages]
    asking = min(60 * stage.minutes for stage in stages if stage.name in ("poll", "fetch"))
    for name in ("fetch.budget", "feeds.budget", "fetch.timeout", "fetch.wait"):
        with pytest.raises(settings.BadOptions, match=name):
            settings.load({settings.BY_NAME[name].env: str(asking)})
    with pytest.raises(settings.BadOptions, match=r"elasticsearch\.timeout"):
        settings.load({"WIREWATCH_ELASTICSEARCH_TIMEOUT": "300"})  # publish has five minutes


def test_a_lease_outlasts_the_budget() -> None:
    with pytest.raises(settings.BadOptions, match=r"run\.lease = 300: must be at least"):
        settings.load({"WIREWATCH_RUN_LEASE": "300"})
    with pytest.raises(settings.BadOptions, match=r"run\.lease"):
        settings.load({}).with_options(fetch__budget=450.0, run__lease=1_700)
    assert settings.load({"WIREWATCH_RUN_LEASE": "360"})["run.lease"] == 360
