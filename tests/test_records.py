import json
import subprocess
import sys
from datetime import UTC, datetime

import msgspec
import pytest

from wirewatch.records import (
    Article,
    Feed,
    Page,
    Story,
    defaults,
    flat,
    flat_story,
    from_dict,
    from_json,
    read_story,
    replace,
    stable_id,
    story_defaults,
    to_dict,
    to_json,
)
from wirewatch.search.results import Hit

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


STORY = Story(
    id="s",
    article=Article(
        url="http://a/", canonical_url="http://a/", title="T", text="One.", first_seen=NOW
    ),
)


def test_defaults_are_written() -> None:
    page = to_dict(Page(id="p", url="http://a/", host="a", discovered=NOW))
    assert (page["reason"], page["parts"], page["status"]) == (None, (), "discovered")
    given = {"id", "url", "host", "discovered"}
    assert defaults(Page) == {name: page[name] for name in page if name not in given}


def test_a_story_is_written_flat_and_read_back() -> None:
    article = Article(
        url="http://a/", canonical_url="http://a/", title="T", text="One.", first_seen=NOW
    )
    told = Story(id="s", article=article)
    fields = flat_story(STORY)
    assert (fields["id"], fields["title"], fields["language"]) == ("s", "T", "und")
    assert not {"article", "next_url"} & fields.keys()
    assert read_story(fields) == STORY
    assert read_story({"id": "s", "url": "http://a/", "canonical_url": "http://a/", "title": "T",
                       "text": "One.", "first_seen": fields["first_seen"]}) == STORY  # fmt: skip
    later = replace(
        told, article=replace(article, next_url="http://a/2", published_day="2026-11-23")
    )
    assert flat_story(later) == fields
    assert story_defaults() == {name: fields[name] for name in story_defaults()}


def test_stories_are_flat_wherever_they_are() -> None:
    written = flat({"found": [Hit(story=STORY)], "cluster": None}, ("text",))
    [hit] = written["found"]
    assert (hit["story"]["title"], hit["copies"]) == ("T", 1)
    assert hit["story"].keys() == flat_story(STORY).keys() - {"text"}
    assert json.loads(json.dumps(written)) == written | {"found": json.loads(json.dumps([hit]))}


def test_a_wrong_record_names_its_field() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.polls"):
        from_dict(Feed, {"id": "f", "url": "u", "polls": "many"})
