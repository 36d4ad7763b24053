"""What is unruly about the newsroom: pages that fail, and articles that are served oddly."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web

from wirewatch.records import PageStatus, Reason

LARGE = 30_000_000  # bytes of the page that is too large; sent without a Content-Length
RETRY_AFTER = 1  # seconds that the busy page asks for
DRIPS = 15  # pieces in which the slow page comes
DRIP_PAUSE = 0.1  # seconds between them: 1.5 s in all
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@dataclass(frozen=True)
class Oddity:
    """A page that a feed links to and that no story comes of."""

    outlet: str  # label
    path: str
    kind: str
    title: str  # as the feed has it
    age: float  # hours before the epoch
    status: PageStatus  # what becomes of it
    reason: Reason


DEAD, REJECTED, RETRY = PageStatus.DEAD, PageStatus.REJECTED, PageStatus.RETRY

ODDITIES: tuple[Oddity, ...] = (
    Oddity(
        "midland-post",
        "/news/bypass-opens-on-monday-204404",
        "not_found",
        "Bypass opens on Monday",
        9.0,
        DEAD,
        Reason.NOT_FOUND,
    ),
    Oddity(
        "diario-ribera",
        "/noticias/retirada/feria-del-queso.html",
        "gone",
        "La feria del queso cambia de fecha",
        12.0,
        DEAD,
        Reason.GONE,
    ),
    Oddity(
        "coastline-radio",
        "/bulletin/100007",
        "hang",
        "Traffic on the coast road",
        5.0,
        RETRY,
        Reason.TIMEOUT,
    ),
    Oddity(
        "union-dispatch",
        "/?p=100011",
        "loop",
        "County fair names its grand marshal",
        7.5,
        DEAD,
        Reason.REDIRECT_LOOP,
    ),
    Oddity(
        "harbour-courier",
        "/private/members-letter",
        "robots",
        "A letter to our members",
        14.0,
        REJECTED,
        Reason.ROBOTS,
    ),
    Oddity(
        "daybreak",
        "/stories/every-council-vote-since-1994",
        "too_large",
        "Every council vote since 1994 on one page",
        20.0,
        REJECTED,
        Reason.TOO_LARGE,
    ),
    Oddity(
        "kestrel-times",
        "/news/",
        "index",
        "All of today's news",
        1.0,
        REJECTED,
        Reason.INDEX_PAGE,
    ),
    Oddity(
        "rheinfelder-bote",
        "/artikel/stadtfest-bilder-204411.html",
        "consent",
        "Bilder vom Stadtfest",
        16.0,
        REJECTED,
        Reason.CONSENT_WALL,
    ),
    Oddity(
        "market-ledger",
        "/articles/members/model-portfolio",
        "login",
        "The model portfolio, for members",
        11.0,
        REJECTED,
        Reason.LOGIN,
    ),
    Oddity(
        "faro-austral",
        "/corte-de-ruta-en-el-acceso-norte-nid204417/",
        "soft_404",
        "Corte de ruta en el acceso norte",
        18.0,
        REJECTED,
        Reason.SOFT_404,
    ),
    Oddity(
        "puerto-noticias",
        "/ultima-hora-humo-en-la-terminal",
        "short",
        "Última hora: humo en la terminal",
        0.6,
        REJECTED,
        Reason.TOO_SHORT,
    ),
    Oddity(
        "voz-del-valle",
        "/documentos/informe-de-aguas.pdf",
        "pdf",
        "El informe de aguas, completo",
        22.0,
        REJECTED,
        Reason.NOT_TEXT,
    ),
    Oddity(
        "old-town-gazette",
        "/story.php?id=100019",
        "empty",
        "Obituaries",
        26.0,
        REJECTED,
        Reason.EMPTY,
    ),
)

# The one sentence of the page that is too short, in its outlet's language.
SHORT_TEXT = "Noticia en desarrollo, en breve más información."

# Articles that are served oddly: outlet, which of its articles in the plan, how.
#   flaky      500 at the first request, 200 later
#   busy       429 with Retry-After at the first request, 200 later
#   slow       the body drips for 1.5 s
#   redirected the feed links to /go/…, which redirects to the article
#   twice      on a second URL as well, both named by the feed, with one canonical link
#   lying      Windows-1252, and both the header and the meta tag say UTF-8
TREATMENTS: tuple[tuple[str, int, str], ...] = (
    ("midland-post", 0, "flaky"),
    ("kestrel-times", 0, "busy"),
    ("hanse-anzeiger", 0, "slow"),
    ("diario-ribera", 0, "redirected"),
    ("midland-post", 1, "twice"),
    ("alpen-kurier", 1, "lying"),
)
TWICE_QUERY = "box=3&from=frontpage"  # no list of tracking parameters has these


@dataclass
class Memory:
    """What one newsroom process remembers: visits, whether it revised its stories, its end."""

    visits: Counter[tuple[str, str]] = field(default_factory=Counter)
    revised: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def visit(self, host: str, path: str) -> int:
        """How often the path was asked for before; counts this time."""
        before = self.visits[host, path]
        self.visits[host, path] += 1
        return before


async def odd(
    oddity: Oddity, request: web.Request, html: bytes, memory: Memory
) -> web.StreamResponse:
    """The answer of an odd page; ``html`` is its rendered page where it has one."""
    kind = oddity.kind
    if kind == "not_found":
        return page(html, status=404)
    if kind == "gone":
        return page(html, status=410)
    if kind == "hang":
        await memory.closing.wait()  # nobody waits that long; the client's going away cancels it
        return page(html)
    if kind == "loop":
        other = "/go/there-and-back"
        return web.Response(status=302, headers={"Location": other})
    if kind == "too_large":
        return await _large(request, html)
    if kind == "pdf":
        return web.Response(body=PDF, content_type="application/pdf")
    if kind == "empty":
        return page(b"")
    return page(html)


async def treated(
    treatment: str, request: web.Request, answer: web.Response, before: int
) -> web.StreamResponse:
    """An article's answer, served as its treatment says; ``before`` counts earlier requests."""
    if treatment == "flaky" and not before:
        return page(b"<h1>Internal Server Error</h1>", status=500)
    if treatment == "busy" and not before:
        return web.Response(status=429, headers={"Retry-After": str(RETRY_AFTER)}, text="Slow down")
    if treatment == "slow":
        return await _slow(request, answer)
    return answer


def page(body: bytes, status: int = 200, charset: str = "utf-8") -> web.Response:
    """A page of HTML whose header declares the charset."""
    return web.Response(
        body=body, status=status, headers={"Content-Type": f"text/html; charset={charset}"}
    )


async def _slow(request: web.Request, answer: web.Response) -> web.StreamResponse:
    body = bytes(answer.body or b"")  # type: ignore[arg-type]
    response = web.StreamResponse(headers=answer.headers)
    response.content_length = len(body)
    await response.prepare(request)
    step = len(body) // DRIPS + 1
    for start in range(0, len(body), step):
        await response.write(body[start : start + step])
        await asyncio.sleep(DRIP_PAUSE)
    await response.write_eof()
    return response


async def _large(request: web.Request, html: bytes) -> web.StreamResponse:
    """The page with its end repeated until it has 30 MB, chunked: its length is not announced."""
    response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    row = b"<p>Motion carried, eleven votes to four, with two members absent.</p>\n"
    piece = row * (65_536 // len(row))
    sent = len(html)
    try:
        await response.write(html)
        while sent < LARGE:
            await response.write(piece)
            sent += len(piece)
        await response.write_eof()
    except ConnectionError:
        pass  # the reader had enough, which is what the page is for
    return response
