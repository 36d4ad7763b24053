"""The few calls of Airflow's REST API (v2) that a run on this machine needs."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wirewatch.local.paths import Trouble

ASK_SECONDS = 30  # one request; a busy api-server takes seconds
ATTEMPTS = 5  # of a request that changes nothing when it is done twice
PAUSE = 2.0  # seconds between two of them
PAGE = 500  # task instances asked for at once
ENDED = frozenset({"success", "failed"})  # states that a run does not leave by itself


class Unanswered(Trouble):
    """Airflow did not answer at all, or not in time."""


class Refused(Trouble):
    """Airflow answered, but not with success; ``code`` is the HTTP status."""

    def __init__(self, code: int, said: str) -> None:
        self.code = code
        super().__init__(f"Airflow answered {code} to {said}")


@dataclass(frozen=True)
class RunState:
    """One run of a DAG."""

    dag: str
    id: str
    state: str  # queued, running, success, failed

    @property
    def ended(self) -> bool:
        """Whether it will do no more."""
        return self.state in ENDED


@dataclass(frozen=True)
class TaskState:
    """One task of a run, or one of its mapped instances."""

    task: str
    index: int  # -1: not mapped
    state: str  # "" when it is not scheduled yet


class Client:
    """Talks to one Airflow as one user; the token is fetched at need and again when refused."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._user = user
        self._password = password
        self._token = ""

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON, None for an empty one; what is safe to ask twice is asked again.

        Raises LookupError for 404, Unanswered when nothing answers, Trouble for anything else that
        is no success.
        """
        attempts = 1 if method == "POST" else ATTEMPTS
        for left in reversed(range(attempts)):
            try:
                return self._signed(method, f"/api/v2{path}", body)
            except Unanswered:  # a busy machine's api-server may take longer than one request waits
                if not left:
                    raise
                time.sleep(PAUSE)
        raise AssertionError("unreachable")

    def _signed(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        if self._token:
            try:
                return self._ask(method, path, body)
            except PermissionError:
                self._token = ""  # it has run out
        login = {"username": self._user, "password": self._password}
        self._token = self._ask("POST", "/auth/token", login)["access_token"]
        return self._ask(method, path, body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(  # noqa: S310 - the address of our own server
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            headers,
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=ASK_SECONDS) as reply:  # noqa: S310
                text = reply.read()
        except urllib.error.HTTPError as error:
            said = error.read(2_000).decode("utf-8", "replace")
            if error.code == 404:
                raise LookupError(f"{path}: {said}") from error
            if error.code == 401:
                raise PermissionError(f"Airflow refused {self._user}: {said}") from error
            raise Refused(error.code, f"{method} {path}: {said}") from error
        except (urllib.error.URLError, OSError) as error:
            raise Unanswered(f"Airflow does not answer at {self.url}: {error}") from error
        return json.loads(text) if text else None

    def healthy(self) -> bool:
        """Whether the database, scheduler, DAG processor and triggerer all are well."""
        try:
            health = self._ask("GET", "/api/v2/monitor/health", None)
        except (Trouble, LookupError, PermissionError):
            return False
        parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
        return all((health.get(part) or {}).get("status") == "healthy" for part in parts)

    def put_pool(self, name: str, slots: int, about: str) -> None:
        """Make the pool, or give the one that is there that many slots."""
        pool = {"name": name, "slots": slots, "description": about, "include_deferred": False}
        try:
            self.call("PATCH", f"/pools/{_quoted(name)}", pool)
        except LookupError:
            self.call("POST", "/pools", pool)

    def dags(self) -> frozenset[str]:
        """The DAGs that Airflow has read."""
        answer = self.call("GET", "/dags?limit=100&exclude_stale=true")
        return frozenset(dag["dag_id"] for dag in answer["dags"])

    def import_errors(self) -> tuple[str, ...]:
        """What stopped a DAG file from being read: file and the error's last line."""
        answer = self.call("GET", "/importErrors?limit=100")
        return tuple(
            f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}"
            for error in answer["import_errors"]
        )

    def pause(self, dag: str, paused: bool) -> None:
        """Pause or unpause a DAG."""
        self.call("PATCH", f"/dags/{_quoted(dag)}", {"is_paused": paused})

    def trigger(self, dag: str, conf: Mapping[str, Any] | None = None) -> RunState:
        """Start a run by hand."""
        body = {"logical_date": None, "conf": dict(conf or {})}
        return _run(self.call("POST", f"/dags/{_quoted(dag)}/dagRuns", body))

    def run(self, dag: str, run: str) -> RunState:
        """How a run stands."""
        return _run(self.call("GET", f"/dags/{_quoted(dag)}/dagRuns/{_quoted(run)}"))

    def runs(self, dag: str, limit: int = 20) -> tuple[RunState, ...]:
        """The latest runs of a DAG, newest first."""
        path = f"/dags/{_quoted(dag)}/dagRuns?order_by=-run_after&limit={limit}"
        return tuple(_run(run) for run in self.call("GET", path)["dag_runs"])

    def tasks(self, dag: str, run: str) -> tuple[TaskState, ...]:
        """How every task instance of a run stands."""
        path = f"/dags/{_quoted(dag)}/dagRuns/{_quoted(run)}/taskInstances"
        found: list[TaskState] = []
        while True:
            answer = self.call("GET", f"{path}?limit={PAGE}&offset={len(found)}&order_by=id")
            found.extend(
                TaskState(one["task_id"], one["map_index"], one["state"] or "")
                for one in answer["task_instances"]
            )
            if not answer["task_instances"] or len(found) >= answer["total_entries"]:
                return tuple(found)

    def result(self, dag: str, run: str, task: str, index: int = -1) -> Any:
        """What a task returned; None when it returned nothing (yet)."""
        path = f"/dags/{_quoted(dag)}/dagRuns/{_quoted(run)}/taskInstances/{_quoted(task)}"
        try:
            entry = self.call("GET", f"{path}/xcomEntries/return_value?map_index={index}")
        except LookupError:
            return None
        return entry["value"]

    def followers(self, dag: str, run: str) -> tuple[RunState, ...] | None:
        """The runs that a run's asset events started, as they stand; None when it gave off none.

        Empty while the scheduler has not started them yet.
        """
        names = urllib.parse.urlencode({"source_dag_id": dag, "source_run_id": run})
        try:
            events = self.call("GET", f"/assets/events?{names}&limit=100")["asset_events"]
        except Refused as refusal:
            if refusal.code != 500:
                raise
            return ()  # Airflow 3.3.2 cannot show an event while a run it started has not begun
        if not events:
            return None
        started = {
            (one["dag_id"], one["run_id"]) for each in events for one in each["created_dagruns"]
        }
        return tuple(self.run(*one) for one in sorted(started))


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="~")  # a run's id has a "+" in its time zone


def _run(answer: Mapping[str, Any]) -> RunState:
    return RunState(answer["dag_id"], answer["dag_run_id"], answer["state"])
