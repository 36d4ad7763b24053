"""The newsroom's texts: what the demo, the end-to-end tests and the churner rely on."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from newsroom.texts import AGENCIES, TOPICS, Text, TextError, TextKind, load, read

TEXTS = load()
BY_SLUG = {text.slug: text for text in TEXTS}
TEMPLATE_PAIRS = (
    ("central-bank-april", "central-bank-june"),
    ("results-castell-q1", "results-castell-q2"),
    ("wetter-montag", "wetter-samstag"),
)


def grams(text: Text) -> set[tuple[str, ...]]:
    words = " ".join(text.paragraphs).casefold().split()
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


def test_there_are_enough_texts_of_every_kind_and_language() -> None:
    kinds = Counter(text.kind for text in TEXTS)
    languages = Counter(text.language for text in TEXTS)
    agencies = Counter(text.language for text in TEXTS if text.kind is TextKind.AGENCY)
    assert len(TEXTS) >= 40
    assert kinds[TextKind.AGENCY] >= 12
    assert agencies["en"] >= 8 and agencies["es"] >= 2 and agencies["de"] >= 2
    assert kinds[TextKind.TRANSLATION] == 2
    assert kinds[TextKind.TEMPLATE] == 2 * len(TEMPLATE_PAIRS)
    assert min(languages[code] for code in ("es", "de", "ar")) >= 4
    assert {text.agency for text in TEXTS if text.agency} == set(AGENCIES)


def test_every_top_level_topic_has_a_text() -> None:
    assert {topic for text in TEXTS for topic in text.topics} == TOPICS


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.slug)
def test_lengths_and_headlines(text: Text) -> None:
    assert (250 if text.kind is TextKind.AGENCY else 150) <= text.words <= 900
    assert len({text.headline, *text.other_headlines}) == 1 + len(text.other_headlines) >= 3
    first = set(text.headline.casefold().split())
    for other in text.other_headlines:
        words = set(other.casefold().split())
        assert len(first & words) / len(first | words) < 0.5, other


@pytest.mark.parametrize(
    "text", [t for t in TEXTS if t.kind is TextKind.AGENCY], ids=lambda text: text.slug
)
def test_agency_reports_quote_and_count(text: Text) -> None:
    body = " ".join(text.paragraphs)
    assert sum(body.count(mark) for mark in '"«»') >= 8
    assert sum(character.isdigit() for character in body) >= 10


def test_no_two_texts_share_passages_but_the_template_pairs() -> None:
    for one, two in combinations(TEXTS, 2):
        first, second = grams(one), grams(two)
        shared = len(first & second) / min(len(first), len(second))
        pair = tuple(sorted((one.slug, two.slug)))
        if pair in TEMPLATE_PAIRS:
            assert shared > 0.3, pair
            assert one.paragraphs[0] != two.paragraphs[0]
        else:
            assert shared < 0.03, pair


def test_translations_are_of_agency_reports_and_as_long() -> None:
    for text in TEXTS:
        if text.kind is TextKind.TRANSLATION:
            original = BY_SLUG[text.translation_of]
            assert original.kind is TextKind.AGENCY
            assert len(text.paragraphs) == len(original.paragraphs)


def test_two_texts_have_a_later_version_and_one_of_them_a_correction() -> None:
    revised = [text for text in TEXTS if text.revision]
    assert len(revised) == 2
    assert sum("Correction:" in text.revision[-1] for text in revised) == 1
    for text in revised:
        kept = set(text.paragraphs) & set(text.revision)
        assert len(kept) >= 0.4 * len(text.paragraphs)  # still the same report
        assert set(text.revision) - set(text.paragraphs)


HEADER = {
    "slug": '"sample"',
    "language": '"en"',
    "kind": '"own"',
    "author": '"A. Writer"',
    "headline": '"One"',
    "other_headlines": '["Two"]',
    "topics": '["medtop:08000000"]',
}


def write(folder: Path, body: str = "A paragraph.", **changes: str) -> Path:
    header = {**HEADER, **changes}
    lines = "\n".join(f"{key} = {value}" for key, value in header.items() if value)
    path = folder / "en" / "sample.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"+++\n{lines}\n+++\n\n{body}\n", encoding="utf-8")
    return path


def test_paragraphs_are_joined_lines_between_blank_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "One line\nand another.\n\n\nSecond  paragraph.")
    assert read(path).paragraphs == ("One line and another.", "Second paragraph.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slug": '"other"'}, "differs from the file's name"),
        ({"language": '"de"'}, "differs from the folder's name"),
        ({"kind": '"rumour"'}, "kind"),
        ({"kind": '"agency"', "agency": '"Agencia del Sur"'}, "does not write in 'en'"),
        ({"agency": '"Northwire"'}, "agency must be empty"),
        ({"topics": '["medtop:18000000"]'}, "topics"),
        ({"topics": "[]"}, "topics"),
        ({"headline": ""}, "headline"),
        ({"other_headlines": "[]"}, "other_headlines"),
        ({"translation_of": '"harbour-strike"'}, "translation_of"),
        ({"sulg": '"typo"'}, "sulg"),
        ({"author": "unquoted"}, "header"),
        ({"body": ""}, "no body"),
    ],
)
def test_a_malformed_file_is_named_with_its_fault(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    path = write(tmp_path, **changes)
    with pytest.raises(TextError, match=words) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_file_without_header_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text("Only text.\n", encoding="utf-8")
    with pytest.raises(TextError, match="TOML header"):
        read(path)


def test_a_translation_of_nothing_is_refused(tmp_path: Path) -> None:
    write(tmp_path, kind='"translation"', translation_of='"nowhere"')
    with pytest.raises(TextError, match="nowhere"):
        load(tmp_path)
