"""``wirewatch topics`` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

from tests import makers
from tests.cli.test_commands import Call, wirewatch
from wirewatch.settings import Settings
from wirewatch.store import connect

__all__ = ["wirewatch"]

LEAD = "The measure was read out at noon and all of them were there."
REPORT = LEAD + (
    "\nParliament passed the law on the harbour tunnel by two votes. The opposition left, and the "
    "prime minister called an election."
)


def fill(options: Settings) -> None:
    with connect(options) as store:
        store.stories.create(
            [
                makers.story(
                    "full", REPORT, title="At noon", cluster_id="full", section="Politics"
                ),
                makers.story("cut", LEAD, title="At noon", cluster_id="full"),
                makers.story("other", "Keiner war da.", title="Am Mittag", language="de"),
            ]
        )
        store.refresh()


def test_a_storys_topics_are_explained(wirewatch: Call, options: Settings) -> None:
    fill(options)
    told = wirewatch("topics", "explain", "full")
    assert told.returncode == 0, told.stderr
    assert "given  politics (medtop:11000000)" in told.stdout
    assert "words: parliament" in told.stdout
    assert "section: Politics" in told.stdout
    copy = wirewatch("topics", "explain", "cut", "--json")
    found = json.loads(copy.stdout)
    assert (found["story"], found["read"]) == ("cut", "full")
    assert found["topics"][0]["code"] == "medtop:11000000"
    assert found["topics"][0]["given"] is True
    assert {one["kind"] for one in found["topics"][0]["evidence"]} == {"section", "words"}
    assert wirewatch("topics", "explain", "nowhere").returncode == 1


def test_a_rule_file_is_tried_on_the_archive(
    wirewatch: Call, options: Settings, tmp_path: Path
) -> None:
    fill(options)
    file = tmp_path / "tunnel.toml"
    file.write_text('labels = { en = "Tunnel" }\n[en]\nstrong = "harbour tunnel*"\n')
    told = wirewatch("topics", "test", str(file))
    assert told.returncode == 0, told.stderr
    assert "words: harbour tunnel" in told.stdout
    assert "1 of 3 stories" in told.stderr
    assert "no rules for stories in de" in told.stderr
    narrowed = wirewatch("topics", "test", str(file), "--query", "mittag", "--json")
    found = json.loads(narrowed.stdout)
    assert found == {"stories": 1, "tagged": [], "languages_without_rules": ["de"]}
    file.write_text('labels = { en = "Tunnel" }\n[en]\nstrong = "*"\n')
    wrong = wirewatch("topics", "test", str(file))
    assert wrong.returncode == 2
    assert "tunnel.toml:3: '*' must have 1 to 6 words" in wrong.stderr
    assert wirewatch("topics", "test", str(tmp_path / "none.toml")).returncode == 2
