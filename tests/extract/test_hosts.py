"""Lines that repeat across the pages of one host."""

from __future__ import annotations

import random

from tests import makers
from tests.extract.pages import BODY
from wirewatch.extract.hosts import drop_repeated
from wirewatch.records import Article, replace

FURNITURE = "The Courier is printed on recycled paper by the river."


def article(name: str, *lines: str, host: str = "a.example.org") -> Article:
    return makers.article(name, "\n".join(lines), host=host)


def own(number: int) -> list[str]:
    """Lines that only this page has."""
    return [f"{text} ({number})" for text in BODY]


def test_lines_on_two_other_pages_of_the_host_go_in_any_order() -> None:
    batch = [article(f"p{n}", *own(n), FURNITURE) for n in range(3)]
    batch.append(article("other", *own(7), FURNITURE, host="b.example.org"))
    first = drop_repeated(batch)
    assert [FURNITURE in one.text for one in first] == [False, False, False, True]
    assert [one.text.split("\n") for one in first[:3]] == [own(n) for n in range(3)]
    shuffled = list(batch)
    random.Random(3).shuffle(shuffled)
    again = {one.page_id: one for one in drop_repeated(shuffled)}
    assert [again[one.page_id] for one in first] == first


def test_two_pages_are_not_enough() -> None:
    batch = [article(f"p{n}", *own(n), FURNITURE) for n in range(2)]
    assert drop_repeated(batch) == batch


def test_a_reprinted_report_is_not_taken_for_furniture() -> None:
    batch = [article(f"p{n}", *BODY, f"Updated {n} times") for n in range(5)]
    batch += [article(f"q{n}", *own(n)) for n in range(3)]
    assert drop_repeated(batch) == batch


def test_a_page_that_would_lose_most_of_its_text_keeps_it() -> None:
    batch = [article(f"p{n}", *own(n), FURNITURE) for n in range(3)]
    batch.append(article("brief", "Short.", FURNITURE))
    assert drop_repeated(batch)[-1] == batch[-1]
    assert drop_repeated([replace(one, text="") for one in batch])[0].text == ""


def test_lines_that_repeat_across_one_agencys_reports_go_on_any_host() -> None:
    line = "All that Northwire sends is checked by two of its editors."
    batch = [
        replace(article(f"p{n}", *own(n), line, host=f"{n}.example.org"), credits=("Northwire",))
        for n in range(3)
    ]
    batch.append(article("other", *own(7), line, host="b.example.org"))
    assert [line in one.text for one in drop_repeated(batch)] == [False, False, False, True]
