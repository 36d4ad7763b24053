"""Many hosts that fail at once: it is our own network, and no feed's fault."""

from __future__ import annotations

from collections.abc import Iterator

from wirewatch.feeds.outage import FAILING, HELD, HOSTS
from wirewatch.records import Trouble
from wirewatch.troubles.kinds import Kind, View
from wirewatch.troubles.runs import newest_ingest

OURS = Kind(
    name="network",
    title="many hosts fail at once",
    what="{failing} of {hosts} hosts that had answered before failed at once: it is our own "
    "network, its name server, or what these hosts share",
    do="see that this machine reaches other sites by their names. No feed's wait has grown: "
    "all are asked again in the next run",
    options=("troubles.hosts_percent",),
)


def look(view: View) -> Iterator[Trouble]:
    """What the newest run of ``ingest`` found when it polled."""
    run = newest_ingest(view)
    polled = run.stages.get("poll", {}) if run else {}
    if run and polled.get(HELD):
        yield OURS.found(run.started, failing=polled.get(FAILING, 0), hosts=polled.get(HOSTS, 0))
