"""The fingerprint index of the installation: opened, looked through, made anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from wirewatch.dedup.deduplicator import KEPT
from wirewatch.dedup.fingerprint_index import REMEDY, FingerprintIndex
from wirewatch.dedup.rebuild import rebuild
from wirewatch.dedup.segments import Damaged
from wirewatch.pipeline.paths import fingerprints_root
from wirewatch.settings import Settings
from wirewatch.store import Store


def open_index(store: Store, settings: Settings, now: datetime) -> FingerprintIndex:
    """The index, for a run to write to.

    Raises Damaged where nothing is there while stories are: their copies would be missed.
    """
    index = _index(settings)
    if lost := _lost(index, store, settings, now):
        raise Damaged(f"the fingerprint index: {lost}: {REMEDY}")
    return index


def check_fingerprints(store: Store, settings: Settings, now: datetime) -> list[str]:
    """What is wrong with the index, a line a file damaged or missing; none when all is well."""
    index = _index(settings)
    lost = _lost(index, store, settings, now)
    return [lost] if lost else index.check()


def rebuild_fingerprints(store: Store, settings: Settings, now: datetime) -> int:
    """Makes the index anew from the stories of the window; returns how many they are.

    Not to be done while a run deduplicates: there is one writer.
    """
    since = now - timedelta(hours=settings["dedup.window_weak"]) - KEPT
    query = {"range": {"first_seen": {"gte": since.isoformat()}}}
    return rebuild(_index(settings), store.stories.all(query), settings, now=now)


def _lost(index: FingerprintIndex, store: Store, settings: Settings, now: datetime) -> str:
    """That nothing is there while stories are that had their fingerprints in it, in words."""
    if not index.never_written():
        return ""
    since = now - timedelta(hours=settings["dedup.window_weak"])
    query = {"range": {"first_seen": {"gte": since.isoformat()}}}
    stories = int(store.es.count(index=store.stories.alias, query=query)["count"])
    if not stories:
        return ""
    return (
        f"{fingerprints_root(settings)}: nothing is there, while Elasticsearch has stories of the "
        f"last {settings['dedup.window_weak']} hours ({stories})"
    )


def _index(settings: Settings) -> FingerprintIndex:
    return FingerprintIndex(fingerprints_root(settings), settings["dedup.cache"])
