"""Following a DAG run on a console until it ends, and what it set off."""

from __future__ import annotations

import time
from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from wirewatch.local.airflow import Client, RunState, TaskState
from wirewatch.local.paths import Trouble

READ_SECONDS = 120  # for Airflow to have read the DAG files; it takes a few
MEND_SECONDS = 45  # an error in a file that was mended since goes within 30 s
BEGIN_SECONDS = 3  # for a DAG just unpaused to begin a run that is due by its schedule
POLL_SECONDS = 0.7  # between two looks at a run
DONE = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


def wait_for_dags(client: Client, wanted: frozenset[str]) -> None:
    """Return when Airflow has read these DAGs; Trouble, with what stopped it, when it does not."""
    begun = time.monotonic()
    while missing := wanted - client.dags():
        waited = time.monotonic() - begun
        if waited > MEND_SECONDS and (errors := client.import_errors()):
            raise Trouble("Airflow cannot read the DAGs: " + "; ".join(errors))
        if waited > READ_SECONDS:
            raise Trouble(f"Airflow did not find the DAGs {', '.join(sorted(missing))}")
        time.sleep(POLL_SECONDS)


def begin(client: Client, dag: str) -> RunState:
    """A run of the unpaused DAG to follow: one under way by its schedule, else one triggered now.

    Triggering at once would queue a second run behind the scheduled one, and do the work twice.
    """
    deadline = time.monotonic() + BEGIN_SECONDS
    while time.monotonic() < deadline:
        under_way = [run for run in client.runs(dag) if not run.ended]
        if under_way:
            return under_way[-1]  # the oldest: one runs at a time, in order
        time.sleep(POLL_SECONDS)
    return client.trigger(dag)


def follow(client: Client, run: RunState, console: Console, seconds: float) -> RunState:
    """The run as it ended, its tasks shown on the way: a bar on a terminal, lines elsewhere.

    Raises Trouble when it has not ended after ``seconds``.
    """
    shown = _Bar(console, run.dag) if console.is_terminal else _Lines(console, run.dag)
    deadline = time.monotonic() + seconds
    with shown:
        while True:
            shown.look(client.tasks(run.dag, run.id))
            run = client.run(run.dag, run.id)
            if run.ended:
                shown.look(client.tasks(run.dag, run.id))
                return run
            if time.monotonic() > deadline:
                raise Trouble(f"the run {run.id} of {run.dag} has not ended after {seconds:.0f} s")
            time.sleep(POLL_SECONDS)


def followers(client: Client, run: RunState, seconds: float) -> tuple[RunState, ...]:
    """The runs that this run's assets set off, when they have ended; () when it set off none.

    Raises Trouble when they have not ended after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = client.followers(run.dag, run.id)
        if found is None:
            return ()
        if found and all(one.ended for one in found):
            return found
        if time.monotonic() > deadline:
            raise Trouble(f"what {run.dag} set off has not ended after {seconds:.0f} s")
        time.sleep(POLL_SECONDS)


class _Lines:
    """A line for every task that is done with all its batches."""

    def __init__(self, console: Console, dag: str) -> None:
        self._console = console
        self._dag = dag
        self._printed: dict[str, str] = {}

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def look(self, tasks: tuple[TaskState, ...]) -> None:
        """Prints what is new."""
        by_task: dict[str, list[str]] = {}
        for one in tasks:
            by_task.setdefault(one.task, []).append(one.state)
        for task, states in by_task.items():
            if not all(state in DONE for state in states):
                continue
            counts = ", ".join(f"{count} {state}" for state, count in Counter(states).items())
            if self._printed.get(task) != counts:
                self._printed[task] = counts
                self._console.print(f"{self._dag}: {task}: {counts}")


class _Bar:
    """One bar over all tasks, with the name of what runs."""

    def __init__(self, console: Console, dag: str) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(*columns, TimeElapsedColumn(), console=console)
        self._dag = dag
        self._task = self._bar.add_task(dag, total=None)

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def look(self, tasks: tuple[TaskState, ...]) -> None:
        """Show where it stands."""
        busy = sorted({one.task for one in tasks if one.state == "running"})
        done = sum(one.state in DONE for one in tasks)
        said = f"{self._dag}: {', '.join(busy)}" if busy else self._dag
        self._bar.update(self._task, description=said, total=len(tasks) or None, completed=done)
