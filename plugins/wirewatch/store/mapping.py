"""Whether an index is made as this version would make it: mapping, analysis, similarity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wirewatch.records import Record

ABSENT = "missing"
UNWANTED = "absent"
OTHER = "other"  # the language key of a story in a language without an analyzer of its own
# What shapes an index beside its mapping.
SETTINGS = ("analyzer", "char_filter", "filter", "similarity")

# How documents are written, beside their mapping. 1: without the fields that have their default.
# To be raised with a new field whose default is searched for, so that old documents get it too.
DOCUMENTS = 2

# What of a document must change to be as this version writes it: fields that are gone, fields that
# were left out, and the language whose analyzer its title and text are under.
_ADAPT = """
for (one in params.defaults.entrySet()) {
  ctx._source.putIfAbsent(one.getKey(), one.getValue());
}
for (path in params.removed) {
  def at = ctx._source;
  for (int i = 0; i < path.size() - 1; i++) {
    at = at instanceof Map ? at[path[i]] : null;
  }
  if (at instanceof Map) { at.remove(path[path.size() - 1]); }
}
if (params.keys != null) {
  String tag = ctx._source.language;
  def key = params.keys[tag];
  if (key == null) { key = params.keys[tag.splitOnToken('-')[0].toLowerCase()]; }
  if (key == null) { key = params.other; }
  for (name in ['title', 'text']) {
    def old = ctx._source[name];
    if (old instanceof Map && old.size() == 1 && !old.containsKey(key)) {
      def kept = old.values().iterator().next();
      ctx._source[name] = [key: kept];
    }
  }
}
"""


class Difference(Record, frozen=True, kw_only=True):
    """One field, analyzer, filter or similarity that is not as it should be."""

    name: str
    there: str  # what it is; "missing"
    wanted: str  # what it should be; "absent"

    def __str__(self) -> str:
        return f"{self.name} (is {self.there}, should be {self.wanted})"


def differences(index: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What differs between an index as Elasticsearch tells it and the body that makes one."""
    wanted = dict(fields(body["mappings"]["properties"]))
    there = dict(fields(index["mappings"].get("properties", {})))
    wanted.update(_settings({**body["settings"], **body["settings"]["index"]}))
    there.update(_settings(index["settings"]["index"]))
    wanted["documents"] = f"written as of {DOCUMENTS}"
    there["documents"] = f"written as of {index['mappings'].get('_meta', {}).get('documents', 1)}"
    return tuple(
        Difference(name=name, there=there.get(name, ABSENT), wanted=wanted.get(name, UNWANTED))
        for name in sorted(wanted.keys() | there.keys())
        if there.get(name) != wanted.get(name)
    )


def additions(found: tuple[Difference, ...], body: Mapping[str, Any]) -> dict[str, Any]:
    """The new fields, when nothing but new fields differ: an index can be given them as it is.

    Empty when there is more to do. A sub-field is more: old documents would not be in it.
    """
    properties = body["mappings"]["properties"]
    new = {one.name.split(".")[0] for one in found}
    grown = all(one.there == ABSENT and one.name.split(".")[0] in properties for one in found)
    whole = {name: dict(fields({name: properties[name]})) for name in new if name in properties}
    missing = {one.name for one in found}
    if not grown or any(set(leaves) - missing for leaves in whole.values()):
        return {}
    return {name: properties[name] for name in new}


def adaptation(
    found: tuple[Difference, ...], defaults: Mapping[str, Any], tags: Mapping[str, str] | None
) -> dict[str, Any]:
    """The script that makes an old document one as this version writes it.

    ``defaults`` are by field. ``tags`` are the language keys of stories by BCP 47 tag; None for
    other documents.
    """
    removed = [
        one.name.split(".")
        for one in found
        if one.wanted == UNWANTED and one.name.split(" ")[0] not in SETTINGS
    ]
    params = {"removed": removed, "defaults": defaults, "keys": tags, "other": OTHER}
    return {"source": _ADAPT, "lang": "painless", "params": params}


def version(index: Mapping[str, Any]) -> int:
    """The version of the mapping that an index was made with; 0 when it does not say."""
    return int(index["mappings"].get("_meta", {}).get("wirewatch", 0))


def fields(properties: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each leaf field with what makes it what it is: its type, analyzer, and how it is kept."""
    for name, spec in properties.items():
        path = prefix + name
        if "properties" in spec:
            yield from fields(spec["properties"], f"{path}.")
            continue
        kind = str(spec.get("type", "object"))
        if spec.get("analyzer"):
            kind += f" by {spec['analyzer']}"
        if spec.get("index") is False or spec.get("enabled") is False:
            kind += ", not searchable"
        for other in sorted(spec.keys() - {"type", "analyzer", "index", "enabled", "fields"}):
            kind += f", {other} {_plain(spec[other])}"
        yield path, kind
        yield from fields(spec.get("fields", {}), f"{path}.")


def _settings(settings: Mapping[str, Any]) -> dict[str, str]:
    """Analyzers, filters and similarities, each in one line."""
    kinds = {**settings.get("analysis", {}), "similarity": settings.get("similarity", {})}
    return {
        f"{kind} {name}": ", ".join(f"{key} {_plain(spec[key])}" for key in sorted(spec))
        for kind in SETTINGS
        for name, spec in kinds.get(kind, {}).items()
    }


def _plain(value: Any) -> str:
    """A value as the server tells it back: numbers and booleans are text there."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + " ".join(_plain(one) for one in value) + "]"
    return str(value)
