"""robots.txt as RFC 9309 says, read with protego."""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
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
SHORT = 32_768  # bytes read at once; a longer file is read in a thread, 500 KiB take half a second
AGENT = "wirewatch"  # our product token
# Agents that gather training data; a site that shuts one out has opted out of AI training.
TRAINING_AGENTS = (
    "GPTBot",
    "Google-Extended",
    "CCBot",
    "ClaudeBot",
    "anthropic-ai",
    "Applebot-Extended",
    "meta-externalagent",
    "Bytespider",
)
_CONCERNED = frozenset(agent.lower() for agent in (AGENT, *TRAINING_AGENTS))

_AGENT_LINE = re.compile(r"\s*user[ -]?agent\s*[:\s]\s*(\*(?=\s|#|$)|[a-z_-]*)", re.IGNORECASE)
_RULE_LINE = re.compile(r"\s*(allow|d[is]+al+[ao]w|diasllow|crawl[ -]delay)\b", re.IGNORECASE)
# How a forbidden path begins, as far as it holds nothing that is read in another way than written:
# no wildcard, nothing escaped. A path that does not begin so is not forbidden by that line.
_PLAIN = re.compile(r"\s*\w+\s*:\s*(/[A-Za-z0-9/_.-]*)")
_EMPTY = re.compile(r"\s*\w+\s*:\s*(#|$)")
_SITEMAP_LINE = re.compile(r"\s*site-?maps?\s*:", re.IGNORECASE)
# contentsignals.org, and draft-ietf-aipref-attach: both in use for "not for training"
_SIGNAL_LINE = re.compile(
    r"\s*content-(?:signal|usage)\s*:\s*(/\S*)?.*?\b(?:ai-train|train-ai)\s*=\s*(yes|no|y|n)\b",
    re.IGNORECASE,
)


# Octets that are compared in one spelling, in rules and in paths (RFC 9309, section 2.2.2): all but
# letters, digits and the signs that are never escaped; of rules also "*" and "$".
_OCTETS = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9._/-]")
_RULE_OCTETS = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9._/*$-]")
_UNRESERVED = re.compile(r"[A-Za-z0-9._-]")
# Protego escapes "=" in paths and not in rules, and moves a "$" before the query: it sees neither
# sign, but letters that no other sign is spelt with; so not "~" either, which these begin with.
_HIDDEN = {"=": "~3D", "?": "~3F", "~": "~7E"}


def _spelt(found: re.Match[str]) -> str:
    octets = found[0]
    if len(octets) == 3:
        sign = chr(int(octets[1:], 16))
        if _UNRESERVED.fullmatch(sign):
            return sign
        return octets.upper() if sign == "?" else _HIDDEN.get(sign, octets.upper())
    if octets in _HIDDEN:
        return _HIDDEN[octets]
    return "".join(f"%{byte:02X}" for byte in octets.encode("utf-8", "surrogateescape"))


def _spelt_rule(line: str, end: int) -> str:
    """A line of a rule with its path in that spelling; ``end`` is where the record's name ends."""
    line = line.partition("#")[0]
    head, colon, value = line.partition(":")
    if not colon and line[end : end + 1].isspace():  # protego takes a blank for the colon
        head, colon, value = line[:end], ":", line[end:]
    return f"{head}{colon} {_RULE_OCTETS.sub(_spelt, value.strip())}"


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


class Rules:
    """What a robots.txt says to us, and about AI training."""

    __slots__ = ("_forbidden", "_parsed", "_signals", "_text", "_training_agents", "crawl_delay")

    def __init__(
        self,
        text: str,
        forbidden: Iterable[str],
        delayed: bool,
        training_agents: tuple[str, ...],
        signals: tuple[tuple[str, bool], ...],
    ) -> None:
        self._text = text  # the lines that concern us
        self._parsed: Protego | None = None
        self._forbidden = tuple(forbidden)  # how a path begins that any rule may forbid
        self._training_agents = training_agents  # those the file names
        self._signals = signals  # path prefix, whether training is refused below it
        delay = (self._read().crawl_delay(_fenced(AGENT)) or 0.0) if delayed else 0.0
        self.crawl_delay = min(max(0.0, delay), KEPT) if delay == delay else 0.0  # not nan

    def _read(self) -> Protego:
        # Not before it is needed: most pages of most hosts begin like nothing that is forbidden
        if self._parsed is None:
            self._parsed = Protego.parse(self._text)
        return self._parsed

    def allow(self, path: str, agent: str = AGENT) -> bool:
        """Whether an agent may fetch a path (with its query)."""
        if "%" not in path and not path.startswith(self._forbidden):
            return True
        path = _OCTETS.sub(_spelt, path)
        # Protego reads a path faster than a URL; but one may begin like a host
        asked = f"http://host{path}" if path.startswith("//") else path
        return bool(self._read().can_fetch(asked, _fenced(agent)))

    def refuse_training(self, path: str) -> bool:
        """Whether the site opts out of AI training for a path."""
        spelt = _OCTETS.sub(_spelt, path) if self._signals else path
        for prefix, refused in self._signals:
            if spelt.startswith(prefix):
                if refused:
                    return True
                break
        return any(not self.allow(path, agent) for agent in self._training_agents)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that the file names."""
        return tuple(self._read().sitemaps)


@dataclass(slots=True)
class _Known:
    until: float  # seconds since 1970
    rules: Rules | None = None  # None: all is allowed, or nothing
    refusal: Verdict | None = None


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
        clock: Callable[[], float],
        store: Store | None = None,
    ) -> None:
        self._fetch = fetch
        self._clock = clock  # seconds since 1970
        self._store = store
        self._origins: dict[str, _Known] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        # Questions to the store: hosts begin together, so theirs are asked together
        self._asked: dict[str, asyncio.Future[tuple[Answer, float] | None]] = {}

    async def check(self, url: str) -> Verdict:
        """The verdict over an absolute URL; fetches its host's robots.txt if it is not known."""
        origin = urls.origin(url)
        known = self._origins.get(origin)
        if known is None or known.until <= self._clock():
            known = await self._known(origin)
        if known.refusal is not None:
            return replace(known.refusal, retry_after=known.until - self._clock())
        rules = known.rules
        if rules is None:
            return ALLOWED
        path = url[len(origin) :]
        if not rules.allow(path):
            shown = path.partition("?")[0]
            detail = f"robots.txt of {urls.authority(url)} disallows {shown} for {AGENT}"
            return Verdict(allowed=False, detail=detail)
        refused = rules.refuse_training(path)
        if not (rules.crawl_delay or refused):
            return ALLOWED
        return Verdict(allowed=True, crawl_delay=rules.crawl_delay, training_refused=refused)

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the host's robots.txt names."""
        known = await self._known(urls.origin(url))
        return known.rules.sitemaps if known.rules else ()

    async def _known(self, origin: str) -> _Known:
        known = self._origins.get(origin)
        if known is None or known.until <= self._clock():
            async with self._locks.setdefault(origin, asyncio.Lock()):
                known = self._origins.get(origin)
                if known is None or known.until <= self._clock():
                    known = self._origins[origin] = await self._learn(origin)
            self._locks.pop(origin, None)
        return known

    async def _learn(self, origin: str) -> _Known:
        kept = await self._kept(origin) if self._store else None
        if kept is not None:
            return await _read(origin, *kept)
        answer = await self._fetch(f"{origin}/robots.txt")
        if not answer.status:
            return await _read(origin, answer, self._clock() + KEPT_AFTER_SILENCE)
        failed = answer.status == 429 or not 200 <= answer.status < 500
        until = self._clock() + (KEPT_AFTER_FAILURE if failed else KEPT)
        if self._store:
            self._store.put(origin, answer, until)
        return await _read(origin, answer, until)

    async def _kept(self, origin: str) -> tuple[Answer, float] | None:
        loop = asyncio.get_running_loop()
        if not self._asked:
            loop.call_soon(self._look_up)
        future: asyncio.Future[tuple[Answer, float] | None] = loop.create_future()
        self._asked[origin] = future
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


async def _read(origin: str, answer: Answer, until: float) -> _Known:
    if 200 <= answer.status < 300:
        if len(answer.body) <= SHORT:
            return _Known(until, parse(answer.body))
        return _Known(until, await asyncio.to_thread(parse, answer.body))
    if 400 <= answer.status < 500 and answer.status != 429:
        return _Known(until)  # section 2.3.1.3: unavailable, everything is allowed
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
    return _Known(until, refusal=Verdict(allowed=False, reason=reason, detail=detail))


def parse(body: bytes) -> Rules:
    """The rules of a robots.txt: its first 500 KiB, as UTF-8.

    Protego is given what concerns us: groups of our own agent, of all agents and of those that
    gather training data. All others are one group of nobody, so that a file that multiplies groups
    by rules costs no more than it is long. Rules that endanger the matcher are cut.
    """
    if len(body) >= LIMIT:  # a rule cut in its middle would be another rule
        body = body[: max(body.rfind(b"\n", 0, LIMIT), body.rfind(b"\r", 0, LIMIT), 0)]
    lines: list[str] = []
    sitemaps: list[str] = []
    signals: list[tuple[str, bool]] = []
    named: set[str] = set()
    forbidden: set[str] = set()
    delayed = False
    ruled, concerned = True, False  # whether the group has begun its rules, and matters
    for line in body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape").splitlines():
        if match := _AGENT_LINE.match(line):
            if ruled:
                ruled, concerned = False, False
            name = match[1].lower()
            if name == "*" or name in _CONCERNED:
                concerned = True
                named.add(name)
            else:
                name = ""
            lines.append(f"User-agent: {_fenced(name)}")
        elif match := _RULE_LINE.match(line):
            if not ruled:  # says nothing, but ends the names of the group whatever becomes of rules
                lines.append("Disallow:")
            ruled = True
            if concerned and len(line) <= LONGEST_LINE and line.count("*") <= WILDCARDS:
                kind = match[1][0].lower()
                lines.append(line if kind == "c" else _spelt_rule(line, match.end()))
                if kind == "d" and not _EMPTY.match(line):
                    plain = _PLAIN.match(line)
                    forbidden.add(plain[1] if plain else "")
                delayed |= kind == "c"
        elif _SITEMAP_LINE.match(line):
            sitemaps.append(line.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        elif match := _SIGNAL_LINE.match(line):
            signals.append((_OCTETS.sub(_spelt, match[1] or "/"), match[2].lower().startswith("n")))
    return Rules(
        "\n".join([*lines, *sitemaps]),
        forbidden,
        delayed,
        tuple(agent for agent in TRAINING_AGENTS if agent.lower() in named),
        tuple(sorted(signals, key=lambda signal: -len(signal[0]))),  # the longest first
    )


def _fenced(name: str) -> str:
    """A product token between bars: protego takes any agent whose name holds the group's, while
    RFC 9309 (section 2.2.1) asks for the same token.
    """
    return name if name == "*" else f"|{name.lower()}|"
