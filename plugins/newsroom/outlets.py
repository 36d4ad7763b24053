"""The outlets of the sample newsroom as data: who they are and how their sites are built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone

# Feed kinds, as the feed builder knows them.
RSS2, RSS1, ATOM, JSON_FEED, SITEMAP = "rss2", "rss1", "atom", "json", "sitemap"
FEED_KINDS = (RSS2, RSS1, ATOM, JSON_FEED, SITEMAP)

# Ways in which a page states its metadata.
JSON_LD, JSON_LD_GRAPH, OPENGRAPH, MICRODATA, META = (
    "json-ld",
    "json-ld-graph",
    "opengraph",
    "microdata",
    "meta",
)


@dataclass(frozen=True)
class Outlet:
    """One invented publisher; ``host`` is its label under ``.localhost``."""

    label: str
    name: str
    language: str  # BCP 47 with region, as its pages declare it
    country: str  # ISO 3166-1 alpha-2
    collection: str  # the OPML folder its feed is in
    template: str  # templates/<template>.html
    feed: str  # one of FEED_KINDS
    feed_path: str
    path: str  # article path: {slug}, {number}, {year}, {month}, {day} are filled in
    full_text: bool = False  # whether the feed carries the whole body
    metadata: tuple[str, ...] = ()  # none: a reader has only what is visible
    utc_hours: float = 0.0  # offset of the outlet's clock from UTC
    tagline: str = ""
    # What is odd about it. Pages: "paginated", "conditional" (ETag on pages), "windows-1252".
    # Feed: "no_dates", "no_titles", "guid_only" (no link), "relative_links", "malformed",
    # "lying_etag", "empty", "aggregator".
    quirks: tuple[str, ...] = ()
    extra_feed: str = ""  # path of a second feed with a part of the entries; "" for none

    @property
    def host(self) -> str:
        """The host name its pages are served on, without the port."""
        return f"{self.label}.localhost"

    @property
    def speaks(self) -> str:
        """The primary language subtag, ``en`` of ``en-GB``."""
        return self.language.split("-")[0]

    @property
    def clock(self) -> timezone:
        """The time zone its dates are written in."""
        return timezone(timedelta(hours=self.utc_hours))

    def has(self, quirk: str) -> bool:
        """Whether the quirk is one of the outlet's."""
        return quirk in self.quirks


OUTLETS: tuple[Outlet, ...] = (
    Outlet(
        label="northwire",
        name="Northwire",
        language="en-GB",
        country="GB",
        collection="Agencies",
        template="agency",
        feed=RSS2,
        feed_path="/feeds/all.rss",
        path="/report/{number}/{slug}",
        full_text=True,
        metadata=(JSON_LD, META),
        tagline="Reports for newsrooms",
        quirks=("conditional",),
    ),
    Outlet(
        label="harbour-courier",
        name="Harbour Courier",
        language="en-GB",
        country="GB",
        collection="English",
        template="broadsheet",
        feed=RSS2,
        feed_path="/rss",
        path="/{year}/{month}/{day}/{slug}",
        full_text=True,
        metadata=(JSON_LD, OPENGRAPH),
        tagline="The paper of the estuary since 1871",
        quirks=("conditional",),
        extra_feed="/rss/front-page",
    ),
    Outlet(
        label="kestrel-times",
        name="The Kestrel Times",
        language="en-US",
        country="US",
        collection="English",
        template="gazette",
        feed=ATOM,
        feed_path="/feed.atom",
        path="/news/{slug}.html",
        full_text=True,
        metadata=(OPENGRAPH,),
        utc_hours=-5,
        tagline="All of Kestrel County, every morning",
        quirks=("relative_links",),
    ),
    Outlet(
        label="midland-post",
        name="Midland Post",
        language="en-GB",
        country="GB",
        collection="English",
        template="tabloid",
        feed=RSS2,
        feed_path="/news/rss.xml",
        path="/news/{slug}-{number}",
        metadata=(OPENGRAPH, META),
        tagline="Straight from the Midlands",
    ),
    Outlet(
        label="market-ledger",
        name="The Market Ledger",
        language="en-US",
        country="US",
        collection="English/Business",
        template="finance",
        feed=JSON_FEED,
        feed_path="/feed.json",
        path="/articles/{year}-{month}-{day}/{slug}",
        full_text=True,
        metadata=(JSON_LD_GRAPH, OPENGRAPH),
        utc_hours=-5,
        tagline="Markets, money and trade",
    ),
    Outlet(
        label="old-town-gazette",
        name="Old Town Gazette",
        language="en-IE",
        country="IE",
        collection="English",
        template="tables",
        feed=RSS1,
        feed_path="/index.rdf",
        path="/story.php?id={number}",
        tagline="Printed every weekday, on the web since 1998",
        quirks=("no_dates",),
    ),
    Outlet(
        label="daybreak",
        name="Daybreak Online",
        language="en-AU",
        country="AU",
        collection="English",
        template="magazine",
        feed=SITEMAP,
        feed_path="/news-sitemap.xml",
        path="/stories/{slug}",
        metadata=(MICRODATA,),
        utc_hours=10,
        tagline="News for people who are already up",
    ),
    Outlet(
        label="signal-weekly",
        name="Signal Weekly",
        language="en-CA",
        country="CA",
        collection="English",
        template="longread",
        feed=ATOM,
        feed_path="/atom.xml",
        path="/long/{slug}",
        metadata=(JSON_LD, OPENGRAPH),
        utc_hours=-4,
        tagline="Slow news, carefully told",
        quirks=("paginated",),
    ),
    Outlet(
        label="coastline-radio",
        name="Coastline Radio",
        language="en-NZ",
        country="NZ",
        collection="English",
        template="radio",
        feed=RSS2,
        feed_path="/podcasts-and-news.xml",
        path="/bulletin/{number}",
        metadata=(META,),
        utc_hours=12,
        tagline="On 98.2, on the hour",
        quirks=("malformed",),
    ),
    Outlet(
        label="union-dispatch",
        name="Union Dispatch",
        language="en-US",
        country="US",
        collection="English",
        template="blog",
        feed=RSS2,
        feed_path="/?feed=rss2",
        path="/?p={number}",
        metadata=(OPENGRAPH,),
        utc_hours=-6,
        tagline="Independent, local, online only",
        quirks=("guid_only",),
    ),
    Outlet(
        label="capital-monitor",
        name="Capital Monitor",
        language="en-GB",
        country="GB",
        collection="English/Business",
        template="monitor",
        feed=RSS2,
        feed_path="/feeds/news",
        path="/{year}/{slug}/",
        full_text=True,
        metadata=(JSON_LD,),
        tagline="Politics and the economy",
        quirks=("lying_etag",),
    ),
    Outlet(
        label="diario-ribera",
        name="Diario de la Ribera",
        language="es-ES",
        country="ES",
        collection="Español",
        template="diario",
        feed=RSS2,
        feed_path="/rss/portada.xml",
        path="/noticias/{year}/{month}/{slug}.html",
        metadata=(JSON_LD, OPENGRAPH),
        utc_hours=1,
        tagline="El periódico de la comarca",
    ),
    Outlet(
        label="faro-austral",
        name="El Faro Austral",
        language="es-AR",
        country="AR",
        collection="Español",
        template="faro",
        feed=ATOM,
        feed_path="/feed/",
        path="/{slug}-nid{number}/",
        full_text=True,
        metadata=(OPENGRAPH,),
        utc_hours=-3,
        tagline="Noticias del sur",
    ),
    Outlet(
        label="voz-del-valle",
        name="La Voz del Valle",
        language="es-MX",
        country="MX",
        collection="Español",
        template="voz",
        feed=JSON_FEED,
        feed_path="/api/feed.json",
        path="/nota/{number}/{slug}",
        full_text=True,
        metadata=(META, MICRODATA),
        utc_hours=-6,
        tagline="La radio que se lee",
        quirks=("no_titles",),
    ),
    Outlet(
        label="puerto-noticias",
        name="Puerto Noticias",
        language="es-CL",
        country="CL",
        collection="Español",
        template="portal",
        feed=SITEMAP,
        feed_path="/sitemap-news.xml",
        path="/{slug}",
        metadata=(MICRODATA, OPENGRAPH),
        utc_hours=-3,
        tagline="Todo lo que entra por el puerto",
    ),
    Outlet(
        label="rheinfelder-bote",
        name="Rheinfelder Bote",
        language="de-DE",
        country="DE",
        collection="Deutsch",
        template="bote",
        feed=RSS2,
        feed_path="/rss.xml",
        path="/artikel/{slug}-{number}.html",
        full_text=True,
        metadata=(JSON_LD, OPENGRAPH),
        utc_hours=1,
        tagline="Unabhängige Tageszeitung",
        quirks=("conditional",),
    ),
    Outlet(
        label="alpen-kurier",
        name="Alpen-Kurier",
        language="de-AT",
        country="AT",
        collection="Deutsch",
        template="kurier",
        feed=ATOM,
        feed_path="/atom",
        path="/{year}/{month}/{slug}",
        metadata=(META,),
        utc_hours=1,
        tagline="Nachrichten aus Stadt und Tal",
        quirks=("windows-1252",),
    ),
    Outlet(
        label="hanse-anzeiger",
        name="Hanse-Anzeiger",
        language="de-DE",
        country="DE",
        collection="Deutsch",
        template="frames",
        feed=RSS1,
        feed_path="/rdf",
        path="/lesen/{number}",
        metadata=(META,),
        utc_hours=1,
        tagline="Das Blatt für den Norden",
    ),
    Outlet(
        label="almina",
        name="صحيفة الميناء",
        language="ar-EG",
        country="EG",
        collection="العربية",
        template="sahifa",
        feed=RSS2,
        feed_path="/rss",
        path="/news/{number}",
        full_text=True,
        metadata=(JSON_LD, OPENGRAPH),
        utc_hours=2,
        tagline="أخبار المدينة والبحر",
    ),
    Outlet(
        label="alufuq",
        name="الأفق اليوم",
        language="ar-AE",
        country="AE",
        collection="العربية",
        template="horizon",
        feed=ATOM,
        feed_path="/feed.xml",
        path="/{year}/{month}/{day}/{number}",
        metadata=(OPENGRAPH,),
        utc_hours=4,
        tagline="كل يوم من أول النهار",
    ),
    Outlet(
        label="headline-sweep",
        name="Headline Sweep",
        language="en",
        country="US",
        collection="Aggregators",
        template="front",
        feed=RSS2,
        feed_path="/everything.rss",
        path="/item/{number}",
        tagline="Everybody's headlines on one page",
        quirks=("aggregator",),
    ),
    Outlet(
        label="quiet-corner",
        name="Quiet Corner",
        language="en-GB",
        country="GB",
        collection="English",
        template="front",
        feed=RSS2,
        feed_path="/feed",
        path="/{slug}",
        tagline="We will be back",
        quirks=("empty",),
    ),
)

BY_LABEL = {outlet.label: outlet for outlet in OUTLETS}
BY_HOST = {outlet.host: outlet for outlet in OUTLETS}


def speaking(language: str) -> tuple[Outlet, ...]:
    """The outlets with articles of their own in a language (primary subtag), in order."""
    return tuple(
        outlet
        for outlet in OUTLETS
        if outlet.speaks == language and not outlet.has("aggregator") and not outlet.has("empty")
    )
