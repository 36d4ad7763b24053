"""The stages as plain functions, batch in, batch out.

``begin`` → ``poll`` → ``claim`` → ``fetch`` → ``extract`` → ``deduplicate`` → ``tag`` → ``index``
→ ``publish`` → ``finish``; then ``alert``. Each may be killed and run again with the same
arguments: batch files are written whole, ids are stable, writes are create-only or compare-and-set.
:func:`ingest` runs them all without Airflow.

``claim_revisits`` → ``fetch_revisits`` → ``extract_revisits`` → ``revise`` look at young stories
again; :func:`revisit` runs these.
``select_stories`` → ``examine`` → ``report`` → ``apply`` read a query's stories anew;
:func:`reprocess` runs these.
"""

from wirewatch.pipeline.alert import alert
from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.deduplicate import deduplicate
from wirewatch.pipeline.extract import extract
from wirewatch.pipeline.fetch import fetch
from wirewatch.pipeline.index import index
from wirewatch.pipeline.ingest import ingest
from wirewatch.pipeline.poll import poll
from wirewatch.pipeline.reprocess import (
    REPROCESS_CHAIN,
    CannotReprocess,
    Report,
    Stage,
    apply,
    examine,
    report,
    report_lines,
    reprocess,
    select_stories,
    stage_of,
)
from wirewatch.pipeline.revise import revise
from wirewatch.pipeline.revisit import (
    REVISIT_CHAIN,
    claim_revisits,
    extract_revisits,
    fetch_revisits,
    revisit,
)
from wirewatch.pipeline.run import RunFailed, begin, finish, gist, lines, publish, tell
from wirewatch.pipeline.tag import tag

__all__ = [
    "REPROCESS_CHAIN",
    "REVISIT_CHAIN",
    "CannotReprocess",
    "Report",
    "RunFailed",
    "Stage",
    "alert",
    "apply",
    "begin",
    "claim",
    "claim_revisits",
    "deduplicate",
    "examine",
    "extract",
    "extract_revisits",
    "fetch",
    "fetch_revisits",
    "finish",
    "gist",
    "index",
    "ingest",
    "lines",
    "poll",
    "publish",
    "report",
    "report_lines",
    "reprocess",
    "revise",
    "revisit",
    "select_stories",
    "stage_of",
    "tag",
    "tell",
]
