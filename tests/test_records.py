import subprocess
import sys
from datetime import UTC, datetime

import msgspec
import pytest

from wirewatch.records import Feed, Page, from_dict, from_json, stable_id, to_dict, to_json

NOW = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)


def test_ids_are_the_same_in_every_process() -> None:
    code = "from wirewatch.records import stable_id; print(stable_id('a', 'b\\u00e9'))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {stable_id("a", "bé")}


def test_parts_of_an_id_do_not_run_together() -> None:
    assert stable_id("ab", "c") != stable_id("a", "bc")


def test_records_survive_json() -> None:
    page = Page(id="p", url="http://a/", host="a", discovered=NOW)
    assert from_json(Page, to_json(page)) == page == from_dict(Page, to_dict(page))


def test_a_wrong_record_names_its_field() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.polls"):
        from_dict(Feed, {"id": "f", "url": "u", "polls": "many"})
