"""The seeded churner: what happens to a wire report on its way to the reader.

Pure functions, the same in every process for the same seed. The newsroom's outlets, the tests and
the benchmarks use it, on the newsroom's own texts and on plain newswire text from elsewhere::

    rng = seeded("my benchmark", story_id, kind)
    made = churn("tail_cut", source(title, text), rng)
    made.title, made.text

``COPY_KINDS`` are copies of the original; ``OTHER_KINDS`` look like it and are not. ``HARDER`` has
for a kind one that does the same to excess.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from newsroom.churn import copies, mixtures, noise, others, wording
from newsroom.churn.others import roundup_of
from newsroom.churn.phrases import phrases
from newsroom.churn.records import Job, Source, Version, seeded, source

__all__ = [
    "COPY_KINDS",
    "HARDER",
    "KINDS",
    "NEEDS_OTHER",
    "OTHER_KINDS",
    "Source",
    "Version",
    "churn",
    "roundup_of",
    "seeded",
    "source",
]

_COPIES: dict[str, Callable[[Job], Version]] = {
    "verbatim": copies.verbatim,
    "rebylined": copies.rebylined,
    "dateline_changed": copies.dateline_changed,
    "tail_cut": copies.tail_cut,
    "brief": copies.brief,
    "quotes_moved": copies.quotes_moved,
    "paragraphs_dropped": copies.paragraphs_dropped,
    "paragraphs_reordered": copies.paragraphs_reordered,
    "boilerplate_added": mixtures.boilerplate_added,
    "related_news": mixtures.related_news,
    "headline_rewritten": wording.headline_rewritten,
    "paraphrase_light": wording.paraphrase_light,
    "ocr_noise": noise.ocr_noise,
    "encoding_noise": noise.encoding_noise,
    "mix": mixtures.mix,
    "correction": wording.correction,
    "update": mixtures.update,
    "embedded": mixtures.embedded,
    "scraped": mixtures.scraped,
}
_HARDER: dict[str, Callable[[Job], Version]] = {
    "ocr_poor": noise.ocr_poor,
    "brief_short": copies.brief_short,
}
_OTHERS: dict[str, Callable[[Job], Version]] = {
    "template_numbers": others.template_numbers,
    "roundup": others.roundup,
    "shared_boilerplate": others.shared_boilerplate,
}
COPY_KINDS = tuple(_COPIES)
OTHER_KINDS = tuple(_OTHERS)
KINDS = COPY_KINDS + OTHER_KINDS
# What a kind of copy is when it is made harder to recognise; for benchmarks.
HARDER = {"ocr_noise": "ocr_poor", "brief": "brief_short"}
NEEDS_OTHER = ("mix", "shared_boilerplate")  # the kinds that cannot be made of one report


def churn(
    kind: str,
    original: Source,
    rng: random.Random,
    other: Source | None = None,
    language: str = "en",
) -> Version:
    """The version of ``original`` that this kind makes; it never fails for lack of text.

    ``other`` is the second report of ``mix``, ``embedded``, ``roundup`` and
    ``shared_boilerplate``; ``language`` (BCP 47) chooses the words that are added or swapped.
    Raises ValueError for a kind that is neither of ``KINDS`` nor a harder one, and when a kind of
    ``NEEDS_OTHER`` gets no second report.
    """
    make = _COPIES.get(kind) or _OTHERS.get(kind) or _HARDER.get(kind)
    if make is None:
        raise ValueError(f"no such kind: {kind!r}; one of {', '.join(KINDS)}")
    if other is None and kind in NEEDS_OTHER:
        raise ValueError(f"{kind} needs a second report")
    job = Job(kind=kind, original=original, other=other, rng=rng, phrases=phrases(language))
    return make(job)
