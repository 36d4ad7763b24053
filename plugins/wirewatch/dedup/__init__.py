"""Copies of one report in one cluster.

The pipeline calls one function::

    deduplicator.place(stories, source, index, settings, agencies, *, run, now,
                       batch="0", standing=None) -> Placement

with ``index = FingerprintIndex(f"{settings.state}/fingerprints", settings["dedup.cache"])``,
``agencies = load_agencies(settings)`` and
``standing = read_standing(settings.config_dir / "outlets.toml")``; ``source`` answers
``stories(ids)`` and ``clusters(ids)`` in bulk (:class:`deduplicator.StorySource`).

``rebuild.rebuild`` makes the index anew, and ``index.check()`` reads all of it. ``manual.split``
and ``manual.merge`` change clusters by hand. ``explain.compare_stories`` and ``explain.history``
say why stories are copies, and ``agency.wire_shares`` how much of an outlet is agency copy.

Top to bottom: ``fingerprint`` (words and winnowed hashes), ``segments`` and ``fingerprint_index``
(the files), ``candidates`` (who shares rare hashes), ``features`` and ``compare`` (the verdict on
a pair, with evidence), ``mixes`` (links that would tie unrelated reports together), ``cluster``
(links to clusters), ``assign`` (what a batch changes), ``lead`` and ``agency``.
"""
