"""What every test shares: a real Elasticsearch, and an Airflow home of the test run's own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import groups, session

if TYPE_CHECKING:
    from newsroom.server import Newsroom
    from tests.sample import Sample
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

_SHARED = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    config.stash[_SHARED] = Path(worker["shared"] if worker else tempfile.mkdtemp(prefix="tests-"))
    if not worker:
        session.begin(config.stash[_SHARED])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["shared"] = str(node.config.stash[_SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    shared = config.stash[_SHARED]
    if _GIVEN_URL and (shared / "newsroom.json").exists():
        from tests.sample import forget

        forget(shared)
    session.end(shared)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    config.option.loadscopereorder = False  # the order is that of the groups

    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return groups.of(nodeid)

    return ByGroup(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: groups.rank(item.nodeid))


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    """The folder of what is made once for all workers."""
    return pytestconfig.stash[_SHARED]


@pytest.fixture(scope="session")
def es_url(shared: Path) -> str:
    """The URL of a real Elasticsearch: ELASTICSEARCH_URL's, else one that runs for these tests."""
    return _GIVEN_URL.rstrip("/") or session.elasticsearch(shared)


@pytest.fixture(scope="session")
def sample(es_url: str, shared: Path) -> Sample:
    """The sample newsroom, ingested: to be read, or copied."""
    from tests import sample

    return session.once(
        shared, "newsroom", sample.Sample, lambda: sample.ingest(es_url, shared / "newsroom")
    )


@pytest.fixture(scope="module")
def room(sample: Sample) -> Iterator[Newsroom]:
    """That newsroom's server, for a file of tests in the group that may ask it."""
    with sample.running() as running:
        yield running


@pytest.fixture(scope="module")
def ingested(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Options of a copy of the sample's index and state, for a file of tests to change."""
    with sample.copied(tmp_path_factory.mktemp("ingested")) as options:
        yield options


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


@pytest.fixture(scope="session")
def loads(shared: Path) -> str:
    """The program of tests/deploy/loads, which reads compose files and manifests."""
    from tests.deploy import loads

    return session.once(shared, "loads", str, lambda: loads.build(shared))
