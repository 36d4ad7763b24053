"""What delivery does under strain: a receiver that hangs, two workers, a kill, a plain run.

    python benchmarks/alerts_delivery.py [--part strain|sent] [--messages 300] [--seconds 40]
        [--minutes 10] [--json FILE]

``plain``: messages to one webhook, one after another. ``two_workers``: the same with two
processes. ``killed``: a process that dies at two thirds, and one that goes on. ``hangs``: messages
come every half second to four webhooks while one worker watches; once alone, once beside a webhook
that never answers and a mail server that never greets. The delay is from queued to received.

``--part sent``, run only where it is asked for: 100 saved searches in a real Airflow, whose
runs index stories for ten minutes. The delay is from searchable to received.

Needs the Elasticsearch that ELASTICSEARCH_URL or the options name.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import socket
import statistics
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from alerts_sent import sent as sent_in_airflow
from es_server import say, with_elasticsearch
from wirewatch.alerts import deliver as room
from wirewatch.alerts.outbox import queued
from wirewatch.records import (
    Alert,
    Channel,
    ChannelKind,
    DeliveryState,
    SavedSearch,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

GOOD = ("one", "two", "three", "four")
EVERY = 0.5  # seconds between two alerts while a worker watches
LAST = 30.0  # seconds that the last messages may take to come
GOAL = 5.0  # seconds by which a receiver that hangs may delay the others


class Receiver:
    """A webhook on loopback; it notes when each message came, or never answers."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.came: list[tuple[str, float]] = []
        self._over = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append((self.headers["webhook-id"], time.time()))
                if hangs:
                    receiver._over.wait()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def close(self) -> None:
        """Lets go of whoever waits."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def repeated(self) -> int:
        """Messages that came more than once, counted each time after the first."""
        counts = Counter(key for key, _ in self.came)
        return sum(counts.values()) - len(counts)


@contextmanager
def stored(settings: Settings) -> Iterator[tuple[Settings, Store]]:
    """A store with indices of its own, which are deleted afterwards."""
    prefix = f"bench-{uuid.uuid4().hex[:8]}"
    own = settings.with_options(elasticsearch__prefix=prefix, alerts__allow="127.0.0.1:*")
    with connect(own) as store:
        try:
            yield own, store
        finally:
            for name in store.es.indices.get(index=f"{prefix}-*"):
                store.es.indices.delete(index=name)
            for one in store.es.indices.get_index_template()["index_templates"]:
                if one["name"].startswith(f"{prefix}-"):
                    store.es.indices.delete_index_template(name=one["name"])


def channel(store: Store, name: str, address: str, kind: ChannelKind) -> None:
    """Makes a channel."""
    store.channels.create(Channel(id=name, name=name, kind=kind, address=address, secret="s" * 40))


def search(store: Store, *channels: str) -> SavedSearch:
    """The saved search whose alerts go to these channels."""
    made = SavedSearch(id="trams", name="Trams", query="tram", channels=channels)
    store.searches.put([made])
    return made


def raise_alerts(store: Store, of: SavedSearch, numbers: Sequence[int]) -> None:
    """Alerts of these numbers, with their messages queued."""
    now = utc_now()
    alerts = [
        Alert(
            id=f"a{number:05}",
            search_id=of.id,
            search_name=of.name,
            title=f"Tram {number} stands still",
            url=f"https://a.example/{number}",
            outlet="Daily",
            created=now,
            searchable=now,
        )
        for number in numbers
    ]
    store.deliveries.create(one for alert in alerts for one in queued(of, alert, now))
    store.alerts.create(alerts)


def work(settings: Settings, seconds: float, dies: int = 0) -> None:
    """One worker; with ``dies`` it kills itself when so many messages have gone."""
    if dies:
        left, after = [dies], room._after

        def counted(*given: Any) -> Any:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return after(*given)

        room._after = counted
    with connect(settings) as store:
        room.deliver(store, settings, seconds=seconds)


def run(settings: Settings, *workers: int) -> float:
    """Seconds that worker processes take together; each number is where one dies, 0 for never."""
    begun = time.perf_counter()
    processes = [
        multiprocessing.Process(target=work, args=(settings, 600, dies)) for dies in workers
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return time.perf_counter() - begun


def sent(store: Store) -> int:
    """How many messages are sent."""
    return len(store.deliveries.find(states=(DeliveryState.SENT,)))


def many(settings: Settings, count: int, how: str) -> dict[str, Any]:
    """So many messages to one webhook, by one worker, by two, or by one that is killed."""
    with stored(settings) as (own, store):
        receiver = Receiver()
        channel(store, "hook", receiver.url, ChannelKind.WEBHOOK)
        raise_alerts(store, search(store, "hook"), range(count))
        if how == "killed":
            seconds = run(own, count * 2 // 3)
            time.sleep(own["alerts.timeout"] + room.LEASE_MARGIN + 1)  # until its lease is over
            seconds += run(own, 0)
        else:
            seconds = run(own, *([0, 0] if how == "two_workers" else [0]))
        receiver.close()
        return {
            "messages": count,
            "sent": sent(store),
            "received": len({key for key, _ in receiver.came}),
            "repeated": receiver.repeated,
            "seconds": round(seconds, 1),
            "a_second": round(count / seconds, 1),
        }


def watched(settings: Settings, seconds: float, *, hanging: bool) -> dict[str, Any]:
    """Delays of messages that come while one worker watches, with receivers that hang or none."""
    with stored(settings) as (own, store), socket.create_server(("127.0.0.1", 0)) as silent:
        own = own.with_options(
            mail__host="127.0.0.1",
            mail__port=silent.getsockname()[1],
            mail__security="none",
            mail__from="alerts@watch.example",
        )
        receivers = {name: Receiver() for name in GOOD}
        for name, receiver in receivers.items():
            channel(store, name, receiver.url, ChannelKind.WEBHOOK)
        names = list(GOOD)
        hangs = Receiver(hangs=True)
        if hanging:
            channel(store, "hangs", hangs.url, ChannelKind.WEBHOOK)
            channel(store, "mail", "ann@desk.example", ChannelKind.MAIL)
            names += ["hangs", "mail"]
        of = search(store, *names)
        worker = threading.Thread(
            target=room.deliver,
            args=(store, own),
            kwargs={"seconds": seconds + LAST / 2, "watch": True},
        )
        worker.start()
        count, ends = 0, time.monotonic() + seconds
        while time.monotonic() < ends:
            raise_alerts(store, of, [count])
            count += 1
            time.sleep(EVERY)
        until = time.monotonic() + LAST
        wanted = count * len(GOOD)
        while sum(len(one.came) for one in receivers.values()) < wanted:
            if time.monotonic() > until:
                break
            time.sleep(0.1)
        hangs.close()
        worker.join()
        begun = {one.id: one.created.timestamp() for one, _ in store.deliveries.find()}
        delays = sorted(
            came - begun[key] for receiver in receivers.values() for key, came in receiver.came
        )
        for receiver in receivers.values():
            receiver.close()
        return {
            "messages": wanted,
            "received": len(delays),
            "repeated": sum(one.repeated for one in receivers.values()),
            "p50": round(statistics.median(delays), 2),
            "p95": round(delays[int(len(delays) * 0.95)], 2),
            "most": round(delays[-1], 2),
        }


def strain(settings: Settings, asked: argparse.Namespace) -> dict[str, Any]:
    """What receivers that hang, a second worker and a kill do."""
    figures: dict[str, Any] = {}
    for how in ("plain", "two_workers", "killed"):
        figures[how] = many(settings, asked.messages, how)
        say(f"{how}: {figures[how]}")
    figures["alone"] = watched(settings, asked.seconds, hanging=False)
    say(f"alone: {figures['alone']}")
    figures["hangs"] = watched(settings, asked.seconds, hanging=True)
    say(f"hangs: {figures['hangs']}")
    delayed = max(figures["hangs"][one] - figures["alone"][one] for one in ("p50", "p95", "most"))
    say(f"receivers that hang delay the others by {delayed:.1f} s; the goal is {GOAL:g} s")
    return {**figures, "delayed_by": round(delayed, 2)}


def sent_by_airflow(settings: Settings, asked: argparse.Namespace) -> dict[str, Any]:
    """How long messages take from searchable to received, where DAGs run on their schedules."""
    receiver = Receiver()
    with stored(settings) as (own, _):
        figures = sent_in_airflow(own, receiver.came, receiver.url, asked.searches, asked.minutes)
    receiver.close()
    return {**figures, "repeated": receiver.repeated}


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--part", choices=["strain", "sent"], default="strain")
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--searches", type=int, default=100, help="of the part sent")
    parser.add_argument("--minutes", type=float, default=10, help="of the part sent")
    parser.add_argument("--seconds", type=float, default=40, help="for which messages come")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    asked = parser.parse_args()
    with with_elasticsearch() as settings:
        part = strain if asked.part == "strain" else sent_by_airflow
        figures = {"date": datetime.now(UTC).date().isoformat(), **part(settings, asked)}
    print(json.dumps(figures, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
