"""What a configuration folder was found to say, kept so that the next process need not read and check it again.

One file for each folder and version of this program: a head (msgpack) and the columns of the table, which are mapped
into memory and not read. It is used only while every file of the folder has the bytes that it was made of; what is
damaged, foreign or not ours alone to write is passed over, and written anew.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fcntl import LOCK_EX, flock
from functools import cache
from hashlib import file_digest, sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import time

import msgspec

from streams.config.head import head_of, loaded_of
from streams.config.loaded import Loaded
from streams.config.sections import Sections
from streams.models.settings import Files

SCHEMA = 2
KEPT = 12  # files that were used last; the others of a cache folder are cleared away
_MODELS = (
    "crs", "datastream", "datastreams", "distances", "durations", "expression", "hazard", "ids", "neighbours", "packed",
    "settings", "site", "units", "zone_tree",
)  # fmt: skip
_CODE = ("streams/config/*.py", "detectors/**/*.py", *(f"streams/models/{name}.py" for name in _MODELS))  # decides too
_HOUR_S = 3_600
Source = tuple[str, str | None]  # path, digest of its bytes (None: there is no such file)


class Compiled:
    """The file of one configuration folder in a cache folder."""

    def __init__(self, cache_dir: Path, folder: Path) -> None:
        self._dir, self._folder = cache_dir, folder
        name = sha256(f"{folder.absolute()}\n{_release()}".encode()).hexdigest()[:32]
        self._path = cache_dir / f"site-{name}.bin"

    def fetch(self) -> Loaded | None:
        """What was kept, if it is of these very files."""
        with suppress(OSError, ValueError, KeyError, TypeError, IndexError, msgspec.MsgspecError):
            sections = Sections.open(self._path)
            head = sections.head
            if head["sources"] == [list(source) for source in self.sources(Files(**head["files"]))]:
                os.utime(self._path)  # in use
                return loaded_of(head, sections.arrays, self._folder)
        return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time: when many start at once, one reads and the others find what it found."""
        with ExitStack() as stack:
            with suppress(OSError):
                self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
                flock(stack.enter_context((self._dir / "sites.lock").open("a")), LOCK_EX)
            yield

    def store(self, found: Loaded) -> None:
        """Keep it. What cannot be written (a full disk, a number that msgpack does not know) is not kept."""
        head, arrays = head_of(found, self._folder)
        files = found.app.files
        head |= {"files": files.model_dump(), "sources": self.sources(files)}
        draft = self._path.with_suffix(f".{os.getpid()}")
        with suppress(OSError, TypeError, ValueError, OverflowError):
            self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                Sections.write(draft, head, arrays)
                draft.replace(self._path)
            finally:
                draft.unlink(missing_ok=True)
            self._clear()

    def sources(self, files: Files) -> list[Source]:
        """Every file that decides, with the digest of its bytes."""
        return [(str(path.absolute()), _digest(path)) for path in self._paths(files)]

    def _paths(self, files: Files) -> Iterator[Path]:
        for name in ("app.yaml", "topics.yaml", files.zones, files.stations, files.reaches):
            yield self._folder / name
        for name in (files.hazards, files.overlays):
            with suppress(OSError):
                yield from sorted(path for path in (self._folder / name).iterdir())

    def _clear(self) -> None:
        """Leave the newest few, and no drafts of processes that died."""
        known = sorted(self._dir.glob("site-*.bin"), key=_age)
        drafts = [path for path in self._dir.glob("site-*.[0-9]*") if _age(path) > _HOUR_S]
        for path in (*known[KEPT:], *drafts):
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    return time() - path.stat().st_mtime


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


@cache
def _release() -> str:
    """The version of this program, also of one that is being worked on."""
    try:
        name = version("tocsin")
    except PackageNotFoundError:
        name = ""
    root = Path(__file__).parents[2]
    code = sorted(path for pattern in _CODE for path in root.glob(pattern))
    return f"{SCHEMA} {name} {[(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in code]}"
