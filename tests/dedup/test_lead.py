from __future__ import annotations

from pathlib import Path

import pytest

from tests import makers
from tests.dedup.conftest import prose, story
from wirewatch.dedup.agency import Agencies
from wirewatch.dedup.lead import BadStanding, elect, read_standing
from wirewatch.records import Link

LONG, SHORT = prose(1, 300), prose(1, 100)


def test_the_agencys_own_report_leads(agencies: Agencies) -> None:
    copies = [story("a", LONG), story("b", LONG, hours=3, outlet="Reuters")]
    assert elect(copies, agencies, {}) == (copies[1].id, "the agency's own report")


def test_the_fullest_text_leads_and_the_first_of_equals(agencies: Agencies) -> None:
    brief, full, late = story("a", SHORT), story("b", LONG, hours=1), story("c", LONG, hours=2)
    lead, reason = elect([late, brief, full], agencies, {})
    assert (lead, "first published" in reason) == (full.id, True)
    lead, reason = elect([brief, full], agencies, {})
    assert (lead, reason) == (full.id, f"the fullest text, {full.word_count} words")


def test_standing_decides_between_equals(agencies: Agencies) -> None:
    copies = [story("a", LONG, outlet="Blog"), story("b", LONG, hours=1, outlet="Times")]
    lead, reason = elect(copies, agencies, {"times": 2})
    assert lead == copies[1].id
    assert "standing, 2" in reason


def test_a_mix_does_not_lead(agencies: Agencies) -> None:
    plain = story("a", SHORT)
    mixed = makers.changed(
        story("b", LONG, hours=-1),
        link=Link(
            story_id=plain.id,
            relation="mix",
            score=1.0,
            containment=0.5,
            containment_of=1.0,
            resemblance=0.5,
        ),
    )
    assert elect([plain, mixed], agencies, {})[0] == plain.id


def test_the_file_of_standing(tmp_path: Path) -> None:
    file = tmp_path / "outlets.toml"
    assert read_standing(file) == {}
    file.write_text('[standing]\n"The Times" = 3\n')
    assert read_standing(file) == {"the times": 3}
    file.write_text('[standing]\n"The Times" = "high"\n')
    with pytest.raises(BadStanding, match="The Times"):
        read_standing(file)
