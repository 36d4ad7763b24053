"""A route that says no to parameters it does not know, and names them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, get_args, get_origin

from fastapi import Request, Response
from fastapi.dependencies.utils import get_flat_dependant
from fastapi.routing import APIRoute

from wirewatch.web.problems import Problem

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """Answers 400 to a parameter that there is not, and to one given twice that is one value."""

    def get_route_handler(self) -> Handler:
        """The handler, after the check."""
        handle = super().get_route_handler()
        fields = get_flat_dependant(self.dependant).query_params
        many = {field.alias: _is_list(field.field_info.annotation) for field in fields}

        async def strict(request: Request) -> Response:
            given = [name for name, _ in request.query_params.multi_items()]
            for name in dict.fromkeys(given):
                if name not in many:
                    known = f"; there are {', '.join(sorted(many))}" if many else ""
                    raise Problem(
                        "unknown-parameter",
                        f"there is no parameter {name[:100]!r} here{known}",
                        parameter=name[:100],
                    )
                if given.count(name) > 1 and not many[name]:
                    raise Problem(
                        "bad-parameter", f"{name} is given more than once", parameter=name
                    )
            return await handle(request)

        return strict


def _is_list(annotation: Any) -> bool:
    """Whether a parameter may be given several times."""
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))
