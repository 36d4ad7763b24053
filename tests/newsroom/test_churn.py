"""The churner: every kind does what its name says, the same in every process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from itertools import product

import pytest

from newsroom import sentences
from newsroom.churn import (
    COPY_KINDS,
    KINDS,
    NEEDS_OTHER,
    OTHER_KINDS,
    Source,
    Version,
    churn,
    roundup_of,
    seeded,
    source,
)
from newsroom.texts import Text, load

TEXTS = load()
LANGUAGES = ("en", "es", "de", "ar")


def as_source(text: Text) -> Source:
    return source(
        text.headline,
        text.paragraphs,
        text.dateline,
        text.author,
        text.agency,
        text.other_headlines,
    )


def of(slug: str) -> Source:
    return as_source(next(text for text in TEXTS if text.slug == slug))


STRIKE, COAST, FERRY = of("harbour-strike"), of("coast-detentions"), of("ferry-fire")
SEEDS = tuple(str(number) for number in range(12))


def made(kind: str, original: Source = STRIKE, seed: str = "0", language: str = "en") -> Version:
    return churn(kind, original, seeded("test", kind, seed), FERRY, language)


def units(paragraphs: tuple[str, ...]) -> list[str]:
    return [sentence for part in paragraphs for sentence in sentences.split(part)]


def flat(paragraphs: tuple[str, ...]) -> str:
    return "\n".join(paragraphs)


def grams(text: str) -> set[str]:
    text = " ".join(text.split())
    return {text[at : at + 5] for at in range(max(1, len(text) - 4))}


def containment(part: str, whole: str) -> float:
    found = grams(part)
    return len(found & grams(whole)) / len(found)


DIGEST = """
import hashlib
from newsroom.churn import KINDS, churn, seeded, source
from newsroom.texts import load
texts = {text.slug: text for text in load()}
digest = hashlib.sha256()
for slug in ("harbour-strike", "sequia-embalses", "bahntunnel-rosskopf", "olive-cooperative"):
    text = texts[slug]
    for kind in KINDS:
        version = churn(
            kind,
            source(text.headline, text.paragraphs, text.dateline, text.author, text.agency),
            seeded(slug, kind),
            source("Other", texts["ferry-fire"].paragraphs),
            text.language,
        )
        digest.update(repr(version).encode())
print(digest.hexdigest())
"""


def test_the_same_in_every_process() -> None:
    digests = set()
    for hash_seed in ("0", "1", "4321"):
        env = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        run = subprocess.run(
            [sys.executable, "-c", DIGEST], env=env, capture_output=True, text=True, check=True
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_seeds_matter() -> None:
    for kind in ("tail_cut", "quotes_moved", "scraped", "mix", "template_numbers"):
        assert len({made(kind, COAST, seed).text for seed in SEEDS}) > 1, kind


SCANT = (
    "",
    " \n ",
    "word",
    "One sentence only.",
    '"',
    "42",
    "...",
    "他来了。她走了。",
    "A\n\nB\n\nC",
)


@pytest.mark.parametrize("kind", KINDS)
def test_scant_text_raises_nothing(kind: str) -> None:
    for text, title, other in product(SCANT, ("", "A title"), ("", "Two. Sentences.")):
        for language in ("en", "zh"):
            second = source("Other", other)
            version = churn(kind, source(title, text), seeded(kind), second, language)
            assert version.kind == kind
            assert all(part.strip() for part in version.paragraphs)


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_can_be_churned(kind: str) -> None:
    for text in TEXTS:
        original = as_source(text)
        version = churn(kind, original, seeded(text.slug, kind), FERRY, text.language)
        assert version.title and version.paragraphs and version.note
        assert not version.note.startswith("unchanged") or kind == "template_numbers"
        if kind in COPY_KINDS:
            body = flat(version.paragraphs)
            shared = max(containment(body, original.text), containment(original.text, body))
            floor = {"embedded": 0.65, "scraped": 0.65}.get(kind, 0.8)
            assert shared > floor, text.slug


def test_unknown_kinds_and_missing_reports_are_refused() -> None:
    with pytest.raises(ValueError, match="no such kind: 'tailcut'"):
        churn("tailcut", STRIKE, seeded(""))
    for kind in NEEDS_OTHER:
        with pytest.raises(ValueError, match="needs a second report"):
            churn(kind, STRIKE, seeded(""))
    for kind in set(KINDS) - set(NEEDS_OTHER):
        churn(kind, STRIKE, seeded(""))
    assert not set(COPY_KINDS) & set(OTHER_KINDS)


def test_verbatim_and_what_is_printed_around_it() -> None:
    version = made("verbatim")
    assert (version.title, version.paragraphs) == (STRIKE.title, STRIKE.paragraphs)
    assert version.byline == "Marta Quill"
    assert version.text.startswith("PORT ELLERY (Northwire) – Some 3,200 dock workers")


def test_rebylined_changes_the_byline_alone() -> None:
    version = made("rebylined")
    assert version.paragraphs == STRIKE.paragraphs
    assert version.byline not in ("", STRIKE.author)
    assert version.dateline == ""


def test_dateline_changed() -> None:
    version = made("dateline_changed")
    assert version.paragraphs == STRIKE.paragraphs
    assert version.dateline.endswith("(Northwire) –")
    assert not version.dateline.startswith("PORT ELLERY")


def test_a_dateline_in_the_text_is_taken_off_it() -> None:
    plain = source("Bank pays", "ATLANTA, Georgia (AP) -- The bank paid. It said so.")
    assert plain.paragraphs == ("The bank paid. It said so.",)
    assert (plain.dateline, plain.agency) == ("ATLANTA, Georgia", "AP")
    kept = source("Tea", "TEA prices rose. The U.S. - a buyer - paid.")
    assert kept.paragraphs == ("TEA prices rose. The U.S. - a buyer - paid.",)


@pytest.mark.parametrize("seed", SEEDS)
def test_tail_cut_is_a_strict_prefix_of_whole_sentences(seed: str) -> None:
    cut = flat(made("tail_cut", COAST, seed).paragraphs)
    assert COAST.text.startswith(cut)
    assert 0.25 < len(cut) / len(COAST.text) < 0.95
    whole = units(COAST.paragraphs)
    left = units(tuple(cut.split("\n")))
    assert left == whole[: len(left)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_brief_is_the_first_three_sentences(language: str) -> None:
    for text in TEXTS:
        if text.language == language:
            original = as_source(text)
            version = churn("brief", original, seeded(text.slug), None, language)
            assert version.paragraphs == (" ".join(units(original.paragraphs)[:3]),)
            assert version.title in (original.title, *original.headlines)


@pytest.mark.parametrize("seed", SEEDS)
def test_quotes_moved_keeps_every_sentence_and_moves_only_quotes(seed: str) -> None:
    version = made("quotes_moved", COAST, seed)
    before, after = units(COAST.paragraphs), units(version.paragraphs)
    assert Counter(after) == Counter(before)
    assert after != before
    assert [s for s in after if '"' not in s] == [s for s in before if '"' not in s]


@pytest.mark.parametrize("seed", SEEDS)
def test_paragraphs_dropped_and_reordered(seed: str) -> None:
    dropped = made("paragraphs_dropped", COAST, seed).paragraphs
    assert dropped[0] == COAST.paragraphs[0]
    assert list(dropped) == [part for part in COAST.paragraphs if part in dropped]
    assert 0.55 <= len(dropped) / len(COAST.paragraphs) < 1
    order = made("paragraphs_reordered", COAST, seed).paragraphs
    assert order[0] == COAST.paragraphs[0]
    assert Counter(order) == Counter(COAST.paragraphs)
    assert order != COAST.paragraphs


def test_boilerplate_stands_around_the_report_and_is_the_same_for_an_agency() -> None:
    blocks = []
    for original in (STRIKE, FERRY):  # both of one agency
        version = made("boilerplate_added", original)
        start = version.paragraphs.index(original.paragraphs[0])
        assert version.paragraphs[start : start + len(original.paragraphs)] == original.paragraphs
        blocks.append(set(version.paragraphs) - set(original.paragraphs))
    assert blocks[0] == blocks[1] != set()
    other = made("shared_boilerplate", STRIKE)
    assert set(other.paragraphs) == set(FERRY.paragraphs) | blocks[0]
    assert other.title == FERRY.title


def test_related_news_repeats_the_headline_and_ends_in_others() -> None:
    version = made("related_news")
    size = len(STRIKE.paragraphs)
    assert version.paragraphs[0] == STRIKE.title
    assert version.paragraphs[1 : size + 1] == STRIKE.paragraphs
    assert version.paragraphs[size + 1] == "Related news:"
    assert FERRY.title in version.paragraphs[size + 2 :]


def test_headline_rewritten() -> None:
    version = made("headline_rewritten")
    assert version.title in STRIKE.headlines
    assert version.paragraphs == STRIKE.paragraphs
    plain = churn("headline_rewritten", source("Old", "The bank paid ten marks."), seeded("x"))
    assert "Bank paid ten marks" in plain.title


@pytest.mark.parametrize("language", LANGUAGES)
def test_paraphrase_changes_about_five_to_ten_per_cent_of_the_words(language: str) -> None:
    shares = []
    for text in TEXTS:
        if text.language == language:
            original = as_source(text)
            version = churn("paraphrase_light", original, seeded(text.slug), None, language)
            kept = Counter(original.text.split()) & Counter(flat(version.paragraphs).split())
            shares.append(1 - kept.total() / text.words)
    assert min(shares) >= 0.03 and max(shares) <= 0.12
    assert 0.05 <= sum(shares) / len(shares) <= 0.10


def test_paraphrase_leaves_names_and_figures_of_quantity_alone() -> None:
    text = "The Bank told Say More Than About Inc. that 4.2 per cent was enough. " * 4
    version = churn("paraphrase_light", source("T", (text.strip(),)), seeded("n"))
    assert version.paragraphs[0].count("The Bank") == 4
    assert version.paragraphs[0].count("Say More Than About Inc.") == 4
    assert version.paragraphs[0].count("4.2") == 4


@pytest.mark.parametrize("kind", ["ocr_noise", "encoding_noise"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_noise_spoils_some_letters_only(kind: str, language: str) -> None:
    for text in TEXTS:
        if text.language == language:
            original = as_source(text)
            version = churn(kind, original, seeded(text.slug), None, language)
            body = flat(version.paragraphs)
            assert body != original.text
            assert containment(original.text, body) > 0.7


def test_mojibake_can_be_undone() -> None:
    quoted = [made("encoding_noise", STRIKE, seed) for seed in SEEDS]
    spoilt = next(version for version in quoted if version.note == "mojibake")
    repaired = flat(spoilt.paragraphs).replace("\x9d", "\udc9d")
    raw = b"".join(
        bytes([0x9D]) if letter == "\udc9d" else letter.encode("cp1252") for letter in repaired
    )
    assert "“Nobody can lift forty tonnes" in raw.decode("utf-8")


@pytest.mark.parametrize("seed", SEEDS)
def test_mix_gives_most_to_the_first_report(seed: str) -> None:
    version = made("mix", COAST, seed)
    total = sum(len(part) for part in version.paragraphs)
    first = sum(len(s) for s in units(version.paragraphs) if s in COAST.text)
    second = sum(len(s) for s in units(version.paragraphs) if s in FERRY.text)
    assert 0.55 <= first / total <= 0.75
    assert 0.17 <= second / total <= 0.33
    assert first + second < total


def test_correction_changes_one_figure_and_says_so() -> None:
    for seed in SEEDS:
        version = made("correction", STRIKE, seed)
        notice = [part for part in version.paragraphs if part.startswith("Correction:")]
        body = [part for part in version.paragraphs if part not in notice]
        assert len(notice) == 1
        changed = [(a, b) for a, b in zip(STRIKE.paragraphs, body, strict=True) if a != b]
        assert len(changed) == 1
        old, new = re.findall(r"\d[\d.,]*\d|\d", notice[0])
        assert old in changed[0][0] and new in changed[0][1]


def test_update_adds_paragraphs_and_takes_none() -> None:
    for seed in SEEDS:
        version = made("update", STRIKE, seed)
        assert [p for p in version.paragraphs if p in STRIKE.paragraphs] == list(STRIKE.paragraphs)
        assert 1 <= len(version.paragraphs) - len(STRIKE.paragraphs) <= 3
        assert version.paragraphs[0] == STRIKE.paragraphs[0]
        assert version.paragraphs[1] != STRIKE.paragraphs[1]


def test_embedded_prints_most_of_the_report_in_one_run_among_other_items() -> None:
    for seed in SEEDS:
        version = made("embedded", STRIKE, seed)
        body = flat(version.paragraphs)
        inside = [part for part in version.paragraphs if part in STRIKE.text]
        assert flat(tuple(inside)) in body
        assert containment(STRIKE.text, body) > 0.6
        assert 0.55 < sum(map(len, inside)) / len(body) < 0.9


def test_scraped_bears_the_marks_of_a_scraper() -> None:
    for seed in SEEDS:
        version = made("scraped", COAST, seed)
        body = flat(version.paragraphs)
        assert version.paragraphs[0] == COAST.title == version.title
        assert any(part.startswith("Related news") for part in version.paragraphs[-7:])
        assert ",, " in body
        assert 0.5 < containment(COAST.text, body) < 0.95
        quotes = [s for s in units(version.paragraphs) if s in COAST.text and '"' in s]
        assert quotes != [s for s in units(COAST.paragraphs) if s in quotes]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.slug)
def test_template_changes_every_figure_and_keeps_the_words(text: Text) -> None:
    original = as_source(text)
    version = churn("template_numbers", original, seeded(text.slug), None, text.language)
    figure = re.compile(r"\d+(?:[.,:/]\d+)*")
    for before, after in zip(original.paragraphs, version.paragraphs, strict=True):
        pairs = list(zip(figure.findall(before), figure.findall(after), strict=True))
        assert all(old != new and len(old) == len(new) for old, new in pairs)
        assert len(before.split()) == len(after.split())


def test_template_changes_names_weekdays_and_number_words_consistently() -> None:
    body = flat(made("template_numbers", STRIKE).paragraphs)
    for gone in ("Whitcombe", "Dorothea", "Ellery", "forty tonnes", "eleven years"):
        assert gone not in body
    days = re.compile(r"\b[A-Z]\w+day\b")
    pairs = set(zip(days.findall(STRIKE.text), days.findall(body), strict=True))
    assert len(pairs) == 2 and all(old != new for old, new in pairs)  # Tuesday and Friday
    name = re.search(r"chief executive, \w+ (\w+), called", body)
    assert name and f'"The door is open and the coffee is on," {name[1]} said' in body


def test_roundup_takes_a_sentence_or_two_of_each_report() -> None:
    for seed in SEEDS:
        version = roundup_of((STRIKE, COAST, FERRY), seeded("round-up", seed))
        for report in (STRIKE, COAST, FERRY):
            taken = [s for s in units(version.paragraphs) if s in report.text]
            assert 1 <= len(taken) <= 2
        assert containment(STRIKE.text, flat(version.paragraphs)) < 0.3
        assert containment(STRIKE.text, flat(made("roundup", STRIKE, seed).paragraphs)) < 0.3
