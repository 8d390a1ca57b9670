"""The examples under docs/deploy are valid and name only what the project has; nothing is deployed here."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from streams.models.settings import ROLES
from tests.test_compose import SERVICES, SETTINGS, understood

ROOT = Path(__file__).parents[1]
OBJECTS: list[dict[str, Any]] = list(YAML(typ="safe").load_all(ROOT / "docs" / "deploy" / "kubernetes.yaml"))
SETS = {one["metadata"]["name"]: one["spec"] for one in OBJECTS if one["kind"] == "StatefulSet"}
SCALED: dict[str, Any] = YAML(typ="safe").load(ROOT / "docs" / "deploy" / "compose.scale.yaml")["services"]
UNIT = (ROOT / "docs" / "systemd" / "tocsin-worker.service").read_text("utf-8")

every_set = pytest.mark.parametrize("name", SETS)


def container(name: str) -> dict[str, Any]:
    (found,) = SETS[name]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


@every_set
def test_its_command_exists_and_its_probes_ask_where_it_answers(name: str):
    found = container(name)
    assert set(str(understood(found["args"])["roles"]).split(",")) <= set(ROLES)
    (port,) = found["ports"]
    assert port["containerPort"] == SETTINGS.ports.worker
    assert found["readinessProbe"]["httpGet"] == {"path": "/healthz", "port": port["name"]}
    assert SETTINGS.ports.host == "0.0.0.0"  # a probe comes from outside the pod


@every_set
def test_it_is_selected_and_has_a_name_that_stays(name: str):
    labels = SETS[name]["template"]["metadata"]["labels"]
    assert SETS[name]["selector"]["matchLabels"].items() <= labels.items()
    (service,) = (one for one in OBJECTS if one["kind"] == "Service")
    assert SETS[name]["serviceName"] == service["metadata"]["name"]
    assert service["spec"]["selector"].items() <= labels.items()


@every_set
def test_it_can_write_only_where_a_volume_is_and_has_time_to_stop(name: str):
    spec, found = SETS[name]["template"]["spec"], container(name)
    assert found["securityContext"]["readOnlyRootFilesystem"]
    assert {mount["name"] for mount in found["volumeMounts"]} == {volume["name"] for volume in spec["volumes"]}
    assert found["args"][found["args"].index("--run-dir") + 1] in {
        mount["mountPath"] for mount in found["volumeMounts"]
    }
    assert spec["terminationGracePeriodSeconds"] > 10


@pytest.mark.parametrize("name", SCALED)
def test_what_lies_over_compose_changes_what_is_there(name: str):
    before, after = understood(SERVICES[name]["command"]), understood(SCALED[name]["command"])
    assert after["roles"] == before["roles"]
    assert str(after["processes"]).startswith(f"{after['roles']}=")
    assert SCALED[name]["hostname"]


def test_the_unit_lets_partitions_wait_for_a_restart():
    assert "RestartKillSignal=SIGUSR1" in UNIT
    assert "KillMode=mixed" in UNIT
