"""Templates filled in: every page has the same frame, and every value is escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale, UnknownLocaleError
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from wirewatch.feeds.health import ago
from wirewatch.web.cluster_summary import counted, duration
from wirewatch.web.context import NOBODY, Caller

FOLDER = Path(__file__).resolve().parents[1]
STATIC = FOLDER / "static"
THEMES = ("light", "dark")
THEME_COOKIE = "wirewatch-theme"
# Pages of the navigation: address, name, scope.
NAVIGATION = (
    ("/", "Search", "read"),
    ("/trends", "Trends", "read"),
    ("/compare", "Compare", "read"),
    ("/sources", "Sources", "read"),
    ("/searches", "Saved", "read"),
    ("/alerts", "Alerts", "read"),
    ("/runs", "Runs", "read"),
    ("/operations", "Operations", "read"),
)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    caller: Caller | None = None,
    **values: Any,
) -> HTMLResponse:
    """The page of a template, in the frame that all pages have."""
    if caller is None:
        caller = getattr(request.state, "caller", NOBODY)  # an error came before it was known
    path = request.url.path.removeprefix(base(request)) or "/"
    theme = request.cookies.get(THEME_COOKIE, "")
    framed = request.app.state.guards.host_login is not None
    text = _template(template).render(
        base=base(request),
        who=caller,  # not ``caller``, which Jinja keeps for itself
        path=path,
        here=path + (f"?{request.url.query}" if request.url.query else ""),
        theme=theme if theme in THEMES else "",
        framed=framed,
        inside=request.headers.get("sec-fetch-dest") == "iframe",
        navigation=NAVIGATION,
        now=datetime.now(UTC),
        **values,
    )
    # Lone surrogates, which no encoding has, may come in with a query.
    return HTMLResponse(text.encode("utf-8", "replace"), status, headers=dict(headers or {}))


def base(request: Request) -> str:
    """What stands before every path of ours: empty, or where the app is mounted."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def address(path: str, **values: Any) -> str:
    """A path with parameters; those that are empty are left out, lists are repeated."""
    pairs = [
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, list | tuple) else [value])
        if one not in ("", None, False)
    ]
    return path + (f"?{urlencode(pairs, errors='replace')}" if pairs else "")


def outward(url: str) -> str:
    """An address that may become a link: http or https, else empty."""
    return url if url.lower().startswith(("http://", "https://")) else ""


def language_name(tag: str) -> str:
    """The English name of a BCP 47 tag, else the tag: ``German``, ``Portuguese (Brazil)``."""
    if tag == "und":
        return "not known"
    locale = _locale(tag)
    return (locale.get_display_name("en") if locale else None) or tag


def country_name(code: str) -> str:
    """The English name of an ISO 3166 code, else the code."""
    return str(Locale("en").territories.get(code, code))


def direction(tag: str) -> str:
    """``rtl`` or ``ltr`` by the language where CLDR has it, else by the text itself: ``auto``."""
    locale = _locale(tag) if tag != "und" else None  # which CLDR takes for its root
    return locale.text_direction if locale else "auto"


def _locale(tag: str) -> Locale | None:
    """What CLDR has on a BCP 47 tag; None where it has nothing, or the tag is none."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def utc(when: datetime) -> str:
    """``5 Nov 2026, 08:00 UTC``."""
    when = when.astimezone(UTC)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def iso(when: datetime) -> str:
    """An instant as HTML's ``datetime`` wants it."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def day(when: datetime) -> str:
    """``5 Nov 2026``."""
    return f"{when.day} {when:%b %Y}"


@cache
def asset(name: str) -> str:
    """The path of a static file; it changes when the file does, so it may be kept for ever."""
    digest = hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?v={digest}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        ago=ago,
        counted=counted,
        country_name=country_name,
        day=day,
        direction=direction,
        duration=duration,
        iso=iso,
        language_name=language_name,
        outward=outward,
        part=lambda text: quote(text, safe="", errors="replace"),
        sentence=lambda text: text[:1].upper() + text[1:],
        utc=utc,
    )
    made.globals.update(address=address, asset=asset)
    return made


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)
