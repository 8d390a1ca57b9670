"""A role with a bug: it raises at some records and ends the process without a word at others.

python -m tests.e2e.poison_job FOLDER BOOTSTRAP [ROLE]

observe: its Bank raises at the value 99, and ends at 666. A sink: what it makes of a command whose note is `raises`.
"""

import os
import signal
import sys
from pathlib import Path

from streams import logs
from streams.config import load
from streams.core.detect import Bank
from streams.kafka_settings import client_settings
from streams.place import Place
from streams.roles import ROLES
from streams.run import RoleProcess, run_process
from streams.sinks import feed, redis_entries

RAISES, KILLS = 99.0, 666.0


def buggy(real):
    def handle(self, columns):
        if KILLS in columns.value:
            os.kill(os.getpid(), signal.SIGKILL)
        if RAISES in columns.value:
            raise ZeroDivisionError("ninety-nine")
        return real(self, columns)

    return handle


def clumsy(real):
    def stamped(record, *more):
        if b'"note":"kills"' in record.value:
            os.kill(os.getpid(), signal.SIGKILL)
        if b'"note":"raises"' in record.value:
            raise ZeroDivisionError("a clumsy sink")
        return real(record, *more)

    return stamped


def main(folder, bootstrap, role="observe", redis=""):
    logs.set_up(role=role, index=0)
    Bank.handle = buggy(Bank.handle)
    feed.stamped = redis_entries.stamped = clumsy(feed.stamped)
    loaded = load(folder, bootstrap, redis or None)
    place = Place(Path(folder) / "run", role, 0)
    run_process(lambda: RoleProcess(ROLES[role], loaded, client_settings(loaded.app.kafka), place))


if __name__ == "__main__":
    main(*sys.argv[1:])
