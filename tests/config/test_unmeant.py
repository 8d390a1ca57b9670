"""Warnings about a site as a whole: what works but is probably not meant."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.config import load
from tests.config.samples import CORPUS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CORPUS / "base", tmp_path / "configs"))


@pytest.fixture
def gauge(folder: Path) -> Callable[..., list[str]]:
    """The warnings about a third gauge with these cells."""

    def said(column: str, cell: str, **more: str) -> list[str]:
        header, *rows = (folder / "stations.csv").read_text("utf-8").splitlines()
        columns = {**dict(zip(header.split(","), rows[0].split(","), strict=True)), column: cell, **more}
        columns |= {"station": "R3", "subject": "R3"}
        blank = "," * (len(columns) - len(header.split(",")))
        lines = [",".join(columns), *(row + blank for row in rows), ",".join(columns.values())]
        (folder / "stations.csv").write_text("\n".join(lines), "utf-8")
        return [str(one) for one in load(folder).warnings if "R3" in str(one)]

    return said


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"hard_max": "20", "range_max": "20"}, "1 datastream with hard_max not above range_max (R3)"),
        ({"hard_max": "15", "range_max": "20"}, "1 datastream with hard_max not above range_max (R3)"),
        ({"hard_min": "2", "range_min": "2"}, "1 datastream with hard_min not below range_min (R3)"),
        ({"hard_max@07": "20", "hard_max@08": "30", "range_max": "20"}, "with hard_max of a month not above range_max"),
        ({"type": "radar", "range_max": "20"}, "1 datastream with hard_max not above range_max (R3)"),
    ],
)
def test_a_hard_limit_not_beyond_the_range_of_the_instrument(folder, gauge, cells, words):
    with (folder / "app.yaml").open("a", encoding="utf-8") as file:
        file.write("\nquality: {types: {radar: {unit: cm, hard_max: 1500}}}\n" if "type" in cells else "")
    (warning,) = gauge(**cells, column="interval", cell="5 min")
    assert words in warning
    assert "is saturated, and this limit does not fail it" in warning


def test_hard_limits_beyond_the_range_are_as_they_should_be(gauge):
    assert gauge("interval", "5 min", hard_min="-1", range_min="0", hard_max="21", range_max="20") == []


def test_no_rain_is_the_end_of_the_range_and_of_what_can_be(gauge):
    assert gauge("interval", "5 min", hard_min="0", range_min="0", rest="0") == []


def test_one_that_sends_on_change_is_never_stuck_and_needs_the_interval_of_its_heartbeat(folder, gauge):
    (warning,) = gauge("reporting", "on_change", interval="", stuck_for="1 h")
    assert "1 datastream with reporting on_change and without interval (R3)" in warning
    assert "heartbeats" in warning
    assert load(folder).site.datastreams["R3", "water_level"].stuck_for is None
