"""Every DAG file parses, and does nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from wirewatch.settings import project_root

ROOT = project_root()
pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(dag_folder=str(ROOT / "dags"))


def test_all_files_parse(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == {path.stem for path in (ROOT / "dags").glob("*.py")}


def test_each_dag_says_what_it_does_and_what_to_do_when_it_fails(bag: DagBag) -> None:
    for dag in bag.dags.values():
        assert dag.doc_md, dag.dag_id
        assert "fail" in dag.doc_md, dag.dag_id
        if len(dag.tasks) > 1:
            for task in dag.tasks:
                assert f"`{task.task_id}`" in dag.doc_md, (dag.dag_id, task.task_id)


def test_runs_neither_overlap_nor_catch_up(bag: DagBag) -> None:
    for dag in bag.dags.values():
        # A run of deliver that waits for a receiver which hangs must not hold up the next.
        assert dag.max_active_runs == (2 if dag.dag_id == "deliver" else 1), dag.dag_id
        assert dag.catchup is False, dag.dag_id


def test_every_task_has_a_time_out_and_retries_back_off(bag: DagBag) -> None:
    for dag in bag.dags.values():
        for task in dag.tasks:
            assert task.execution_timeout, task.task_id
            if task.retries:
                assert task.retry_exponential_backoff == 2.0, task.task_id
                assert task.max_retry_delay, task.task_id


def test_pools_are_those_that_the_installation_makes(bag: DagBag) -> None:
    """A task that names a missing pool stays scheduled for ever."""
    from wirewatch.local.airflow.server import POOLS

    made = {pool[0] if isinstance(pool, tuple) else pool for pool in POOLS}
    for dag in bag.dags.values():
        for task in dag.tasks:
            assert task.pool in made | {"default_pool"}, task.task_id


def test_a_run_begins_and_ends_though_elasticsearch_is_started_again(bag: DagBag) -> None:
    [first] = [task for task in bag.dags["ingest"].tasks if not task.upstream_task_ids]
    [last] = [task for task in bag.dags["ingest"].tasks if not task.downstream_task_ids]
    assert (first.task_id, first.retries) == ("begin", 2)
    assert (last.task_id, last.retries) == ("finish", 2)


def test_reading_the_dags_loads_no_stage() -> None:
    """The DAG processor reads the files every few seconds: what a task needs is loaded by it."""
    code = f"""
import pathlib, runpy, sys
for file in pathlib.Path({str(ROOT / "dags")!r}).glob("*.py"):
    runpy.run_path(str(file))
heavy = {{"trafilatura", "elasticsearch", "aiohttp", "numpy", "wirewatch.pipeline.runner"}}
print(sorted(heavy & set(sys.modules)))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip().splitlines()[-1] == "[]"


def _imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").split(".")[0])
    return names


def test_the_library_imports_airflow_nowhere_but_in_airflow() -> None:
    package = ROOT / "plugins" / "wirewatch"
    guilty = [
        str(file.relative_to(ROOT))
        for file in package.rglob("*.py")
        if "airflow" in _imports(file) and file.relative_to(package).parts[0] != "airflow"
    ]
    assert guilty == []


def test_airflow_does_not_load_the_library_as_plugins() -> None:
    hidden = (ROOT / "plugins" / ".airflowignore").read_text().split()
    assert {"wirewatch/", "newsroom/"} <= set(hidden)


def test_the_library_knows_the_sample_newsroom_in_local_alone() -> None:
    package = ROOT / "plugins" / "wirewatch"
    guilty = {
        file.relative_to(package).parts[0]
        for file in package.rglob("*.py")
        if "newsroom" in _imports(file)
    }
    assert guilty == {"local"}
