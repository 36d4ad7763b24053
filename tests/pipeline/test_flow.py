"""A flow is one table: a made-up one is run in this process, killed, and gone on with."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.made_up import MADE_UP
from wirewatch.local.airflow.server import settings_environ
from wirewatch.pipeline.flow import FLOWS, Flow, Shape, documented
from wirewatch.pipeline.replay import REPLAY, REPLAY_AGAIN
from wirewatch.pipeline.runner import run_flow
from wirewatch.records import Batch
from wirewatch.settings import Settings, load, project_root
from wirewatch.store import connect

RUN = "made_up__one"


@pytest.fixture
def options(es_url: str, empty_prefix: str, tmp_path: Path) -> Settings:
    return load({}).with_options(
        elasticsearch__url=es_url, elasticsearch__prefix=empty_prefix, state=str(tmp_path)
    )


def calls(options: Settings) -> list[str]:
    return (Path(options.state) / "calls").read_text().split()


def killed(options: Settings) -> None:
    died = subprocess.run(
        [sys.executable, "-m", "tests.pipeline.made_up", RUN],
        cwd=project_root(),
        env={
            **os.environ,
            **settings_environ(options),
            "PYTHONPATH": os.pathsep.join([str(project_root()), *sys.path]),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-2000:]


@pytest.mark.es
def test_a_made_up_flow_goes_through_and_gives_its_account(options: Settings) -> None:
    began: list[tuple[str, int]] = []
    ticks: list[int] = []
    seen: dict[str, list[Batch]] = {}
    account = run_flow(
        MADE_UP,
        options,
        RUN,
        {"upto": 10},
        begins=lambda stage, items: began.append((stage, items)),
        tick=ticks.append,
        watch=seen.__setitem__,
    )
    assert (account.kind, account.state) == ("made_up", "done")
    assert {stage: found["passed"] for stage, found in account.stages.items()} == {
        "count": 10, "double": 10, "total": 1,
    }  # fmt: skip
    assert account.seconds.keys() == account.stages.keys()
    assert began == [("count", 0), ("double", 10), ("total", 10)]
    assert sum(ticks) == 10
    assert [len(given) for given in seen.values()] == [3, 3, 1]
    assert sorted(calls(options)) == ["count-0", *(f"double-{n}" for n in range(3)), "total-0"]


@pytest.mark.es
def test_killed_within_and_between_stages_it_goes_on_where_it_stopped(options: Settings) -> None:
    for point in ("double-1", "total-0"):
        (Path(options.state) / f"die-{point}").touch()
        killed(options)
    with connect(options) as store:
        assert [(run.id, run.state) for run in store.runs.latest()] == [(RUN, "running")]
    account = run_flow(MADE_UP, options, RUN, {"upto": 10})
    assert account.stages["total"] == {"taken": 10, "passed": 1, "batches": 1, "summed": 9}
    made = calls(options)
    # The batches beside the one that died were done or not: none of them twice once it was kept.
    assert (made.count("count-0"), made.count("double-1"), made.count("total-0")) == (1, 2, 1)
    before = len(made)
    assert run_flow(MADE_UP, options, RUN, {"upto": 10}).stages == account.stages
    assert len(calls(options)) == before  # a finished run begun again does nothing


@pytest.mark.parametrize(
    "flow", [*FLOWS.values(), REPLAY, REPLAY_AGAIN], ids=lambda f: f.stages[0].name
)
def test_every_stage_names_a_function_that_takes_what_the_table_says(flow: Flow) -> None:
    for stage in flow.stages:
        taken = {Shape.START: ["run"], Shape.EACH: ["batch"], Shape.ALL: ["run", "batches"]}
        given = [*stage.params, *(["tick"] if stage.ticks else [])]
        inspect.signature(stage.function).bind(
            "settings", *taken[stage.shape], **dict.fromkeys(given)
        )


def test_the_table_in_the_documentation_has_every_stage_in_order() -> None:
    rows = [line.split("|")[1].strip() for line in documented(MADE_UP).splitlines()[2:]]
    assert rows == ["`begin`", "`count`", "`double`", "`total`", "`finish`"]
