"""How a process of ours ends, and the one way to end it at once with nothing committed on the way down."""

import asyncio
import faulthandler
import os
import sys
from contextlib import suppress
from typing import NoReturn

EXIT_GOOD = 0
EXIT_DIFFERENCE = 1
EXIT_BAD_INPUT = 2  # bad configuration or bad input: starting again would not help
EXIT_FATAL = 70  # our bug, or a state that only a new process gets out of: the supervisor starts anew


def die(why: str, *, stacks: bool = False) -> NoReturn:
    """End the process now, with exit 70.

    Not `sys.exit`: Faust acknowledges and commits the event in flight while it shuts down after an exception, and the
    event would be lost (docs/delivery.md). `os._exit` runs nothing of that.
    """
    with suppress(Exception):
        if stacks:
            dump_stacks()
        sys.stderr.write(f"FATAL {why}\n")
        sys.stderr.flush()
    os._exit(EXIT_FATAL)


def leave(code: int) -> NoReturn:
    """End a process that has done all it had to, from within its event loop.

    When that is closed nobody hears of signals any more: who is told to stop just then would be killed by the word, and
    taken for one that died. Nor is anybody waited for: threads may still stand around.
    """
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def must_not_fail(task: "asyncio.Task[None]") -> None:
    """Callback of a task beside the stream: when it fails, the process ends."""
    if not task.cancelled() and (error := task.exception()) is not None:
        die(f"a task beside the stream failed: {error!r}", stacks=True)


def dump_stacks() -> None:
    """Write where every thread and every asyncio task of this loop stands to stderr."""
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    with suppress(RuntimeError):
        for task in asyncio.all_tasks():
            task.print_stack(limit=12, file=sys.stderr)
