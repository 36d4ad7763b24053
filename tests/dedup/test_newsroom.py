"""The sample newsroom's reports, churned in every way, in four languages and three more scripts."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from newsroom.churn import COPY_KINDS, churn, seeded, source
from newsroom.texts import Text, TextKind, load
from tests.dedup.conftest import START, Desk, story
from wirewatch.dedup.agency import Agencies
from wirewatch.records import Story
from wirewatch.settings import Settings

TEXTS = [text for text in load() if text.kind is TextKind.AGENCY]


def version(text: Text, kind: str, others: list[Text]) -> Story:
    rng = seeded("tests", text.slug, kind)
    other = rng.choice([one for one in others if one.language == text.language and one != text])
    original = source(text.headline, text.paragraphs, text.dateline, agency=text.agency)
    made = churn(kind, original, rng, source(other.headline, other.paragraphs), text.language)
    moment = START + timedelta(minutes=0 if kind == "verbatim" else rng.randint(60, 2_000))
    return story(
        f"{text.slug}-{kind}",
        made.text,
        title=made.title,
        published=None,
        first_seen=moment,
        outlet=kind,
        language=text.language,
    )


def test_every_kind_of_copy_of_every_report_joins_it_and_no_other(desk: Desk) -> None:
    expected = []
    every = []
    for text in TEXTS:
        copies = [version(text, kind, TEXTS) for kind in COPY_KINDS]
        every += copies
        expected.append(frozenset(one.id for one in copies))
    desk.place(every, now=START + timedelta(days=2))
    assert desk.memory.partition() == set(expected)


def test_the_same_template_with_other_numbers_and_names_stays_apart(desk: Desk) -> None:
    reports = [text for text in TEXTS if text.language != "ar"]  # Arabic has no capitals to tell by
    every = []
    for text in reports:
        every += [version(text, "verbatim", TEXTS), version(text, "template_numbers", TEXTS)]
    desk.place(every, now=START + timedelta(days=2))
    assert all(len(part) == 1 for part in desk.memory.partition())


def test_in_any_order_and_any_batches_the_clusters_are_the_same(
    tmp_path: Path, settings: Settings, agencies: Agencies
) -> None:
    kinds = ("verbatim", "tail_cut", "brief", "mix", "scraped", "ocr_noise", "embedded", "update")
    every = [version(text, kind, TEXTS) for text in TEXTS[:8] for kind in kinds]
    expected = None
    for seed in range(10):
        rng = random.Random(seed)
        rng.shuffle(every)
        desk = Desk(tmp_path / str(seed), settings, agencies)
        size = rng.choice([1, 5, 20, 100])
        for at in range(0, len(every), size):
            desk.place(every[at : at + size], now=START + timedelta(days=2))
        expected = expected or desk.memory.partition()
        assert desk.memory.partition() == expected


def test_the_scraped_copy_of_the_coast_report_joins_it(desk: Desk) -> None:
    text = next(one for one in load() if one.slug == "coast-detentions")
    whole = version(text, "verbatim", TEXTS)
    made = [version(text, kind, TEXTS) for kind in ("scraped", "related_news", "quotes_moved")]
    placed = desk.place([whole, *made], now=START + timedelta(days=2))
    assert {one.cluster_id for one in placed.stories} == {whole.id}
    assert all(one.link and one.link.shared for one in placed.stories[1:])


SCRIPTS = {
    "zh": "国家统计局三月二日公布的数据显示，今年前两个月全国工业生产稳步回升，规模以上工业增加值"
    "同比增长百分之五点九。发言人在新闻发布会上说，企业订单逐步恢复，交通运输量明显增加，居民消费继续"
    "扩大。分析人士认为，外部环境仍然复杂，出口面临压力，下一步应当加大对中小企业的支持力度。多地"
    "已经出台减税降费措施，帮助企业渡过难关，并鼓励银行发放低息贷款。",
    "ja": "政府は二日の閣議で新たな経済対策を決定した。物価高への対応を柱とし、低所得世帯への給付金"
    "や電気料金の補助を盛り込んだ。首相は記者団に対し、国民生活を守るため速やかに補正予算案を国会に提出す"
    "ると述べた。野党は規模が不十分だと批判しており、審議は難航する可能性がある。専門家は財源の確保"
    "が課題になると指摘している。",
    "th": "คณะรัฐมนตรีเห็นชอบแผนพัฒนาเศรษฐกิจฉบับใหม่ในการประชุมเมื่อวันอังคารที่ผ่านมา โดยมีเป้าหมายเพิ่มรายได้"
    "ของเกษตรกรในภาคเหนือและภาคตะวันออกเฉียงเหนือ โฆษกรัฐบาลกล่าวว่าแผนนี้จะใช้งบประมาณจากกองทุนของรัฐ"
    "และจะเริ่มดำเนินการตั้งแต่ต้นปีหน้า นักวิชาการเตือนว่ารัฐบาลต้องติดตามผลอย่างใกล้ชิดเพื่อไม่ให้เกิดการทุจริต",
}


@pytest.mark.parametrize("language", sorted(SCRIPTS))
def test_scripts_without_spaces(desk: Desk, language: str) -> None:
    text = SCRIPTS[language]
    copies = [
        story("whole", text),
        story("cut", text[: int(len(text) * 0.6)], hours=1),
        story("framed", "★" + text + "。無断転載を禁じます。", hours=2),
        *(story(other, SCRIPTS[other]) for other in SCRIPTS if other != language),
    ]
    desk.place(copies)
    assert sorted(map(len, desk.memory.partition())) == [1, 1, 3]
