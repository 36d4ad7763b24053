"""The Java that a downloaded Elasticsearch without one of its own is started with."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST = 21  # Elasticsearch 9's class files need Java 21
JVM_FOLDERS = (
    Path("/usr/lib/jvm"),  # Debian, Ubuntu, Fedora, Arch
    Path("/usr/java"),  # Oracle's packages
    Path("/opt/java"),  # container images
    Path("/usr/local/openjdk"),
)
ADVICE = (
    f"install a JDK {OLDEST} or newer with jlink (Debian 13: apt install openjdk-21-jdk-headless; "
    "Debian 12: Temurin's package temurin-25-jdk) or set ES_JAVA_HOME to one"
)


@dataclass(frozen=True)
class Jdk:
    """One Java installation: its folder, its feature release, and whether it is a full JDK."""

    home: Path
    release: int  # 0: not known
    full: bool  # Elasticsearch resolves the module jdk.jlink, which a JRE lacks

    @property
    def fits(self) -> bool:
        """Whether Elasticsearch starts with it."""
        return self.full and self.release >= OLDEST


def look(home: Path) -> Jdk | None:
    """What the Java installation in ``home`` is, None when there is none.

    Reads the ``release`` file that every OpenJDK build has, and starts nothing.
    """
    if not os.access(home / "bin" / "java", os.X_OK):
        return None
    try:
        text = (home / "release").read_text("utf-8", "replace")
    except OSError:
        text = ""
    version = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    return Jdk(home, int(version[1]) if version else 0, (home / "bin" / "jlink").exists())


def candidates(environ: Mapping[str, str]) -> tuple[Jdk, ...]:
    """Every Java found, in the order of preference: ES_JAVA_HOME, JAVA_HOME, newest first."""
    named = [Path(environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if environ.get(name)]
    listed = {
        home.resolve() for folder in JVM_FOLDERS if folder.is_dir() for home in folder.iterdir()
    }
    first = [jdk for jdk in map(look, named) if jdk]
    others = [jdk for jdk in map(look, sorted(listed)) if jdk]
    return (*first, *sorted(others, key=lambda jdk: -jdk.release))


def find(environ: Mapping[str, str]) -> Jdk | None:
    """The Java to start Elasticsearch with, None when none of this machine's fits."""
    return next((jdk for jdk in candidates(environ) if jdk.fits), None)
