"""`tocsin web`: the API and the page."""

import errno
import json
import os
import signal
import socket
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvicorn
from rich.console import Console

from streams import logs
from streams.cli.options import DEFAULT_CONFIG, ConfigOption, KafkaOption, RedisOption, load_or_exit
from streams.kafka_settings import SecretError, client_settings
from streams.web import web_app

_TRIES = 50
_GRACE_S = 5


def bind(host: str, port: int) -> socket.socket:
    """Listen on the port, or on the next free one; 0 = any."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + _TRIES) if port else (0,):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as problem:
            listener.close()
            if problem.errno != errno.EADDRINUSE:
                raise
        else:
            return listener
    raise OSError(errno.EADDRINUSE, f"no free port from {port} to {port + _TRIES - 1} on {host}")


def tell(run_dir: Path, port: int) -> None:
    """Write `web.json` in one step, so that nobody reads half of it."""
    run_dir.mkdir(parents=True, exist_ok=True)
    fresh = run_dir / "web.json.new"
    fresh.write_text(json.dumps({"pid": os.getpid(), "port": port}), encoding="utf-8")
    fresh.replace(run_dir / "web.json")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, run_dir: Path | None, port: int) -> None:
        super().__init__(config)
        self._run_dir, self._port = run_dir, port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._run_dir and self.started:
            tell(self._run_dir, self._port)


def web(
    *,
    config: ConfigOption = DEFAULT_CONFIG,
    kafka: KafkaOption = None,
    redis: RedisOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: ports.host of app.yaml.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; taken = the next free one; 0 = any.", min=0)] = None,
    run_dir: Annotated[
        Path | None, typer.Option(envvar="TOCSIN_RUN_DIR", help="Write web.json {pid, port} there when listening.")
    ] = None,
) -> None:
    """Serve the page, the API and the live feed of one deployment.

    Reads Redis; what people do (acknowledge, end, silence) leaves as records of the topic `signals`.
    """
    loaded = load_or_exit(config, kafka, redis)
    logs.set_up(process="web")
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    try:
        client_settings(loaded.app.kafka)  # what people do goes to Kafka: say now that it cannot
    except SecretError as problem:
        console.print(str(problem), style="red")
        raise typer.Exit(2) from None
    address = host or loaded.app.ports.host
    wanted = loaded.app.ports.web if port is None else port
    listener = bind(address, wanted)
    found = listener.getsockname()[1]
    if wanted and found != wanted:
        console.print(f"port {wanted} is taken, using {found}")
    console.print(f"page: http://{f'[{address}]' if ':' in address else address}:{found}/")
    signal.signal(signal.SIGTERM, _leave)  # uvicorn raises the signal again when it has finished: then it is a good end
    server = uvicorn.Config(
        web_app(loaded), timeout_graceful_shutdown=_GRACE_S, log_config=None, log_level="warning", access_log=False
    )
    _Server(server, run_dir, found).run(sockets=[listener])


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)
