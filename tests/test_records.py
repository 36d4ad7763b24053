import json
import re
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
from wirewatch.settings import project_root

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


THREADS = """
import sys, types
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from wirewatch.records import from_json

sys.setswitchinterval(1e-6)
source = "import msgspec\\n"
for n in range(20):
    source += f"class Inner{n}(msgspec.Struct):\\n"
    source += "".join(f"    f{k}: 'int | None' = None\\n" for k in range(10))
source += "class Outer(msgspec.Struct):\\n" + "".join(f"    i{n}: 'Inner{n}'\\n" for n in range(20))
line = "{" + ",".join(f'"i{n}": {{"f9": 9}}' for n in range(20)) + "}"
for turn in range(4):
    made = sys.modules[f"made{turn}"] = types.ModuleType(f"made{turn}")
    exec(source, made.__dict__)
    gate = Barrier(4)

    def read(_):
        gate.wait()
        return from_json(made.Outer, line).i19.f9

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(read, range(4))) == [9] * 4
"""


def test_threads_may_read_the_first_records_of_a_kind_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")


def test_whoever_decodes_records_makes_their_kind_ready() -> None:
    """What decodes a kind by msgspec itself must ask ``ready`` for it."""
    root = project_root() / "plugins" / "wirewatch"
    decoding = re.compile(
        r"(?:\bconvert\(|\bDecoder\(|decode\([^()]*\btype=)(?!.*ready\(|list\[str\])"
    )
    found = [
        f"{file.relative_to(root)}: {line.strip()}"
        for file in sorted(root.rglob("*.py"))
        for line in file.read_text("utf-8").splitlines()
        if "msgspec." in line and decoding.search(line)
    ]
    assert found == ["records/base.py: msgspec.json.Decoder(kind)"]
