"""Bytes to text: what pages declare, against what they send."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirewatch.extract.charset import decode

TEXTS = {
    "de": ("Der Bürgermeister erklärte, die Brücke sei für größere Züge gesperrt.", "cp1252"),
    "es": ("El alcalde dijo que el niño cruzó el puente según contó su compañera.", "iso8859-1"),
    "fr": ("Le maire a déclaré que le pont fermé, où passent les élèves, sera refait.", "cp1252"),
    "ar": ("قال رئيس البلدية إن الجسر القديم سيعاد بناؤه في الربيع المقبل بعد الفيضان.", "cp1256"),
    "ru": ("Мэр города заявил, что старый мост через реку будет восстановлен весной.", "cp1251"),
    "pl": ("Burmistrz powiedział, że zamknięty most będzie odbudowany.", "iso8859-2"),
    "el": ("Ο δήμαρχος δήλωσε ότι η παλιά γέφυρα θα ξαναχτιστεί την άνοιξη.", "iso8859-7"),
    "ja": ("市長は古い橋を春に再建すると述べた。洪水で壊れた橋である。", "cp932"),
    "zh": ("市长说，旧桥将在春天重建，这座桥是两年前被洪水冲坏的。", "gb18030"),
}  # fmt: skip


def page(language: str, text: str, encoding: str, declared: str) -> bytes:
    head = f'<html lang="{language}"><head><meta charset="{declared}"></head>'
    return f"{head}<body><p>{text}</p><p>{text}</p></body></html>".encode(encoding)


@pytest.mark.parametrize("language", TEXTS)
def test_a_right_declaration_is_believed(language: str) -> None:
    text, encoding = TEXTS[language]
    assert text in decode(page(language, text, encoding, encoding)).text
    assert (
        text in decode(page(language, text, encoding, "x"), f"text/html; charset={encoding}").text
    )


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "shift_jis", "nonsense", ""])
def test_utf8_is_utf8_whatever_was_declared(language: str, declared: str) -> None:
    text, _ = TEXTS[language]
    body = page(language, text, "utf-8", declared)
    assert text in decode(body, f"text/html; charset={declared}").text


@pytest.mark.parametrize("language", ["de", "es", "fr", "ar", "ru", "pl", "ja"])
def test_bytes_that_are_not_the_declared_utf8_are_read_by_the_language(language: str) -> None:
    text, encoding = TEXTS[language]
    assert text in decode(page(language, text, encoding, "utf-8"), "text/html; charset=utf-8").text


def test_cyrillic_declared_as_latin_is_not_believed() -> None:
    text, encoding = TEXTS["ru"]
    assert text in decode(page("ru", text, encoding, "iso-8859-1")).text


def test_marks_win_and_broken_utf8_stays_utf8() -> None:
    text, _ = TEXTS["ar"]
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        found = decode(page("ar", text, encoding, "iso-8859-1"), "text/html; charset=latin1")
        assert text in found.text
        assert found.source == "bom"
    broken = page("ar", text, "utf-8", "utf-8").replace(b"</p>", b"\xc3</p>", 1)
    found = decode(broken)
    assert found.encoding == "utf-8"
    assert found.text.count("\ufffd") == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=20))
def test_any_bytes_give_text(body: bytes, charset: str) -> None:
    assert isinstance(decode(body, f"text/html; charset={charset}").text, str)
