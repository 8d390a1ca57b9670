"""docker-compose.yml, Dockerfile, Makefile and the systemd unit name only what the project has.

No container is started here: what is checked is what a person would get wrong when a command, a port or a path changes.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from streams.cli import app
from streams.models.settings import ROLES, App
from tests.servers import jars

ROOT = Path(__file__).parents[1]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe").load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
ENV_EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
SETTINGS = App.model_validate(YAML(typ="safe").load(ROOT / "configs" / "compose" / "app.yaml"))
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "tocsin:local"}
ONE_SHOT = {"topics"}

every_service = pytest.mark.parametrize("name", SERVICES)
our_service = pytest.mark.parametrize("name", OURS)


def port_of(name: str) -> int:
    """The port that a process of ours listens on, by its command."""
    return int(getattr(SETTINGS.ports, SERVICES[name]["command"][0]))


def understood(arguments: list[str]) -> dict[str, object]:
    """What the command line makes of these words; an error when it knows one of them not."""
    command: Any = typer.main.get_command(app)  # typer brings a click of its own, which has no types
    context = typer.Context(command)
    while hasattr(command, "resolve_command"):  # a group: its first word is the name of a command
        _, command, arguments = command.resolve_command(context, arguments)
    values, rest, _ = command.make_parser(context).parse_args(args=list(arguments))
    assert not rest, f"left over: {rest}"
    return values


@our_service
def test_commands_exist(name: str):
    understood(SERVICES[name]["command"])


def test_each_role_has_one_service():
    roles = [s["command"][s["command"].index("--roles") + 1] for s in OURS.values() if s["command"][0] == "worker"]
    assert sorted(roles) == sorted(ROLES)


def test_a_role_has_the_same_name_in_its_group_when_its_container_is_made_anew():
    hosts = {name: one.get("hostname") for name, one in SERVICES.items() if "--roles" in one.get("command", [])}
    assert hosts == {name: name for name in hosts}
    assert len(hosts) == len(ROLES)


@our_service
def test_health_is_asked_where_it_is_answered(name: str):
    if name not in ONE_SHOT:
        (asked,) = re.findall(r"http://127\.0\.0\.1:(\d+)/healthz", " ".join(SERVICES[name]["healthcheck"]["test"]))
        assert int(asked) == port_of(name)


def test_prometheus_asks_every_process():
    jobs = YAML(typ="safe").load(ROOT / "configs" / "prometheus" / "prometheus.yml")["scrape_configs"]
    (targets,) = (job["static_configs"][0]["targets"] for job in jobs if job["job_name"] == "tocsin")
    assert sorted(targets) == sorted(f"{name}:{port_of(name)}" for name in OURS if name not in ONE_SHOT)


@every_service
def test_every_service_is_bounded_and_watched(name: str):
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    assert ("healthcheck" in service) == (name not in ONE_SHOT)
    assert "no-new-privileges:true" in service["security_opt"]
    assert ":latest" not in service["image"]
    assert ":" in service["image"]


@our_service
def test_ours_can_write_nowhere_else(name: str):
    assert SERVICES[name]["read_only"]
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert re.search(r"^USER [1-9]\d*$", DOCKERFILE, re.MULTILINE), "the image must not run as root"


@every_service
def test_ports_are_opened_on_this_machine_only(name: str):
    for published in SERVICES[name].get("ports", ()):
        address, _, container = re.fullmatch(r"(\$\{[^}]+\}):(\$\{[^}]+\}):(\d+)", published).groups()
        assert address == "${BIND_ADDRESS:-127.0.0.1}"
        if name in OURS:
            assert int(container) == port_of(name)


@every_service
def test_waits_only_for_what_can_tell(name: str):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert how["condition"] == wanted
        assert other in SERVICES


@every_service
def test_volumes_exist(name: str):
    for volume in SERVICES[name].get("volumes", ()):
        source, target, *mode = volume.split(":")
        if source.startswith("./"):
            assert (ROOT / source).exists(), f"{name}: no {source} in the project"
            assert mode == ["ro"], f"{name}: {source} must not be written to"
        else:
            assert source in COMPOSE["volumes"]
        assert target.startswith("/")


def test_no_volume_and_no_secret_without_use():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert set(COMPOSE["volumes"]) == {name for name in used if not name.startswith("./")}
    assert set(COMPOSE["secrets"]) == {s for service in SERVICES.values() for s in service.get("secrets", ())}


def test_paths_in_containers_are_mounted():
    assert SETTINGS.gateway.tokens_file in {f"/run/secrets/{s}" for s in SERVICES["gateway"]["secrets"]}
    assert any(v.endswith(f":{SETTINGS.audit_dir}") for v in SERVICES["deliver-audit"]["volumes"])
    assert SETTINGS.audit_dir in DOCKERFILE, "a fresh volume gets the owner of the folder in the image"
    settings = f"{SERVICES['observe']['environment']['TOCSIN_CONFIG']}/app.yaml"
    assert all(f"./configs/compose/app.yaml:{settings}:ro" in service["volumes"] for service in OURS.values())
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / "configs" / "grafana" / home.removeprefix("/etc/grafana/")).is_file()


def test_only_what_a_container_needs_differs():
    usual = App.model_validate(YAML(typ="safe").load(ROOT / "configs" / "app.yaml"))
    changed = usual.model_copy(
        update={
            "ports": usual.ports.model_copy(update={"host": "0.0.0.0"}),
            "gateway": usual.gateway.model_copy(update={"tokens_file": SETTINGS.gateway.tokens_file}),
            "audit_dir": SETTINGS.audit_dir,
        }
    )
    assert changed.model_dump() == SETTINGS.model_dump()


def test_variables_are_explained_and_used():
    used = dict(re.findall(r"(?<!\$)\$\{(\w+)(:[-?])", COMPOSE_TEXT))
    told = dict(re.findall(r"^(\w+)=(.*)$", ENV_EXAMPLE, re.MULTILINE))
    assert set(used) == set(told)
    for name, how in used.items():
        assert (how == ":?") == (told[name] == ""), f"{name}: required means empty in .env.example"
        if re.search("PASSWORD|KEY|TOKEN|SECRET", name):
            assert how == ":?", f"{name}: a secret has no default"


def test_no_secret_stands_in_a_file():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|_KEY|TOKEN|SECRET", name):
                assert re.fullmatch(r"\$\{\w+:\?.+\}", str(value)), name


@our_service
def test_the_code_reads_the_variables(name: str):
    code = "".join(path.read_text("utf-8") for path in (ROOT / "streams").rglob("*.py"))
    for variable in SERVICES[name]["environment"]:
        assert f'"{variable}"' in code, f"nothing reads {variable}"


def test_what_the_image_is_made_of_exists():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            assert source in allowed, f"{source}: .dockerignore keeps it out"


def test_one_uv_and_one_kafka_everywhere():
    (make,) = re.findall(r"^UV_VERSION := (\S+)$", MAKEFILE, re.MULTILINE)
    assert f"uv=={make}" in DOCKERFILE
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{jars.version()}"


def test_make_demo_passes_options_that_exist():
    (recipe,) = re.findall(r"^demo: .*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    options = re.findall(r"\$\(if \$\((\w+)\),(--\w+) ", recipe)
    assert {variable for variable, _ in options} == {"FOR", "SPEED", "KAFKA", "REDIS"}
    understood(["demo", *(word for _, option in options for word in (option, "1"))])


@pytest.mark.parametrize("unit", sorted((ROOT / "docs" / "systemd").glob("*.service")), ids=lambda path: path.name)
def test_systemd_units_start_commands_that_exist(unit: Path):
    (command,) = re.findall(r"^ExecStart=\S+/tocsin (.+)$", unit.read_text("utf-8"), re.MULTILINE)
    understood(command.split())
