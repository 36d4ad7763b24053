"""The DAG ``reprocess``: a query's stories read anew with the installed version. Wiring only."""

from __future__ import annotations

from airflow.sdk import Param

from wirewatch.airflow.dags import build
from wirewatch.pipeline.flow import REPROCESS

DOC = """
### Stories read anew
Started by hand. Extracts a query's stories again from the archive with the installed version, tags
them again, or groups all stories of a span of days into clusters anew. It says what would change
before anything is written. `dry_run` is on unless you turn it off: read the log of `report` first.

{stages}

- A story or cluster that somebody changed after it was examined is left alone and counted.
- With stage `cluster` the query is `*`. Clusters that a person had a hand in, and those that reach
  beyond the span, stay as they are. Run it while `ingest` is paused.
"""

PARAMS = {
    "query": Param("*", type="string", description="In the search language; * is every story."),
    "from": Param("", type="string", description="First day of publication, as 2026-11-01."),
    "to": Param("", type="string", description="Last day, month or year; empty: no end."),
    "stage": Param(
        "extract",
        type="string",
        enum=["extract", "tag", "cluster"],
        description="extract: article and topics, from the archive; tag: topics alone; "
        "cluster: which stories are copies of one report.",
    ),
    "dry_run": Param(True, type="boolean", description="Say what would change, write nothing."),
}

dag = build(REPROCESS, schedule=None, doc=DOC, params=PARAMS)
