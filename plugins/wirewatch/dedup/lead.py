"""Which story leads its cluster, and why.

The choice follows from the set of stories and from coarse classes (the agency's own, full or cut,
the outlet's standing), so that it changes only when a clearly better story comes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from wirewatch.dedup.agency import FILE_LIMIT, Agencies
from wirewatch.records import Story

FULL = 0.8  # of the longest copy's words: a fuller text than that is not clearly better
PARTS = ("excerpt", "truncated", "mix", "embedded")  # relations of stories that do not lead


class BadStanding(ValueError):
    """config/outlets.toml cannot be used; the message says why."""


def read_standing(file: Path) -> dict[str, int]:
    """Standing by outlet name or host, folded; empty without a file. Raises BadStanding."""
    if not file.exists():
        return {}
    try:
        if file.stat().st_size > FILE_LIMIT:
            raise BadStanding(f"{file}: over {FILE_LIMIT} bytes")
        table = tomllib.loads(file.read_text("utf-8")).get("standing", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadStanding(f"{file}: {error}") from None
    wrong = [name for name, value in table.items() if not isinstance(value, int) or abs(value) > 10]
    if wrong:
        raise BadStanding(f"{file}: must be whole numbers from -10 to 10: {', '.join(wrong)}")
    return {name.casefold(): value for name, value in table.items()}


def elect(
    members: Sequence[Story], agencies: Agencies, standing: Mapping[str, int]
) -> tuple[str, str]:
    """The id of the story that leads, and the reason in words. ``members`` is not empty."""
    whole = [story for story in members if not (story.link and story.link.relation in PARTS)]
    longest = max((story.word_count for story in whole or members), default=0)

    def rank(story: Story) -> tuple[int, int, int]:
        own = bool(agencies.owner(story.article.outlet, story.article.host))
        part = bool(story.link and story.link.relation in PARTS)
        full = not part and story.word_count >= FULL * longest
        named = (story.article.outlet.casefold(), story.article.host.casefold())
        stands = max((standing[name] for name in named if name in standing), default=0)
        return int(own), int(full), stands

    ranks = {story.id: rank(story) for story in members}
    lead = min(members, key=lambda story: ([-x for x in ranks[story.id]], story.time, story.id))
    return lead.id, _reason(lead, ranks)


def _reason(lead: Story, ranks: Mapping[str, tuple[int, int, int]]) -> str:
    own, full, stands = ranks[lead.id]
    others = [rank for story, rank in ranks.items() if story != lead.id]
    if not others:
        return "the only story"
    if own and any(not rank[0] for rank in others):
        return "the agency's own report"
    equal = [rank for rank in others if rank[0] == own]
    if full and any(not rank[1] for rank in equal) and not any(rank[1] for rank in equal):
        return f"the fullest text, {lead.word_count} words"
    equal = [rank for rank in equal if rank[1] == full]
    if any(rank[2] < stands for rank in equal) and not any(rank[2] == stands for rank in equal):
        return f"the outlet's standing, {stands}, in config/outlets.toml"
    if lead.article.published:
        return f"first published of the full texts, {lead.time:%Y-%m-%d %H:%M} UTC"
    return f"first seen of the full texts, {lead.time:%Y-%m-%d %H:%M} UTC"
