"""A small disk for a broker: a tmpfs that can be filled up and freed."""

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

SIZE_MB = 300


class Disk:
    """A tmpfs on a folder. Only root may mount one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise PermissionError(done.stderr.strip() or "mount failed")

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """To the last byte."""
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 20))
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 9))

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def unmount(self) -> None:
        """Once nobody holds a file open."""
        for _ in range(20):
            if subprocess.run(["umount", str(self.folder)], check=False, capture_output=True).returncode == 0:
                return
            time.sleep(0.2)


def why_not() -> str | None:
    """Why there can be no such disk here."""
    return None if os.geteuid() == 0 else "needs root, to mount a small tmpfs"
