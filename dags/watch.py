"""The DAG ``watch``: troubles found and told. Wiring only."""

from __future__ import annotations

from wirewatch import settings
from wirewatch.airflow.dags import build  # a DAG of Airflow
from wirewatch.pipeline.flow import WATCH

DOC = """
### Troubles found and told
Looks every two minutes whether anything stands in the way: a run that failed, a queue from which
nothing leaves, a full disk and the like. Each is told once by the channels of `troubles.channels`, and
again when it is over; `deliver` sends the messages. `docs/operating.md` has each message with what to do.

{stages}

Nothing is told twice, since a trouble is kept by compare-and-set and its message is created once. A dead
scheduler runs no DAG: the pages and `/api/v1/health` say so, and `wirewatch troubles --watch` beside
Airflow tells it.
"""

dag = build(WATCH, schedule=settings.load()["watch.schedule"], doc=DOC)
