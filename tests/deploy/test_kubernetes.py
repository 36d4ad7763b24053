"""The manifests, as Kubernetes' own types take them and as they fit each other and the project."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from wirewatch.local.airflow.server import POOLS
from wirewatch.settings import BY_NAME, NOT_OPTIONS, project_root

FOLDER = project_root() / "deploy" / "kubernetes"
VALUES = FOLDER / "airflow-values.yaml"
FILES = sorted(set(FOLDER.glob("*.yaml")) - {VALUES})
DOCS = (project_root() / "docs" / "scaling.md").read_text("utf-8")


def objects() -> list[dict[str, Any]]:
    return [one for file in FILES for one in yaml.safe_load_all(file.read_text("utf-8"))]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for one in objects():
        if template := one.get("spec", {}).get("template"):
            yield one["metadata"]["name"], template["spec"]


def inside(value: Any, name: str) -> Iterator[Any]:
    """Everything that stands under a name, however deep."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key == name:
                yield one
            yield from inside(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from inside(one, name)


def test_kubernetes_takes_every_object_and_refuses_what_it_does_not_know(
    loads: str, tmp_path: Any
) -> None:
    asked = [loads, "kubernetes", *map(str, FILES)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [f"{one['kind']} {one['metadata']['name']}" for one in objects()]
    assert done.stdout.split("\n")[:-1] == told
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((FOLDER / "web.yaml").read_text().replace("replicas:", "replica:"))
    asked = [loads, "kubernetes", str(wrong)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, 'unknown field "spec.replica"' in done.stderr) == (1, True)


def test_every_container_is_bounded_and_its_image_is_that_of_the_compose_file() -> None:
    composed = (project_root() / "docker-compose.yml").read_text("utf-8")
    for name, pod in pods():
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            assert container["resources"]["limits"]["memory"], name
            assert f"image: {container['image']}\n" in composed, container["image"]
    values = yaml.safe_load(VALUES.read_text("utf-8"))
    image = values["images"]["airflow"]
    assert f"image: {image['repository']}:{image['tag']}\n" in composed
    parts = ("workers", "scheduler", "apiServer", "dagProcessor", "triggerer")
    assert all(values[part]["resources"]["limits"]["memory"] for part in parts)
    lock = (project_root() / "requirements.lock").read_text("utf-8")
    assert f"\napache-airflow=={values['airflowVersion']} " in lock


def test_every_option_of_wirewatch_exists_and_no_service_is_taken_for_one() -> None:
    known = {option.env for option in BY_NAME.values()} | NOT_OPTIONS
    text = "\n".join(file.read_text("utf-8") for file in (*FILES, VALUES))
    assert set(re.findall(r"(?:name|envName): (WIREWATCH_\w+)", text)) <= known
    # Of a service web-x Kubernetes tells every container WEB_X_PORT and the like.
    services = [one["metadata"]["name"] for one in objects() if one["kind"] == "Service"]
    assert not [name for name in services if name.startswith("wirewatch")]


def test_every_secret_is_made_by_the_commands_in_the_docs() -> None:
    made = set(re.findall(r"--from-literal=([\w.-]+)=", DOCS))
    values = yaml.safe_load(VALUES.read_text("utf-8"))
    used = [ref for one in objects() for ref in inside(one, "secretKeyRef")]
    keys = {ref["key"] for ref in used} | {one["secretKey"] for one in values["secret"]}
    # What the chart reads of the secrets that are named to it.
    keys |= {"connection", "fernet-key", "api-secret-key", "jwt-secret", "passwords.json"}
    assert {ref["name"] for ref in used} == {"wirewatch"}
    assert keys == made


def test_the_pools_are_those_that_the_dags_use() -> None:
    script = (FOLDER / "pools.yaml").read_text("utf-8")
    made = re.findall(r"pools set (\w+) (\d+)", script)
    assert made == [(name, str(slots)) for name, slots, _ in POOLS]


@pytest.mark.parametrize("file", ["postgres.yaml", "elasticsearch.yaml", "web.yaml"])
def test_a_service_leads_to_pods_that_there_are(file: str) -> None:
    there = list(yaml.safe_load_all((FOLDER / file).read_text("utf-8")))
    templates = [one["spec"]["template"] for one in there if "template" in one["spec"]]
    labels = [one.get("metadata", {}).get("labels") for one in templates]
    [selector] = [one["spec"]["selector"] for one in there if one["kind"] == "Service"]
    assert selector in labels
