"""A child process of a supervisor: what it is, and how it is started so that it dies with its parent.

Each asks the kernel for a SIGTERM when the parent is gone (PR_SET_PDEATHSIG): a parent killed with -9 cannot forward
anything.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams.fatal import EXIT_GOOD

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork

#: (ready, details as JSON)
Ready = tuple[bool, dict[str, Any]]


@dataclass(frozen=True)
class Child:
    """A process to keep: its command line, and how to ask whether it is ready."""

    name: str
    argv: Sequence[str]
    port: Callable[[int], int | None] = lambda _pid: None  # where its /healthz and /metrics are, once known
    ready: Callable[[], Awaitable[Ready]] | None = None  # instead of /healthz
    env: Mapping[str, str] = field(default_factory=dict)
    pausable: bool = False  # knows SIGUSR1: stop, but you will be started again
    output: Path | None = None  # what it prints is added to this file; None = where ours goes


async def start(child: Child) -> asyncio.subprocess.Process:
    """Start a child in a session of its own: a Ctrl-C on the terminal reaches us alone, and we tell it once."""
    parent = os.getpid()

    def before_exec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # we died between fork and prctl
            os._exit(EXIT_GOOD)

    with contextlib.ExitStack() as stack:
        output = stack.enter_context(child.output.open("ab")) if child.output else None
        return await asyncio.create_subprocess_exec(
            *child.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **child.env},
            preexec_fn=before_exec,  # no thread of ours holds a lock here
            start_new_session=True,
        )
