"""The API against its own description: no 500, and no answer that the description denies."""

from __future__ import annotations

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.web.conftest import Site
from wirewatch.web.app import create_app

pytestmark = pytest.mark.es

EXAMPLES = 8  # requests made up for each of the 31 operations, beside those of its bounds

# Not whether all that fits the description is accepted: it cannot say what a query looks like.
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    allow_header_conformance,
    unsupported_method,
]


@pytest.fixture(scope="session")
def described(site: Site) -> schemathesis.BaseSchema:
    """The description that the running server gives."""
    return schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json")


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: schemathesis.Case, site: Site) -> None:
    case.call_and_validate(
        headers={"Authorization": f"Bearer {site.keys['all']}"}, checks=CHECKS, timeout=60
    )


def test_the_examples_fit_their_schemas(site: Site) -> None:
    made = create_app(site.settings, site.store).openapi()
    seen = 0
    for operations in made["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                content = answer.get("content", {}).get("application/json")
                if content is None:
                    continue
                wanted = {**content["schema"], "components": made["components"]}
                jsonschema.Draft202012Validator(wanted).validate(content["example"])
                seen += 1
    assert seen >= 17


def test_every_operation_is_described_whole(site: Site) -> None:
    made = create_app(site.settings, site.store).openapi()
    assert made["openapi"].startswith("3.1")
    for path, operations in made["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            for parameter in operation.get("parameters", ()):
                assert parameter["schema"], path
            for status, answer in operation["responses"].items():
                kinds = set(answer.get("content", ()))
                assert int(status) < 400 or kinds == {"application/problem+json"}, (path, status)


def test_answers_about_what_is_there_are_as_described(site: Site) -> None:
    """Made-up ids find nothing: these are real."""
    made = create_app(site.settings, site.store).openapi()
    asked = {
        "/story/{story_id}": f"/story/{site.ids['story']}",
        "/cluster/{cluster_id}": f"/cluster/{site.ids['cluster']}",
        "/revisions": f"/revisions?story={site.ids['story']}",
        "/feeds/{feed_id}": f"/feeds/{site.ids['feed']}",
        "/searches/{search_id}": f"/searches/{site.ids['search']}",
        "/stories": "/stories?q=ferry&facet=outlet&paged=true&size=3",
        "/counts": "/counts?q=ferry&split=outlet&share=true",
        "/terms": "/terms?q=ferry",
        "/feeds": "/feeds",
        "/pages": "/pages",
        "/searches": "/searches",
        "/alerts": "/alerts",
        "/channels": "/channels",
        "/channels/{channel_id}": "/channels/log",
        "/deliveries": "/deliveries",
        "/runs": "/runs",
    }
    with site.client("read") as client:
        for path, address in asked.items():
            answer = client.get(f"/api/v1{address}")
            assert answer.status_code == 200, answer.text
            described = made["paths"][f"/api/v1{path}"]["get"]["responses"]["200"]["content"]
            wanted = described["application/json"]["schema"]
            jsonschema.Draft202012Validator(
                {**wanted, "components": made["components"]},
                format_checker=jsonschema.FormatChecker(),
            ).validate(answer.json())
