"""Several channels: a rig, drinking water, a water network under attack."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.detection_data import Line, found, micros, need, rates
from detectors.base import MINUTE, Bools
from detectors.offline import Chain, Series, run
from streams.config.presets import load_preset

CROPS = 5  # each file so many times, with another start, training length and hole after the training
PART = 56_000  # rows: about as many as a half of the whole has
WATER = ["tp", "cl", "ph", "redox", "leit", "trueb", "cl_2"]


def _chain(preset: str) -> Chain:
    return Chain.of("multivariate", load_preset(preset))


def _alarm(chain: Chain, series: Series, *, train: int = 0, before: Series | None = None) -> Bools:
    alarm = run(chain, series, train=train, before=before).alarm
    assert alarm is not None
    return alarm


def _rig(path: Path) -> tuple[Series, Bools]:
    table = pd.read_csv(path, sep=";")
    truth = table["anomaly"].to_numpy(np.float64) > 0 if "anomaly" in table else np.zeros(len(table), dtype=np.bool_)
    values = table.drop(columns=["datetime", "anomaly", "changepoint"], errors="ignore").to_numpy(np.float64)
    return Series(micros(table["datetime"]), values), truth


def skab(data: Path) -> list[Line]:
    """Starts cropped at random, 200 to 400 rows of training, up to 60 rows missing after it."""
    top = need(data / "skab")
    random = np.random.default_rng(1)
    truths: dict[str, list[Bools]] = {}
    alarms: dict[str, list[Bools]] = {}
    for path in sorted(top.rglob("*.csv")):
        series, truth = _rig(path)
        if path.parent.name == "anomaly-free":
            free = _alarm(_chain("rig"), series, train=400)[400:]
            continue
        for _ in range(CROPS):
            train, hole = int(random.integers(200, 401)), int(random.integers(0, 61))
            start = int(random.integers(0, 401 - train))
            rows = np.r_[start : start + train, start + train + hole : len(series)]
            alarm = _alarm(_chain("rig"), Series(series.time[rows], series.value[rows]), train=train)
            truths.setdefault(path.parent.name, []).append(truth[rows][train:])
            alarms.setdefault(path.parent.name, []).append(alarm[train:])
    f1, far, mar = rates(_all(truths), _all(alarms))
    each = ", ".join(f"{k} {rates(np.concatenate(truths[k]), np.concatenate(alarms[k]))[0]:.2f}" for k in truths)
    text = f"F1 {f1:.3f} at FAR {100 * far:.1f} %, MAR {100 * mar:.1f} % ({each})"
    text += f"; anomaly-free FAR {100 * free.mean():.1f} %"
    return [Line("SKAB `multivariate --preset rig`", "F1 ≥ .70 at FAR ≤ 15 %", ".78", text)]


def _all(by_folder: dict[str, list[Bools]]) -> Bools:
    return np.concatenate([rows for folder in by_folder.values() for rows in folder])


def gecco(data: Path) -> list[Line]:
    """Learnt as it goes."""
    table = pd.read_csv(need(data / "water_quality" / "gecco2018_dev.csv.gz"))
    truth = table["event"].astype(str).str.strip().isin({"1", "True"}).to_numpy()
    series = Series(MINUTE * np.arange(len(table)), table[WATER].to_numpy(np.float64))
    alarm = _alarm(_chain("water"), series)
    (f1, far, _), (hit, events) = rates(truth, alarm), found(truth, alarm)
    text = f"F1 {f1:.3f}, {hit} of {events} events, FAR {100 * far:.2f} %"
    crops = [slice(int(s), int(s) + PART) for s in np.linspace(0, len(series) - PART, CROPS)]
    each = [(truth[rows], _alarm(_chain("water"), series[rows])) for rows in crops]
    missed = sum(found(*one)[1] - found(*one)[0] for one in each)
    text += f"; {CROPS} crops: F1 {', '.join(f'{rates(*one)[0]:.2f}' for one in each)}, {missed} events missed"
    return [Line("GECCO `multivariate --preset water`", "F1 ≥ .60, every event", ".75", text)]


def batadal(data: Path) -> list[Line]:
    """Trained on the clean year."""
    tables = [pd.read_csv(need(data / "batadal" / f"dataset0{n}.csv")) for n in (3, 4)]
    truth = (tables[1]["ATT_FLAG"] == 1).to_numpy()
    clean, live = (
        Series(micros(t["DATETIME"], "%d/%m/%y %H"), t.drop(columns=["DATETIME", "ATT_FLAG"]).to_numpy(np.float64))
        for t in tables
    )
    alarm = _alarm(_chain("process"), live, before=clean)
    (f1, far, _), (hit, events) = rates(truth, alarm), found(truth, alarm)
    text = f"F1 {f1:.3f}, {hit} of {events} attacks, FAR {100 * far:.2f} %"
    return [Line("BATADAL `multivariate --preset process`", "F1 ≥ .85, 7 of 7", ".90", text)]
