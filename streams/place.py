"""The run directory: who runs here, under which name, on which port. One stable name a process, never two of one name.

Two processes with the same name in a consumer group do not fence each other: they livelock (docs/delivery.md).
"""

import fcntl
import json
import os
import secrets
import socket
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import IO, Any

from streams.models.settings import Kafka

CLIENTS_KEPT = 50


class TakenError(Exception):
    """Another process runs under this name."""


def run_dir_of(kafka: Kafka) -> Path:
    """The same for all processes of one deployment on this machine: `$TOCSIN_RUN_DIR`, else in the temporary folder."""
    if given := os.environ.get("TOCSIN_RUN_DIR"):
        return Path(given)
    deployment = sha256(f"{kafka.bootstrap} {kafka.group_prefix}".encode()).hexdigest()[:12]
    return Path(gettempdir()) / f"tocsin-{os.getuid()}" / deployment


def cache_dir() -> Path:
    """Where checked configurations are kept: `$TOCSIN_RUN_DIR`, else a folder of this user in the temporary one."""
    given = os.environ.get("TOCSIN_RUN_DIR")
    return Path(given) if given else Path(gettempdir()) / f"tocsin-{os.getuid()}"


class Place:
    """One process's name in a run directory: a lock that ends with the process, and a note of its pid and port."""

    def __init__(self, run_dir: Path, role: str, index: int) -> None:
        self.name = f"{role}-{index}"
        self.client = f"{self.name}.{secrets.token_hex(4)}"  # this process among all that ever had the name
        self._dir = run_dir
        self._lock: IO[str] | None = None

    @property
    def instance(self) -> str:
        """The name in the consumer group: stable over restarts, different on every machine."""
        return f"{self.name}-{socket.gethostname()}"

    @property
    def note(self) -> Path:
        """Where pid and port are noted."""
        return self._dir / f"{self.name}.json"

    @property
    def hand(self) -> Path:
        """Where it is noted which records are being worked on."""
        return self._dir / f"{self.name}.hand"

    def take(self) -> None:
        """Take the name for as long as this process lives, or raise TakenError."""
        self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (self._dir / f"{self.name}.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TakenError(f"{self.name} runs already ({self._dir})") from error
        self.note.unlink(missing_ok=True)
        self._clients().write_text("\n".join([*self._before()[-CLIENTS_KEPT:], self.client]), encoding="utf-8")

    @property
    def clients(self) -> frozenset[str]:
        """Every process that had this name in this run directory: whoever else bears it in the group is a stranger."""
        return frozenset(self._before())

    def _before(self) -> list[str]:
        try:
            return self._clients().read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return []

    def _clients(self) -> Path:
        return self._dir / f"{self.name}.clients"

    def tell(self, port: int) -> None:
        """Note pid and port, whole or not at all."""
        draft = self.note.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"pid": os.getpid(), "port": port}), encoding="utf-8")
        draft.replace(self.note)

    def port_of(self, pid: int) -> int | None:
        """The port that this process noted; none = nothing yet, or the note is another one's."""
        try:
            found: dict[str, Any] = json.loads(self.note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return int(found["port"]) if found.get("pid") == pid else None
