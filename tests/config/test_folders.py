"""Which files of a configuration folder are read, and which look as if they were."""

from pathlib import Path

import pytest

from streams.config import ConfigError, load
from tests.config import samples

OVERLAY = "schema: tocsin.overlay/1\nhazard: flood\nset: {lower.after: 2 h}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return samples.folder_with(tmp_path, samples.CORPUS / "good" / "overlay-sets.yaml")


def test_what_editors_and_other_systems_leave_behind_is_passed_over(folder: Path):
    for name in ("hazards/.#flood.yaml", "hazards/._flood.yaml", "overlays/.flood.yaml"):
        (folder / name).write_bytes(b"\0\1")
    assert load(folder).warnings == []


@pytest.mark.parametrize("name", ["hazards/gas.YAML", "hazards/gas.yaml.txt", "overlays/gas.Yml"])
def test_a_file_that_looks_as_if_it_were_read_is_told(folder: Path, name: str):
    (folder / name).write_text(OVERLAY, "utf-8")
    (one,) = load(folder).warnings
    assert (one.where, one.found, one.expected) == (
        name.split("/")[1], "a file that is not read", "a name that ends in .yaml",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["hazards/flood.yaml.bak", "hazards/README.md", "hazards/flood.yaml~"])
def test_other_files_may_lie_there(folder: Path, name: str):
    (folder / name).write_text(OVERLAY, "utf-8")
    assert load(folder).warnings == []


def test_a_folder_that_is_not_there_is_one_problem(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "nowhere")
    (one,) = caught.value.problems
    assert (one.file, one.found) == (str(tmp_path / "nowhere"), "no such folder")
