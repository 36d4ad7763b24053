"""robots.txt as RFC 9309 says, read with protego."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from protego import Protego

from wirewatch.fetch import urls
from wirewatch.records import Reason

LIMIT = 512_000  # bytes parsed; RFC 9309 section 2.5 asks for 500 KiB at least
KEPT = 86_400  # seconds an answer is used; section 2.4 says no more than a day
KEPT_AFTER_FAILURE = 1_800  # seconds a host is left alone after its robots.txt answered an error
KEPT_AFTER_SILENCE = 300  # seconds after no answer at all, which may be our own network's fault
LONGEST_LINE = 4_000  # characters; a longer rule is cut away: pattern matching must stay cheap
WILDCARDS = 20  # stars in one rule; more are an attack on the matcher, not a rule
# Agents that gather training data; a site that shuts one out has opted out of AI training.
TRAINING_AGENTS = ("GPTBot", "Google-Extended", "CCBot", "ClaudeBot", "Applebot-Extended")


@dataclass(frozen=True)
class Answer:
    """What came back for a robots.txt: its text, or why there is none."""

    status: int  # 0: no answer at all
    body: bytes = b""
    reason: Reason | None = None  # set when status is 0
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether a URL may be fetched."""

    allowed: bool
    reason: Reason = Reason.ROBOTS
    detail: str = ""
    retry_after: float = 0.0  # seconds, where the refusal is not the site's own wish
    crawl_delay: float = 0.0
    training_refused: bool = False


ALLOWED = Verdict(allowed=True)


@dataclass(slots=True)
class _Rules:
    parsed: Protego | None
    until: float
    refusal: Verdict | None = None
    crawl_delay: float = 0.0  # seconds
    training_agents: tuple[str, ...] = ()  # those the file names


class Store(Protocol):
    """Where answers outlive the run."""

    def get(self, origins: Sequence[str], now: float) -> dict[str, tuple[Answer, float]]:
        """The answers known, and the times until which they count."""

    def put(self, origin: str, answer: Answer, until: float) -> None:
        """Keeps an answer."""


class Robots:
    """Verdicts by robots.txt; each file is fetched once a day by the function given."""

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[Answer]],
        agent: str,
        clock: Callable[[], float],
        store: Store | None = None,
    ) -> None:
        self._fetch = fetch
        self._agent = agent
        self._clock = clock  # seconds since 1970
        self._store = store
        self._origins: dict[str, _Rules] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        # Questions to the store: hosts begin together, so theirs are asked together
        self._asked: dict[str, asyncio.Future[tuple[Answer, float] | None]] = {}

    async def check(self, url: str) -> Verdict:
        """The verdict over an absolute URL; fetches its host's robots.txt if it is not known."""
        origin = urls.origin(url)
        rules = self._origins.get(origin)
        if rules is None or rules.until <= self._clock():
            rules = await self._rules(origin)
        if rules.refusal is not None:
            return replace(rules.refusal, retry_after=rules.until - self._clock())
        if rules.parsed is None:
            return ALLOWED
        if not rules.parsed.can_fetch(url, self._agent):
            path = url[len(origin) :].partition("?")[0]
            detail = f"robots.txt of {urls.authority(url)} disallows {path} for {self._agent}"
            return Verdict(allowed=False, detail=detail)
        if not rules.crawl_delay and not rules.training_agents:
            return ALLOWED
        return Verdict(
            allowed=True,
            crawl_delay=rules.crawl_delay,
            training_refused=any(
                not rules.parsed.can_fetch(url, agent) for agent in rules.training_agents
            ),
        )

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the host's robots.txt names."""
        rules = await self._rules(urls.origin(url))
        return tuple(rules.parsed.sitemaps) if rules.parsed else ()

    async def _rules(self, origin: str) -> _Rules:
        rules = self._origins.get(origin)
        if rules is None or rules.until <= self._clock():
            async with self._locks.setdefault(origin, asyncio.Lock()):
                rules = self._origins.get(origin)
                if rules is None or rules.until <= self._clock():
                    rules = self._origins[origin] = await self._learn(origin)
            self._locks.pop(origin, None)
        return rules

    async def _learn(self, origin: str) -> _Rules:
        kept = await self._kept(origin) if self._store else None
        if kept is not None:
            return self._read(origin, *kept)
        answer = await self._fetch(f"{origin}/robots.txt")
        if not answer.status:
            return self._read(origin, answer, self._clock() + KEPT_AFTER_SILENCE)
        failed = answer.status == 429 or not 200 <= answer.status < 500
        until = self._clock() + (KEPT_AFTER_FAILURE if failed else KEPT)
        if self._store:
            self._store.put(origin, answer, until)
        return self._read(origin, answer, until)

    async def _kept(self, origin: str) -> tuple[Answer, float] | None:
        loop = asyncio.get_running_loop()
        if not self._asked:
            loop.call_soon(self._look_up)
        future = self._asked[origin] = loop.create_future()
        return await future

    def _look_up(self) -> None:
        """Answers all that was asked since the last turn of the event loop."""
        asked, self._asked = self._asked, {}
        waiting = {origin: future for origin, future in asked.items() if not future.done()}
        try:
            found = self._store.get(list(waiting), self._clock()) if self._store else {}
        except Exception as error:  # noqa: BLE001 (handed to those who wait, who raise it)
            for future in waiting.values():
                future.set_exception(error)
        else:
            for origin, future in waiting.items():
                future.set_result(found.get(origin))

    def _read(self, origin: str, answer: Answer, until: float) -> _Rules:
        if 200 <= answer.status < 300:
            lower = answer.body[:LIMIT].lower()
            named = tuple(a for a in TRAINING_AGENTS if a.lower().encode() in lower)
            parsed = parse(answer.body)
            delay = parsed.crawl_delay(self._agent) or 0.0
            delay = min(max(0.0, delay), KEPT) if delay == delay else 0.0  # not nan
            return _Rules(parsed, until, crawl_delay=delay, training_agents=named)
        if 400 <= answer.status < 500 and answer.status != 429:
            return _Rules(None, until)  # section 2.3.1.3: unavailable, everything is allowed
        # Section 2.3.1.4: unreachable, everything is disallowed, for a time. A network failure
        # keeps its own name, since the page would have failed with the same.
        if answer.status:
            detail = (
                f"{origin}/robots.txt answered {answer.status}: "
                f"the host is left alone for {KEPT_AFTER_FAILURE // 60} min"
            )
            reason = Reason.RATE_LIMITED if answer.status == 429 else Reason.SERVER_ERROR
        else:
            detail = f"robots.txt: {answer.detail}"
            reason = answer.reason or Reason.CONNECT
        return _Rules(None, until, Verdict(allowed=False, reason=reason, detail=detail))


def parse(body: bytes) -> Protego:
    """The rules of a robots.txt: its first 500 KiB, UTF-8, rules that endanger the matcher cut."""
    text = body[:LIMIT].decode("utf-8-sig", "replace")
    lines = [
        line
        for line in text.splitlines()
        if len(line) <= LONGEST_LINE and line.count("*") <= WILDCARDS
    ]
    return Protego.parse("\n".join(lines))
