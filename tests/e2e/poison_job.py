"""The role observe with a bug: its Bank raises at the value 99 and ends the process without a word at 666.

python -m tests.e2e.poison_job FOLDER BOOTSTRAP
"""

import os
import signal
import sys
from pathlib import Path

from streams import logs
from streams.agents.observe import Observe
from streams.config import load
from streams.core.detect import Bank
from streams.kafka_settings import client_settings
from streams.place import Place
from streams.run import RoleProcess, run_process

RAISES, KILLS = 99.0, 666.0


def buggy(real):
    def handle(self, columns):
        if KILLS in columns.value:
            os.kill(os.getpid(), signal.SIGKILL)
        if RAISES in columns.value:
            raise ZeroDivisionError("ninety-nine")
        return real(self, columns)

    return handle


def main(folder, bootstrap):
    logs.set_up(role="observe", index=0)
    Bank.handle = buggy(Bank.handle)
    loaded = load(folder, bootstrap)
    place = Place(Path(folder) / "run", "observe", 0)
    run_process(lambda: RoleProcess(Observe, loaded, client_settings(loaded.app.kafka), place))


if __name__ == "__main__":
    main(*sys.argv[1:])
