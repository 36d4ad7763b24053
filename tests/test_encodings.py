"""Bytes to text: marks, zeros, labels and languages, against what is written in the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirewatch.encodings import bare, decode, guessed, marked, named, strictly

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
    body = JAPANESE.encode("iso2022_jp")
    assert decode(body) == (JAPANESE, "iso2022_jp", "escapes")
    assert decode(body, "text/html; charset=iso-2022-jp") == (JAPANESE, "iso2022_jp", "http")
    for label in ("hz", "utf-7"):
        body = CHINESE.encode(label)
        assert decode(body, f"text/xml; charset={label}") == (CHINESE, label, "http")
    assert decode(b"1 + 1 ~ 2") == ("1 + 1 ~ 2", "utf-8", "utf-8")


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


def feed(language: str, text: str, encoding: str, declared: str) -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?><rss><channel>'
    inner = '<![CDATA[<meta charset="koi8-r">]]>'
    return (
        f"{head}<language>{language}</language><title>{text}</title>"
        f"<item><title>{text}</title><description>{inner}</description></item></channel></rss>"
    ).encode(encoding)


@pytest.mark.parametrize("language", TEXTS)
def test_feeds_are_read_by_their_declaration_and_their_language(language: str) -> None:
    text, encoding = TEXTS[language]
    found = decode(feed(language, text, encoding, encoding))
    assert (text in found.text, found.source) == (True, "meta")
    assert text in decode(feed(language, text, encoding, "utf-8")).text
    assert text in decode(feed(language, text, encoding, "x")).text  # not by its entry's <meta>


def test_a_feed_with_a_broken_byte_stays_utf8() -> None:
    text, _ = TEXTS["ru"]
    body = feed("ru", text, "utf-8", "windows-1251").replace(b"</title>", b"\xd0</title>", 1)
    found = decode(body)
    assert (found.encoding, found.text.count("\ufffd")) == ("utf-8", 1)


def test_a_declared_encoding_of_several_bytes_must_be_valid() -> None:
    text, encoding = TEXTS["ru"]
    body = page("ru", text * 20, encoding, "shift_jis")
    assert text in decode(body, "text/html; charset=shift_jis").text


LEAN = {
    "ja": "旧橋の架け替え、三月着工～議会①",
    "ko": "낡은 다리 다시 짓는다… 시의회 9대 7 가결",
    "zh": "旧桥重建:三月动工,工期十四个月。",
    "tw": "舊橋重建:三月動工,工期十四個月。",
}


@pytest.mark.parametrize("stated", ["http", "meta"])
@pytest.mark.parametrize(
    ("language", "encoding"),
    [("ja", "cp932"), ("ja", "euc_jis_2004"), ("ko", "euc-kr"), ("ko", "cp949"), ("ko", "johab"),
     ("zh", "gb2312"), ("zh", "gbk"), ("zh", "gb18030"), ("tw", "big5"), ("tw", "big5-hkscs"),
     ("tw", "gbk"), ("tw", "euc-jp"), ("tw", "shift_jis"), ("zh", "hz"), ("ko", "iso2022_kr")],
)  # fmt: skip
def test_a_lean_page_is_read_by_its_declared_encoding(
    language: str, encoding: str, stated: str
) -> None:
    text = LEAN[language].encode(encoding, "ignore").decode(encoding)
    meta = f"<meta charset={encoding}>" if stated == "meta" else "<meta charset=utf-8>"
    body = f"<html><head>{meta}<title>{text}</title></head><p>{text}</html>".encode(encoding)
    found = decode(body, f"text/html; charset={encoding}" if stated == "http" else "")
    assert (found.text.count(text), found.source) == (2, stated)


def test_a_broken_sign_does_not_make_another_encoding() -> None:
    for text, encoding in ((JAPANESE, "shift_jis"), (CHINESE, "gb2312"), (KOREAN, "euc_kr")):
        body = page("", text, encoding, encoding).replace(b"</p>", b"\x81</p>", 1)
        found = decode(body)
        assert found.source == "meta"
        assert (text in found.text, found.text.count("\ufffd")) == (True, 1)


def test_labels_of_the_web_are_known() -> None:
    for label, own in {"windows-949": "cp949", "x-windows-1250": "cp1250", "cn-big5": "big5",
                       "iso-8859-8-i": "iso8859-8", "x-mac-cyrillic": "mac-cyrillic",
                       "ks_c_5601-1989": "euc_kr", "gb_2312": "gb2312"}.items():  # fmt: skip
        assert named(label)[0] == own


CENTRAL = {
    "cs": "Žlutý kůň šel přes starý most, řekl starosta; „šťastnou cestu“ mu přál každý.",
    "hu": "A polgármester szerint a régi hidat újjáépítik, és tavasszal megnyitják.",
    "pl": "Burmistrz ogłosił, że źle zbudowany most będzie rozebrany, a śluza zamknięta.",
    "hr": "Gradonačelnik je rekao da će stari most biti obnovljen, što žitelji već dugo žele.",
}


@pytest.mark.parametrize("language", CENTRAL)
@pytest.mark.parametrize("encoding", ["iso8859-2", "cp1250"])
def test_central_european_text_without_a_label(language: str, encoding: str) -> None:
    text = (CENTRAL[language] + " ") * 8
    if encoding == "iso8859-2":
        text = text.replace("„", '"').replace("“", '"')
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic"])
def test_cyrillic_text_without_a_label(encoding: str) -> None:
    text = "Мэр сказал: мост через Орлу будет восстановлен. Совет проголосовал в Москве. " * 8
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(("text", "encoding"), [(KOREAN, "iso2022_kr"), (CHINESE, "hz")])
def test_escapes_without_a_label(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding, "escapes")


def test_addresses_do_not_tell_the_language() -> None:
    link = "https://www.courier.example/news/this-is-what-the-council-of-the-town-said-today\n"
    text = link * 20 + CENTRAL["cs"]
    assert decode(text.encode("cp1250")).text == text
