"""An archive of the classes that Kafka loads (Java's class data sharing): a node starts in half the time and CPU.

    python -m tests.servers.class_archive      make it, if this Java has none yet (about 10 s)

Only an accelerator: without it, or with one that does not fit, Java loads the classes from the jars.
Source: JEP 350, dynamic archives.
"""

import fcntl
import shutil
import sys
import tempfile
from pathlib import Path

from tests.servers import jars
from tests.servers.kafka import Kafka


class _Remembering(Kafka):
    """A node that writes down the classes it has loaded when it ends."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.archive = folder / "classes.jsa"

    @property
    def flags_of_classes(self) -> tuple[str, ...]:
        return (f"-XX:ArchiveClassesAtExit={self.archive}",)


def make() -> Path:
    """The archive of this Java and these jars. Two runs that start together make it once."""
    jars.fetch()
    made = jars.class_archive()
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder = Path(tempfile.mkdtemp(dir=made.parent, prefix="part-"))
            try:
                node = _Remembering(folder)
                node.start()
                node.stop()
                node.archive.rename(made)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    return made


if __name__ == "__main__":
    if missing := jars.what_is_missing():
        print(missing, file=sys.stderr)
        sys.exit(2)
    print(make())
