"""Disks that are full, or soon will be."""

from __future__ import annotations

from collections.abc import Iterator

from wirewatch.records import Trouble
from wirewatch.troubles.kinds import Kind, View
from wirewatch.upkeep import measurements
from wirewatch.upkeep.disk import disks, in_words

FULL = Kind(
    name="disk-full",
    title="a disk is full",
    what="only {free} are free on the disk of {disk} ({place}), less than disk.reserve",
    do="runs stop before they fetch. 'wirewatch maintain --dry-run' says what may go: shorten a "
    "keep option, or use a larger disk",
    options=("disk.reserve",),
)
SOON = Kind(
    name="disk-soon",
    title="a disk is full soon",
    what="the disk of {disk} ({place}) is full in {days} days at this rate, {rate} a day",
    do="shorten keep.archive or another keep option, or use a larger disk",
    options=("troubles.disk_days",),
)


def look(view: View) -> Iterator[Trouble]:
    """Each disk that is written to, now and by how it filled in the last month."""
    looks, _ = measurements.past(view.settings)  # what is wrong with them `maintain` says
    now = disks(view.settings, view.store.es)
    reserve = view.settings["disk.reserve"]
    for one in measurements.outlooks(looks, now, view.now, reserve):
        disk = one.disk
        if one.days == 0:
            yield FULL.found(
                view.now, disk.name, free=in_words(disk.free), disk=disk.name, place=disk.place
            )
        elif one.days is not None and one.days < view.settings["troubles.disk_days"]:
            yield SOON.found(
                view.now,
                disk.name,
                disk=disk.name,
                place=disk.place,
                days=f"{one.days:.0f}",
                rate=in_words(one.rate or 0),
            )
