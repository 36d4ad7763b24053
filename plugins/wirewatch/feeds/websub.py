"""WebSub (https://www.w3.org/TR/websub/): a hub pushes a feed's new entries, so that it need hardly
be polled. Which hub a feed names, what hubs are asked, and whether a push is theirs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL as RequestURL

from wirewatch import __version__
from wirewatch.feeds.parse import ParsedFeed
from wirewatch.feeds.values import link
from wirewatch.fetch import urls
from wirewatch.fetch.answers import Response
from wirewatch.fetch.failures import Failed
from wirewatch.fetch.guard import Guard, Guarded, GuardedResolver, connector
from wirewatch.fetch.host_leases import HostLeases, HostStore
from wirewatch.fetch.rate import Hosts
from wirewatch.records import Feed, Subscription, SubscriptionState, replace
from wirewatch.settings import Settings

IDLE = 5.0  # seconds a connection to a hub is kept for the next feed's request
BODY_READ = 2_000  # bytes of a hub's answer that are read: enough for its error's words
SHOWN = 200  # characters of them that are kept
REDIRECTS = 3  # a hub that has moved answers 307 or 308 (section 5.1)
LONGEST_SECRET = 199  # bytes; section 5.1 says less than 200

RENEWED_AT = 0.5  # of a lease: the other half is there for trying again
VERIFIED_WITHIN = timedelta(hours=1)  # hubs verify within seconds; what takes longer has failed
RETRY_STEP = timedelta(hours=1)  # added to the wait by each failure in a row
RETRY_MOST = timedelta(days=1)  # a hub that was broken for long is still asked once a day
SHORTEST_LEASE = timedelta(minutes=5)  # a shorter one would be renewed at every run
LONGEST_LEASE = timedelta(days=365)

# While pushes work a feed is polled this seldom: a push that got lost is late by no more, and a
# feed of five minutes costs a 36th of its polls.
PUSHED = timedelta(hours=3)
# Share of the unseen entries that polls may have had to find while pushes count as working. Some
# are found because a poll came between an entry and its push.
MISSED_SHARE = 0.1

_ALGORITHMS = ("sha1", "sha256", "sha384", "sha512")  # section 7.1
_LINK = re.compile(r"<([^<>]{1,4096})>((?:\s*;\s*[\w!#$&+.^`|~*-]{1,64}\s*(?:=\s*(?:\"[^\"]{0,512}\"|[^\s\",;]{1,512}))?){0,20})")  # fmt: skip # noqa: E501
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))", re.IGNORECASE)


def named(answer: Response, parsed: ParsedFeed) -> tuple[str, str]:
    """The hub a feed names and the topic it is known by there; two empty texts without a hub.

    By the Link headers, then by the document (section 4). A feed with a hub that does not say its
    own address is known by the one it was fetched from.
    """
    hub = topic = ""
    for target, parameters in _LINK.findall(answer.header("Link")[:16_384]):
        rel = _REL.search(parameters)
        relations = (rel[1] or rel[2]).lower().split() if rel else []
        if "hub" in relations:
            hub = hub or link(target, answer.final_url)
        if "self" in relations:
            topic = topic or link(target, answer.final_url)
    hub = hub or parsed.hub
    if not hub:
        return "", ""
    return hub, topic or parsed.self_url or answer.final_url


def works(subscription: Subscription | None, now: datetime) -> bool:
    """Whether pushes bring what the feed publishes: verified, in its lease, and shown by entries.

    An entry that no push had brought counts against it, so a hub that verifies and then sends
    nothing, or only some, does not slow the polls down.
    """
    if subscription is None or subscription.state != SubscriptionState.ACTIVE:
        return False
    if subscription.expires is None or subscription.expires <= now or not subscription.brought:
        return False
    return subscription.missed <= MISSED_SHARE * (subscription.brought + subscription.missed)


def stretched(feed: Feed, subscription: Subscription | None, now: datetime) -> Feed:
    """The feed with its next poll put off while pushes work; never beyond the end of the lease."""
    if not works(subscription, now) or feed.next_poll is None or feed.failures:
        return feed
    end = subscription.expires if subscription and subscription.expires else now
    return replace(feed, next_poll=max(feed.next_poll, min(now + PUSHED, end)))


def callback(base: str, subscription: Subscription) -> str:
    """The address that a hub is given for a subscription."""
    return f"{base}/websub/{subscription.id}/{subscription.token}"


def signed(secret: str, header: str, body: bytes) -> bool:
    """Whether ``X-Hub-Signature`` shows that the body comes from who knows the secret.

    ``method=hex``; the methods of section 7.1, compared in constant time. A method that is none of
    them, or a missing header, is no signature.
    """
    method, _, given = header.strip().partition("=")
    method = method.lower()
    if method not in _ALGORITHMS or not given.isascii():
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    return hmac.compare_digest(expected, given.strip().lower())


def verified(subscription: Subscription, lease: float, now: datetime) -> Subscription:
    """The subscription after its hub has verified it, for ``lease`` seconds."""
    granted = min(max(timedelta(seconds=lease), SHORTEST_LEASE), LONGEST_LEASE)
    return replace(
        subscription,
        state=SubscriptionState.ACTIVE,
        verified=now,
        expires=now + granted,
        next_try=now + granted * RENEWED_AT,
        failures=0,
        error="",
        brought=0,
        missed=0,
    )


def denied(subscription: Subscription, reason: str, now: datetime) -> Subscription:
    """The subscription after its hub refused it (section 5.2), with its reason in words."""
    words = f"the hub denied it: {reason}" if reason else "the hub denied it"
    state = SubscriptionState.LAPSED
    return failed(replace(subscription, state=state, expires=None, requested=None), words, now)


def failed(subscription: Subscription, why: str, now: datetime) -> Subscription:
    """The subscription after a request that failed; a lease that is over makes it lapsed."""
    failures = subscription.failures + 1
    state = subscription.state
    over = subscription.expires is None or subscription.expires <= now
    if state == SubscriptionState.ACTIVE and over:
        state = SubscriptionState.LAPSED
    return replace(
        subscription,
        state=state,
        failures=failures,
        error=why[:500],
        next_try=now + min(RETRY_STEP * failures, RETRY_MOST),
    )


class Hubs:
    """``async with Hubs(settings, …) as hubs: why = await hubs.ask(subscription, "subscribe")``.

    A hub is a host like others: while it is asked no page of it is, wherever that runs. It is not
    asked after ``seconds`` from now.
    """

    def __init__(self, settings: Settings, leases: HostStore, seconds: float) -> None:
        self._settings = settings
        self._guard = Guard(settings["fetch.allow"])
        until = time.monotonic() + seconds
        self._leases = HostLeases(leases, Hosts(0, 0), until, settings["fetch.wait"])

    async def __aenter__(self) -> Self:
        settings = self._settings
        contact = settings["fetch.contact"]
        agent = f"wirewatch/{__version__}" + (f" (+{contact})" if contact else "")
        self._resolver = GuardedResolver(self._guard, settings["fetch.connect_timeout"])
        self._session = aiohttp.ClientSession(
            connector=connector(self._guard, self._resolver, IDLE),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=settings["fetch.timeout"]),
            headers={"User-Agent": agent},
            trust_env=False,
        )
        self._leases.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        await self._resolver.close()
        await self._leases.close()

    async def ask(self, subscription: Subscription, mode: str) -> str:
        """Asks the hub to ``subscribe`` or ``unsubscribe``; why it did not take the request, or "".

        That it took the request says nothing yet: it verifies by a request to the callback.
        """
        form = {
            "hub.mode": mode,
            "hub.topic": subscription.topic,
            "hub.callback": callback(self._settings["websub.callback"], subscription),
            "hub.secret": subscription.secret,
            "hub.lease_seconds": f"{self._settings['websub.lease']:.0f}",
        }
        data = urlencode(form).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            address = urls.absolute(subscription.hub)
            for _ in range(REDIRECTS + 1):
                self._guard.check_url(address)
                async with (
                    self._leases.of(urls.host(address)),
                    self._session.post(
                        RequestURL(address, encoded=True),
                        data=data,
                        headers=headers,
                        allow_redirects=False,
                    ) as answer,
                ):
                    if answer.status in (307, 308):
                        address = urls.absolute(answer.headers.get("Location", ""), address)
                        continue
                    if 200 <= answer.status < 300:
                        return ""
                    words = (await answer.content.read(BODY_READ)).decode("utf-8", "replace")
                    return f"the hub answered {answer.status}: {' '.join(words.split())[:SHOWN]}"
        except (Guarded, urls.BadURL, Failed) as error:
            return f"the hub is not asked: {error}"
        except TimeoutError:
            return "the hub did not answer in time"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"the hub could not be asked: {type(error).__name__}: {error}"[:500]
        return f"the hub redirects more than {REDIRECTS} times"
