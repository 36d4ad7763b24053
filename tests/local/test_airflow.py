from __future__ import annotations

import stat
import time

import psutil
import pytest

from wirewatch.local import airflow, paths, processes
from wirewatch.local.airflow import server
from wirewatch.settings import load

DAGS = """
from airflow.sdk import Asset, dag, task

stories = Asset("stories")

@dag(schedule=None)
def produce():
    @task
    def numbers(): return [1, 2]

    @task(pool="wirewatch_fetch")
    def double(number): return number * 2

    @task(outlets=[stories])
    def total(doubled): return {"sum": sum(doubled)}

    total(double.expand(number=numbers()))

produce()

@dag(schedule=[stories])
def consume():
    @task
    def read(): return "read"

    read()

consume()
"""


def test_the_environment_is_loopback_only_and_has_what_the_tasks_need(tmp_path):
    settings = load({}, tmp_path).with_options(
        elasticsearch__url="http://127.0.0.1:9333",
        fetch__allow="*.localhost:1,[::1]:2",
        fetch__delay=0.5,
    )
    environ = airflow.environment(settings, 8123)
    assert environ["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert dict(load(environ)) == dict(settings)  # every task has the same options
    assert environ["AIRFLOW_HOME"] == str(tmp_path / ".wirewatch" / "airflow")
    assert "AIRFLOW_ADMIN_PASSWORD" not in environ  # no task needs it


def test_the_secrets_are_made_once_and_are_their_owners_alone(tmp_path):
    settings = load({}, tmp_path)
    first = server.secret_values(settings)
    file = tmp_path / ".wirewatch" / "secrets.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    assert len(set(first.values())) == 4
    file.chmod(0o644)
    assert server.secret_values(settings) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert server.secret_values(load({}, tmp_path / "other")) != first


def test_a_demo_has_a_home_of_its_own_and_remote_state_a_local_one(tmp_path):
    settings = load({}, tmp_path)
    demo = settings.with_options(state=".wirewatch/demo")
    remote = settings.with_options(state="s3://bucket/wirewatch")
    assert server.home(settings) == tmp_path / ".wirewatch" / "airflow"
    assert server.home(demo) == tmp_path / ".wirewatch" / "demo" / "airflow"
    assert server.home(remote) == tmp_path / ".wirewatch" / "airflow"


@pytest.mark.airflow
def test_a_run_goes_through_a_real_airflow_and_nothing_stays(tmp_path):
    for name in ("dags", "plugins"):
        (tmp_path / name).mkdir()
    (tmp_path / "dags" / "two.py").write_text(DAGS)
    settings = load({}, tmp_path).with_options(airflow__port=paths.any_port())
    run_folder = paths.run_folder(settings)
    try:
        running = airflow.ensure(settings, print)
        process = processes.find(run_folder, server.NAME)
        members = processes.members(process)
        client = airflow.client(running)
        _until(lambda: {"produce", "consume"} <= client.dags())
        for dag in ("produce", "consume"):
            client.pause(dag, False)
        run = client.trigger("produce", {"why": "test"})
        _until(lambda: client.run("produce", run.id).ended)
        assert client.run("produce", run.id).state == "success"
        states = {(one.task, one.index): one.state for one in client.tasks("produce", run.id)}
        assert states == {
            ("numbers", -1): "success",
            ("double", 0): "success",  # its pool exists, or it would be "scheduled" for ever
            ("double", 1): "success",
            ("total", -1): "success",
        }
        assert client.result("produce", run.id, "total") == {"sum": 6}
        _until(lambda: client.followers("produce", run.id) and _ended(client, run.id))
        assert [one.dag for one in client.followers("produce", run.id)] == ["consume"]
        assert client.import_errors() == ()
        assert _listening(members) == {("127.0.0.1", settings["airflow.port"])}
        assert not airflow.ensure(settings, print).started_here
    finally:
        airflow.stop(settings)
    assert not [one for one in members if processes.born(one.pid)]
    for file in (tmp_path / ".wirewatch" / "airflow").glob("*.db"):
        assert not file.stat().st_mode & 0o077


def _until(true: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen")
        time.sleep(0.3)


def _ended(client: airflow.Client, run: str) -> bool:
    return all(one.ended for one in client.followers("produce", run))


def _listening(members: list[psutil.Process]) -> set[tuple[str, int]]:
    return {
        (socket.laddr.ip, socket.laddr.port)
        for one in members
        if one.is_running() and processes.born(one.pid)
        for socket in one.net_connections("inet")
        if socket.status == psutil.CONN_LISTEN
    }
