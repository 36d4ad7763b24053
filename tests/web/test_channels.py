"""Channels and messages by the API: made, shown without secrets, changed, tried, deleted."""

from __future__ import annotations

import pytest

from tests.alerts.receivers import raised
from tests.web.conftest import Site
from wirewatch.records import Channel, ChannelKind, DeliveryState, SavedSearch, replace, utc_now

pytestmark = pytest.mark.es

HOOK = "https://93.184.216.34/services/T0KEN"


def test_a_secret_is_told_once_and_then_never(site: Site) -> None:
    with site.client("operate") as operator, site.client("read") as reader:
        form = {"id": "told-once", "kind": "webhook", "address": HOOK}
        made = operator.post("/api/v1/channels", json=form)
        assert made.status_code == 201, made.text
        secret = made.json()["secret"]
        assert secret.startswith("whsec_")
        assert operator.post("/api/v1/channels", json=form).status_code == 409
        shown = reader.get("/api/v1/channels/told-once")
        everything = shown.text + reader.get("/api/v1/channels?size=500").text
        assert secret not in everything
        assert "T0KEN" not in everything + made.text
        assert shown.json()["address"] == "https://93.184.216.34/…"
        assert shown.json()["state"] == "well"
        changed = operator.put("/api/v1/channels/told-once", json={"enabled": False, "name": "N"})
        assert (changed.json()["enabled"], changed.json()["name"]) == (False, "N")
        kept = site.store.channels.get("told-once")
        assert kept is not None
        assert (kept.address, kept.secret) == (HOOK, secret)
        assert operator.delete("/api/v1/channels/told-once").status_code == 204
        assert operator.delete("/api/v1/channels/told-once").status_code == 404


@pytest.mark.parametrize(
    ("kind", "address", "words"),
    [
        ("webhook", "http://127.0.0.1/hook", "loopback"),
        ("webhook", "http://localhost/hook", "loopback"),
        ("slack", "http://[::1]/hook", "loopback"),
        ("teams", "https://169.254.169.254/latest", "metadata"),
        ("webhook", "https://10.0.0.7:8443/x", "port 8443"),
        ("webhook", "https://ann:word@desk.example/", "user name"),
        ("webhook", "ftp://desk.example/", "http"),
        ("mail", "ann@desk.example", "mail.host"),
    ],
)
def test_an_address_that_may_not_be_reached_is_refused(
    site: Site, kind: str, address: str, words: str
) -> None:
    with site.client("operate") as operator:
        answer = operator.post(
            "/api/v1/channels", json={"id": "nowhere", "kind": kind, "address": address}
        )
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert site.store.channels.get("nowhere") is None


def test_what_a_file_keeps_or_a_search_sends_to_stays(site: Site) -> None:
    made = Channel(id="of-file", name="F", kind=ChannelKind.SLACK, address=HOOK, origin="file")
    used = replace(made, id="used", origin="user")
    site.store.channels.create(made)
    site.store.channels.create(used)
    site.store.searches.put(
        [SavedSearch(id="sends", name="S", query="tram", channels=("used",), origin="user")]
    )
    with site.client("operate") as operator:
        for method, path, body in (
            ("PUT", "of-file", {"name": "X"}),
            ("DELETE", "of-file", None),
            ("DELETE", "used", None),
            ("DELETE", "log", None),
        ):
            answer = operator.request(method, f"/api/v1/channels/{path}", json=body)
            assert answer.status_code == 409, answer.text
    site.store.es.delete(index=f"{site.store.prefix}-searches", id="sends", refresh=True)
    site.store.channels.delete("of-file")
    site.store.channels.delete("used")


def test_messages_are_listed_and_sent_again(site: Site) -> None:
    store = site.store
    store.channels.create(Channel(id="again", name="A", kind=ChannelKind.SLACK, address=HOOK))
    of = SavedSearch(id="for-again", name="S", query="tram", channels=("again",))
    raised(store, of, 5)
    found = store.deliveries.find(channel="again")
    dead = [(replace(one, state=DeliveryState.DEAD, error="no"), at) for one, at in found[:3]]
    store.deliveries.save_all(dead)
    with site.client("operate") as operator, site.client("read") as reader:
        asked = "/api/v1/deliveries?channel=again&size=2"
        first = reader.get(asked + "&state=dead").json()
        assert first["total"] == 3
        cursor = first["cursor"]
        second = reader.get(f"{asked}&state=dead&cursor={cursor}").json()
        ids = [one["id"] for one in first["deliveries"] + second["deliveries"]]
        assert sorted(ids) == sorted(one.id for one, _ in dead)
        again = "/api/v1/deliveries/retry"
        assert operator.post(again, json={}).status_code == 422
        assert operator.post(again, json={"ids": ids[:1]}).json() == {"queued": 1}
        assert operator.post(again, json={"ids": ids[:1]}).json() == {"queued": 0}
        assert operator.post(again, json={"channel": "again"}).json() == {"queued": 2}
        shown = reader.get("/channels").text
        assert "Send again" not in shown  # nothing is given up any more, and a reader may not
        store.deliveries.save_all(
            (replace(one, state=DeliveryState.DEAD), at)
            for one, at in store.deliveries.find(channel="again")[:4]
        )
        assert "0 messages sent, 1 waiting" in reader.get("/channels").text
        assert reader.post("/channels/again/again").status_code == 403
        assert operator.post("/channels/again/again").status_code == 303
        assert "0 messages sent, 5 waiting" in reader.get("/channels").text
        sent = operator.post("/api/v1/channels/again/test")
        assert sent.status_code == 202
        assert store.deliveries.read(sent.json()["id"])
    store.channels.delete("again")


def test_the_figures_have_each_channel_and_how_long_messages_took(site: Site) -> None:
    store = site.store
    store.channels.create(
        Channel(
            id="figures", name="F", kind=ChannelKind.SLACK, address=HOOK, off="gone", setbacks=4
        )
    )
    raised(store, SavedSearch(id="for-figures", name="S", query="t", channels=("figures",)), 4)
    sent = [
        (replace(one, state=DeliveryState.SENT, sent=utc_now(), seconds=seconds), at)
        for (one, at), seconds in zip(
            store.deliveries.find(channel="figures"), (0.5, 20.0, 400_000.0), strict=False
        )
    ]
    store.deliveries.save_all(sent)
    with site.client("read") as reader:
        text = reader.get("/api/v1/metrics").text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines['wirewatch_messages{channel="figures",state="sent"}'] == "3.0"
    assert lines['wirewatch_messages{channel="figures",state="pending"}'] == "1.0"
    assert lines['wirewatch_channel_off{channel="figures"}'] == "1.0"
    assert lines['wirewatch_channel_setbacks{channel="figures"}'] == "4.0"
    name = "wirewatch_message_seconds"
    buckets = {
        le: lines[f'{name}_bucket{{kind="alert",le="{le}"}}'] for le in ("1.0", "30.0", "+Inf")
    }
    assert buckets == {"1.0": "1.0", "30.0": "2.0", "+Inf": "3.0"}
    assert float(lines[f'{name}_gsum{{kind="alert"}}']) == pytest.approx(400_020.5)
    store.channels.delete("figures")
