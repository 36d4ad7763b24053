"""What is found where: the newsroom's hosts and paths for one epoch and one port."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from newsroom.behaviours import Oddity
from newsroom.outlets import OUTLETS, Outlet
from newsroom.pages import link, part_path, parts_of, second_path
from newsroom.phrases import PHRASES
from newsroom.plan import Placement, Plan

TRACKING = ("utm_", "mc_", "fbclid", "gclid")  # beginnings of parameters that the site ignores
NO_ROBOTS = frozenset({"old-town-gazette"})  # hosts without a robots.txt


@dataclass(frozen=True)
class Route:
    """What answers at one path of one host."""

    kind: str  # feed, extra_feed, article, redirect, oddity, front, robots
    outlet: Outlet
    placement: Placement | None = None
    oddity: Oddity | None = None
    part: int = 1
    target: str = ""


class Site:
    """The routes of every host."""

    def __init__(self, plan: Plan, epoch: datetime, port: int) -> None:
        self.plan = plan
        self.epoch = epoch
        self.port = port
        self._routes: dict[tuple[str, str], Route] = {}
        for outlet in OUTLETS:
            self._furniture(outlet)
        for placement in plan.placements:
            self._article(placement)
        for oddity in plan.oddities:
            outlet = next(one for one in OUTLETS if one.label == oddity.outlet)
            self._add(oddity.path, Route("oddity", outlet, oddity=oddity))
            if oddity.kind == "loop":
                back = Route("redirect", outlet, target=oddity.path)
                self._add("/go/there-and-back", back)

    def find(self, outlet: Outlet, path: str) -> Route | None:
        """What answers at a path (with its query), tracking parameters ignored."""
        cleaned = clean(path)
        found = self._routes.get((outlet.label, cleaned))
        return found or self._routes.get((outlet.label, cleaned.partition("?")[0]))

    def _add(self, path: str, route: Route) -> None:
        key = (route.outlet.label, clean(path))
        if key in self._routes:
            raise ValueError(f"two pages at {route.outlet.host}{path}")
        self._routes[key] = route

    def _furniture(self, outlet: Outlet) -> None:
        self._add(outlet.feed_path, Route("feed", outlet))
        if outlet.extra_feed:
            self._add(outlet.extra_feed, Route("extra_feed", outlet))
        self._add("/", Route("front", outlet))
        for n in range(1, len(PHRASES[outlet.speaks].sections) + 1):
            self._add(f"/section/{n}", Route("front", outlet))
        if outlet.label not in NO_ROBOTS:
            self._add("/robots.txt", Route("robots", outlet))

    def _article(self, placement: Placement) -> None:
        outlet = placement.outlet
        for part in range(1, len(parts_of(placement)) + 1):
            path = part_path(placement, self.epoch, part)
            self._add(path, Route("article", outlet, placement, part=part))
        path = placement.path(self.epoch)
        if (named := link(placement, self.epoch)) != path:
            self._add(named, Route("redirect", outlet, placement, target=path))
        if second := second_path(placement, self.epoch):
            self._add(second, Route("article", outlet, placement))


def clean(path: str) -> str:
    """A path with its query sorted, tracking parameters and the fragment gone."""
    plain, _, query = path.partition("#")[0].partition("?")
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not name.startswith(TRACKING)
    ]
    return f"{plain}?{urlencode(sorted(kept))}" if kept else plain


def robots(outlet: Outlet, port: int) -> str:
    """The outlet's robots.txt."""
    lines = ["User-agent: *", "Disallow: /private/", "Disallow: /search"]
    if outlet.feed == "sitemap":
        lines.append(f"Sitemap: http://{outlet.host}:{port}{outlet.feed_path}")
    return "\n".join(lines) + "\n"
