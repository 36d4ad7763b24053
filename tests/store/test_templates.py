"""The mappings beside the records: what a record has, its index must take."""

import json

import msgspec
import pytest

from tests import makers
from wirewatch import records
from wirewatch.records.flat import flat_story
from wirewatch.settings import project_root

PAIRS = {
    "feeds": records.Feed,
    "pages": records.Page,
    "stories": records.Story,
    "clusters": records.Cluster,
    "searches": records.SavedSearch,
    "alerts": records.Alert,
    "channels": records.Channel,
    "deliveries": records.Delivery,
    "runs": records.Run,
    "revisions": records.Revision,
    "subscriptions": records.Subscription,
    "keys": records.Key,
    "hosts": records.Host,
    "locks": records.Lock,
    "costs": records.MatchingCosts,
    "troubles": records.Trouble,
}
ADDED = {"stories": {"time"}}  # what the store writes beside the record


@pytest.mark.parametrize("noun", PAIRS)
def test_a_mapping_has_the_fields_of_its_record(noun: str) -> None:
    file = project_root() / "config" / "elasticsearch" / f"{noun}.json"
    mapped = json.loads(file.read_text("utf-8"))["mappings"]
    fields = {field.encode_name for field in msgspec.structs.fields(PAIRS[noun])}
    if noun == "stories":  # a story is written flat
        fields = set(flat_story(makers.story("s")))
    assert mapped["dynamic"] == "strict"
    assert set(mapped["properties"]) == fields | ADDED.get(noun, set())


def test_links_and_topics_are_mapped_whole() -> None:
    file = project_root() / "config" / "elasticsearch" / "stories.json"
    mapped = json.loads(file.read_text("utf-8"))["mappings"]["properties"]
    revisions = project_root() / "config" / "elasticsearch" / "revisions.json"
    change = json.loads(revisions.read_text("utf-8"))["mappings"]["properties"]["change"]
    names = {one.encode_name for one in msgspec.structs.fields(records.Change)}
    assert set(change["properties"]) == names
    for field, kind in (("link", records.Link), ("sources", records.Link),
                        ("topics", records.TopicTag)):  # fmt: skip
        names = {one.encode_name for one in msgspec.structs.fields(kind)}
        assert set(mapped[field]["properties"]) == names


def test_no_language_is_analysed_twice() -> None:
    file = project_root() / "config" / "elasticsearch" / "languages.json"
    languages = json.loads(file.read_text("utf-8"))
    tags = [tag for language in languages["languages"].values() for tag in language["languages"]]
    assert len(tags) == len(set(tags))
    for key, language in languages["languages"].items():
        assert "folding" in language["filters"], key


def test_every_document_can_be_read_in_the_order_of_its_id() -> None:
    """Lists, scans and the comparison of a copied index sort by it."""
    for file in (project_root() / "config" / "elasticsearch").glob("*.json"):
        mapped = json.loads(file.read_text("utf-8")).get("mappings")
        if mapped:
            assert mapped["properties"]["id"]["type"] == "keyword", file.name
