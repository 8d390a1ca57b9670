"""A real Valkey (of the `demo` extra) or Redis (of the system) for tests."""

import dataclasses
import shutil
from pathlib import Path

import redis

from streams import embedded
from tests.servers.process import ServerProcess


class Redis:
    """A database in a folder; `start` after `kill` reads its append-only file again, on the same port."""

    def __init__(self, folder: Path, *, binary: str | None = None) -> None:
        """`binary`: another server than the embedded Valkey, such as `redis-server`."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        server = embedded.database(folder)
        argv = (binary, *server.argv[1:]) if binary else server.argv
        self._server = dataclasses.replace(server, argv=argv)
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """For clients."""
        return f"redis://{self._server.address}/0"

    def start(self, patience_s: float = 10.0) -> "Redis":
        """Start it and wait until it answers."""
        if self._process is None or not self._process.running:
            self._process = ServerProcess(self._server.argv, self.folder / "output.log")
            self._process.wait_until(self._server.ready, patience_s)
        return self

    def stop(self) -> None:
        """An orderly end."""
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        """`kill -9`: up to a second of writes may be lost, as the append-only file is synced once a second."""
        if self._process:
            self._process.kill()

    def flush(self) -> None:
        """Empty it; a stopped one is started first."""
        self.start()
        with redis.Redis.from_url(self.url) as link:
            link.flushall()


def system_redis() -> str | None:
    """The Redis of the system (Debian: 7.0), if there is one."""
    return shutil.which("redis-server")
