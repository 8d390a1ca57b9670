"""Earthquakes and tsunamis."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.detection_data import Line, micros, need, runs, slist
from detectors.base import HOUR, MINUTE, SECOND, Bools, Ints
from detectors.coincidence import Coincidence
from detectors.offline import Chain, Series, run
from streams.config.presets import load_preset

GAUGES = {
    "nukualofa_2006_tsunami_detided.csv": datetime(2006, 5, 3, 15, 26, 40, tzinfo=UTC),
    "nukualofa_chile2010_detided.csv": datetime(2010, 2, 27, 6, 34, 15, tzinfo=UTC),
}


def network(data: Path) -> list[Line]:
    """The tutorial's triggers."""
    top = need(data / "seismic_network")
    preset = load_preset("tutorial")
    rule = Coincidence(**preset.parameters, thr_on=preset.thr_on.times, thr_off=preset.thr_off.times)
    traces = [t for channel, t in map(slist, sorted(top.glob("*.gz"))) if channel.endswith("Z")]
    expected = json.loads((top / "expected.json").read_text())["triggers"]
    got = rule.over(traces)
    right = len(got) == len(expected) and all(
        abs(g.time / SECOND - datetime.fromisoformat(e["time"]).timestamp()) <= 0.01
        and abs(g.duration / SECOND - e["duration"]) <= 0.01
        and set(g.stations) == set(e["stations"])
        for g, e in zip(got, expected, strict=True)
    )
    text = f"{len(got)} triggers, {'all equal' if right else 'DIFFERENT'}"
    return [Line("seismic network `coincidence --preset tutorial`", "exactly expected.json", "–", text)]


def reference(_: Path) -> list[Line]:
    """ObsPy's own check values."""
    noise = np.random.RandomState(815).randn(100_000)[:104]
    chain = Chain.of("sta_lta", parameters={"kind": "recursive", "nsta": 5, "nlta": 10})
    score = run(chain, Series(SECOND * np.arange(104), noise)).values[99:103]
    off = np.abs(score - [0.80810165, 0.75939449, 0.91763978, 0.97465004]).max()
    return [Line("recursive STA/LTA reference values", "equal to 1e-8", "–", f"largest difference {off:.1e}")]


def p_onset(data: Path) -> list[Line]:
    """Records cropped at random before P, five times."""
    files = sorted(need(data / "phasenet").glob("*.npz"))
    random = np.random.default_rng(2)
    hits, false, quiet, delays = [], 0, 0.0, []
    for _ in range(5):
        hit = 0
        for path in files:
            record = np.load(path)
            crop = int(random.integers(0, 1700))
            onset = int(np.ravel(record["itp"])[0]) - crop
            value = record["data"][crop:, 2].astype(np.float64)
            alarm = run(Chain.of("p_onset"), Series(10_000 * np.arange(len(value)), value)).alarm
            assert alarm is not None
            begins = runs(alarm)[:, 0]
            good = begins[(begins >= onset - 50) & (begins <= onset + 100)]
            hit += len(good) > 0
            delays += ((good[:1] - onset) / 100).tolist()
            false += int(((begins >= 1100) & (begins < onset - 50)).sum())
            quiet += max(onset - 50 - 1100, 0) / 100
        hits.append(hit)
    text = (
        f"{min(hits)} to {max(hits)} of {len(files)} in 5 crops, {1000 * false / quiet:.1f} onsets in 1,000 s of quiet"
    )
    text += f", median delay {np.median(delays):.2f} s"
    return [Line("P onset `p_onset`", "≥ 73 of 77; ≤ 12", "76; 6", text)]


def tsunami(data: Path) -> list[Line]:
    """Tide gauges from several starts, and a deep-sea station."""
    top = need(data / "tsunami")
    lines = []
    for name, origin in GAUGES.items():
        table = pd.read_csv(need(top / name))
        time, left = micros(table["time"]), table["resid"].to_numpy(np.float64)
        arrival = _arrival(time, left, round(origin.timestamp() * SECOND))
        told = [_gauge(Series(time[s:], table["height"].to_numpy(np.float64)[s:]), arrival) for s in (0, 700, 1400)]
        lines.append(Line(f"tsunami, {name[:14]}", "[−30, +10] min; ≤ 5 min a day", "0", "; ".join(told)))
    deep = np.loadtxt(top / "dart32412_chile2010.txt")
    series = Series(np.rint(deep[:, 0] * SECOND).astype(np.int64), deep[:, 1])
    alarm = run(Chain.of("tsunami", load_preset("deep")), series).alarm
    assert alarm is not None
    begins = deep[runs(alarm)[:, 0], 0] / 60
    told = f"onsets at minute {', '.join(f'{b:.0f}' for b in begins[:4])} after the quake; none before" * bool(
        begins.min() > 0
    )
    return [
        *lines,
        Line("tsunami, DART 32412 `--preset deep`", "reported", "–", told or f"an onset before the quake: {begins}"),
    ]


def _arrival(time: Ints, left: "np.ndarray[tuple[int], np.dtype[np.float64]]", origin: int) -> int:
    sigma = 1.4826 * np.median(np.abs(left[time < origin]))
    return int(time[(time > origin) & (np.abs(left) > 6 * sigma)][0])


def _gauge(series: Series, arrival: int) -> str:
    alarm: Bools | None = run(Chain.of("tsunami"), series).alarm
    assert alarm is not None
    begins = series.time[runs(alarm)[:, 0]]
    first = begins[begins >= arrival - 30 * MINUTE][:1]
    calm = (series.time >= series.time[0] + 6 * HOUR) & (series.time < arrival - 30 * MINUTE)
    days = float(calm.sum()) * MINUTE / (24 * HOUR)
    late = f"{(int(first[0]) - arrival) / MINUTE:+.0f} min" if first.size else "missed"
    return f"{late}, {float(alarm[calm].sum()) / days:.1f} min a day"
