"""``/channels`` and ``/deliveries``: where alerts go, and what became of each message.

Whoever makes a channel has mail sent in the operator's name, so that takes the scope ``operate``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wirewatch.alerts.again import again
from wirewatch.alerts.channels import LOG, kept
from wirewatch.alerts.channels.made import LONGEST, LONGEST_NAME
from wirewatch.alerts.channels.shown import OpenChannel
from wirewatch.alerts.channels.shown import opened as open_channel
from wirewatch.alerts.outbox import trial
from wirewatch.records import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Record,
    utc_now,
)
from wirewatch.store import Store
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.listing import opened, sealed
from wirewatch.web.api.parameters import (
    ID,
    SLUG,
    ListParameters,
    Nothing,
    Operator,
    Reader,
    Values,
)
from wirewatch.web.context import TheStore
from wirewatch.web.problems import Problem

router = APIRouter(tags=["channels"])

MOST = 10_000  # messages queued again by one request: a bulk write of some seconds

ChannelId = Annotated[str, Path(pattern=SLUG, description="The id of a channel.")]
Kind = Literal["mail", "webhook", "slack", "teams", "apprise"]


class ChannelParameters(ListParameters):
    """Of the list of channels."""


class DeliveryParameters(ListParameters):
    """Of the list of messages."""

    state: tuple[DeliveryState, ...] = Field(default=(), description="Only these; may be repeated.")
    kind: tuple[DeliveryKind, ...] = Field(default=(), description="Only these; may be repeated.")
    channel: Values = ()
    search: Values = ()
    alert: Values = ()


class ChannelList(Record, frozen=True, kw_only=True):
    """A page of the list of channels."""

    total: int
    cursor: str  # of the next page; "" on the last
    channels: tuple[OpenChannel, ...]


class NewChannel(Record, frozen=True, kw_only=True):
    """A channel that was made just now."""

    channel: OpenChannel
    secret: str  # that a webhook's messages are signed with, told this once; "" of other kinds


class DeliveryList(Record, frozen=True, kw_only=True):
    """A page of the list of messages."""

    total: int  # messages that pass the filters
    cursor: str  # of the next page; "" on the last
    deliveries: tuple[Delivery, ...]


class ChannelBody(BaseModel):
    """What can be changed of a channel; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Night desk", "enabled": False}]}
    )

    name: str = Field(default="", max_length=LONGEST_NAME)
    address: str = Field(default="", max_length=LONGEST)
    enabled: bool | None = Field(default=None, strict=True)


class ChannelForm(BaseModel):
    """A channel: where messages go, and how."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"id": "desk", "kind": "mail", "address": "desk@example.org", "name": "News desk"}
            ]
        },
    )

    id: str = Field(pattern=SLUG)
    kind: Kind
    address: str = Field(min_length=1, max_length=LONGEST)
    name: str = Field(default="", max_length=LONGEST_NAME)


class Again(BaseModel):
    """Which messages to queue again: these, or those of a channel or a saved search."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"channel": "desk"}]})

    ids: list[Annotated[str, Field(pattern=ID)]] = Field(default_factory=list, max_length=MOST)
    channel: str = Field(default="", pattern=f"{SLUG}|^$")
    search: str = Field(default="", pattern=f"{SLUG}|^$")
    waiting: bool = Field(default=False, strict=True)  # also those that wait for a further try


class Queued(Record, frozen=True, kw_only=True):
    """What came of it."""

    queued: int  # messages that are sent again


@router.get(
    "/channels",
    summary="List channels",
    responses=gives(
        ChannelList(total=1, cursor="", channels=(open_channel(examples.CHANNEL),)),
        "By id, with how each fares; without what is secret. `log`, which is always there, is not.",
    ),
)
def channels(
    request: Request, store: TheStore, _: Reader, asked: Annotated[ChannelParameters, Query()]
) -> Response:
    """Where alerts can go."""
    found = store.lists.channels(size=asked.size, after=opened(request, asked))
    following = sealed(request, asked, found.after)
    shown = tuple(open_channel(one) for one in found.rows)
    return answer(ChannelList(total=found.total, cursor=following, channels=shown))


@router.get(
    "/channels/{channel_id}",
    summary="Look at a channel",
    responses=gives(open_channel(examples.CHANNEL), "The channel, without what is secret."),
)
def channel(store: TheStore, _: Reader, channel_id: ChannelId, _asked: Nothing) -> Response:
    """One channel."""
    with _found(channel_id):
        return answer(open_channel(_get(store, channel_id)))


@router.post(
    "/channels",
    summary="Make a channel",
    status_code=201,
    responses=gives(
        NewChannel(channel=open_channel(examples.CHANNEL), secret=""),
        "The channel, and this once the secret that a webhook's messages are signed with.",
        status=201,
    ),
)
def add_channel(store: TheStore, _: Operator, body: ChannelForm, _asked: Nothing) -> Response:
    """Makes a channel; an address that may not be reached is refused."""
    kind = ChannelKind(body.kind)
    made = kept.keep(store, body.id, kind, body.address, body.name)
    secret = made.secret if kind == ChannelKind.WEBHOOK else ""
    return answer(NewChannel(channel=open_channel(made), secret=secret), status=201)


@router.put(
    "/channels/{channel_id}",
    summary="Change a channel",
    responses=gives(open_channel(examples.CHANNEL), "The channel as it is now."),
)
def change_channel(
    store: TheStore, _: Operator, channel_id: ChannelId, body: ChannelBody, _asked: Nothing
) -> Response:
    """Changes a person's channel; one kept in a file is changed there."""
    with _found(channel_id):
        changed = kept.change(
            store, channel_id, name=body.name, address=body.address, enabled=body.enabled
        )
    return answer(open_channel(changed))


@router.delete(
    "/channels/{channel_id}",
    summary="Delete a channel",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It is deleted; what waited for it is dropped."}},
)
def delete_channel(
    store: TheStore, _: Operator, channel_id: ChannelId, _asked: Nothing
) -> Response:
    """Deletes a person's channel, unless saved searches send to it."""
    with _found(channel_id):
        kept.discard(store, channel_id)
    return Response(status_code=204)


@router.post(
    "/channels/{channel_id}/on",
    summary="Switch a channel on again",
    responses=gives(open_channel(examples.CHANNEL), "The channel as it is now."),
)
def switch_on(store: TheStore, _: Operator, channel_id: ChannelId, _asked: Nothing) -> Response:
    """Uses a channel again that was switched off for its failures."""
    with _found(channel_id):
        return answer(open_channel(kept.switch_on(store, channel_id)))


@router.post(
    "/channels/{channel_id}/test",
    summary="Send a test message",
    status_code=202,
    responses=gives(
        examples.DELIVERY,
        "The message, queued: `/deliveries?channel=` tells what became of it.",
        status=202,
    ),
)
def test_channel(store: TheStore, _: Operator, channel_id: ChannelId, _asked: Nothing) -> Response:
    """Queues a message of its own; `deliver` sends it within a minute."""
    with _found(channel_id):
        _get(store, channel_id)
    message = trial(channel_id, utc_now())
    store.deliveries.create([message]).raise_refused("messages")
    return answer(message, status=202)


@router.get(
    "/deliveries",
    summary="List messages",
    responses=gives(
        DeliveryList(total=1, cursor="", deliveries=(examples.DELIVERY,)),
        "Newest first: one an alert, channel and revision, with every try and why it failed.",
    ),
)
def deliveries(
    request: Request, store: TheStore, _: Reader, asked: Annotated[DeliveryParameters, Query()]
) -> Response:
    """What became of each message."""
    after = opened(request, asked)
    found = store.lists.deliveries(size=asked.size, after=after, **asked.filters())
    following = sealed(request, asked, found.after)
    return answer(DeliveryList(total=found.total, cursor=following, deliveries=found.rows))


@router.post(
    "/deliveries/retry",
    summary="Send messages again",
    responses=gives(Queued(queued=1), "How many are queued again."),
)
def retry(store: TheStore, _: Operator, body: Again, _asked: Nothing) -> Response:
    """Queues messages again that were given up."""
    if bool(body.ids) == bool(body.channel or body.search):
        raise Problem("bad-body", "give either ids, or a channel or a search")
    states = (DeliveryState.DEAD, DeliveryState.FAILED) if body.waiting else (DeliveryState.DEAD,)
    queued = again(
        store,
        utc_now(),
        states=states,
        channel=body.channel,
        search=body.search,
        ids=body.ids,
    )
    return answer(Queued(queued=queued))


def _get(store: Store, channel_id: str) -> Channel:
    found = LOG if channel_id == LOG.id else store.channels.get(channel_id)
    if found is None:
        raise KeyError(channel_id)
    return found


@contextmanager
def _found(channel_id: str) -> Iterator[None]:
    """Raises Problem where there is no such channel."""
    try:
        yield
    except KeyError as error:
        raise Problem("not-found", f"there is no channel {channel_id}") from error
