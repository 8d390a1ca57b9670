"""The demo's processes: servers first, then everything that works with them."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from streams import embedded
from streams.models.settings import App
from streams.supervise import Child, Ready


@dataclass(frozen=True, slots=True)
class Play:
    """Which scenario, how fast."""

    scenario: Path
    speed: float = 1.0


def server_children(servers: Sequence[embedded.Server], folder: Path) -> list[Child]:
    """Broker and database."""
    return [
        Child(server.name, server.argv, ready=_asks(server), output=folder / f"{server.name}.log") for server in servers
    ]


def _asks(server: embedded.Server) -> Callable[[], "asyncio.Future[Ready]"]:
    async def ready() -> Ready:
        good = await asyncio.to_thread(server.ready)
        return good, {"reasons": [] if good else ["does not answer yet"]}

    return lambda: asyncio.ensure_future(ready())


def working_children(roles: Sequence[Child], app: App, config: Path, folder: Path, play: Play) -> list[Child]:
    """The worker's roles, the doors, the page and the player. Equal pseudonyms everywhere: one key for this run."""
    options = command_options(app, config)
    host = app.ports.host
    doors = [
        _door("gateway", app.ports.gateway, options, folder),
        _door("web", app.ports.web, options, folder),
    ]
    health = f"http://{host}:{app.ports.worker}/healthz"
    argv = [*_tocsin("play", str(play.scenario)), "--loop", "--speed", str(play.speed), "--after", health, *options]
    children = [*roles, *doors, Child("player", argv, ready=_always)]
    env = {app.privacy.key_env: os.environ.get(app.privacy.key_env) or secrets.token_hex(32)}
    return [replace(one, env={**one.env, **env}, output=folder / f"{one.name}.log") for one in children]


def command_options(app: App, config: Path) -> list[str]:
    """Said on every command line: what stands in the environment is not for this run."""
    return ["--config", str(config), "--kafka", app.kafka.bootstrap, "--redis", app.redis.url]


def _door(name: str, port: int, options: Sequence[str], folder: Path) -> Child:
    argv = [*_tocsin(name), "--port", str(port), "--run-dir", str(folder), *options]
    return Child(name, argv, port=lambda pid: noted_port(folder, name, pid))


def noted_port(folder: Path, name: str, pid: int | None = None) -> int | None:
    """The port that a door noted when it was listening (of this pid, if one is given)."""
    try:
        found = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return int(found["port"]) if pid in (None, found["pid"]) else None


async def _always() -> Ready:
    return True, {"reasons": []}


def _tocsin(*words: str) -> list[str]:
    return [sys.executable, "-m", "streams", *words]
