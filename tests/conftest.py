"""What every test shares: a real Elasticsearch, and an Airflow home of the test run's own."""

from __future__ import annotations

import atexit
import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from wirewatch.settings import Settings
    from wirewatch.store import Store

# Airflow reads these when it is first imported, which a test's module may do: set them before.
_HOME = Path(tempfile.mkdtemp(prefix="wirewatch-airflow-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_ROOT = Path(__file__).resolve().parents[1]
os.environ.update(
    AIRFLOW_HOME=str(_HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(_ROOT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(_ROOT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{_HOME / 'airflow.db'}",
    AIRFLOW__API_AUTH__JWT_SECRET="only-for-the-tests-" * 4,
    AIRFLOW__CORE__FERNET_KEY="",
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(_HOME / "logs"),
)
for _name in list(os.environ):  # an operator's own options must not change what is tested
    if _name.startswith("WIREWATCH_"):
        del os.environ[_name]
_GIVEN_URL = os.environ.pop("ELASTICSEARCH_URL", "")  # kept for the fixture; no test sees it

HEAP = 512  # MiB: enough for the tests, and leaves memory to the machine


@pytest.fixture(scope="session")
def es_url() -> Iterator[str]:
    """The URL of a real Elasticsearch: ELASTICSEARCH_URL's, else one that runs for these tests."""
    if _GIVEN_URL:
        yield _GIVEN_URL.rstrip("/")
        return
    from wirewatch.local import paths, processes
    from wirewatch.local.elasticsearch import server
    from wirewatch.settings import load

    folder = Path(tempfile.mkdtemp(prefix="wirewatch-es-"))
    folder.chmod(0o755)  # as root the server runs as somebody else, who must get in
    try:
        settings = load({}).with_options(local__elasticsearch_heap=HEAP)
        plan = server.make_plan(settings, print, folder / "elasticsearch")
        plan = dataclasses.replace(plan, port=paths.any_port())  # never a developer's own
        yield server.start(plan, folder / "run", print).url
    finally:
        processes.stop(folder / "run", server.NAME, patience=server.STOP_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def es_prefix(es_url: str) -> Iterator[str]:
    """An index prefix of this test's own; what it made under it is deleted afterwards."""
    from tests.indices import own_prefix

    with own_prefix(es_url) as prefix:
        yield prefix


@pytest.fixture(scope="session")
def _indices(es_url: str) -> Iterator[str]:
    """A prefix whose indices are made once: making them takes a second, emptying them does not."""
    from tests.indices import store_of

    with store_of(es_url) as store:
        yield store.prefix


@pytest.fixture
def empty_prefix(es_url: str, _indices: str) -> Iterator[str]:
    """An index prefix with all its indices there and empty."""
    from elasticsearch import Elasticsearch

    yield _indices
    with Elasticsearch(es_url, request_timeout=60) as client:
        client.indices.refresh(index=f"{_indices}-*")
        client.delete_by_query(
            index=f"{_indices}-*", query={"match_all": {}}, refresh=True, conflicts="proceed"
        )


@pytest.fixture
def options(es_url: str, empty_prefix: str, tmp_path: Path) -> Settings:
    """Settings of empty indices and of the test's own folder."""
    from tests import makers

    return makers.options(es_url, empty_prefix, tmp_path)


@pytest.fixture
def store(options: Settings) -> Iterator[Store]:
    """The store of those settings."""
    from wirewatch.store import connect

    with connect(options) as opened:
        yield opened
