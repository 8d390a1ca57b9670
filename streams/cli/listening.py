"""A web server on a port of its own that says where it listens."""

import errno
import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import uvicorn

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


def tell(file: Path, port: int) -> None:
    """Write a run file {pid, port} in one step, so that nobody reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(json.dumps({"pid": os.getpid(), "port": port}), encoding="utf-8")
    fresh.replace(file)


class _Server(uvicorn.Server):
    """Tells where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, file: Path | None, port: int) -> None:
        super().__init__(config)
        self._file, self._port = file, port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._file and self.started:
            tell(self._file, self._port)


def serve(app: Any, address: str, wanted: int, file: Path | None, say: Callable[[str], None], place: str) -> None:
    """Serve until SIGTERM or SIGINT; `place` is what is said of it, with {url}. Raises OSError: no such address."""
    listener = bind(address, wanted)
    found = listener.getsockname()[1]
    if wanted and found != wanted:
        say(f"port {wanted} is taken, using {found}")
    say(place.format(url=f"http://{f'[{address}]' if ':' in address else address}:{found}"))
    signal.signal(signal.SIGTERM, _leave)  # uvicorn raises the signal again when it has finished: then it is a good end
    config = uvicorn.Config(
        app, timeout_graceful_shutdown=_GRACE_S, log_config=None, log_level="warning", access_log=False
    )
    _Server(config, file, found).run(sockets=[listener])


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)
