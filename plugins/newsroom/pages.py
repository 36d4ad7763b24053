"""Article pages and the other HTML of the newsroom, rendered from the outlets' templates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from newsroom.behaviours import SHORT_TEXT, TWICE_QUERY, Oddity
from newsroom.outlets import (
    ATOM,
    JSON_FEED,
    JSON_LD,
    JSON_LD_GRAPH,
    META,
    OPENGRAPH,
    OUTLETS,
    SITEMAP,
    Outlet,
)
from newsroom.phrases import PHRASES, written_date
from newsroom.plan import Placement, Plan

TEMPLATES = Path(__file__).parent / "templates"
PAGINATED_FROM = 6  # paragraphs: shorter stories of a paginated outlet stand on one page
PARTNERS = 15  # headlines of others on an index page
DESCRIPTION = 160  # characters of a description, cut at a word

FEED_TYPES = {
    ATOM: "application/atom+xml",
    JSON_FEED: "application/feed+json",
    SITEMAP: "application/xml",
}


@dataclass(frozen=True)
class View:
    """What a template may show of one page."""

    outlet: Outlet
    title: str
    window_title: str
    paragraphs: tuple[str, ...]
    byline: str
    authors: tuple[str, ...]
    section: str
    number: int
    year: int
    when_text: str
    day_text: str
    when_iso: str
    canonical: str
    related: tuple[tuple[str, str], ...]  # (title, path)
    popular: tuple[tuple[str, str], ...]
    comments: tuple[tuple[str, str], ...]
    adverts: tuple[str, ...]
    feed_type: str
    declared_encoding: str
    meta_names: tuple[tuple[str, str], ...] = ()
    meta_properties: tuple[tuple[str, str], ...] = ()
    json_ld: Markup | str = ""
    part: int = 1
    parts: int = 1
    next: str = ""
    previous: str = ""


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


def origin(outlet: Outlet, port: int) -> str:
    """Scheme, host and port of an outlet."""
    return f"http://{outlet.host}:{port}"


def link(placement: Placement, epoch: datetime) -> str:
    """The path by which the outlet's feed names the article."""
    if placement.treatment == "redirected":
        return f"/go/{placement.number}"
    return placement.path(epoch)


def second_path(placement: Placement, epoch: datetime) -> str:
    """The other path of an article that stands on two URLs; "" for any other article."""
    if placement.treatment != "twice":
        return ""
    return f"{placement.path(epoch)}?{TWICE_QUERY}"


def parts_of(placement: Placement, revised: bool = False) -> tuple[tuple[str, ...], ...]:
    """The paragraphs of each page that the story is spread over."""
    body = placement.shown(revised)
    if not placement.outlet.has("paginated") or len(body) < PAGINATED_FROM:
        return (body,)
    middle = (len(body) + 1) // 2
    return body[:middle], body[middle:]


def part_path(placement: Placement, epoch: datetime, part: int) -> str:
    """The path of a story's n-th page, counted from 1."""
    return placement.path(epoch) + ("" if part == 1 else f"/{part}")


def description(paragraphs: Sequence[str]) -> str:
    """The first words of a story, as descriptions and summaries have them."""
    first = paragraphs[0] if paragraphs else ""
    if len(first) <= DESCRIPTION:
        return first
    return first[:DESCRIPTION].rsplit(" ", 1)[0] + "…"


def encoding(placement: Placement) -> tuple[str, str]:
    """The encoding of the page's bytes, and the one that its meta tag declares."""
    if not placement.outlet.has("windows-1252"):
        return "utf-8", "utf-8"
    return "windows-1252", "utf-8" if placement.treatment == "lying" else "windows-1252"


def has_canonical(outlet: Outlet) -> bool:
    """Whether the outlet's pages carry a canonical link: those built from tables do not."""
    return outlet.template != "tables"


def article(
    placement: Placement,
    plan: Plan,
    epoch: datetime,
    port: int,
    part: int = 1,
    revised: bool = False,
) -> bytes:
    """One page of an article as the bytes that the outlet sends."""
    outlet = placement.outlet
    phrases = PHRASES[outlet.speaks]
    pages = parts_of(placement, revised)
    moment = placement.published(epoch)
    own, declared = encoding(placement)
    url = origin(outlet, port) + placement.path(epoch)
    view = View(
        outlet=outlet,
        title=placement.version.title,
        window_title=_window_title(outlet, placement.version.title),
        paragraphs=pages[part - 1],
        byline=placement.byline,
        authors=placement.authors,
        section=phrases.sections[1 + placement.number % (len(phrases.sections) - 1)],
        number=placement.number,
        year=moment.year,
        when_text=written_date(moment, outlet.language),
        day_text=written_date(moment, outlet.language, day_only=True),
        when_iso=moment.isoformat(),
        canonical=url if has_canonical(outlet) else "",
        related=_neighbours(placement, plan, epoch, 1, 4),
        popular=_neighbours(placement, plan, epoch, 5, 5),
        comments=_rotated(phrases.comment_texts, placement.number)[:3],
        adverts=_rotated(phrases.advert_texts, placement.number),
        feed_type=FEED_TYPES.get(outlet.feed, "application/rss+xml"),
        declared_encoding=declared,
        meta_names=_meta_names(placement, moment),
        meta_properties=_open_graph(placement, moment, url),
        json_ld=_json_ld(placement, moment, url, epoch, revised),
        part=part,
        parts=len(pages),
        next=part_path(placement, epoch, part + 1) if part < len(pages) else "",
        previous=part_path(placement, epoch, part - 1) if part > 1 else "",
    )
    return _render(outlet.template, view).encode(own, "xmlcharrefreplace")


def oddity(page: Oddity, outlet: Outlet, plan: Plan, epoch: datetime, port: int) -> bytes:
    """The HTML of an odd page, where it has any worth showing."""
    phrases = PHRASES[outlet.speaks]
    template = {
        "index": "front",
        "consent": "consent",
        "login": "login",
        "not_found": "missing",
        "gone": "missing",
        "soft_404": "missing",
    }.get(page.kind, outlet.template)
    title = phrases.front if page.kind == "index" else page.title
    text = {
        "short": (SHORT_TEXT,),
        "robots": _LETTER,
        "too_large": ("Every vote of the council since 1994, in the order of the minutes.",),
    }.get(page.kind, ())
    index = page.kind == "index"
    view = _plain_view(outlet, title, text, plan, epoch, port, page.path, partners=index)
    return _render(template, view).encode()


def front(outlet: Outlet, plan: Plan, epoch: datetime, port: int) -> bytes:
    """The outlet's front page: its headlines."""
    title = PHRASES[outlet.speaks].front
    return _render("front", _plain_view(outlet, title, (), plan, epoch, port, "/")).encode()


def missing(outlet: Outlet, plan: Plan, epoch: datetime, port: int) -> bytes:
    """The outlet's error page."""
    title = PHRASES[outlet.speaks].missing
    return _render("missing", _plain_view(outlet, title, (), plan, epoch, port, "")).encode()


def unknown_host(host: str, port: int) -> bytes:
    """The page for a host that is no outlet; it lists the outlets."""
    template = _environment().get_template("outlets.html")
    return template.render(host=host, outlets=OUTLETS, port=port).encode()


# What stands on the page that robots.txt keeps readers from.
_LETTER = (
    "Dear member, thank you for another year in which you paid for a newspaper that others read "
    "for nothing. With your help we opened a second newsroom on the east bank and sent a reporter "
    "to every council meeting but one.",
    "The one that we missed was the one at which the bridge was sold. We have since bought a "
    "second alarm clock.",
)


def _render(template: str, view: View) -> str:
    phrases = PHRASES[view.outlet.speaks]
    return _environment().get_template(f"{template}.html").render(page=view, t=phrases)


def _plain_view(
    outlet: Outlet,
    title: str,
    text: tuple[str, ...],
    plan: Plan,
    epoch: datetime,
    port: int,
    path: str,
    partners: bool = False,
) -> View:
    phrases = PHRASES[outlet.speaks]
    moment = epoch.astimezone(outlet.clock)
    items = tuple((p.version.title, link(p, epoch)) for p in plan.of(outlet))
    if partners:
        items += _partners(outlet, plan, epoch, port)
    canonical = origin(outlet, port) + path if path and has_canonical(outlet) else ""
    return View(
        outlet=outlet,
        title=title,
        window_title=_window_title(outlet, title),
        paragraphs=text,
        byline="",
        authors=(),
        section=phrases.sections[1],
        number=0,
        year=moment.year,
        when_text=written_date(moment, outlet.language),
        day_text=written_date(moment, outlet.language, day_only=True),
        when_iso=moment.isoformat(timespec="minutes"),
        canonical=canonical,
        related=items,
        popular=items[:5],
        comments=(),
        adverts=phrases.advert_texts,
        feed_type=FEED_TYPES.get(outlet.feed, "application/rss+xml"),
        declared_encoding="utf-8",
    )


def _partners(
    outlet: Outlet, plan: Plan, epoch: datetime, port: int
) -> tuple[tuple[str, str], ...]:
    """Headlines of other outlets in the language, with absolute links."""
    others = [p for p in plan.placements if p.outlet.speaks == outlet.speaks and p.outlet != outlet]
    return tuple(
        (p.version.title, origin(p.outlet, port) + link(p, epoch)) for p in others[:PARTNERS]
    )


def _window_title(outlet: Outlet, title: str) -> str:
    if outlet.template in ("tables", "radio"):
        return f"{outlet.name}: {title}"
    if outlet.template in ("finance", "kurier", "frames"):
        return f"{title} - {outlet.name}"
    return f"{title} | {outlet.name}"


def _rotated(items: tuple[Any, ...], by: int) -> tuple[Any, ...]:
    at = by % len(items)
    return items[at:] + items[:at]


def _neighbours(
    placement: Placement, plan: Plan, epoch: datetime, skip: int, count: int
) -> tuple[tuple[str, str], ...]:
    """Other articles of the outlet, by title and path."""
    all_of_them = plan.of(placement.outlet)
    at = all_of_them.index(placement)
    others = all_of_them[at + 1 :] + all_of_them[:at]
    chosen = (others + others)[skip - 1 : skip - 1 + min(count, len(others))]
    return tuple((other.version.title, link(other, epoch)) for other in chosen)


def _meta_names(placement: Placement, moment: datetime) -> tuple[tuple[str, str], ...]:
    if META not in placement.outlet.metadata:
        return ()
    names = [("description", description(placement.version.body))]
    if placement.authors:
        names.append(("author", ", ".join(placement.authors)))
    names.append(("date", moment.isoformat()))
    if placement.agency:
        names.append(("news_source", placement.agency))
    return tuple(names)


def _open_graph(placement: Placement, moment: datetime, url: str) -> tuple[tuple[str, str], ...]:
    outlet = placement.outlet
    if OPENGRAPH not in outlet.metadata:
        return ()
    properties = [
        ("og:type", "article"),
        ("og:title", placement.version.title),
        ("og:description", description(placement.version.body)),
        ("og:url", url),
        ("og:site_name", outlet.name),
        ("og:locale", outlet.language.replace("-", "_")),
        ("article:published_time", moment.isoformat()),
    ]
    properties += [("article:author", name) for name in placement.authors]
    return tuple(properties)


def _json_ld(
    placement: Placement, moment: datetime, url: str, epoch: datetime, revised: bool
) -> Markup | str:
    outlet = placement.outlet
    if JSON_LD not in outlet.metadata and JSON_LD_GRAPH not in outlet.metadata:
        return ""
    writers: list[dict[str, str]] = [
        {"@type": "Person", "name": name} for name in placement.authors
    ]
    if not writers:
        name = placement.agency or outlet.name
        writers = [{"@type": "Organization", "name": name}]
    modified = epoch.astimezone(outlet.clock) if revised and placement.revisable else moment
    node: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": placement.version.title,
        "datePublished": moment.isoformat(),
        "dateModified": modified.replace(second=0, microsecond=0).isoformat(),
        "author": writers,
        "mainEntityOfPage": url,
        "inLanguage": outlet.language,
        "description": description(placement.version.body),
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name},
    }
    if JSON_LD in outlet.metadata:
        return _script({"@context": "https://schema.org", **node})
    node["articleBody"] = "\n\n".join(placement.shown(revised))
    home = {"@type": "WebSite", "name": outlet.name, "url": "/".join(url.split("/")[:3])}
    return _script({"@context": "https://schema.org", "@graph": [home, node]})


def _script(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(text)  # noqa: S704 - escaped above as JSON
