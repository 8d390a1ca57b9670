"""`tocsin worker`: one or more processes a role under a supervisor; `--role R` is such a process itself."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from streams import logs
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, RedisOption, load_or_exit
from streams.config import Loaded
from streams.fatal import EXIT_BAD_INPUT, leave
from streams.kafka_settings import SecretError, client_settings
from streams.models.settings import ROLES
from streams.place import Place, run_dir_of
from streams.supervise import Child, Supervisor

RoleOption = Annotated[
    str | None, typer.Option("--role", help="Be one role in this process, without a supervisor (containers, systemd).")
]
RolesOption = Annotated[
    str, typer.Option("--roles", help="Which roles to start, separated by commas.", show_default="all of them")
]
ProcessesOption = Annotated[
    str,
    typer.Option("--processes", help="More than one process of a role: observe=4,assess=2.", show_default="one each"),
]
IndexOption = Annotated[
    int, typer.Option("--index", min=0, help="Number of this (or the first) process of its role on this machine.")
]
RunDirOption = Annotated[
    Path | None, typer.Option("--run-dir", envvar="TOCSIN_RUN_DIR", help="Where processes note their pid and port.")
]


def worker(
    role: RoleOption = None,
    roles: RolesOption = ",".join(ROLES),
    processes: ProcessesOption = "",
    index: IndexOption = 0,
    run_dir: RunDirOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
) -> None:
    """Run the job: observe, assess and deliver, each in its own processes, restarted when one dies.

    Ready when /healthz on the port of app.yaml `ports.worker` answers 200. SIGTERM: what is begun is finished and
    committed within 10 s, and partitions go to other machines at once. SIGUSR1: the same, but partitions wait for our
    return. Exit 2: the configuration or the cluster's topics are wrong.
    """
    wanted = [role] if role else [name.strip() for name in roles.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in ROLES]:
        raise typer.BadParameter(f"no role {', '.join(unknown)}; there are: {', '.join(ROLES)}")
    if not wanted:
        raise typer.BadParameter(f"--roles names none; there are: {', '.join(ROLES)}")
    counts = _counts(processes, wanted)
    loaded = load_or_exit(config, kafka, redis)
    where = run_dir or run_dir_of(loaded.app.kafka)
    if role:
        _be(role, index, loaded, where)
    else:
        options = _options(config, kafka, redis)
        logs.set_up(process="worker")
        supervisor = Supervisor(role_children(wanted, where, options, index, counts))
        asyncio.run(_supervise(supervisor, loaded))


async def _supervise(supervisor: Supervisor, loaded: Loaded) -> None:
    """Until all children are gone; never returns."""
    leave(await supervisor.run(loaded.app.ports.host, loaded.app.ports.worker))


def role_children(
    roles: Sequence[str],
    run_dir: Path,
    options: Sequence[str],
    index: int = 0,
    processes: Mapping[str, int] | None = None,
) -> list[Child]:
    """The role processes as children of a supervisor (of `tocsin demo` too), `processes` of a role from `index` on."""

    def child(role: str, number: int) -> Child:
        place = Place(run_dir, role, number)
        argv = [sys.executable, "-m", "streams", "worker", "--role", role, "--index", str(number)]
        return Child(place.name, [*argv, "--run-dir", str(run_dir), *options], place.port_of, pausable=True)

    counts = processes or {}
    return [child(role, number) for role in roles for number in range(index, index + counts.get(role, 1))]


def _counts(said: str, roles: Sequence[str]) -> dict[str, int]:
    """`observe=4,assess=2` -> how many processes; roles that are not started here are a mistake."""
    found = {}
    for one in filter(None, (part.strip() for part in said.split(","))):
        role, _, number = one.partition("=")
        if role not in roles or not number.isdecimal() or not int(number):
            raise typer.BadParameter(f"{one}: say ROLE=NUMBER of a role that is started: {', '.join(roles)}")
        found[role] = int(number)
    return found


def _options(config: Path, kafka: str | None, redis: str | None) -> list[str]:
    """What was said on our command line, for the children's."""
    found = ["--config", str(config.absolute())]
    found += ["--kafka", kafka] if kafka else []
    return [*found, "--redis", redis] if redis else found


def _be(role: str, index: int, loaded: Loaded, run_dir: Path) -> None:
    """Become one role; never returns."""
    from streams.roles import ROLES as CATALOGUE  # noqa: PLC0415 - Faust and numpy are not for the supervisor
    from streams.run import RoleProcess, run_process  # noqa: PLC0415

    logs.set_up(role=role, index=index)
    try:
        settings = client_settings(loaded.app.kafka)
    except SecretError as error:
        typer.echo(str(error), err=True)
        os._exit(EXIT_BAD_INPUT)
    run_process(lambda: RoleProcess(CATALOGUE[role], loaded, settings, Place(run_dir, role, index)))
