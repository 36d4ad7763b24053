"""The role that the app has in Elasticsearch, on a server with security on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import secrets
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import AuthorizationException, Elasticsearch

from tests import makers
from tests.session import HEAP
from wirewatch.backup import snapshots
from wirewatch.local import paths, processes
from wirewatch.local.elasticsearch import server
from wirewatch.records import utc_now
from wirewatch.settings import Settings, load, project_root
from wirewatch.store import Store, connect
from wirewatch.store.migrate import migrate
from wirewatch.troubles.looking import UNSEEN, look
from wirewatch.web.metrics import Requests, text

pytestmark = [pytest.mark.large]  # an Elasticsearch of its own starts for it
PASSWORD = "of-the-app-alone"
ADMIN = ("admin", "for-this-test-alone")
SECURITY = """
xpack.security.enabled: true
xpack.security.http.ssl.enabled: false
xpack.security.transport.ssl.enabled: false
"""


def hashed(password: str) -> str:
    """A password as Elasticsearch's file of users has it."""
    salt, cost = secrets.token_bytes(32), 10_000
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, cost, 32)
    return f"{{PBKDF2}}{cost}${b64encode(salt).decode()}${b64encode(made).decode()}"


@pytest.fixture(scope="module")
def secured(shared: Path) -> Iterator[str]:
    """The address of an Elasticsearch with security on, where the role is and its user."""
    plan = server.make_plan(
        load({}).with_options(local__elasticsearch_heap=HEAP), print, shared / "secured"
    )
    plan = dataclasses.replace(plan, port=paths.any_port())
    run = shared / "secured-run"
    with pytest.MonkeyPatch.context() as patch:
        plain, asked = server._configuration, server.answer

        def configuration(given: server.Plan) -> str:
            conf = given.folder / "conf"
            (conf / "users").write_text(f"{ADMIN[0]}:{hashed(ADMIN[1])}\n")
            (conf / "users_roles").write_text(f"superuser:{ADMIN[0]}\n")
            lines = plain(given).splitlines()
            kept = [line for line in lines if not line.startswith("xpack.security")]
            return "\n".join(kept) + SECURITY

        def answer(address: str, _: str = "") -> dict[str, Any]:
            pair = b64encode(":".join(ADMIN).encode()).decode()
            return asked(address, f"Basic {pair}")

        patch.setattr(server, "_configuration", configuration)
        patch.setattr(server, "answer", answer)
        url = server.start(plan, run, print).url
    try:
        with Elasticsearch(url, basic_auth=ADMIN, request_timeout=60) as es:
            role = json.loads((project_root() / "deploy/elasticsearch/role.json").read_text())
            es.security.put_role(name="wirewatch", **role)
            es.security.put_user(username="wirewatch", password=PASSWORD, roles=["wirewatch"])
        yield url
    finally:
        processes.stop(run, server.NAME, patience=server.STOP_SECONDS)


@pytest.fixture
def app(secured: str, tmp_path: Path) -> Settings:
    return makers.options(
        secured,
        "wirewatch",
        tmp_path,
        elasticsearch__user="wirewatch",
        elasticsearch__password=PASSWORD,
    )


def works(store: Store) -> None:
    """What the app does in a day."""
    now = utc_now()
    store.stories.create([makers.story("a", "The ferry is late.", first_seen=now, indexed=now)])
    store.pages.discover([makers.page("p", discovered=now)])
    store.refresh()
    assert len(store.pages.claim("run", now, lease=60, limit=5)) == 1
    assert store.pages.release("run") == 1
    assert [one.id for one in store.stories.all()] == ["a"]
    store.hosts.take(["a.example"], "me", 60)


def test_the_app_may_do_what_it_does_and_nothing_beside(app: Settings, secured: str) -> None:
    with connect(app) as store:
        works(store)
        said = text(store, Requests()).decode()
        assert "wirewatch_stories 1.0" in said
        assert "wirewatch_elasticsearch_write_rejections_total{" in said
        assert 'wirewatch_disk_free_bytes{disk="Elasticsearch' in said
        assert [one.id for one in look(store, app, utc_now()) if one.kind == UNSEEN.name] == []
        moves = migrate(store, ("pages",), force=True, patience=0)
        assert [(move.what, move.documents) for move in moves] == [("moved", 1)]
        with pytest.raises(AuthorizationException):
            store.es.index(index="others", document={"a": 1})
        with pytest.raises(AuthorizationException):
            store.es.security.put_user(username="x", password="abcdefgh", roles=["superuser"])
        with pytest.raises(AuthorizationException):
            store.es.cluster.put_settings(persistent={"cluster.max_shards_per_node": 1})


def test_the_app_may_take_a_backup_where_a_repository_was_made_for_it(
    app: Settings, secured: str
) -> None:
    with Elasticsearch(secured, basic_auth=ADMIN, request_timeout=60) as es:
        nodes = es.nodes.info()["nodes"].values()
        folder = next(iter(nodes))["settings"]["path"]["repo"][0]
        es.snapshot.create_repository(
            name="kept", repository={"type": "fs", "settings": {"location": f"{folder}/kept"}}
        )
    with connect(app) as store:
        indices = [one["index"] for one in store.templates.served().values()]
        snapshots.take(store.es, "kept", "first", indices, lambda: None)
        [taken] = store.es.snapshot.get(repository="kept", snapshot="first")["snapshots"]
        assert taken["state"] == "SUCCESS"
