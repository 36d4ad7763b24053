"""New stories among older ones, and saved searches of mixed kinds, in a dozen languages.

Most stories and searches are English, made from the newswire set by ``search_made``. The others are
made of the sentences below, their words in the same order or shuffled.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import search_made
from wirewatch.records import Story, replace

OTHERS = 0.3  # share of stories, and of searches, that are not English

SENTENCES = {
    "de": (
        "Die Hafenarbeiter legten am Freitag die Arbeit nieder und forderten höhere Löhne",
        "Das Wasserwerk von Grünau liefert wieder sauberes Trinkwasser für alle Häuser",
        "Der Stadtrat beschloss größere Ausgaben für Schulen und Brücken",
    ),
    "fr": (
        "Les dockers ont cessé le travail vendredi et réclament des salaires plus élevés",
        "L'usine d'eau de la vallée livre à nouveau de l'eau potable aux habitants",
        "Le conseil municipal a décidé d'augmenter les dépenses pour les écoles",
    ),
    "es": (
        "Los estibadores dejaron el trabajo el viernes y piden salarios más altos",
        "La planta de agua del valle vuelve a servir agua potable a los vecinos",
        "El ayuntamiento aprobó más gasto para escuelas y puentes",
    ),
    "it": (
        "I portuali hanno fermato il lavoro venerdì e chiedono salari più alti",
        "L'acquedotto della valle fornisce di nuovo acqua potabile agli abitanti",
    ),
    "pt-BR": (
        "Os estivadores pararam o trabalho na sexta-feira e pedem salários mais altos",
        "A estação de água do vale volta a fornecer água potável aos moradores",
    ),
    "sv": (
        "Hamnarbetarna lade ned arbetet på fredagen och kräver högre löner",
        "Vattenverket i dalen levererar åter rent dricksvatten till alla hus",
    ),
    "tr": (
        "Liman işçileri cuma günü iş bıraktı ve daha yüksek ücret istiyor",
        "Vadideki su tesisi Ankara'nın köylerine yeniden temiz su veriyor",
    ),
    "ru": (
        "Докеры в пятницу прекратили работу и требуют повышения зарплаты",
        "Водозабор в долине снова подаёт чистую воду жителям",
    ),
    "ar": (
        "توقف عمال الميناء عن العمل يوم الجمعة وطالبوا بأجور أعلى",
        "محطة المياه في الوادي تعيد المياه النظيفة إلى السكان",
    ),
    "zh": ("码头工人星期五停止工作要求提高工资", "山谷水厂重新向居民供应饮用水"),
    "th": ("คนงานท่าเรือหยุดงานวันศุกร์และขอค่าแรงเพิ่ม", "โรงน้ำในหุบเขาจ่ายน้ำสะอาดให้ชาวบ้านอีกครั้ง"),
    "tl": (
        "Huminto sa trabaho ang mga manggagawa sa pantalan noong Biyernes",
        "Muling nagbibigay ng malinis na tubig ang planta sa lambak",
    ),
}


def stories(wire: search_made.Newswire, count: int) -> list[Story]:
    """So many stories, the oldest first, in English and the languages above."""
    chance = random.Random(search_made.SEED)
    made = []
    for story in search_made.stories(wire, count):
        if chance.random() < OTHERS:
            language = chance.choice(list(SENTENCES))
            own = SENTENCES[language]
            text = "\n".join(_shuffled(chance, own) for _ in range(chance.randrange(3, 12)))
            article = replace(story.article, language=language, title=chance.choice(own), text=text)
            story = replace(story, article=article)
        made.append(story)
    return made


def queries(wire: search_made.Newswire, count: int) -> list[str]:
    """So many searches; a longer list begins with the shorter one."""
    chance = random.Random(search_made.SEED)
    english = [one["query"] for one in search_made.queries(wire, count)]
    return [_other(chance) if chance.random() < OTHERS else query for query in english]


def _shuffled(chance: random.Random, sentences: Sequence[str]) -> str:
    words = chance.choice(sentences).split()
    if chance.random() < 0.7:
        chance.shuffle(words)
    return " ".join(words)


def _other(chance: random.Random) -> str:
    words = chance.choice(chance.choice(list(SENTENCES.values()))).split()
    one, two = chance.choice(words), chance.choice(words)
    at = chance.randrange(len(words))
    row = " ".join(words[at : at + 3])
    begin = f"{one[:5]}*" if len(one) > 4 else one
    asked = (
        one, f"{one} {two}", f'"{row}"', f'"{row}"~3', begin, f"title:{one}",
        f"({one} OR {two}) -agency:reuters", f'outlet:"Outlet {chance.randrange(20)}" {one}',
        f"{one} lang:{chance.choice(list(SENTENCES))}",
    )  # fmt: skip
    return chance.choice(asked)
