"""Encodings by their marks, their zeros, their labels and what is written in them."""

from __future__ import annotations

import pytest

from wirewatch.encodings import bare, escaped, guessed, marked, named, strictly

CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy, řekl starosta města při otevření mostu. " * 20
GERMAN = "Der Bürgermeister erklärte, die Brücke über die Öre werde für Züge gesperrt. " * 20
KOREAN = "시의회는 월요일에 오래된 다리를 다시 짓기로 결정했다고 밝혔다. " * 20
CHINESE = "市议会星期一决定重建这座旧桥,工程将于三月开始,费用由城市和州分担。" * 20
JAPANESE = "市議会は月曜日、洪水で傷んだ古い橋を架け替えることを決めた。" * 20
TURKISH = "Belediye başkanı köprünün yeniden yapılacağını söyledi, işçiler bugün başlıyor. " * 20


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_tells(encoding: str) -> None:
    body = CZECH.encode(encoding)
    found, length = marked(body)
    assert body[length:].decode(found) == CZECH


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_markup_and_text_without_a_mark(encoding: str) -> None:
    assert bare(f"<?xml version='1.0'?>{CZECH}".encode(encoding)) == encoding
    if encoding.startswith("utf-16"):
        assert bare(GERMAN.encode(encoding)) == encoding


def test_no_zeros_no_utf16() -> None:
    for body in (b"", b"<", GERMAN.encode(), b"ab\0cd" * 50):
        assert bare(body) == ""


def test_labels_mean_what_the_web_means() -> None:
    assert named("ISO-8859-1") == named(" latin1 ") == ("cp1252",)
    assert named("x-sjis") == ("shift_jis", "cp932")
    assert named("GB2312") == ("gb2312", "gb18030")
    assert named("rot13") == named("nonsense") == ()


def test_the_labels_own_table_comes_first_and_the_larger_one_where_it_fails() -> None:
    wave = "午前〜午後".encode("shift_jis")
    assert strictly(wave, named("shift_jis")) == ("午前〜午後", "shift_jis")
    circled = "①番".encode("cp932")
    assert strictly(circled, named("shift_jis")) == ("①番", "cp932")
    assert strictly(b"\xff\xff", ("utf-8", "shift_jis")) is None


def test_seven_bits_with_escapes() -> None:
    assert escaped(JAPANESE.encode("iso2022_jp")) == (JAPANESE, "iso2022_jp")
    assert escaped(GERMAN.encode()) is None


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(CZECH, "cp1250"), (GERMAN, "cp1252"), (KOREAN, "cp949"), (CHINESE, "gb18030"),
     (JAPANESE, "shift_jis"), (JAPANESE, "euc-jp"), (TURKISH, "cp1254")],
)  # fmt: skip
def test_what_is_written_tells_the_encoding(text: str, encoding: str) -> None:
    body = text.encode(encoding)
    read = strictly(body, guessed(body))
    assert read is not None
    assert read[0] == text
