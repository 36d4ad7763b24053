"""What can be done anew."""

from __future__ import annotations

from enum import StrEnum


class ReprocessStage(StrEnum):
    """What is done anew."""

    EXTRACT = "extract"  # article and topics
    TAG = "tag"  # topics alone
    CLUSTER = "cluster"  # which stories are copies of one report


class CannotReprocess(ValueError):
    """A stage or a span of dates that cannot be; the message says why and what can."""


def stage_of(name: str) -> ReprocessStage:
    """The stage of that name. Raises CannotReprocess, which names those that there are."""
    try:
        return ReprocessStage(name)
    except ValueError:
        known = ", ".join(ReprocessStage)
        raise CannotReprocess(f"there is no stage {name!r}: stages are {known}") from None
