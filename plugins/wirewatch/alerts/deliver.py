"""Alerts carried to the log and to webhooks; what fails is kept with its reason and tried again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

import aiohttp

from wirewatch import __version__
from wirewatch.fetch.guard import Guard, Guarded, GuardedResolver, connector
from wirewatch.records import Alert, replace, to_dict, utc_now
from wirewatch.settings import Settings

log = logging.getLogger("wirewatch.alerts")

IDLE = 5.0  # seconds a connection to a webhook is kept for the next alert
BODY_READ = 2_000  # bytes of a webhook's answer that are read: enough for its error's words
AT_ONCE = 16  # deliveries under way


def deliver(
    alerts: Iterable[Alert], channels: dict[str, tuple[str, ...]], settings: Settings
) -> list[Alert]:
    """The alerts after one attempt at each channel of their saved search that has not got it yet.

    ``channels`` is by search id; an alert whose search is gone goes to the log. A webhook gets a
    POST with the alert as JSON and its id as ``Idempotency-Key``: a delivery whose answer was lost
    is made again, and the receiver can tell. Addresses are guarded as for fetching;
    ``alerts.allow`` opens hosts inside one's own network.
    """
    return asyncio.run(_deliver_all(list(alerts), channels, settings))


async def _deliver_all(
    alerts: list[Alert], channels: dict[str, tuple[str, ...]], settings: Settings
) -> list[Alert]:
    guard = Guard(settings["alerts.allow"])
    resolver = GuardedResolver(guard, settings["alerts.timeout"])
    gate = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(
        connector=connector(guard, resolver, IDLE),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=settings["alerts.timeout"]),
        headers={"User-Agent": f"wirewatch/{__version__}"},
        trust_env=False,
    ) as session:

        async def one(alert: Alert) -> Alert:
            async with gate:
                return await _deliver(
                    session, guard, alert, channels.get(alert.search_id, ("log",))
                )

        delivered = await asyncio.gather(*(one(alert) for alert in alerts))
    await resolver.close()
    return list(delivered)


async def _deliver(
    session: aiohttp.ClientSession, guard: Guard, alert: Alert, channels: tuple[str, ...]
) -> Alert:
    sent = list(alert.sent)
    errors = []
    for channel in channels:
        if channel in sent:
            continue
        error = _to_log(alert) if channel == "log" else await _post(session, guard, alert, channel)
        if error:
            errors.append(f"{channel}: {error}")
        else:
            sent.append(channel)
    return replace(
        alert,
        sent=tuple(sent),
        delivered=None if errors else utc_now(),
        attempts=alert.attempts + 1,
        error="; ".join(errors),
    )


def _to_log(alert: Alert) -> str:
    log.info("%s: %s (%s) %s", alert.search_name, alert.title, alert.outlet, alert.url)
    return ""


async def _post(session: aiohttp.ClientSession, guard: Guard, alert: Alert, address: str) -> str:
    """Why the webhook has not got it, or an empty text."""
    document = {
        key: value
        for key, value in to_dict(alert).items()
        if key not in ("sent", "delivered", "attempts", "error")
    }
    try:
        guard.check_url(address)
        async with session.post(
            address,
            json=document,
            headers={"Idempotency-Key": alert.id},
            allow_redirects=False,
        ) as answer:
            if answer.status < 300:
                return ""
            words = (await answer.content.read(BODY_READ)).decode("utf-8", "replace")
            return f"answered {answer.status}: {words[:200].strip()}"
    except Guarded as error:
        return f"refused: {error}; alerts.allow opens hosts of your own"
    except TimeoutError:
        return "no answer in time"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
