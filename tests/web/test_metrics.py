"""The figures, and what Prometheus and Grafana make of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests import makers
from tests.web.conftest import UNLIMITED, Site, served
from wirewatch.alerts.costs import note
from wirewatch.local.paths import any_port
from wirewatch.records import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    PageStatus,
    Reason,
    Run,
    SavedSearch,
    Trouble,
    Unmatched,
    utc_now,
)
from wirewatch.settings import Settings, project_root
from wirewatch.store import Store
from wirewatch.web.kept import Kept

pytestmark = pytest.mark.es
PROMETHEUS = project_root() / "config" / "prometheus"
GRAFANA = project_root() / "config" / "grafana"
PATIENCE = 120  # seconds for Prometheus to start, and to look and judge three times
NAME = re.compile(r"\bwirewatch_[a-z_]+")

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="no promtool here: apt-get install prometheus"
)
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="no prometheus here: apt-get install prometheus"
)


def fill(store: Store) -> None:
    """Something of every kind that is counted."""
    now = utc_now()
    minute = timedelta(minutes=1)
    store.feeds.add([makers.feed("due", next_poll=now - minute)])
    fetched = {"fetched": now, "first_fetched": now, "discovered": now - minute}
    story = makers.story("a", first_seen=now - minute, indexed=now, unmatched=Unmatched.NEW)
    store.pages.discover(
        [
            makers.page("new", discovered=now - minute),
            makers.page("done", status=PageStatus.INDEXED, revisit_at=now, **fetched),
            makers.page("shut", status=PageStatus.REJECTED, reason=Reason.PAYWALL, discovered=now),
            makers.page("http://b.example/", status=PageStatus.RETRY, reason=Reason.DNS,
                        discovered=now),
        ]
    )  # fmt: skip
    store.stories.create([story])
    store.alerts.create([makers.alert(story, "s", created=now, searchable=now - minute)])
    store.channels.create(Channel(id='de"sk\n', name="Desk", kind=ChannelKind.LOG))
    store.deliveries.create(
        Delivery(
            id=state,
            search_id="s",
            channel='de"sk\n',
            created=now,
            next_try=now - minute,
            sent=now,
            seconds=2.0,
            state=state,
        )
        for state in (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.PENDING)
    )
    for name, ended in (("full", None), ("over", now)):
        trouble = Trouble(
            id=name, kind="disk", since=now, what="W", do="D", opened=now, ended=ended
        )
        assert store.troubles.create(trouble)
    store.searches.put([SavedSearch(id="s", name="S", query="ferry")])
    note(store, {"s": 0.5}, 100)
    store.hosts.take(["b.example"], "me", 60)
    store.hosts.release({"b.example": (1.0, 12.0)}, "me")
    counts = {"taken": 4, "passed": 3, "paywall": 1}
    for kind in ("ingest", "revisit"):
        store.runs.begin(
            Run(
                id=kind,
                kind=kind,
                state="done",
                started=now - minute,
                finished=now,
                stages={"extract": counts},
                seconds={"extract": 1.25},
            )
        )
    store.refresh()


@pytest.fixture
def watched(options: Settings, store: Store) -> Iterator[Site]:
    """An app of its own over something of every kind, on disks that are too full for it."""
    fill(store)
    given = options.with_options(disk__reserve=10_000_000, **UNLIMITED)
    store.settings = given
    with served(given, store) as url:
        site = Site(url, store, given)
        site.add_key("prometheus", "read")
        yield site


def figures(site: Site) -> str:
    with site.client("prometheus") as client:
        answer = client.get("/api/v1/metrics")
    assert answer.status_code == 200, answer.text
    return answer.text


def families(text: str) -> dict[str, str]:
    """The type of each family by its name."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def samples(text: str) -> set[str]:
    """The names of all samples."""
    return set(re.findall(r"^(wirewatch_\w+)[ {]", text, re.MULTILINE))


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression of the rules and the dashboards, by where it is."""
    for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for file in sorted((GRAFANA / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text("utf-8"))["panels"]:
            for target in panel.get("targets", ()):
                yield panel["title"], target["expr"]


@needs_promtool
def test_promtool_finds_nothing_wrong(watched: Site) -> None:
    figures(watched)  # so that requests are counted, too
    text = figures(watched)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_figure_has_a_value_and_a_line_in_the_docs(watched: Site) -> None:
    figures(watched)
    text = figures(watched)
    given = samples(text)
    docs = (project_root() / "docs" / "metrics.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `(wirewatch_\w+)", docs, re.MULTILINE))
    parts = re.compile(r"_(gsum|gcount|created)$")  # of histograms and counters
    assert {name for name in families(text) if not parts.search(name)} == listed
    assert [name for name in listed if not any(one.startswith(name) for one in given)] == []
    assert 'wirewatch_stage_items{kind="ingest",outcome="paywall",stage="extract"} 1.0' in text
    assert 'wirewatch_stage_seconds{kind="revisit",stage="extract"} 1.25' in text
    assert 'wirewatch_run_seconds{kind="ingest"} 60.0' in text
    assert 'wirewatch_seen_to_fetched_seconds_bucket{le="90.0"} 1.0' in text
    assert 'wirewatch_backlog{queue="feeds"} 1.0' in text
    assert 'wirewatch_host_seconds{host="b.example"} 12.0' in text
    assert "wirewatch_disk_reserve_bytes 1e+13" in text
    assert "wirewatch_indices_blocked 0.0" in text
    assert 'wirewatch_troubles{kind="disk"} 1.0' in text


def test_rules_and_dashboards_name_only_figures_that_exist(watched: Site) -> None:
    figures(watched)
    there = samples(figures(watched))
    used = {name for _, expression in expressions() for name in NAME.findall(expression)}
    assert len(used) > 20
    assert used - there == set()


def test_the_figures_are_looked_up_once_in_a_while() -> None:
    looks: list[int] = []

    def look() -> bytes:
        looks.append(1)
        return b"%d" % len(looks)

    kept: Kept[bytes] = Kept()
    assert [kept.get(300, look), kept.get(300, look)] == [b"1", b"1"]
    never: Kept[bytes] = Kept()
    assert [never.get(0, look), never.get(0, look)] == [b"2", b"3"]


def test_while_one_looks_anew_others_get_the_last_look() -> None:
    kept: Kept[str] = Kept()
    kept.get(0, lambda: "old")
    assert kept.get(0, lambda: kept.get(0, lambda: "asked meanwhile") + ", then new") == (
        "old, then new"
    )


def test_a_look_that_fails_is_not_kept() -> None:
    def fails() -> bytes:
        raise ConnectionError("away")

    kept: Kept[bytes] = Kept()
    with pytest.raises(ConnectionError):
        kept.get(300, fails)
    assert kept.get(300, lambda: b"back") == b"back"


@needs_promtool
def test_each_alert_fires_when_it_is_to_and_not_before() -> None:
    for asked in (["check", "rules", "rules.yml"], ["test", "rules", "rules_test.yml"]):
        done = subprocess.run(
            ["promtool", *asked], cwd=PROMETHEUS, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    rules = yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))
    alerts = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    tested = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text("utf-8"))["tests"]
    firing = [
        case["alertname"] for one in tested for case in one["alert_rule_test"] if case["exp_alerts"]
    ]
    assert sorted(firing) == sorted(alerts)


def test_a_dashboard_is_whole() -> None:
    for file in (GRAFANA / "dashboards").glob("*.json"):
        board = json.loads(file.read_text("utf-8"))
        assert board["uid"] and board["title"] and board["schemaVersion"] >= 39
        panels = board["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels)
        places = [
            (row, column)
            for panel in panels
            for at in [panel["gridPos"]]
            for row in range(at["y"], at["y"] + at["h"])
            for column in range(at["x"], at["x"] + at["w"])
        ]
        assert len(set(places)) == len(places)
        assert all(column < 24 for _, column in places)
        variables = {f"${{{one['name']}}}" for one in board["templating"]["list"]}
        sources = {panel["datasource"]["uid"] for panel in panels if panel["type"] != "row"}
        assert sources <= variables


@contextmanager
def prometheus(folder: Path, site: Site) -> Iterator[httpx.Client]:
    """A real Prometheus with our configuration, which looks every second."""
    (folder / "key").write_text(site.keys["prometheus"])
    shutil.copy(PROMETHEUS / "rules.yml", folder)
    given: dict[str, Any] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))
    given["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    [job] = given["scrape_configs"]
    job["scrape_timeout"] = "1s"
    job["authorization"]["credentials_file"] = "key"
    job["static_configs"] = [{"targets": [site.url.removeprefix("http://")]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(given))
    port = any_port()
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ]
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.wait(60)


def ask(client: httpx.Client, expression: str) -> list[Any]:
    """What Prometheus finds; nothing while it starts."""
    try:
        answer = client.get("/query", params={"query": expression})
    except httpx.TransportError:
        return []
    if answer.status_code == 503:
        return []
    told = answer.json()
    assert told["status"] == "success", (expression, told)
    found: list[Any] = told["data"]["result"]
    return found


@needs_prometheus
def test_prometheus_reads_the_figures_judges_the_rules_and_fills_the_dashboards(
    watched: Site, tmp_path: Path
) -> None:
    with prometheus(tmp_path, watched) as client:
        until = time.monotonic() + PATIENCE
        rules: list[Any] = []
        while not (
            ask(client, "count_over_time(wirewatch_stories[1m]) >= 3")
            and rules
            and all(rule["health"] != "unknown" for rule in rules)
        ):
            assert time.monotonic() < until, "Prometheus has not looked three times"
            time.sleep(0.5)
            if ask(client, "up"):
                groups = client.get("/rules").json()["data"]["groups"]
                rules = [rule for group in groups for rule in group["rules"]]
        assert {rule["name"]: rule.get("lastError", "") for rule in rules} == dict.fromkeys(
            (rule["name"] for rule in rules), ""
        )
        states = {rule["name"]: rule["state"] for rule in rules}
        assert states["DiskBelowReserve"] == "firing"  # the disks are too full for this site
        assert states["WirewatchDown"] == "inactive"
        empty = [
            title
            for title, expression in expressions()
            if title not in states and not ask(client, expression.replace("$__rate_interval", "1m"))
        ]
        assert empty == []
