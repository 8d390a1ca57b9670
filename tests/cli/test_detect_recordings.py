"""`tocsin detect` as written, on real recordings where they lie beside the project: what the benchmarks measure."""

import csv
import gzip
import io
import json
import re
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from streams.cli.detect import detect

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WATER = slice(36_000, 45_000)
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings in {DATA}")


@pytest.fixture
def call(monkeypatch):
    monkeypatch.chdir(DATA)
    app = typer.Typer()
    app.command()(detect)

    def answer(*given):
        result = CliRunner().invoke(app, [str(one) for one in given], env={"COLUMNS": "200"})
        assert result.exit_code == 0, result.stderr
        return result

    return answer


def columns(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    score = np.array([float(row["score"] or "nan") for row in rows])
    return [row["time"] for row in rows], score, np.array([row["trigger"] == "1" for row in rows])


def f1(truth, alarm):
    return 2 * (truth & alarm).sum() / (truth.sum() + alarm.sum())


def test_the_network(call):
    files = sorted(Path("seismic_network").glob("*.gz"))
    expected = json.loads(Path("seismic_network/expected.json").read_text())["triggers"]
    found = json.loads(call("coincidence", "--preset", "tutorial", *files).stdout)
    assert [set(one["stations"]) for one in found] == [set(one["stations"]) for one in expected]
    for one, right in zip(found, expected, strict=True):
        off = datetime.fromisoformat(one["time"]) - datetime.fromisoformat(right["time"])
        assert abs(off.total_seconds()) <= 0.01
        assert abs(one["duration"] - right["duration"]) <= 0.01


def test_reference_values_of_sta_lta(call, tmp_path):
    noise = np.random.RandomState(815).randn(100_000)[:104]
    path = tmp_path / "noise.csv"
    path.write_text("".join(f"{one!r}\n" for one in noise.tolist()))
    parameters = ("--param", "kind=recursive", "--param", "nsta=5", "--param", "nlta=10")
    score = columns(call("sta_lta", path, "--rate", 1, "--value", 0, *parameters).stdout)[1]
    assert score[99:103] == pytest.approx([0.80810165, 0.75939449, 0.91763978, 0.97465004], abs=1e-8)


def test_p_onsets(call, tmp_path):
    """Cropped as somebody who checks it would: the rows that are left, in a file of their own."""
    hits = 0
    for path in sorted(Path("phasenet").glob("*.npz"))[:12]:
        record = np.load(path)
        onset = int(np.ravel(record["itp"])[0]) - 500
        np.savez(tmp_path / "crop.npz", data=record["data"][500:])
        alarm = columns(call("p_onset", tmp_path / "crop.npz", "--rate", 100, "--value", 2).stdout)[2]
        begins = np.flatnonzero(np.diff(alarm.astype(int), prepend=0) == 1)
        hits += bool(((begins >= onset - 50) & (begins <= onset + 100)).any())
    assert hits >= 11


def test_tide_gauge(call):
    path = "tsunami/nukualofa_chile2010_detided.csv"
    time, _, alarm = columns(call("tsunami", path, "--time", "time", "--value", "height").stdout)
    assert time[0] == "2010-02-26 00:00:00"
    assert "2010-02-27 19:00:00" < time[int(np.argmax(alarm))] < "2010-02-27 20:30:00"


def test_deep_sea(call):
    given = ("tsunami/dart32412_chile2010.txt", "--preset", "deep", "--sep", " ", "--time", 0, "--value", 1)
    result = call("tsunami", *given)
    time, score, alarm = columns(result.stdout)
    assert 500 < float(time[int(np.argmax(alarm))]) < 700
    assert len(score) == len(Path(given[0]).read_text().splitlines())


def test_attacks_on_a_water_network(call):
    form = ("--time", "DATETIME", "--time-format", "%d/%m/%y %H", "--value", "*", "--ignore", "ATT_FLAG")
    given = ("batadal/dataset04.csv", "--preset", "process", "--train-file", "batadal/dataset03.csv", *form)
    result = call("multivariate", *given)
    with Path("batadal/dataset04.csv").open() as file:
        truth = np.array([row["ATT_FLAG"] == "1" for row in csv.DictReader(file)])
    assert len(re.findall(r"left out: (.*)", result.stderr)[0].split(", ")) == 7
    assert f1(truth, columns(result.stdout)[2]) == pytest.approx(0.866, abs=0.002)


def test_a_rig(call, tmp_path):
    files = sorted(Path("skab/valve1").glob("*.csv"))
    form = ("--sep", ";", "--time", "datetime", "--value", "*", "--ignore", "anomaly,changepoint", "--train", 400)
    call("multivariate", "--preset", "rig", *files, *form, "--out-dir", tmp_path)
    truth, alarm = [], []
    for path in files:
        with path.open() as file:
            truth += [float(row["anomaly"]) > 0 for row in csv.DictReader(file, delimiter=";")][400:]
        alarm += columns((tmp_path / path).read_text())[2][400:].tolist()
    assert f1(np.array(truth), np.array(alarm)) > 0.7


def test_water_quality(call, tmp_path):
    """A run of rows without any value, and the first events after it."""
    with gzip.open("water_quality/gecco2018_dev.csv.gz", "rt") as file:
        head, *lines = file.readlines()
        lines = [head, *lines[WATER]]
    (tmp_path / "part.csv").write_text("".join(lines))
    form = ("--preset", "water", "--step", "60s", "--value", "tp,cl,ph,redox,leit,trueb,cl_2")
    time, score, alarm = columns(call("multivariate", tmp_path / "part.csv", *form).stdout)
    truth = np.array([line.strip().endswith("1") for line in lines[1:]])
    assert time[-1] == repr((len(truth) - 1) * 60.0)
    assert f1(truth, alarm) > 0.7
    assert np.isnan(score).sum() >= 984


def test_a_series_of_a_known_benchmark(call):
    path = "nab/data/realKnownCause/nyc_taxi.csv"
    time, score, alarm = columns(call("anomaly", path, "--time", "timestamp", "--value", "value").stdout)
    assert len(time) == 10_320
    assert np.isfinite(score[1000:]).all()
    assert 1 <= np.flatnonzero(np.diff(alarm.astype(int)) == 1).size <= 20
