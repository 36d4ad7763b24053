"""The DAG ``maintain``: what is past its time is freed, once a day. Wiring only."""

from __future__ import annotations

from wirewatch import settings
from wirewatch.airflow.dags import build  # a DAG of Airflow
from wirewatch.pipeline.flow import MAINTAIN

DOC = """
### Nothing grows for ever
Frees what is past its time: batch files, pages, runs, alerts, months of stories, archived pages,
Airflow's own history, logs. Each part has an option that says how much stays; see
`docs/operating.md`. The log says what was freed, and when the disks will be full at this rate.

{stages}

`wirewatch maintain --dry-run` says the same and deletes nothing. One is at work at a time. Killed
half-way it ends the same when it is cleared.
"""

dag = build(MAINTAIN, schedule=settings.load()["maintain.schedule"], doc=DOC)
