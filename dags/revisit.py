"""The DAG ``revisit``: young stories' pages looked at again. Wiring only."""

from __future__ import annotations

from wirewatch import settings
from wirewatch.airflow.dags import build  # a DAG of Airflow
from wirewatch.pipeline.flow import REVISIT

DOC = """
### Young stories looked at again
Fetches the pages of stories again at the ages of the option `revisit.ages`, asking only for what
changed where the server allows that.

- A changed headline or body becomes a revision, and the story shows the newest.
- Correction and withdrawal notes are recognised.
- A page that is gone is flagged and its story kept. Gone is what answers 410, or 404 at two looks
  with `revisit.confirm` between them.

{stages}

Hosts that `ingest` asks at the same moment are waited for. Any task may be killed and cleared.
"""

dag = build(REVISIT, schedule=settings.load()["revisit.schedule"], doc=DOC)
