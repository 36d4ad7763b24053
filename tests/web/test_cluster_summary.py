"""A cluster told in sentences, by stories whose differences are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import makers
from wirewatch.dedup.agency import Agencies
from wirewatch.records import Link, Story, stable_id
from wirewatch.web.cluster_summary import Copy, Role, counted, duration, plain, summarise

WHEN = datetime(2026, 11, 5, 8, tzinfo=UTC)
ONE = "The ferry Orlaine caught fire off Kestle on Sunday night."
TWO = "All of the 418 people aboard were brought ashore in lifeboats."
THREE = "The harbour office opened an inquiry into the cause of the fire."
FOUR = "Six fishing boats reached the vessel before the first lifeboat."
TEXT = "\n".join((ONE, TWO, THREE, FOUR))
AGENCIES = Agencies([{"name": "Northwire", "names": ["Northwire"], "outlets": ["Northwire"]}])


def made(
    outlet: str,
    text: str = TEXT,
    title: str = "Ferry burns",
    *,
    hours: float = 0,
    agency: str = "Northwire",
    relation: str = "copy",
    precision: str = "instant",
) -> Story:
    link = Link(
        story_id="x", relation=relation, score=1, containment=1, containment_of=1, resemblance=1
    )
    return makers.story(
        "s",
        text,
        id=stable_id(outlet),
        url="https://a.example/",
        title=title,
        published=WHEN + timedelta(hours=hours),
        published_precision=precision,
        first_seen=WHEN,
        outlet=outlet,
        host=outlet.lower() + ".example",
        agency=agency,
        agency_evidence="dateline: KESTLE (Northwire)" if agency else "",
        link=link if relation else None,
    )


def summary(*stories: Story, lead: int = 0) -> tuple[list[str], dict[str, Copy]]:
    cluster = makers.cluster(
        *stories,
        lead=stories[lead].id,
        lead_reason="the fullest text",
        stories=tuple(one.id for one in stories),
        first=WHEN,
        last=WHEN,
    )
    sentences, copies = summarise(cluster, {one.id: one for one in stories}, AGENCIES)
    assert all(isinstance(sentence, tuple) for sentence in sentences)
    assert all(isinstance(copy.sentence, tuple) for copy in copies)
    return [plain(one) for one in sentences], {copy.story.article.outlet: copy for copy in copies}


def test_the_agencys_own_page_is_the_author_and_what_others_are_held_against() -> None:
    sentences, copies = summary(
        made("Herald", hours=0, relation=""), made("Northwire", hours=1), made("Post", hours=3)
    )
    assert sentences[0].startswith("Northwire wrote this report and has it on its own pages")
    assert "Herald had it first, at 2026-11-05 08:00 UTC." in sentences
    assert copies["Northwire"].role is Role.AGENCY
    assert copies["Northwire"].origin
    assert copies["Post"].late == timedelta(hours=3)
    assert plain(copies["Post"].sentence) == "A copy, sentence for sentence."


def test_each_change_is_named_and_counted() -> None:
    reworded = ONE.replace("caught fire off", "was ablaze near")
    _, copies = summary(
        made("Herald", relation=""),
        made("Cut", "\n".join((ONE, TWO)), hours=1, relation="truncated"),
        made("Added", TEXT + "\nThe minister will visit Kestle on Tuesday afternoon.", hours=2),
        made("Moved", "\n".join((ONE, FOUR, TWO, THREE)), hours=3),
        made("Reworded", "\n".join((reworded, TWO, THREE, FOUR)), hours=4),
        made("Titled", title="Night of flames", hours=5),
        made("All", "\n".join((FOUR, reworded, TWO)), title="Flames", hours=6),
    )
    assert copies["Cut"].cut == (THREE, FOUR)
    assert plain(copies["Cut"].sentence).startswith("A shortened copy: cut 2 sentences (")
    assert copies["Added"].added == ("The minister will visit Kestle on Tuesday afternoon.",)
    assert copies["Moved"].moved == (FOUR,)
    assert copies["Reworded"].reworded == ((ONE, reworded),)
    assert (copies["Reworded"].cut, copies["Reworded"].added) == ((), ())
    assert copies["Titled"].headline == "Night of flames"
    assert plain(copies["Titled"].sentence) == "A copy, sentence for sentence, but headlined anew."
    assert "cut 1 sentence, reworded 1 sentence and moved 1 sentence" in plain(
        copies["All"].sentence
    )
    assert plain(copies["All"].sentence).endswith("; headlined anew.")


def test_the_figures_of_the_tale_are_those_of_its_copies() -> None:
    sentences, _ = summary(
        made("Herald", relation=""),
        made("Post", hours=1),
        made("Cut", "\n".join((ONE, TWO)), hours=2),
        made("Mix", ONE + "\nSomething else.", hours=3, relation="mix"),
    )
    assert "It is in 4 outlets now, as 4 stories; the latest came 3 h after the first, in Mix." in (
        sentences
    )
    assert (
        "Of the 2 other copies, held against Herald’s: 1 changed no sentence and 1 cut some."
        in (sentences)
    )
    assert "1 further story has a part of it, or has it as a part." in sentences


def test_nobody_is_called_first_by_a_bare_day() -> None:
    day = made("Gazette", hours=-8, precision="day", relation="")
    sentences, copies = summary(day, made("Herald", hours=2), made("Post", hours=3))
    assert any(one.startswith("Herald had it first of those that give a time") for one in sentences)
    assert any(one.startswith("Gazette gives the day only, 5 November 2026") for one in sentences)
    assert copies["Gazette"].late is None
    assert copies["Post"].late == timedelta(hours=1)


def test_a_bare_day_well_before_is_first() -> None:
    day = made("Gazette", hours=-80, precision="day", relation="")
    sentences, _ = summary(day, made("Herald", hours=2))
    assert any(one.startswith("Gazette had it first, on 2 November 2026") for one in sentences)


def test_a_report_of_ones_own() -> None:
    sentences, copies = summary(made("Herald", agency="", relation=""))
    assert sentences == [
        "Herald wrote it itself: no news agency is named.",
        "Nobody else has it so far.",
    ]
    assert copies["Herald"].role is Role.OWN


def test_an_unsigned_copy_is_not_own_reporting() -> None:
    _, copies = summary(made("Herald", agency="", relation=""), made("Post", agency="", hours=1))
    assert copies["Post"].role is Role.COPY


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=2, minutes=10), "2 h 10 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2, hours=3), "2 days 3 h"),
        (timedelta(days=9, hours=3), "9 days"),
    ],
)
def test_spans_of_time_are_told_in_two_units(span: timedelta, words: str) -> None:
    assert duration(span) == words


def test_numbers_go_with_their_nouns() -> None:
    assert counted(1, "copy", "copies") == "1 copy"
    assert counted(1_200, "story", "stories") == "1,200 stories"
