"""Read a query's stories anew with the installed version: from the archive, their topics, or their
clusters.

``select_stories`` → ``examine`` → ``report`` → ``apply``: what would change is known, counted and
shown before anything is written, and only what changed is written.
"""

from wirewatch.pipeline.reprocess.apply import apply
from wirewatch.pipeline.reprocess.choose import select_stories
from wirewatch.pipeline.reprocess.examine import examine
from wirewatch.pipeline.reprocess.report import Report, report, report_lines
from wirewatch.pipeline.reprocess.run import reprocess
from wirewatch.pipeline.reprocess.stages import (
    REPROCESS_CHAIN,
    CannotReprocess,
    Stage,
    stage_of,
)

__all__ = [
    "REPROCESS_CHAIN",
    "CannotReprocess",
    "Report",
    "Stage",
    "apply",
    "examine",
    "report",
    "report_lines",
    "reprocess",
    "select_stories",
    "stage_of",
]
