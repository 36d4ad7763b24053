"""Channels that troubles are to be told by, and that are not there."""

from __future__ import annotations

from collections.abc import Iterator

from wirewatch.alerts.channels import LOG
from wirewatch.records import Trouble
from wirewatch.troubles.kinds import Kind, View

NOWHERE = Kind(
    name="channel-missing",
    title="a channel that troubles are told by is missing",
    what="the option troubles.channels names {channel}, {why}: it hears of no trouble",
    do="'wirewatch channels add' makes it, 'wirewatch channels on' switches it on; or correct "
    "the option",
    options=("troubles.channels",),
)


def look(view: View) -> Iterator[Trouble]:
    """Each channel of the option that cannot carry anything."""
    for name in view.settings["troubles.channels"]:
        if name == LOG.id:
            continue
        channel = view.store.channels.get(name)
        if channel is None:
            why = "which is not there"
        elif channel.off or not channel.enabled:
            why = "which is switched off"
        else:
            continue
        yield NOWHERE.found(view.now, name, channel=name, why=why)
