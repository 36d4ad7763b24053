"""The mappings in ``config/elasticsearch/``: made where missing, checked where they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from wirewatch.records import (
    Alert,
    Channel,
    Cluster,
    Delivery,
    Feed,
    Host,
    Key,
    Lock,
    MatchingCosts,
    Page,
    Record,
    Revision,
    Run,
    SavedSearch,
    Subscription,
    Trouble,
    defaults,
    story_defaults,
)
from wirewatch.settings import Settings
from wirewatch.store import mapping, names
from wirewatch.store.mapping import OTHER

SINGLE: dict[str, type[Record]] = {
    "feeds": Feed,
    "pages": Page,
    "hosts": Host,
    "clusters": Cluster,
    "revisions": Revision,
    "searches": SavedSearch,
    "alerts": Alert,
    "channels": Channel,
    "deliveries": Delivery,
    "runs": Run,
    "subscriptions": Subscription,
    "keys": Key,
    "locks": Lock,
    "costs": MatchingCosts,
    "troubles": Trouble,
}
STORIES = "stories"
NAMED = 12  # differing fields that the message names; more would hide the first


class MappingDiffers(RuntimeError):
    """An index has another mapping than the code's; the message names the fields."""


class Templates:
    """Index templates and the indices made from them, for one prefix."""

    def __init__(self, es: Elasticsearch, prefix: str, settings: Settings) -> None:
        self._es = es
        self._prefix = prefix
        self._folder = settings.config_dir / "elasticsearch"
        self._shards: int = settings["elasticsearch.shards"]
        self._replicas: int = settings["elasticsearch.replicas"]
        self._months: set[str] = set()

    def body(self, noun: str) -> dict[str, Any]:
        """The settings and mappings of a noun's index, languages written out."""
        spec = _read(self._folder / f"{noun}.json")
        languages = _read(self._folder / "languages.json")
        shards = self._shards if noun == STORIES else 1
        meta = {"wirewatch": spec["version"], "documents": mapping.DOCUMENTS}
        mappings = {**spec["mappings"], "_meta": meta}
        if noun == STORIES:
            mappings["properties"] = _write_out(mappings["properties"], languages["languages"])
        return {
            "settings": {
                "index": {
                    "number_of_shards": shards,
                    "number_of_replicas": self._replicas,
                    "refresh_interval": "1s",
                    # How benchmarks/search.py ranks best: a repeated word counts for more.
                    **({"similarity": spec["similarity"]} if "similarity" in spec else {}),
                },
                "analysis": _analysis(languages, with_languages=noun == STORIES),
            },
            "mappings": mappings,
        }

    def install(self) -> None:
        """Makes each missing index, and the template that a new month of stories is made from."""
        there = self._es.indices.get_alias(index=f"{self._prefix}-*").body
        present = {*there, *(alias for one in there.values() for alias in one["aliases"])}
        for noun in SINGLE:
            name = f"{self._prefix}-{noun}"
            if name not in present:
                self._create(name, {**self.body(noun), "aliases": {name: {}}})
        stories = f"{self._prefix}-{STORIES}"
        self._es.indices.put_index_template(
            name=stories,
            index_patterns=[f"{stories}-*"],
            template=self.body(STORIES),
            version=self.version(STORIES),
            # A month that was deleted must not come back without its aliases by a late write.
            allow_auto_create=False,
            priority=200,  # above templates for all indices that a site may have
        )
        if not any(name.startswith(f"{stories}-") for name in present):
            # An alias needs one index to be searchable before the first story came.
            self.month("0000.00")

    def month(self, month: str) -> str:
        """The name of a month's index of stories (``YYYY.MM``), made if it is missing."""
        stories = f"{self._prefix}-{STORIES}"
        name = f"{stories}-{month}"
        if name not in self._months:
            if not self._es.indices.exists(index=name):
                self._create(name, {"aliases": {name: {}, stories: {}}})
            self._months.add(name)
        return name

    def _create(self, name: str, body: Mapping[str, Any]) -> None:
        try:
            self._es.indices.create(index=names.numbered(name, names.FIRST), **body)
        except BadRequestError as error:  # another process made it at the same moment
            if error.error != "resource_already_exists_exception":
                raise

    def version(self, noun: str) -> int:
        """The version of the noun's mapping in ``config/elasticsearch/``."""
        return int(_read(self._folder / f"{noun}.json")["version"])

    def defaults(self, noun: str) -> dict[str, Any]:
        """The fields of the noun's documents that have a default, with it."""
        return story_defaults() if noun == STORIES else defaults(SINGLE[noun])

    def served(self) -> dict[str, dict[str, Any]]:
        """The indices that are asked and written, by the name they are behind; as the server
        tells them, with the ``index`` itself and its ``noun``.
        """
        found = {}
        for index, told in self.indices().items():
            name = names.plain(index)
            if name == index or name in told["aliases"]:
                found[name] = {**told, "index": index}
        return found

    def indices(self) -> dict[str, dict[str, Any]]:
        """All indices of the prefix as the server tells them, each with its ``noun``."""
        told = self._es.indices.get(index=f"{self._prefix}-*").body
        found = {}
        for index, one in sorted(told.items()):
            noun = index.removeprefix(f"{self._prefix}-").split("-")[0]
            if noun in (*SINGLE, STORIES):
                found[index] = {**one, "noun": noun}
        return found

    def language_key(self, language: str) -> str:
        """The sub-field of ``title`` and ``text`` for a BCP 47 tag: ``pt-BR`` → ``pt_br``."""
        keys = _keys_by_tag(self._folder / "languages.json")
        return keys.get(language) or keys.get(language.split("-")[0].lower()) or OTHER

    def language_keys(self) -> tuple[str, ...]:
        """Every language key that there is."""
        return tuple(_read(self._folder / "languages.json")["languages"])

    def check(self) -> None:
        """Raises MappingDiffers, naming each field whose mapping is not the code's.

        An index of a later version is let be: while it is moved to, what runs goes on.
        """
        bodies = {noun: self.body(noun) for noun in (*SINGLE, STORIES)}
        problems: list[str] = []
        for name, index in self.served().items():
            if mapping.version(index) > self.version(index["noun"]):
                continue
            differing = mapping.differences(index, bodies[index["noun"]])
            if differing:
                # What is another kind first: it says more than what is not there yet.
                told = sorted(differing, key=lambda one: one.there == mapping.ABSENT)
                named = ", ".join(map(str, told[:NAMED]))
                more = f" and {len(differing) - NAMED} more" if len(differing) > NAMED else ""
                problems.append(f"{name}: {named}{more}")
        if problems:
            raise MappingDiffers(
                "the mapping differs from this version's, nothing was written: "
                + "; ".join(problems)
                + ". Run 'wirewatch index migrate': it moves the documents while all is served"
            )

    def tags(self) -> dict[str, str]:
        """The language key of each BCP 47 tag that has one."""
        return dict(_keys_by_tag(self._folder / "languages.json"))


@cache
def _keys_by_tag(file: Path) -> dict[str, str]:
    return {
        tag: key
        for key, language in _read(file)["languages"].items()
        for tag in language["languages"]
    }


@cache
def _read(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return loaded


def _write_out(properties: dict[str, Any], languages: Mapping[str, Any]) -> dict[str, Any]:
    """``{"$languages": "field"}`` becomes an object with a sub-field a language."""
    written = {}
    for name, spec in properties.items():
        if "$languages" in spec:
            spec = {
                "properties": {
                    key: {
                        "type": "text",
                        "analyzer": language["analyzer"],
                        "fields": {"exact": {"type": "text", "analyzer": "folded"}},
                    }
                    for key, language in languages.items()
                }
            }
        written[name] = spec
    return written


def _analysis(languages: Mapping[str, Any], *, with_languages: bool) -> dict[str, Any]:
    analyzers = {
        language["analyzer"]: {
            "type": "custom",
            "char_filter": language["char_filters"],
            "tokenizer": language["tokenizer"],
            "filter": language["filters"],
        }
        for key, language in languages["languages"].items()
        if with_languages or key == OTHER
    }
    made: dict[str, Any] = {"analyzer": analyzers}
    for kind in ("char_filter", "filter"):
        used = {name for analyzer in analyzers.values() for name in analyzer[kind]}
        specs = languages[f"{kind}s"]
        made[kind] = {name: spec for name, spec in specs.items() if name in used}
    return made
