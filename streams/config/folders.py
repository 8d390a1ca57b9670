"""Which files of a folder are read."""

import re
from pathlib import Path

from streams.config.problems import Report, Words

SUFFIXES = (".yaml", ".yml")
_ALMOST = re.compile(r".*\.ya?ml(?:\.txt)?", re.IGNORECASE)


def yaml_files(folder: Path) -> list[Path]:
    """Its YAML files in order. Hidden ones are what editors and other systems leave behind (`.#flood.yaml`)."""
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and not _is_hidden(path))


def warn_unread(folder: Path, report: Report) -> None:
    """Files that look as if they were read: `flood.YAML`, or `flood.yaml.txt` as some editors call it."""
    for path in sorted(folder.iterdir()):
        if _ALMOST.fullmatch(path.name) and path.suffix not in SUFFIXES and not _is_hidden(path):
            report.warning(None, path.name, Words("a file that is not read"), "a name that ends in .yaml")


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")
