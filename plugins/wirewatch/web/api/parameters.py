"""Parameters that several routes have, with what they mean."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Path, Query

from wirewatch.web.context import Caller, needs

Reader = Annotated[Caller, Depends(needs("read"))]
Writer = Annotated[Caller, Depends(needs("write"))]
Operator = Annotated[Caller, Depends(needs("operate"))]

Facet = Literal["topic", "outlet", "agency", "language", "country", "author"]

ID = r"^[0-9a-f]{24}$"

Q = Annotated[
    str,
    Query(
        description="A query in the language of docs/search.md; `*` for every story.",
        examples=["ferry AND (fire OR smoke)", 'title:flood -agency:"Meridian" published:7d'],
    ),
]
Size = Annotated[int, Query(ge=1, le=500, description="Rows of a page.")]
ListCursor = Annotated[
    str,
    Query(
        description="`cursor` of the page before; everything else as it was asked there.",
        max_length=20_000,
    ),
]
Values = Annotated[list[str] | None, Query(description="Only these; may be repeated.")]
StoryId = Annotated[str, Path(pattern=ID, description="The id of a story.")]
ClusterId = Annotated[str, Path(pattern=ID, description="The id of a cluster.")]
