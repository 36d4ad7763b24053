"""URLs and their identity: WHATWG parsing, what is cut and kept, hosts and sites."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote_plus

import tldextract
from ada_url import URL, HostType

from wirewatch.records import stable_id
from wirewatch.settings import project_root

MAX_LENGTH = 4_096  # characters: twice what browsers and servers take; longer ones are traps
SHOWN = 120  # characters of a wrong URL that an error message quotes
PARAMETER = re.compile(r"[a-z0-9_.\-]+")  # what a name in config/tracking.toml may look like

# The list of public suffixes bundled with tldextract, private ones too, so that two users of
# one hosting service are two sites. No cache folder and no list address: never the network.
_extract = tldextract.TLDExtract(
    cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True
)


class BadURL(ValueError):
    """A URL that cannot be used; the message says why."""


@dataclass(frozen=True)
class Tracking:
    """The query parameters that never tell one page from another: config/tracking.toml."""

    names: frozenset[str]
    prefixes: tuple[str, ...]
    sites: dict[str, frozenset[str]]

    def drops(self, name: str, of_site: frozenset[str]) -> bool:
        """Whether a parameter of this (decoded, lower-case) name is cut."""
        return name in self.names or name in of_site or name.startswith(self.prefixes)


def read_tracking(file: Path) -> Tracking:
    """The reviewed list of tracking parameters.

    Raises ValueError naming the file and the value when a value is no plain parameter name.
    """
    table = tomllib.loads(file.read_text("utf-8"))
    sites = table.get("sites", {})
    for where, values in [
        ("names", table["names"]),
        ("prefixes", table["prefixes"]),
        *sites.items(),
    ]:
        for value in values:
            if not (isinstance(value, str) and PARAMETER.fullmatch(value)):
                raise ValueError(f"{file}: {where}: {value!r} is no name of a query parameter")
    return Tracking(
        frozenset(table["names"]),
        tuple(table["prefixes"]),
        {name: frozenset(values) for name, values in sites.items()},
    )


@cache
def tracking() -> Tracking:
    """The list in force, read once a process."""
    return read_tracking(project_root() / "config" / "tracking.toml")


def _parse(url: str, base: str | None) -> tuple[URL, str]:
    """The URL and its serialisation."""
    text = url.strip()
    if not text:
        raise BadURL("an empty URL")
    if len(text) > MAX_LENGTH:
        raise BadURL(f"a URL of {len(text):,} characters: at most {MAX_LENGTH:,} are allowed")
    try:
        parsed = URL(text, base) if base else URL(text)
    except ValueError as error:  # ada says no more than "Invalid input"; surrogates end here too
        raise BadURL(f"not a URL: {text[:SHOWN]!a}") from error
    href: str = parsed.href  # each attribute is a call into ada: read once
    if not href.startswith(("http:", "https:")):
        raise BadURL(f"scheme {parsed.protocol.rstrip(':')} is not http or https: {text[:SHOWN]!a}")
    if "@" in href and (parsed.username or parsed.password):
        raise BadURL(f"the URL of {parsed.hostname} holds a user name or password")
    return parsed, href


def absolute(url: str, base: str | None = None) -> str:
    """The URL as a browser would request it: WHATWG serialisation, resolved, without fragment.

    Raises BadURL.
    """
    _, href = _parse(url, base)
    return href.partition("#")[0]  # a serialised URL has no other "#" than its fragment's


def origin(absolute_url: str) -> str:
    """Scheme, host and port of what :func:`absolute` gave, as it writes them.

    Of any other text the whole, so that nothing else passes for an origin.
    """
    end = absolute_url.find("/", len("https://"))
    return absolute_url[:end] if end > 0 and absolute_url[end - 1] != "/" else absolute_url


def authority(absolute_url: str) -> str:
    """:func:`host` of what :func:`absolute` gave, without parsing it again."""
    return absolute_url.split("/", 3)[2]


@lru_cache(maxsize=65_536)  # URLs of one run come back in several stages
def normalise(url: str, base: str | None = None) -> str:
    """The URL that stands for the page: :func:`absolute`, tracking cut and the query sorted.

    Parsed as https://url.spec.whatwg.org says: scheme and host in lower case, IDNA, default ports
    dropped, dot segments resolved. Path and values keep their case and their encoding. The query
    is sorted by name; parameters of one name keep their order. Raises BadURL.
    """
    parsed, href = _parse(url, base)
    href = href.partition("#")[0]
    before, mark, query = href.partition("?")
    if not mark:
        return href
    pieces = _kept(query, parsed.hostname)
    return f"{before}?{'&'.join(pieces)}" if pieces else before


def _kept(query: str, hostname: str) -> list[str]:
    known = tracking()
    of_site = known.sites.get(_site_of(hostname), frozenset())
    named = []
    for piece in query.split("&"):
        name = unquote_plus(piece.partition("=")[0])
        if piece and not known.drops(name.lower(), of_site):
            named.append((name, piece))
    named.sort(key=lambda pair: pair[0])  # stable: repeated names keep their order
    return [piece for _, piece in named]


@lru_cache(maxsize=65_536)
def host(url: str) -> str:
    """The host, with its port where that is not the scheme's own. Raises BadURL."""
    return authority(_parse(url, None)[1])


def hostname(url: str) -> str:
    """The host without port. Raises BadURL."""
    return str(_parse(url, None)[0].hostname)


def site(url: str) -> str:
    """The registrable domain ("bbc.co.uk"); the whole host for an address or a ``.localhost`` name.

    Raises BadURL.
    """
    parsed, _ = _parse(url, None)
    if parsed.host_type != HostType.DEFAULT:
        return parsed.hostname
    return _site_of(parsed.hostname)


@lru_cache(maxsize=16_384)  # hosts of a large run
def _site_of(hostname: str) -> str:
    if hostname.endswith(".localhost"):
        return hostname
    return _extract(hostname).top_domain_under_public_suffix or hostname


def same_site(one: str, other: str) -> bool:
    """Whether both URLs belong to one registrable domain. Raises BadURL."""
    return site(one) == site(other)


def canonical(page_url: str, link: str) -> str:
    """The URL a page is known by: its ``rel=canonical`` link where that can be believed.

    It is believed on the same site, unless it names the site's front page for another page (a
    common mistake of templates). Else the page's own URL, normalised. Raises BadURL only for
    ``page_url``.
    """
    own = normalise(page_url)
    try:
        target = normalise(link, page_url)
        parsed = URL(target)
        is_root = parsed.pathname == "/" and not parsed.search
        if same_site(own, target) and (not is_root or URL(own).pathname == "/"):
            return target
    except BadURL:
        pass  # a canonical link that is no URL names no page
    return own


def feed_id(url: str) -> str:
    """The id of a feed: hash of its normalised URL. Raises BadURL."""
    return stable_id("feed", normalise(url))


def page_id(url: str) -> str:
    """The id of a page: hash of its normalised URL. Raises BadURL."""
    return stable_id("page", normalise(url))
