"""Addresses of aggregators that lead on to a publisher's page, which they name in themselves."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

DEEPEST = 3  # wrappers in wrappers
# Host, path, and the parameters that may hold the target. Google asks crawlers by its robots.txt
# not to follow these, and the publisher's page is the one that is meant.
_GOOGLE = r"(?:www\.|news\.|alerts\.)?google\.(?:com?\.)?[a-z]{2,3}"
_WRAPPERS = (
    (re.compile(_GOOGLE), re.compile(r"/(?:news/)?url"), ("url", "q")),
    (re.compile(r"(?:www\.)?bing\.com"), re.compile(r"/news/apiclick\.aspx", re.I), ("url",)),
    (re.compile(r"(?:l|lm|www)\.facebook\.com"), re.compile(r"/l\.php"), ("u",)),
)


def target(url: str) -> str:
    """The http or https address that an aggregator's address names; any other as it is."""
    for _ in range(DEEPEST):
        if "?" not in url:
            break
        inside = _target(url)
        if not inside:
            break
        url = inside
    return url


def _target(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:  # a bracket in the host
        return ""
    for hosts, paths, names in _WRAPPERS:
        if hosts.fullmatch(host) and paths.fullmatch(parts.path):
            found = dict(reversed(parse_qsl(parts.query, max_num_fields=100)))
            for name in names:
                if found.get(name, "").lower().startswith(("http://", "https://")):
                    return found[name]
    return ""
