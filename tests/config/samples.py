"""The corpus: a good base folder, and small files that take the place of one of its files.

`site-NAME` is a folder: its files are laid over the base. `good` is taken without a word, `warned` is taken with
warnings, `bad` is refused; what is said stands beside, in FILE.txt.
"""

import shutil
from pathlib import Path

from streams.config import ConfigError, Loaded, load

CORPUS = Path(__file__).parent / "corpus"
PLACES = {
    "hazard": "hazards/flood.yaml",
    "overlay": "overlays/flood.yaml",
    "app": "app.yaml",
    "topics": "topics.yaml",
    "stations": "stations.csv",
    "reaches": "reaches.csv",
    "zones": "zones.geojson",
}


def files(kind: str) -> list[Path]:
    """The samples of a kind, among them folders."""
    return sorted(path for path in (CORPUS / kind).iterdir() if path.suffix != ".txt")


def single(kind: str) -> list[Path]:
    """Those that are one file."""
    return [path for path in files(kind) if path.is_file()]


def place_of(path: Path) -> str:
    return PLACES[path.name.split("-")[0]]


def said_of(path: Path) -> list[str]:
    """What has to be said of a sample."""
    return path.with_name(f"{path.name}.txt").read_text("utf-8").splitlines()


def folder_with(tmp_path: Path, path: Path) -> Path:
    """The base folder with this file in its place."""
    folder = tmp_path / "configs"
    shutil.copytree(CORPUS / "base", folder, dirs_exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, folder, dirs_exist_ok=True)
        return folder
    place = folder / place_of(path)
    place.parent.mkdir(exist_ok=True)
    shutil.copyfile(path, place)
    return folder


def problems_of(folder: Path) -> list[str]:
    """What is said, as in `tocsin check`, with names below the folder."""
    try:
        load(folder)
    except ConfigError as error:
        return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
    return []


def warnings_of(folder: Path) -> list[str]:
    """What is said of a good folder."""
    return [str(problem).replace(f"{folder}/", "") for problem in load(folder).warnings]


def loaded_with(tmp_path: Path, path: Path) -> Loaded:
    return load(folder_with(tmp_path, path))
