"""Stories in a dozen languages, put together by chance, and searches made of their words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from tests import makers
from tests.makers import NOW
from wirewatch.records import Story, StoryKind, TopicTag, stable_id
from wirewatch.search.language import BadQuery, parse

# Sentences with what analysis treats in a way of its own: endings, elision, marks inside words,
# stop words, scripts without blanks, digits, pictures.
SENTENCES = {
    "en": (
        "The glaziers' guild met again at Wexcombe's wire-works",
        "Running tides ran over O'Hara's half-built pier; to be or not to be",
        "A 4.5 percent duty on pears, apples and plum-jam 🚢 was re-elected",
        "Glaziers of the guild were glazing and the guild of glaziers ran",
    ),
    "de": (
        "Die Glaser tagten am Häuserring über neue Fensterscheiben",
        "Grüße aus Völkersweiler: größere Äpfel kosten 4,5 Prozent mehr",
    ),
    "fr": (
        "L'assemblée des vitriers s'est réunie aujourd'hui à l'hôtel d'Orsay",
        "Les élus n'ont qu'une journée pour l'accord de pêche",
    ),
    "es": ("Los vidrieros se reunieron en la canción del río", "Mañana suben las tasas al 4,5"),
    "pt-BR": ("Os vidraceiros reuniram-se na estação das águas", "Ações sobem às três horas"),
    "ru": ("Стекольщики собрались на пристани у реки", "Новые выборы мэра прошли в селе"),
    "tr": ("İstanbul'da camcılar iskelede toplandı", "Işıklar Ankara'nın ılık gecesinde söndü"),
    "ar": ("اجتمع عمال الزجاج في الميناء القديم", "ارتفعت الأسعار ٤٫٥ في المئة"),
    "hi": ("काँच के कारीगर नदी के घाट पर मिले", "चुनाव में नये महापौर की जीत हुई"),
    "th": ("ช่างกระจกประชุมกันที่ท่าเรือเก่า", "ราคาผลไม้ขึ้น ๔.๕ เปอร์เซ็นต์"),
    "zh": ("玻璃工人在旧码头开会", "苹果价格上涨百分之4.5 Wexcombe报道"),
    "ja": ("ガラス職人が旧港で会合を開いた", "リンゴの価格が上がる"),
    "el": ("Οι υαλουργοί συναντήθηκαν στην παλιά αποβάθρα", "Νέες εκλογές δημάρχου"),
    "tl": ("Nagtipon ang mga manggagawa sa lumang pantalan", "Tumaas ang presyo ng mansanas"),
}
TOPICS = (
    TopicTag(code="medtop:20000349", name="arts, crafts & guilds", score=0.9),
    TopicTag(code="medtop:04000000", name="economy, business and finance", score=0.8),
)
OUTLETS = ("Wexcombe Evening Post", "The Post-Ledger", "Käseblatt", "")
AUTHORS = ("Ines O'Hara", "Per Å. Lind", "Evening Ledger Desk", "Öykü Şen")
AGENCIES = ("", "Meridian News Agency", "Post-Agence")
HOSTS = ("wexcombe.example", "www.ledger.example", "news.ledger.example")


def stories(chance: random.Random, count: int) -> list[Story]:
    """So many stories, each in one of the languages in turn."""
    languages = list(SENTENCES)
    made = []
    for number in range(count):
        language = languages[number % len(languages)]
        own = SENTENCES[language]
        host = chance.choice(HOSTS)
        url = f"https://{host}/{number % 7}/story-{number}"
        seen = NOW - timedelta(minutes=chance.randrange(200_000), microseconds=-1500)
        made.append(
            makers.story(
                stable_id("story", url),
                _text(chance, own, chance.randrange(1, 5)),
                url=url,
                canonical_url=url,
                title=_text(chance, own, 1),
                language=language,
                outlet=chance.choice(OUTLETS),
                authors=tuple(chance.sample(AUTHORS, chance.randrange(3))),
                agency=chance.choice(AGENCIES),
                topics=tuple(chance.sample(TOPICS, chance.randrange(3))),
                host=host,
                country=chance.choice(("GB", "DE", "")),
                kind=chance.choice(list(StoryKind)),
                cluster_id=f"c{number // 3}",
                first_seen=seen,
                published=seen - timedelta(hours=chance.randrange(400))
                if chance.random() < 0.8
                else None,
            )
        )
    return made


def _text(chance: random.Random, sentences: Sequence[str], count: int) -> str:
    """Sentences, and their words in another order."""
    told = []
    for _ in range(count):
        words = chance.choice(sentences).split()
        if chance.random() < 0.4:
            chance.shuffle(words)
        told.append(" ".join(words))
    return ".\n".join(told)


def queries(chance: random.Random, count: int) -> list[str]:
    """So many queries that can be read, of every kind of leaf, up to three levels deep."""
    made: list[str] = []
    while len(made) < count:
        query = _tree(chance, chance.choice((0, 0, 1, 1, 2)))
        try:
            parse(query)
        except BadQuery:  # two letters before a star, and the like
            continue
        made.append(query)
    return made


def _tree(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return _leaf(chance)
    parts = [_tree(chance, depth - 1) for _ in range(chance.randrange(2, 4))]
    kind = chance.choice(("and", "and", "or", "not"))
    if kind == "or":
        return "(" + " OR ".join(parts) + ")"
    return f"({parts[0]} {'-' if kind == 'not' else ''}{' '.join(parts[1:])})"


def _leaf(chance: random.Random) -> str:
    sentence = chance.choice(chance.choice(list(SENTENCES.values())))
    words = [word.strip('";:,.()') for word in sentence.split()]
    word = chance.choice(words).replace(":", "")
    word = chance.choice((word, word, word.upper(), word.lower()))
    at = chance.randrange(len(words))
    row = " ".join(words[at : at + chance.randrange(1, 4)])
    name = chance.choice((*OUTLETS[:-1], *AUTHORS, *AGENCIES[1:]))
    day = f"{NOW - timedelta(days=chance.randrange(140)):%Y-%m-%d}"
    return chance.choice(
        (
            word,
            word,
            f"title:{word}",
            f'"{row}"',
            f'"{row}"',
            f'title:"{row}"',
            f'"{" ".join(reversed(row.split()))}"~{chance.randrange(1, 6)}',
            f"{word[: chance.randrange(3, 9)]}*",
            f"title:{word[:4]}*",
            f"wire-wo{chance.choice(('r', 'x', ''))}*",
            f'{chance.choice(("outlet", "author", "agency"))}:"{name}"',
            f"{chance.choice(('outlet', 'author', 'agency'))}:{name.split()[-1]}",
            f"{chance.choice(('outlet', 'author', 'agency'))}:{name.split()[0][:4]}*",
            f"lang:{chance.choice((*SENTENCES, 'PT'))}",
            f"country:{chance.choice(('gb', 'DE', 'FR'))}",
            f"kind:{chance.choice(list(StoryKind))}",
            f"topic:{chance.choice(('04000000', 'guilds', 'craft', 'craft*', 'economy'))}",
            f"url:{chance.choice((*HOSTS, 'ledger.example', f'{HOSTS[0]}/3/*'))}",
            f"cluster:c{chance.randrange(20)}",
            f"published:{day}..",
            f"seen:..{day}",
            f"published:{day[:7]}",
            "*",
        )
    )
