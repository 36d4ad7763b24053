"""Troubles kept, told once by the channels of ``troubles.channels``, and again when they are over.

A trouble is created once and then changed by compare-and-set, and the id of each message is made of
the trouble's, so whoever looks beside another tells nothing twice. A look that is killed half-way
is made whole by the next: what is kept says what is still to be told.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from wirewatch.records import Delivery, DeliveryKind, Trouble, replace, stable_id
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.troubles.kinds import TOLD_BY_AIRFLOW, lasted

log = logging.getLogger("wirewatch.troubles")


def tell(store: Store, settings: Settings, found: Sequence[Trouble], now: datetime) -> Counter[str]:
    """Keeps what a look found, ends what it found no more, and queues the messages of both.

    Counts ``found``, ``told`` and ``over``. A trouble that is away for less than ``troubles.calm``
    minutes is not over: a run that fails every second time is one trouble.
    """
    for trouble in found:
        if trouble.kind != TOLD_BY_AIRFLOW:
            keep(store, trouble, now)
    there = {one.id for one in found}
    calm = timedelta(minutes=settings["troubles.calm"])
    for one, _ in store.troubles.unsettled().values():
        seen = one.seen or one.since
        if one.id not in there and one.kind != TOLD_BY_AIRFLOW and now - seen >= calm:
            end(store, one.id, now)
    return Counter(found=len(found)) + announce(store, settings, now)


def keep(store: Store, trouble: Trouble, now: datetime) -> None:
    """Keeps a trouble that is there now; one that is kept already has its newest words.

    One that is just over is left until its end is told: the next look finds it again.
    """
    found = store.troubles.read(trouble.id)
    if found is None:
        store.troubles.create(replace(trouble, number=1, opened=now, seen=now))
        return
    before, version = found
    if before.ended is None:
        after = replace(before, seen=now, what=trouble.what, do=trouble.do)
    elif before.cleared is not None:
        after = replace(trouble, number=before.number + 1, opened=now, seen=now)
    else:
        return
    store.troubles.replace(after, version)


def end(store: Store, trouble_id: str, now: datetime) -> None:
    """Notes that a trouble is over; nothing where it is not open."""
    found = store.troubles.read(trouble_id)
    if found is not None and found[0].ended is None:
        store.troubles.replace(replace(found[0], ended=now), found[1])


def announce(store: Store, settings: Settings, now: datetime) -> Counter[str]:
    """Queues the messages of troubles that are not told yet, or whose end is not; counts them."""
    counts: Counter[str] = Counter()
    for one, version in store.troubles.unsettled().values():
        if one.told is None:
            text = in_words(one, settings)
            log.warning("%s", text)
            after, count = replace(one, told=now), "told"
        elif one.ended is not None:
            text = over_in_words(one)
            log.info("%s", text)
            after, count = replace(one, cleared=now), "over"
        else:
            continue
        messages = queued(one, text, settings, now)
        store.deliveries.create(messages).raise_refused("messages")
        counts[count] += store.troubles.replace(after, version)
    return counts


def queued(trouble: Trouble, text: str, settings: Settings, now: datetime) -> list[Delivery]:
    """The messages of a trouble's beginning or end, one a channel; queued again they conflict."""
    phase = "end" if trouble.ended and trouble.told else "begin"
    return [
        Delivery(
            id=stable_id("trouble", trouble.id, str(trouble.number), phase, channel),
            kind=DeliveryKind.NOTICE,
            search_id="",
            channel=channel,
            text=text,
            created=now,
            next_try=now,
            since=now,
        )
        for channel in dict.fromkeys(settings["troubles.channels"])
    ]


def in_words(trouble: Trouble, settings: Settings) -> str:
    """What a message says of a trouble: what it is, what to do, and where to see more."""
    page = settings["alerts.url"]
    where = f" See {page}/operations" if page else ""
    return f"{_sentence(trouble.what)} What to do: {trouble.do}.{where}"


def over_in_words(trouble: Trouble) -> str:
    """What a message says of a trouble that is over."""
    ended = trouble.ended or trouble.since
    return f"Over after {lasted(ended - trouble.since)}: {_sentence(trouble.what)}"


def _sentence(text: str) -> str:
    whole = text if text.endswith((".", "!", "?", "…")) else f"{text}."
    return whole[:1].upper() + whole[1:]
