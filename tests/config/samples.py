"""The corpus: a good base folder, and small files that take the place of one of its files."""

import shutil
from pathlib import Path

from streams.config import ConfigError, Loaded, load

CORPUS = Path(__file__).parent / "corpus"
PLACES = {
    "hazard": "hazards/flood.yaml",
    "app": "app.yaml",
    "topics": "topics.yaml",
    "stations": "stations.csv",
    "zones": "zones.geojson",
}


def files(kind: str) -> list[Path]:
    return sorted(path for path in (CORPUS / kind).iterdir() if path.suffix != ".txt")


def place_of(path: Path) -> str:
    return PLACES[path.name.split("-")[0]]


def folder_with(tmp_path: Path, path: Path) -> Path:
    """The base folder with this file in its place."""
    folder = tmp_path / "configs"
    shutil.copytree(CORPUS / "base", folder, dirs_exist_ok=True)
    shutil.copyfile(path, folder / place_of(path))
    return folder


def problems_of(folder: Path) -> list[str]:
    """What is said, as in `tocsin check`, with names below the folder."""
    try:
        load(folder)
    except ConfigError as error:
        return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
    return []


def loaded_with(tmp_path: Path, path: Path) -> Loaded:
    return load(folder_with(tmp_path, path))
