"""The API's description: OpenAPI 3.1, with the schemas of records and of problems."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from wirewatch.web.api import answers
from wirewatch.web.problems import KINDS, MEDIA_TYPE, Problem

ABOUT = """\
Finding, counting and taking away what wirewatch collects. How queries are written:
`docs/search.md`; examples with curl and Python: `docs/api.md`.

Send a key as `Authorization: Bearer KEY` (feed readers: as the password of Basic). Without one,
users of the server's own machine may read. Errors are problem details (RFC 9457)."""

# Problems that any route may answer with.
_ALWAYS = (400, 401, 403, 413, 421, 429, 500, 503, 504)
_PROBLEM = {
    "title": "Problem",
    "description": "Problem details (RFC 9457). Some kinds have further members.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:wirewatch:problem:{slug}" for slug in KINDS]},
        "title": {"type": "string", "description": "Of the kind."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong, where, what to do."},
        "column": {"type": "integer", "description": "Of a query: characters from 1."},
        "expected": {"type": "string", "description": "What would have been right there."},
        "parameter": {"type": "string"},
        "scope": {"type": "string", "description": "The scope that is missing."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "name", "detail"],
                "properties": {
                    "in": {"type": "string"},
                    "name": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key: `wirewatch keys add`."},
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "The key as password; reads.",
    },
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of an app's routes, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    made = get_openapi(title="wirewatch", version=app.version, description=ABOUT, routes=app.routes)
    components = made.setdefault("components", {})
    own = {
        name: schema
        for name, schema in components.get("schemas", {}).items()
        if name not in ("HTTPValidationError", "ValidationError")  # answered as problems here
    }
    components["schemas"] = {**own, **answers.schemas(), "Problem": _PROBLEM}
    components["securitySchemes"] = _SCHEMES
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    app.openapi_schema = made
    return made


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Adds the problems that an operation may answer with, and what it takes to be let in."""
    answered = operation["responses"]
    answered.pop("422", None)
    for answer in answered.values():
        for content in answer.get("content", {}).values():
            # Set here: FastAPI leaves out of examples what is null.
            if example := answers.example(content.get("schema", {})):
                content["example"] = example
    statuses = list(_ALWAYS)
    if "{" in path:
        statuses.append(404)
    if path.endswith("/revisions"):
        statuses.append(404)
    if any(one["name"] == "cursor" for one in operation.get("parameters", ())):
        statuses.append(410)
    if "requestBody" in operation:
        statuses += [409, 422]
    elif method in ("post", "put", "delete"):
        statuses.append(409)
    for status in sorted(set(statuses)):
        answered[str(status)] = _answer(status)
    if path.endswith("/health"):
        return
    operation["security"] = [{"key": []}]
    if method == "get":
        operation["security"] += [{"password": []}, {}]


def _answer(status: int) -> dict[str, Any]:
    kinds = {slug: title for slug, (code, title) in KINDS.items() if code == status}
    examples = {
        slug: {"value": Problem(slug, f"{title}.").details()} for slug, title in kinds.items()
    }
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    return {"description": "; ".join(kinds.values()) + ".", "content": {MEDIA_TYPE: content}}
