"""The DAG ``ingest``: from the feeds that are due to searchable stories. Wiring only."""

from __future__ import annotations

from wirewatch import settings
from wirewatch.airflow.dags import build  # a DAG of Airflow
from wirewatch.pipeline.flow import INGEST

DOC = """
### From feeds to searchable stories
Polls the feeds that are due, fetches their new pages, extracts the articles, groups the copies,
tags topics and indexes the stories. One task a step; a mapped task is one batch of hosts.

{stages}

Any task may be killed and cleared: nothing is lost, nothing is done twice. The log and the return
value of `finish` are the account of the run; `wirewatch status` shows the same.
"""

dag = build(INGEST, schedule=settings.load()["run.schedule"], doc=DOC)
