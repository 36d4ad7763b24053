from __future__ import annotations

from pathlib import Path

import pytest

from tests import makers
from tests.dedup.conftest import prose, story
from wirewatch.dedup.agency import Agencies, BadAgencies, read_agencies, wire_shares

BODY = prose(1, 120)


@pytest.mark.parametrize(
    ("opening", "agency"),
    [
        ("LONDON, March 3 (Reuters) - Shares rose on Monday.", "Reuters"),
        ("WASHINGTON (AP) — The Senate voted.", "Associated Press"),
        ("Berlin (dpa) - Die Bundesregierung hat beschlossen.", "dpa"),
        ("Berlin/Paris (dpa/lby) – Die Bahn streikt.", "dpa"),
        ("Madrid, 3 mar (EFE).- El Gobierno aprobó.", "EFE"),
        ("(ANSA) - ROMA, 03 MAR - Il governo.", "ANSA"),
        ("BEIJING, Oct. 10 (Xinhua) -- China will.", "Xinhua"),
        ("MOSCOW, April 12. /TASS/. Russia has.", "TASS"),
        ("MOSCOW. Interfax - Russia has.", "Interfax"),
        ("AFP - Le président a déclaré.", "AFP"),
        ("新华社北京3月2日电 记者从国家统计局获悉。", "Xinhua"),
        ("【ロンドン共同】英政府は二日。", "Kyodo"),
        ("القاهرة (رويترز) - قال متحدث.", "Reuters"),
        ("باريس (أ ف ب) - قال الرئيس.", "AFP"),
    ],
)
def test_datelines(agencies: Agencies, opening: str, agency: str) -> None:
    credit = agencies.credit(story("x", f"{opening} {BODY}"))
    assert credit.agency == agency
    assert not credit.own


@pytest.mark.parametrize(
    ("closing", "agency"),
    [
        ("© 2024 AFP", "AFP"),
        ("Copyright 2023 The Associated Press. All rights reserved.", "Associated Press"),
        ("(Reporting by Jane Doe in Lima; Editing by Max Roe)", "Reuters"),
        ("Quelle: dpa", "dpa"),
        ("Fuente: EFE", "EFE"),
        ("dpa", "dpa"),
        ("/ritzau/", "Ritzau"),
    ],
)
def test_closing_lines(agencies: Agencies, closing: str, agency: str) -> None:
    assert agencies.credit(story("x", f"{BODY}\n{closing}")).agency == agency


@pytest.mark.parametrize(
    "text",
    [
        'The mayor told Reuters on Monday that "nothing" was decided. ' + BODY,
        "Students of AP classes sat exams; a PA system failed at TT racing. " + BODY,
        BODY + "\nThe Associated Press contributed to this report.",
        "Die APA warnt vor Hitze, sagte ein Sprecher. " + BODY,
        BODY,
        "",
    ],
)
def test_an_agency_in_running_text_signs_nothing(agencies: Agencies, text: str) -> None:
    assert agencies.credit(story("x", text)).agency == ""


def test_bylines_credits_and_own_pages(agencies: Agencies) -> None:
    plain = story("x", BODY)
    assert (
        agencies.credit(makers.changed(plain, authors=("Jane Doe, Reuters",))).agency == "Reuters"
    )
    assert (
        agencies.credit(makers.changed(plain, credits=("Source: AP",))).agency == "Associated Press"
    )
    assert agencies.credit(makers.changed(plain, authors=("apa tatlim",))).agency == ""
    own = agencies.credit(makers.changed(plain, outlet="Reuters"))
    assert (own.agency, own.own) == ("Reuters", True)
    assert agencies.credit(makers.changed(plain, host="www.apnews.com")).own


def test_a_wrong_file_is_refused_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "agencies.toml"
    for written in ("[[agency]]\nname = ", "[agency]\nname = 'X'", "agency = [1]"):
        file.write_text(written)
        with pytest.raises(BadAgencies, match=r"agencies\.toml"):
            read_agencies(file)
    file.write_text('[[agency]]\nname = "X"\nsigns = ["("]')
    with pytest.raises(BadAgencies, match="X: a sign is no regular"):
        Agencies(read_agencies(file))
    file.write_text('[[agency]]\nname = "X"\nnick = ["("]')
    with pytest.raises(BadAgencies, match="nick"):
        Agencies(read_agencies(file))


def test_the_wire_share_of_outlets() -> None:
    post, blog = wire_shares({"Blog": {"": 1}, "Post": {"": 1, "AFP": 3}})
    assert (post.outlet, post.stories, post.wire, post.share) == ("Post", 4, 3, 0.75)
    assert (post.agencies, blog.wire) == ({"AFP": 3}, 0)
