"""Starting, finding and stopping the local Elasticsearch: one node, loopback only."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wirewatch.local import logs, paths, processes
from wirewatch.local.elasticsearch import java, source
from wirewatch.local.paths import Account, Trouble
from wirewatch.settings import BY_NAME, Settings

NAME = "elasticsearch"
READY_SECONDS = 300  # it takes 20 s on two quiet cores, 80 s on busy ones
SPOKEN_SECONDS = 10  # between two lines that say that it is not ready yet
ASK_SECONDS = 5  # one request to a server on this machine
STOP_SECONDS = 30  # to flush and close its shards before it is killed
STAND_INS = ("elasticsearch", "nobody")  # whom it runs as when root asks; the first that exists


class NoElasticsearch(Trouble):
    """None can be had; the text names the address or the sources, and the remedy."""


@dataclass(frozen=True)
class Running:
    """An Elasticsearch that answers."""

    url: str
    version: str
    pid: int | None  # None: not ours
    started_here: bool  # by this very call


@dataclass(frozen=True)
class Plan:
    """What to start and with what."""

    home: Path  # the unpacked release
    java_home: Path | None  # None: the release brings its own
    folder: Path  # of its data, logs, configuration and temporary files
    port: int  # of HTTP
    heap: int  # MiB
    user: Account | None  # whom to run it as; None: as oneself


def given_url(settings: Settings, environ: Mapping[str, str] | None = None) -> str | None:
    """The address that the user gave, None when the local one is wanted."""
    environ = os.environ if environ is None else environ
    url: str = settings["elasticsearch.url"]
    named = environ.get("ELASTICSEARCH_URL") or environ.get("WIREWATCH_ELASTICSEARCH_URL")
    return url if named or url != BY_NAME["elasticsearch.url"].default else None


def located(settings: Settings) -> Settings:
    """The settings with ``elasticsearch.url`` set to where the local server runs, if it runs."""
    if given_url(settings) is not None:
        return settings
    process = processes.find(paths.run_folder(settings), NAME)
    if process is None:
        return settings
    return settings.with_options(elasticsearch__url=process.facts["url"])


def ensure(settings: Settings, progress: source.Progress) -> Running:
    """An Elasticsearch that answers: the one given, the one that runs, or one started now.

    Raises NoElasticsearch when none can be had.
    """
    url = given_url(settings)
    if url is not None:
        return Running(url, version_there(settings, url), None, False)
    run = paths.run_folder(settings)
    run.mkdir(parents=True, exist_ok=True)
    with (run / f".{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once start one server
        there = status(settings)
        if there is not None:
            return there
        processes.stop(run, NAME, patience=STOP_SECONDS)  # what does not answer is in the way
        try:
            return start(make_plan(settings, progress), run, progress)
        except Trouble as trouble:
            raise NoElasticsearch(str(trouble)) from trouble


def make_plan(settings: Settings, progress: source.Progress, folder: Path | None = None) -> Plan:
    """What :func:`start` needs, with the release downloaded if it must be.

    ``folder`` in place of the installation's own is where data, logs and configuration go.
    """
    user = stand_in(settings)
    jdk = java.find(os.environ)
    cache = paths.cache(settings, user)
    if jdk is None and not source.is_cached(cache):
        progress(
            f"No JDK {java.OLDEST} here: only Elastic's own archive can be used, for it brings one"
        )
    home = source.install(cache, progress)
    own_java = (home / "jdk" / "bin" / "java").exists()
    if jdk is None and not own_java:
        raise Trouble(f"Elasticsearch needs a JDK: {java.ADVICE}")
    folder = folder or paths.installation(settings) / NAME
    return Plan(
        home,
        None if own_java or jdk is None else jdk.home,
        paths.writable_by(folder, user),
        paths.choose_port(settings["local.elasticsearch_port"]),
        settings["local.elasticsearch_heap"],
        user,
    )


def stand_in(settings: Settings) -> Account | None:
    """Whom the server runs as: None for oneself; as root another, for it refuses root.

    Raises Trouble when the account named in the options is not there.
    """
    if os.geteuid() != 0:
        return None
    named = str(settings["local.elasticsearch_user"])
    names = (named,) if named else STAND_INS
    user = next((found for found in map(paths.account, names) if found), None)
    if user is None or user.uid == 0:
        raise Trouble(
            f"Elasticsearch does not run as root, and {' or '.join(names)} is no other user: "
            "set local.elasticsearch_user to one that exists"
        )
    return user


def start(plan: Plan, run: Path, progress: source.Progress, name: str = NAME) -> Running:
    """Start what the plan says and wait until it answers; its pid file goes to ``run``.

    Raises Trouble with the end of its log when it dies or does not answer in time.
    """
    conf, temporary = _lay_out(plan)
    environ = {key: os.environ[key] for key in ("PATH", "LANG", "TZ") if key in os.environ}
    environ.update(
        HOME=str(temporary),
        ES_PATH_CONF=str(conf),
        ES_TMPDIR=str(temporary),
        ES_JAVA_OPTS=f"-Xms{plan.heap}m -Xmx{plan.heap}m",
        ES_DISTRIBUTION_TYPE="tar",
    )
    if plan.java_home is not None:
        environ["ES_JAVA_HOME"] = str(plan.java_home)
    url = f"http://127.0.0.1:{plan.port}"
    log = plan.folder / "logs" / "console.log"
    logs.put_aside(log)  # it may tell of a crash
    process = processes.start(
        run,
        name,
        [str(plan.home / "bin" / "elasticsearch")],
        log=log,
        environ=environ,
        cwd=temporary,
        user=plan.user,
        facts={"url": url, "folder": str(plan.folder)},
    )
    progress(f"Elasticsearch starts on {url} (pid {process.pid}, heap {plan.heap} MB)")
    try:
        version = _wait(process, url, progress)
    except BaseException:  # also an interrupt: a server half started must not stay
        processes.stop(run, name, patience=STOP_SECONDS)
        raise
    progress(f"Elasticsearch {version} answers on {url}")
    return Running(url, version, process.pid, True)


def _lay_out(plan: Plan) -> tuple[Path, Path]:
    """Make the folders and the configuration; the configuration's and the temporary folder."""
    conf, temporary = plan.folder / "conf", plan.folder / "tmp"
    if temporary.exists():
        shutil.rmtree(temporary)
    for folder in (conf, temporary, *(plan.folder / name for name in ("data", "logs", "backups"))):
        folder.mkdir(parents=True, exist_ok=True)
    plan.folder.chmod(0o755)
    for file in (plan.home / "config").iterdir():
        if file.is_file():
            shutil.copyfile(file, conf / file.name)
    (conf / "elasticsearch.yml").write_text(_configuration(plan), "utf-8")
    (conf / "jvm.options.d").mkdir(exist_ok=True)
    if plan.user is not None:
        paths.own(plan.folder, plan.user)
    return conf, temporary


def _configuration(plan: Plan) -> str:
    values: dict[str, object] = {
        "cluster.name": "wirewatch",
        "node.name": "local",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": plan.port,
        "path.data": str(plan.folder / "data"),
        "path.logs": str(plan.folder / "logs"),
        "path.repo": [str(plan.folder / "backups")],
        # Without passwords: nothing but this machine's loopback address reaches it.
        "xpack.security.enabled": False,
        # Absolute figures: a share of a large, well-filled disk would close the indices.
        "cluster.routing.allocation.disk.watermark.low": "2gb",
        "cluster.routing.allocation.disk.watermark.high": "1gb",
        "cluster.routing.allocation.disk.watermark.flood_stage": "500mb",
    }
    if (plan.home / "modules" / "ingest-geoip").exists():
        values["ingest.geoip.downloader.enabled"] = False  # it would fetch databases nobody uses
    if (plan.home / "modules" / "x-pack-ml").exists():
        values["xpack.ml.enabled"] = False  # native helpers nobody uses
    lines = (f"{name}: {json.dumps(value)}" for name, value in values.items())  # JSON is YAML
    return "\n".join(lines) + "\n"


def _wait(process: processes.Process, url: str, progress: source.Progress) -> str:
    begun = spoken = time.monotonic()
    while (now := time.monotonic()) - begun < READY_SECONDS:
        if not process.alive:
            said = processes.tail(Path(process.log))
            raise Trouble(f"Elasticsearch stopped while it started; {process.log} ends:\n{said}")
        version = answer(f"{url}/")
        if version:
            health = answer(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s")
            if health.get("timed_out") is False:
                return str(version["version"]["number"])
        if now - spoken >= SPOKEN_SECONDS:
            spoken = now
            progress(f"Elasticsearch is not ready yet after {now - begun:.0f} s")
        time.sleep(0.3)
    said = processes.tail(Path(process.log))
    raise Trouble(f"Elasticsearch did not answer within {READY_SECONDS} s; its log ends:\n{said}")


def answer(url: str, authorization: str = "") -> dict[str, Any]:
    """The JSON object at ``url``; {} when nothing answers there or not with one."""
    headers = {"Authorization": authorization} if authorization else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http(s) by the option
    try:
        with urllib.request.urlopen(request, timeout=ASK_SECONDS) as reply:  # noqa: S310
            found = json.loads(reply.read(1 << 20))
    except (urllib.error.URLError, OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def version_there(settings: Settings, url: str) -> str:
    """The version of the server at ``url``; raises NoElasticsearch when none answers."""
    authorization = ""
    if settings["elasticsearch.api_key"]:
        authorization = f"ApiKey {settings['elasticsearch.api_key']}"
    elif settings["elasticsearch.user"]:
        pair = f"{settings['elasticsearch.user']}:{settings['elasticsearch.password']}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    number = answer(f"{url}/", authorization).get("version", {}).get("number")
    if number is None:
        raise NoElasticsearch(
            f"no Elasticsearch answers at {url}: start it, correct ELASTICSEARCH_URL, or leave "
            "that unset to have one started on this machine"
        )
    return str(number)


def status(settings: Settings) -> Running | None:
    """The local server, None when it does not run or does not answer."""
    process = processes.find(paths.run_folder(settings), NAME)
    if process is None:
        return None
    number = answer(f"{process.facts['url']}/").get("version", {}).get("number")
    if number is None:
        return None
    return Running(process.facts["url"], str(number), process.pid, False)


def stop(settings: Settings, name: str = NAME) -> bool:
    """Stop the local server; False when none was running. Its data stay."""
    run = paths.run_folder(settings)
    return processes.stop(run, name, first=signal.SIGTERM, patience=STOP_SECONDS)
