"""`python -m streams` is the `tocsin` command."""

import os
import signal
import sys

from streams.fatal import EXIT_GOOD


def main() -> None:
    """The `tocsin` command."""
    if sys.argv[1:2] == ["worker"]:
        end_when_told()
    from streams.cli import app  # noqa: PLC0415 - it takes a while, in which a worker may be told to stop

    app()


def end_when_told() -> None:
    """Until a worker has something to finish, it has stopped when it is told to: a big site takes seconds to load.

    Else the signal would end it as if something had gone wrong, or do nothing at all to the first process of a
    container. What it begins to finish later it hears of in its own way (`run.py`, `supervise.py`).
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, lambda *_: os._exit(EXIT_GOOD))


if __name__ == "__main__":
    main()
