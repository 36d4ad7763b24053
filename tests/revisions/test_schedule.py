from datetime import UTC, datetime, timedelta

import pytest

from wirewatch.revisions.schedule import next_revisit
from wirewatch.settings import BadOptions, load

FOUND = datetime(2026, 11, 23, 12, tzinfo=UTC)
AGES = ("1", "6", "24")


@pytest.mark.parametrize(
    ("hours", "due"), [(0, 1), (0.9, 1), (1, 6), (5.9, 6), (7, 24), (24, None), (900, None)]
)
def test_the_next_age_is_the_first_that_has_not_passed(hours: float, due: int | None) -> None:
    when = next_revisit(FOUND, AGES, FOUND + timedelta(hours=hours))
    assert when == (None if due is None else FOUND + timedelta(hours=due))


def test_no_ages_no_revisits() -> None:
    assert next_revisit(FOUND, (), FOUND) is None


@pytest.mark.parametrize("ages", ["6,1", "1,1", "0", "-1", "soon", "nan", "9000"])
def test_ages_must_rise(ages: str) -> None:
    with pytest.raises(BadOptions, match="rising order"):
        load({"WIREWATCH_REVISIT_AGES": ages})
    assert load({"WIREWATCH_REVISIT_AGES": ""})["revisit.ages"] == ()
    assert load({"WIREWATCH_REVISIT_AGES": "0.5, 2"})["revisit.ages"] == ("0.5", "2")
