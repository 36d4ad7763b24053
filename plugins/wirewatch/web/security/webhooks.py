"""Addresses of webhooks, shown whole to who may write: often all that guards one is its address."""

from __future__ import annotations

import re

from wirewatch.records import Alert, SavedSearch, replace
from wirewatch.web.security.identity import Caller

_ADDRESS = re.compile(r"(https?://)(?:[^\s/?#]*@)?([^\s/?#]*)\S*")


def masked_search(search: SavedSearch, caller: Caller) -> SavedSearch:
    """The search as the caller may see it."""
    if "write" in caller.scopes:
        return search
    return replace(search, channels=tuple(map(_masked, search.channels)))


def masked_alert(alert: Alert, caller: Caller) -> Alert:
    """The alert as the caller may see it."""
    if "write" in caller.scopes:
        return alert
    return replace(alert, sent=tuple(map(_masked, alert.sent)), error=_masked(alert.error))


def _masked(text: str) -> str:
    """The text with no more of each address in it than its host."""
    return _ADDRESS.sub(r"\1\2…", text)
