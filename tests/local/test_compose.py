from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
import yaml

from wirewatch.local.airflow.server import POOLS
from wirewatch.settings import BY_NAME, NOT_OPTIONS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
REFERENCE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(:[?-])?[^}]*\}")


def test_no_secret_has_a_default():
    secrets = [m for m in REFERENCE.finditer(TEXT) if re.search("PASSWORD|SECRET|KEY", m[1])]
    assert {m[1] for m in secrets} >= {"ELASTIC_PASSWORD", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    # The one is empty where no mail goes out, the other is the name of a file.
    assert {m[1] for m in secrets if m[2] != ":?"} == {"MAIL_PASSWORD", "PROMETHEUS_KEY"}
    assert "${MAIL_PASSWORD:-}" in TEXT
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            # A URL's user and password belong together; a file's path is no secret.
            if re.search("PASSWORD$|SECRET|FERNET", name):
                assert REFERENCE.fullmatch(str(value)), name


def test_every_service_is_looked_after_or_ends():
    ends = {
        name
        for service in SERVICES.values()
        for name, when in service.get("depends_on", {}).items()
        if when["condition"] == "service_completed_successfully"
    }
    assert ends == {"init", "roles", "backups"}
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) != (name in ends), name
        assert service["restart"] == ("no" if name in ends else "unless-stopped")
        assert service["init"] is True
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}
        assert re.fullmatch(r"\$\{[A-Z_]+:-\d+[mg]\}|\d+m", service["mem_limit"]), name


def test_what_one_waits_for_is_there_and_tells_its_health():
    for service in SERVICES.values():
        for name, when in service.get("depends_on", {}).items():
            if when["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[name]


def test_images_are_pinned_and_ports_are_this_machines_alone():
    for service in SERVICES.values():
        assert re.search(r":v?\d+\.\d+", service["image"])
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:")


def test_the_installation_makes_the_pools_that_the_dags_use():
    script = SERVICES["init"]["command"][-1]
    made = re.findall(r"pools set (\w+) (\d+)", script)
    assert made == [(name, str(slots)) for name, slots, _ in POOLS]


def test_the_web_app_listens_to_others_and_so_needs_a_key():
    web = SERVICES["web"]
    environ = web["environment"]
    assert (web["command"], environ["WIREWATCH_WEB_HOST"]) == (
        "wirewatch serve --wait",
        "0.0.0.0",
    )
    inside = environ["WIREWATCH_WEB_PORT"]
    assert web["ports"] == [f"127.0.0.1:${{WEB_PORT:-8790}}:{inside}"]
    assert f"127.0.0.1:{inside}/api/v1/health" in web["healthcheck"]["test"][-1]


def test_the_database_is_ready_once_it_answers_by_tcp():
    # While it makes its database, PostgreSQL answers on its socket alone.
    assert SERVICES["postgres"]["healthcheck"]["test"][:3] == ["CMD", "pg_isready", "-h"]


def test_nobody_but_the_two_that_must_knows_the_superuser_of_elasticsearch():
    knows = {
        name
        for name, service in SERVICES.items()
        if "ELASTIC_PASSWORD" in json.dumps(service.get("environment", {}))
    }
    assert knows == {"elasticsearch", "roles"}
    waits = [name for name, one in SERVICES.items() if "roles" in one.get("depends_on", {})]
    assert {"scheduler", "worker", "web"} <= set(waits)


def test_the_configuration_is_read_where_the_operator_changes_it():
    mounted = "./config:/opt/airflow/config:ro"
    own = [name for name, service in SERVICES.items() if service["image"].startswith("wirewatch:")]
    assert len(own) == 8
    assert all(mounted in SERVICES[name]["volumes"] for name in own)


def test_the_image_has_no_development_tools():
    text = (ROOT / "Dockerfile").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = set(re.findall(r"--extra (\w+)", text))
    assert extras == set(project["optional-dependencies"]) - {"dev"}
    assert "--constraint requirements.lock" in text  # with the lock's hashes
    copied = set(re.findall(r"^COPY (\w+) \1$", text, re.MULTILINE))
    assert copied == {"plugins", "dags", "config"}


def test_every_option_of_wirewatch_exists():
    known = {option.env for option in BY_NAME.values()} | NOT_OPTIONS
    named = {name for s in SERVICES.values() for name in s.get("environment", {})}
    assert {name for name in named if name.startswith("WIREWATCH_")} <= known


def test_the_example_names_every_variable_and_no_value():
    example = (ROOT / ".env.example").read_text("utf-8")
    needed = set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))
    optional = set(re.findall(r"^# ([A-Z_]+)=", example, re.MULTILINE))
    assert needed == {m[1] for m in REFERENCE.finditer(TEXT) if m[2] == ":?"}
    assert optional == {m[1] for m in REFERENCE.finditer(TEXT) if m[2] == ":-"}


@pytest.fixture
def project(tmp_path):
    for name in ("Makefile", ".env.example", "docker-compose.yml"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run(["make", "-s", "env"], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def test_the_secrets_made_are_all_different_and_private(project):
    lines = (project / ".env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if re.match("[A-Z]", line))
    assert len(set(values.values())) == len(values) == 10
    assert len(urlsafe_b64decode(values["AIRFLOW_FERNET_KEY"])) == 32
    assert len(values["AIRFLOW_JWT_SECRET"]) >= 64
    assert (project / ".env").stat().st_mode & 0o077 == 0
    again = subprocess.run(["make", "-s", "env"], cwd=project, check=False, capture_output=True)
    assert again.returncode != 0
    assert lines == (project / ".env").read_text().splitlines()


def test_docker_compose_reads_it(project, loads):
    asked = [loads, "compose", project / "docker-compose.yml", project / ".env"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)["services"]
    assert read.keys() == SERVICES.keys()
    assert {one["mem_limit"].isdecimal() for one in read.values()} == {True}  # in bytes
    assert "ELASTIC_PASSWORD" not in read["worker"]["environment"]
    (project / ".env").write_text("")
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, "run make env" in done.stderr) == (1, True)
