"""The connection to Elasticsearch, and the names of wirewatch's indices in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, cast

from elastic_transport import ConnectionError as TransportConnectionError
from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, Elasticsearch

from wirewatch.settings import Settings
from wirewatch.store.alertstore import Alerts, Searches
from wirewatch.store.bulk import LOADED
from wirewatch.store.channels import Channels
from wirewatch.store.clusters import Clusters
from wirewatch.store.costs import Costs
from wirewatch.store.deliveries import Deliveries
from wirewatch.store.feeds import Feeds
from wirewatch.store.hold import Hold, Unavailable, held_index, not_taken
from wirewatch.store.hosts import Hosts
from wirewatch.store.keys import Keys
from wirewatch.store.lists import Lists
from wirewatch.store.locks import Locks
from wirewatch.store.pages import Pages
from wirewatch.store.revisions import Revisions
from wirewatch.store.runs import Runs
from wirewatch.store.standing import Standing
from wirewatch.store.stories import Stories
from wirewatch.store.subscriptions import Subscriptions
from wirewatch.store.templates import Templates
from wirewatch.store.troubles import Troubles

logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # we say what failed ourselves

OLDEST = (8, 19)  # the oldest release whose features are used; see docs/architecture.md


class Client(Elasticsearch):
    """The official client; a write to an index that is being moved waits for the move's end."""

    def perform_request(self, *args: Any, **options: Any) -> Any:
        """As the official client's. Raises Unavailable when the index is held for too long."""
        hold = Hold(self)
        while True:
            try:
                return super().perform_request(*args, **options)
            except ApiError as error:
                if not (index := held_index(error.body)):
                    raise
                answer = error.body
            hold.wait(index, answer)


class Store:
    """The repositories over one connection: ``store.feeds``, ``store.pages``, …"""

    def __init__(self, es: Elasticsearch, settings: Settings) -> None:
        self.es = es
        self.settings = settings
        self.prefix: str = settings["elasticsearch.prefix"]
        self.templates = Templates(es, self.prefix, settings)
        self.feeds = Feeds(es, f"{self.prefix}-feeds")
        self.subscriptions = Subscriptions(es, f"{self.prefix}-subscriptions")
        self.pages = Pages(es, f"{self.prefix}-pages")
        self.hosts = Hosts(es, f"{self.prefix}-hosts")
        self.stories = Stories(es, f"{self.prefix}-stories", self.templates)
        self.clusters = Clusters(es, f"{self.prefix}-clusters")
        self.revisions = Revisions(es, f"{self.prefix}-revisions")
        self.searches = Searches(es, f"{self.prefix}-searches")
        self.alerts = Alerts(es, f"{self.prefix}-alerts")
        self.channels = Channels(es, f"{self.prefix}-channels")
        self.deliveries = Deliveries(es, f"{self.prefix}-deliveries")
        self.runs = Runs(es, f"{self.prefix}-runs")
        self.keys = Keys(es, f"{self.prefix}-keys")
        self.locks = Locks(es, f"{self.prefix}-locks")
        self.costs = Costs(es, f"{self.prefix}-costs")
        self.troubles = Troubles(es, f"{self.prefix}-troubles")
        self.lists = Lists(es, self.prefix)
        self.standing = Standing(es, self.prefix)

    def prepare(self) -> None:
        """Makes what indices are missing.

        Raises MappingDiffers when an index is there whose mapping is not the code's.
        """
        self.templates.install()
        self.templates.check()

    def refresh(self) -> None:
        """Makes everything written so far searchable."""
        self.es.indices.refresh(index=f"{self.prefix}-*", ignore_unavailable=True)

    def close(self) -> None:
        """Closes the connection."""
        self.es.close()


@contextmanager
def connect(settings: Settings, *, prepare: bool = True) -> Iterator[Store]:
    """A store whose server was reached and is new enough, with its indices in place.

    Raises Unavailable with the address and the remedy in one line; the same when the server goes
    away later on, or takes no writes. Raises MappingDiffers as :meth:`Store.prepare` does.
    """
    url = settings["elasticsearch.url"]
    es = _client(settings)
    try:
        _greet(es, url)
        store = Store(es, settings)
        if prepare:
            store.prepare()
        yield store
    except (TransportConnectionError, ConnectionTimeout) as error:
        raise Unavailable(
            f"Elasticsearch does not answer at {url} ({_short(error)}): "
            "start it with 'wirewatch es start', or set ELASTICSEARCH_URL"
        ) from error
    except ApiError as error:
        if error.status_code not in LOADED and "cluster_block_exception" not in str(error.body):
            raise
        raise not_taken(error.body) from error
    finally:
        es.close()


@contextmanager
def hosts_if_there(settings: Settings) -> Iterator[Hosts | None]:
    """The leases of hosts, for a command that may ask a host without any store.

    None where Elasticsearch is not to be reached or knows no hosts: then no run asks them either.
    """
    with ExitStack() as stack:
        hosts = None
        with suppress(Unavailable):
            store = stack.enter_context(connect(settings, prepare=False))
            if store.es.indices.exists(index=f"{store.prefix}-hosts"):
                hosts = store.hosts
        yield hosts


def _client(settings: Settings) -> Elasticsearch:
    options: dict[str, Any] = {
        "request_timeout": settings["elasticsearch.timeout"],
        "retry_on_timeout": False,  # a write that timed out may have been done: the task is rerun
        "max_retries": 2,
    }
    if settings["elasticsearch.ca_file"]:
        options["ca_certs"] = settings["elasticsearch.ca_file"]
    if settings["elasticsearch.api_key"]:
        options["api_key"] = settings["elasticsearch.api_key"]
    elif settings["elasticsearch.user"]:
        options["basic_auth"] = (
            settings["elasticsearch.user"],
            settings["elasticsearch.password"],
        )
    return Client(settings["elasticsearch.url"], **options)


def _greet(es: Elasticsearch, url: str) -> None:
    try:
        info = cast(dict[str, Any], es.info().body)
    except ApiError as error:
        raise Unavailable(
            f"Elasticsearch at {url} refuses access ({error.meta.status}): set "
            "WIREWATCH_ELASTICSEARCH_USER and _PASSWORD, or _API_KEY"
        ) from error
    except TransportError as error:
        if isinstance(error, TransportConnectionError | ConnectionTimeout):
            raise
        raise Unavailable(f"{url} is not an Elasticsearch ({_short(error)})") from error
    number = str(info["version"]["number"])
    version = tuple(int(part) for part in number.split("-")[0].split(".")[:2])
    if version < OLDEST:
        raise Unavailable(f"Elasticsearch {number} at {url} is too old: 8.19 or 9 is needed")


def _short(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0][:200] or type(error).__name__
