"""What routes may be asked: the base of their parameters, and those that several have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal, Self, get_origin, get_type_hints

from fastapi import Depends, Path, Query, Request
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

from wirewatch import records
from wirewatch.web.context import Caller, needs
from wirewatch.web.problems import Problem

Reader = Annotated[Caller, Depends(needs("read"))]
Writer = Annotated[Caller, Depends(needs("write"))]
Operator = Annotated[Caller, Depends(needs("operate"))]

Facet = Literal["topic", "outlet", "agency", "language", "country", "author"]

SLUG = f"^{records.SLUG}$"
ID = r"^[0-9a-f]{24}$"

Q = Annotated[
    str,
    Field(
        description="A query in the language of docs/search.md; `*` for every story.",
        examples=["ferry AND (fire OR smoke)", 'title:flood -agency:"Meridian" published:7d'],
    ),
]
Size = Annotated[int, Field(ge=1, le=500, description="Rows of a page.")]
Values = Annotated[tuple[str, ...], Field(description="Only these; may be repeated.")]
StoryId = Annotated[str, Path(pattern=ID, description="The id of a story.")]
ClusterId = Annotated[str, Path(pattern=ID, description="The id of a cluster.")]


class Parameters(BaseModel):
    """The parameters of a route. Raises Problem for one that it does not have, naming those it has.

    Every route of the API has one of these, annotated as ``Query()``.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _known(cls, given: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return validate(given)
        except ValidationError as error:
            unknown = [one["loc"] for one in error.errors() if one["type"] == "extra_forbidden"]
            if not unknown:
                raise
            name = str(unknown[0][0])[:100]
            known = f"; there are {', '.join(sorted(cls.model_fields))}" if cls.model_fields else ""
            words = f"there is no parameter {name!r} here{known}"
            raise Problem("unknown-parameter", words, parameter=name) from error


class NoParameters(Parameters):
    """Of a route that has none."""


class ListParameters(Parameters):
    """Of a list that comes in pages."""

    size: Size = 100
    cursor: str = Field(
        default="",
        description="`cursor` of the page before; everything else as it was asked there.",
        max_length=20_000,
    )

    def filters(self) -> dict[str, Any]:
        """What the list is narrowed by, as its reader takes it."""
        return self.model_dump(exclude=set(ListParameters.model_fields))


Nothing = Annotated[NoParameters, Query()]


def given_once(request: Request) -> None:
    """Raises Problem where one value is given twice: FastAPI would take the last in silence."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    for name in _single(request.scope["route"].endpoint):
        if times[name] > 1:
            raise Problem("bad-parameter", f"{name} is given more than once", parameter=name)


@cache
def _single(endpoint: Callable[..., Any]) -> tuple[str, ...]:
    """The parameters of a route that have one value each."""
    return tuple(
        name
        for kind in get_type_hints(endpoint).values()
        if isinstance(kind, type) and issubclass(kind, Parameters)
        for name, field in kind.model_fields.items()
        if get_origin(field.annotation) is not tuple
    )
