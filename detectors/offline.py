"""One whole series through a chain: transforms, a detector, an alarm. What `tocsin detect` and the benchmarks run.

The chain is the Bank's, without the quality stage; a series is one slot. Everything here is arrays in, arrays out.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from detectors import DETECTORS, pace
from detectors.alarm import Alarm
from detectors.base import NEVER, Bools, Detector, Floats, Ints, Part
from detectors.preset import Limit, Preset
from detectors.transforms import TRANSFORMS
from detectors.transforms.ground_motion import GroundMotion
from detectors.transforms.sum import Sum
from detectors.transforms.window import PACE

LEAST_TRAINING = 100
P = TypeVar("P", bound=Part)
_HERE = np.zeros(1, dtype=np.int64)
_AT_ONCE = 65_536
_LIMITS = ("thr_on", "thr_off")
_ALARM = ("persist", "n", "m", "hold", "refractory")


@dataclass(frozen=True)
class Step:
    """A part by its name in the catalogue, and its parameters."""

    part: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Chain:
    """Transforms and what they lead to: a detector with its thresholds, or nothing (then the last transform answers).

    alarm: `persist`, `n`, `m`, `hold`, `refractory` of `detectors.alarm.Alarm`, where they are not its defaults.
    """

    transforms: Sequence[Step] = ()
    detector: Step | None = None
    thr_on: Limit | None = None
    thr_off: Limit | None = None
    alarm: Mapping[str, int] = field(default_factory=dict)
    adapt: bool = False

    @property
    def max_gap(self) -> int | None:
        """The longest gap that a part of it is told to stand; None = it goes by the pace of the series."""
        steps = [*self.transforms, *([self.detector] if self.detector else [])]
        told = [step.parameters.get("max_gap") for step in steps]
        return next((gap for gap in told if isinstance(gap, int)), None)

    @classmethod
    def of(cls, part: str, preset: Preset | None = None, parameters: Mapping[str, Any] | None = None) -> "Chain":
        """A chain of one part: its defaults, replaced by a preset's, replaced by single parameters.

        Among the parameters may be `thr_on`, `thr_off`, `adapt` and those of the alarm, besides the part's own.
        """
        if preset is not None and preset.part != part:
            raise ValueError(f"the preset {preset.name!r} is for {preset.part!r}, not for {part!r}")
        own = {**(preset.parameters if preset else {}), **(parameters or {})}
        if part not in DETECTORS:  # a name in both catalogues is the detector's
            return cls((Step(part, own),))
        limits = {"thr_on": preset.thr_on, "thr_off": preset.thr_off} if preset else {}
        told = {name: Limit.of(own.pop(name)) for name in _LIMITS if name in own}
        _agree(**told)
        limits |= told
        alarm = {name: int(own.pop(name)) for name in _ALARM if name in own and name not in _taken_by(part)}
        adapt = bool(own.pop("adapt", False))
        return cls((), Step(part, own), limits.get("thr_on"), limits.get("thr_off"), alarm, adapt)


@dataclass(frozen=True)
class Answer:
    """What came of a series, one row a reading.

    values: scores [n], or what the last transform says, [n, outputs]. alarm: [n], on from deciding to releasing (None
    for transforms). earlier: readings that were skipped because their time is before one already taken. gaps: rows
    that come after a gap. left_out: channels that training gave nothing to learn from, by their number.
    """

    names: tuple[str, ...]
    values: Floats
    alarm: Bools | None
    earlier: int
    gaps: Ints
    left_out: tuple[int, ...] = ()
    thr_on: float = np.nan
    thr_off: float = np.nan


@dataclass(frozen=True)
class Series:
    """Times (microseconds) and values of readings in their order: [n], and [n] or [n, channels]; NaN = missing."""

    time: Ints
    value: Floats

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: slice) -> "Series":
        return Series(self.time[rows], self.value[rows])


def run(chain: Chain, series: Series, *, train: int = 0, before: Series | None = None) -> Answer:
    """A series through a chain, after training on its first `train` rows or on all rows of `before`, if any.

    Training rows of the series itself answer nothing. After training the detector is frozen, unless the chain adapts.
    """
    if train and before is not None:
        raise ValueError("training is in the first rows or in a series of its own, not in both")
    known = series[:train] if train else before
    if known is not None and len(known) < LEAST_TRAINING:
        raise ValueError(f"training takes at least {LEAST_TRAINING} rows, found {len(known)}")
    left_out = _useless(known) if known is not None and series.value.ndim > 1 else ()
    if left_out:
        keep = [channel for channel in range(series.value.shape[1]) if channel not in left_out]
        series = Series(series.time, series.value[:, keep])
        known = Series(known.time, known.value[:, keep]) if known is not None else None
    series, known = _in_rows(series), _in_rows(known) if known is not None else None
    transforms, detector = _build(chain, series)
    scores = np.empty(0)
    if known is not None and detector is not None:
        prepared = transforms if train else _build(chain, known)[0]
        scores = _trained(detector, prepared, known, again=not train, adapt=chain.adapt)
    rest = series[train:]
    values = _answers([*transforms, *([detector] if detector else [])], rest)
    names = (detector or transforms[-1]).outputs
    blank = np.full((train, *values.shape[1:]), np.nan)
    earlier, gaps = disorder(series, chain.max_gap)
    answer = Answer(names, np.concatenate([blank, values]), None, len(earlier), gaps, left_out)
    return _judged(answer, chain, detector, series, scores) if detector else answer


def _agree(thr_on: Limit | None = None, thr_off: Limit | None = None) -> None:
    """Refuses two thresholds that one person told and that contradict each other."""
    if thr_on and thr_off and thr_on.quantile == thr_off.quantile and thr_off.times > thr_on.times:
        raise ValueError(f"thr_off {thr_off.times:g} is above thr_on {thr_on.times:g}")


def _in_rows(series: Series) -> Series:
    """The same numbers, laid out row by row: how numpy adds up depends on how they lie in memory."""
    return Series(series.time, np.ascontiguousarray(series.value))


def takes_rows(part: str) -> bool:
    """Whether a part of the catalogues reads rows of channels ([n, channels], even of one) and not single values."""
    make: type[Part] = DETECTORS[part] if part in DETECTORS else TRANSFORMS[part]
    return bool(make.inputs) or bool({"channels", "components"} & _names(make))


def disorder(series: Series, max_gap: int | None = None) -> tuple[Ints, Ints]:
    """Rows with a time before one already taken, and the rows after gaps; missing rows have no time."""
    several = series.value.ndim > 1
    known = np.isfinite(series.value)
    there = 2 * (~known).sum(axis=1) <= series.value.shape[1] if several else known
    rows = np.flatnonzero(there)
    time = series.time[rows]
    newest = np.maximum.accumulate(time) if rows.size else time
    late = time < newest
    return rows[late], rows[~late][pace.gaps(time[~late], max_gap)]


def _judged(answer: Answer, chain: Chain, detector: Detector, series: Series, scores: Floats) -> Answer:
    thr_on = (chain.thr_on or Limit(detector.thr_on)).among(scores)
    plain = detector.thr_off if chain.thr_on is None else min(detector.thr_off, thr_on)
    thr_off = chain.thr_off.among(scores) if chain.thr_off else plain
    alarm = Alarm(thr_on, min(thr_off, thr_on), **chain.alarm)
    on = alarm.over(np.maximum.accumulate(series.time) if len(series) else series.time, answer.values)
    return Answer(
        answer.names, answer.values, on, answer.earlier, answer.gaps, answer.left_out, alarm.thr_on, alarm.thr_off
    )


def _build(chain: Chain, series: Series) -> tuple[list[Part], Detector | None]:
    """Fresh parts with one slot; those that take several channels get as many as there are."""
    channels = series.value.shape[1] if series.value.ndim > 1 else 0
    parts: list[Part] = [
        _made(TRANSFORMS[step.part], step, 0 if n else channels) for n, step in enumerate(chain.transforms)
    ]
    detector = _made(DETECTORS[chain.detector.part], chain.detector, channels) if chain.detector else None
    first = parts[0] if parts else detector
    if first is None:
        raise ValueError("a chain has at least one part")
    if first.width != channels:
        raise ValueError(f"{type(first).__name__} takes {first.width or 'one'} channel(s), found {channels or 'one'}")
    return parts, detector


def _made(make: type[P], step: Step, channels: int) -> P:
    """A part with one slot. Windows without a longest gap of their own go by the pace of the series."""
    names, parameters = _names(make), dict(step.parameters)
    if channels:
        parameters |= {name: channels for name in ("components", "channels") if name in names}
    if {"over", "max_gap"} <= names and not issubclass(make, Sum | GroundMotion):
        parameters.setdefault("max_gap", PACE)
    return make(slots=1, **parameters)


def _trained(detector: Detector, transforms: list[Part], known: Series, *, again: bool, adapt: bool) -> Floats:
    """Trains; answers the scores that the trained detector gives the training."""
    value = _answers(transforms, known)
    detector.fit(_HERE, known.time[None], value[None])
    twin = type(detector)(**detector.parameters())
    twin.restore(detector.snapshot())
    twin.state["last"][:] = NEVER
    twin.frozen = True
    if again:  # what follows may be of another time
        detector.state["last"][:] = NEVER
    detector.frozen = not adapt
    scores: Floats = twin.series(_HERE, known.time[None], value[None])[0]
    return scores


def _answers(parts: Sequence[Part], series: Series) -> Floats:
    """One slot's readings through parts, one after another."""
    value = series.value
    if not len(series):
        several = len(parts[-1].outputs)
        return np.empty((0, several) if several > 1 else 0)
    for part in parts:
        pieces = [slice(i, i + _AT_ONCE) for i in range(0, len(series), _AT_ONCE)]
        out = [part.series(_HERE, series.time[None, piece], value[None, piece])[0] for piece in pieces]
        value = np.concatenate(out)
    return value


def _useless(series: Series) -> tuple[int, ...]:
    """Channels that are constant or missing throughout."""
    value = np.where(np.isfinite(series.value), series.value, np.nan)
    known = np.isfinite(value)
    most = np.where(known, value, -np.inf).max(axis=0)
    least = np.where(known, value, np.inf).min(axis=0)
    return tuple(np.flatnonzero(~(most > least)).tolist())


def _names(make: type[Part]) -> set[str]:
    return set(inspect.signature(make).parameters)


def _taken_by(part: str) -> set[str]:
    """Parameters of the alarm that the part has itself."""
    return _names(DETECTORS[part]) if part in DETECTORS else set()
