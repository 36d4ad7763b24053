"""``docs/dags.md`` written from the DAGs: ``python -m wirewatch.airflow.docs FOLDER FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

from wirewatch.settings import BY_NAME

HEAD = """# The DAGs

Written by `make docs` from the DAGs themselves; `make test` fails when it is not true any more.
"""


def render(folder: Path) -> str:
    """The page in Markdown: each DAG's schedule, tasks in order, and its own documentation."""
    bag = DagBag(dag_folder=str(folder))
    if bag.import_errors:
        raise RuntimeError(f"the DAGs do not parse: {bag.import_errors}")
    parts = [HEAD]
    for name, dag in sorted(bag.dags.items()):
        tasks = " → ".join(f"`{task.task_id}`" for task in dag.tasks)
        assets = [asset.name for task in dag.tasks for asset in task.outlets]
        parts.append(f"## {name}\n\nSchedule: {_schedule(name, dag.schedule)}. Tasks: {tasks}.")
        if assets:
            parts.append(f"Emits the asset {', '.join(f'`{asset}`' for asset in assets)}.")
        parts.append(dag.doc_md or "")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _schedule(name: str, schedule: object) -> str:
    if isinstance(schedule, str):
        own = f"{name}.schedule"
        return f"`{schedule}` (option `{own if own in BY_NAME else 'run.schedule'}`)"
    if schedule is None:
        return "started by hand"
    timed = getattr(schedule, "timetable", None)
    return "set off by an asset" + (f", and `{timed.expression}`" if timed else "")


if __name__ == "__main__":
    # Airflow logs to stdout, so the page goes to a file.
    Path(sys.argv[2]).write_text(render(Path(sys.argv[1])), "utf-8")
