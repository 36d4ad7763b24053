"""The month names as CLDR has them."""

from __future__ import annotations

import json

from wirewatch import month_names
from wirewatch.date_words import FILE


def test_the_file_has_what_babel_gives() -> None:
    assert json.loads(FILE.read_text("utf-8")) == month_names.tables()


def test_names_come_without_what_stands_beside_them() -> None:
    names, beside = month_names.of_locale("ca")
    assert (names["abril"], names["gener"], "de" in names) == (4, 1, False)
    assert "del" in beside
    assert month_names.tables()["different"]["hr"]["listopada"] == 10
