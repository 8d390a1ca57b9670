"""A server process that cannot outlive the test run, whatever ends the run."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Run first in the child: ask Linux to kill it when its parent dies (PR_SET_PDEATHSIG), then become the server.
# A pytest that is killed with -9 runs no fixture's end and no atexit: only the kernel still tidies up then.
_GUARD = """
import ctypes, os, signal, sys
parent = int(sys.argv[1])
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == parent:
    os.execvp(sys.argv[2], sys.argv[2:])
"""


class ServerProcess:
    """One running server in a process group of its own.

    Start it in the main thread: to the kernel that thread is the parent, and with its end the server goes too.
    """

    def __init__(self, argv: Sequence[str], log: Path, *, detached: bool = False) -> None:
        """Start `argv`, its output appended to `log`; a detached one goes on when this process ends."""
        guard = () if detached else (sys.executable, "-S", "-c", _GUARD, str(os.getpid()))
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*guard, *argv], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        self._log = log

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], patience_s: float) -> None:
        """Return once `ready` says so; if it ends or is too slow, kill it and show the end of its log."""
        deadline = time.monotonic() + patience_s
        while not ready():
            if not self.running or time.monotonic() > deadline:
                state = "not ready in time" if self.running else f"ended with {self._process.returncode}"
                self.kill()
                raise RuntimeError(f"{self._process.args!r}: {state}\n{self._tail()}")
            time.sleep(0.05)

    def stop(self, patience_s: float = 20.0) -> None:
        """SIGTERM; SIGKILL for whatever of its group has not gone in time."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience_s)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group, as `kill -9` or a power cut would."""
        self._signal(signal.SIGKILL)
        self._process.wait(10)

    def _signal(self, number: signal.Signals) -> None:
        """To the group, which may outlive its first process."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _tail(self, size: int = 3_000) -> str:
        return self._log.read_bytes()[-size:].decode(errors="replace")
