"""Univariate anomalies: the Numenta Anomaly Benchmark, and a quiet year."""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from benchmarks.detection_data import Line, micros, need, runs, scorer
from detectors.base import Floats
from detectors.offline import Chain, Series, run

PROFILES = {"standard": ("standard ≥ 60", "69"), "reward_low_FP_rate": ("low-FP ≥ 52", "62")}


def scores_of(data: Path, chain: Chain) -> dict[str, Floats]:
    """The scores of every series."""
    found = {}
    for name in json.loads(need(data / "nab" / "windows.json").read_text()):
        table = pd.read_csv(data / "nab" / "data" / name)
        series = Series(micros(table["timestamp"]), table["value"].to_numpy(np.float64))
        found[name] = run(chain, series).values
    return found


def as_files(data: Path, scores: dict[str, Floats]) -> list[tuple[object, ...]]:
    """Name, stamps, windows and scores as the scorer wants them."""
    files: list[tuple[object, ...]] = []
    for name, spans in sorted(json.loads((data / "nab" / "windows.json").read_text()).items()):
        stamps = pd.to_datetime(pd.read_csv(data / "nab" / "data" / name)["timestamp"]).to_numpy()
        windows = [tuple(pd.to_datetime(s).to_numpy() for s in pd.to_datetime(w)) for w in spans]
        files.append((name, stamps, windows, np.nan_to_num(scores[name], nan=-np.inf)))
    return files


def without_category(bench: ModuleType, files: list[tuple[object, ...]], profile: str) -> float:
    """Each category at the threshold fitted on the others, put together."""
    total = perfect = 0.0
    for category in sorted({str(name).split("/")[0] for name, *_ in files}):
        inside = [f for f in files if str(f[0]).startswith(category + "/")]
        others = [f for f in files if f not in inside]
        threshold = bench.score(others, profile)[1]
        gained, worth = _raw(bench, inside, profile, threshold)
        total, perfect = total + gained, perfect + worth
    return 100 * total / perfect


def _raw(bench: ModuleType, files: list[tuple[object, ...]], profile: str, threshold: float) -> tuple[float, float]:
    """What is gained over silence, and what perfection would gain: undoes the scorer's share of 100."""
    labelled = sum(len(windows) for _, _, windows, _ in files)  # type: ignore[misc, arg-type]
    weight = bench.PROFILES[profile][1]
    if labelled:
        norm, _, _, windows, _ = bench.score(files, profile, threshold)
        worth = labelled + weight * windows
        return norm * worth / 100, worth
    cost = 0.0
    for _, stamps, windows, scores in files:
        where, value = bench.row_values(stamps, windows, bench.PROFILES[profile][0])
        cost += float(value[(where != -2) & (scores >= threshold)].sum())  # type: ignore[operator]
    return cost, 0.0


def nab(data: Path) -> list[Line]:
    """Score of `anomaly` with its defaults, per profile; the thresholds are the scorer's."""
    need(data / "nab")
    bench = scorer(data, "nab_score")
    files = as_files(data, scores_of(data, Chain.of("anomaly")))
    lines = []
    for profile, (must, aim) in PROFILES.items():
        norm, threshold, caught, windows, false = bench.score(files, profile)
        left = without_category(bench, files, profile)
        text = f"{norm:.1f} at {threshold:.2f} ({caught} of {windows} windows, {false} false)"
        text += f"; leave one category out {left:.1f}"
        lines.append(Line(f"NAB `anomaly`, {profile}", must, aim, text))
    return lines


def quiet(data: Path) -> list[Line]:
    """Onsets of `anomaly` with its defaults in a clean year of 36 channels."""
    table = pd.read_csv(need(data / "batadal" / "dataset03.csv"))
    time = micros(table["DATETIME"], "%d/%m/%y %H")
    months = (time[-1] - time[0]) / 1e6 / 86_400 / 30.44
    onsets = []
    for name in table.columns.difference(["DATETIME", "ATT_FLAG"]):
        value = table[name].to_numpy(np.float64)
        if value.std() > 0:
            alarm = run(Chain.of("anomaly"), Series(time, value)).alarm
            assert alarm is not None
            onsets.append(len(runs(alarm)) / months)
    text = f"mean {np.mean(onsets):.2f}, worst channel {max(onsets):.2f}"
    return [Line("quiet points: onsets a channel and month", "≤ 1", "0.3", text)]
