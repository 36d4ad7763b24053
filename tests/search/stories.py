"""A dozen small stories in six languages to search among."""

from __future__ import annotations

from datetime import UTC, datetime

from tests import makers
from wirewatch.records import Story, StoryKind, TopicTag, stable_id

ECONOMY = TopicTag(code="medtop:04000000", name="economy, business and finance", score=0.9)
POLITICS = TopicTag(code="medtop:11000000", name="politics and government", score=0.8)
SPORT = TopicTag(code="medtop:15000000", name="sport", score=0.95)
DISASTER = TopicTag(
    code="medtop:03000000", name="disaster, accident and emergency incident", score=0.7
)


def story(
    name: str,
    title: str,
    text: str,
    language: str = "en",
    *,
    day: str = "2026-11-05T10:00",
    cluster: str = "",
    lead: bool = True,
    outlet: str = "Morning Herald",
    agency: str = "",
    author: str = "",
    country: str = "GB",
    host: str = "herald.example",
    topics: tuple[TopicTag, ...] = (),
    dated: bool = True,
    kind: StoryKind = StoryKind.ARTICLE,
) -> Story:
    """A story that is called ``name`` in the tests: its page is ``/name``."""
    time = datetime.fromisoformat(day).replace(tzinfo=UTC)
    url = f"https://{host}/{name}"
    return makers.story(
        url,
        text,
        cluster_id=stable_id("story", cluster or url),
        lead=lead,
        url=url + "?ref=feed",
        canonical_url=url,
        title=title,
        authors=(author,) if author else (),
        published=time if dated else None,
        first_seen=time,
        language=language,
        outlet=outlet,
        host=host,
        country=country,
        agency=agency,
        topics=topics,
        kind=kind,
    )


STORIES = (
    story(
        "elections",
        "Elections bring a new mayor to Port Elsin",
        "Voters in Port Elsin elected a new mayor on Sunday.\nThe turnout was the highest in "
        "years, the election office said, and the counting was quick.",
        day="2026-11-02T08:00",
        cluster="vote",
        agency="Meridian News Agency",
        author="Ada Lindqvist",
        topics=(POLITICS,),
    ),
    story(
        "elections-copy",
        "New mayor for Port Elsin",
        "Voters in Port Elsin elected a new mayor on Sunday.\nThe turnout was the highest in "
        "years, the election office said.",
        day="2026-11-02T11:00",
        cluster="vote",
        lead=False,
        outlet="Coast Post",
        host="www.coastpost.example",
        agency="Meridian News Agency",
        country="IE",
        topics=(POLITICS,),
    ),
    story(
        "bank",
        "Central bank raises its rate to 4.25 percent",
        "The central bank raised interest rates on Thursday. Wire-copy readers and F-16 makers "
        "took note. Bank of the river, others said, rates a visit.",
        day="2026-11-05T14:00",
        outlet="Ledger",
        host="ledger.example",
        author="Iñaki Etxeberría",
        topics=(ECONOMY,),
        kind=StoryKind.LIVE,
    ),
    story(
        "who",
        "The Who play the harbour",
        "The band that is called The Who played to be heard. It was not to be.",
        day="2026-11-06T20:00",
        topics=(),
    ),
    story(
        "cafe",
        "A café for Zürich's naïve painters",
        "The café opened by the lake. Its façade was painted by Łukasz.",
        day="2026-11-07T23:59",
        outlet="Ledger",
        host="ledger.example",
    ),
    story(
        "undated",
        "Harbour wall to be rebuilt",
        "Work on the harbour wall begins soon.",
        day="2026-11-08T00:00",
        dated=False,
    ),
    story(
        "inundacion",
        "Las inundaciones dejan aisladas a tres aldeas",
        "La inundación del río Lerma dejó aisladas a tres aldeas. Los vecinos evacuados volverán "
        "mañana, según el alcalde.",
        "es",
        day="2026-11-04T09:00",
        outlet="El Faro",
        host="elfaro.example",
        country="ES",
        author="Lucía Peña",
        topics=(DISASTER,),
    ),
    story(
        "haeuser",
        "Häuser am Fluss wurden geräumt",
        "Die Feuerwehr räumte mehrere Häuser am Fluss. Das Hochwasser stieg über Nacht.",
        "de",
        day="2026-11-04T10:00",
        outlet="Der Bote",
        host="bote.example",
        country="DE",
        topics=(DISASTER,),
    ),
    story(
        "pt",
        "Eleições em Lisboa",
        "As eleições decorreram sem incidentes, disse a comissão.",
        "pt-BR",
        day="2026-11-03T10:00",
        outlet="Diário",
        host="diario.example",
        country="BR",
    ),
    story(
        "arabic",
        "الانتخابات البلدية في المدينة",
        "أعلنت اللجنة نتائج الانتخابات البلدية يوم الأحد، وقال المتحدث إن المدينة هادئة.",
        "ar",
        day="2026-11-02T12:00",
        outlet="الصحيفة",
        host="sahifa.example",
        country="EG",
        topics=(POLITICS,),
    ),
    story(
        "chinese",
        "北京大学发布选举研究报告",
        "北京大学的研究人员星期日发布了关于选举的报告。",
        "zh",
        day="2026-11-02T13:00",
        outlet="晨报",
        host="chenbao.example",
        country="CN",
    ),
    story(
        "unknown",
        "Zorbly quandle vexate",
        "Zorbly zimbled the quandles.",
        "und",
        day="2026-10-01T00:00",
        outlet="Blog",
        host="blog.example",
        country="",
    ),
)
