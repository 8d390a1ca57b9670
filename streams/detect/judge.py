"""One recording through one part, trained as asked, with every complaint about the file in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from detectors import DETECTORS
from detectors.offline import Answer, Chain, Series, disorder, run, takes_rows
from detectors.preset import Preset
from streams.detect.parameters import with_rate
from streams.detect.read import read
from streams.detect.recording import Layout, Recording
from streams.gateway.file_error import FileError
from streams.models.durations import format_duration


@dataclass(frozen=True)
class Task:
    """A part and all that was said about it. train: so many first rows, or all rows of a file."""

    part: str
    layout: Layout
    preset: Preset | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    train: int = 0
    train_file: Path | None = None
    strict: bool = False

    def __post_init__(self) -> None:
        trained = bool(self.train or self.train_file)
        if trained and self.part not in DETECTORS:
            raise ValueError(f"--train: {self.part} is a transform, which learns nothing; right would be a detector")
        own = {**(self.preset.parameters if self.preset else {}), **self.parameters}
        if own.get("model") == "relations" and not trained:
            what = f"--preset {self.preset.name}" if self.preset else "--param model=relations"
            raise ValueError(f"{what} needs training: --train ROWS or --train-file FILE")


def judge(path: Path, task: Task, say: Callable[[str], None]) -> tuple[Recording, Answer]:
    """The recording in a file and what the part answers. Raises FileError and ValueError.

    say: for what is no error but worth knowing.
    """
    rows = takes_rows(task.part)
    recording = read(path, task.layout, rows=rows)
    before = _training(task, recording, rows=rows)
    chain = _chain(task, recording)
    known = before.series if before else recording.series[: task.train]
    if task.train > len(recording.series):
        raise FileError(path, None, None, f"{len(recording.series)} rows", f"at least {task.train}, as --train says")
    if task.strict:
        for one in (before, recording):
            if one is not None:
                _in_order(one, chain)
    idle = _idle(known) if task.train or before else []
    if idle:
        names = ", ".join(recording.channels[channel] for channel in idle)
        say(f"{path}: constant or missing in training, left out: {names}")
        if len(idle) == len(recording.channels):
            raise FileError(path, None, names, "nothing to learn from", "a channel that varies in training")
    try:
        answer = run(chain, recording.series, train=task.train, before=before.series if before else None)
    except (ValueError, MemoryError) as error:
        raise ValueError(f"{path}: {error}") from None
    _tell(path, answer, say)
    return recording, answer


def _chain(task: Task, recording: Recording) -> Chain:
    by_preset = task.preset.parameters if task.preset else {}
    return Chain.of(task.part, task.preset, with_rate(task.part, task.parameters, by_preset, recording.rate))


def _training(task: Task, recording: Recording, *, rows: bool) -> Recording | None:
    """The recording to train on: the channels of the other one, by their names."""
    if task.train_file is None:
        return None
    return read(task.train_file, task.layout, rows=rows, channels=recording.channels)


def _idle(known: Series) -> list[int]:
    """Channels that are constant or missing throughout, as `run` sees them."""
    value = known.value.reshape(len(known), -1)
    there = [column[np.isfinite(column)] for column in value.T]
    return [number for number, column in enumerate(there) if not column.size or column.min() == column.max()]


def _in_order(recording: Recording, chain: Chain) -> None:
    earlier, gaps = disorder(recording.series, chain.max_gap)
    wrong = {int(rows[0]): what for rows, what in ((gaps, "gap"), (earlier, "earlier")) if len(rows)}
    if not wrong:
        return
    row = min(wrong)
    found, time = recording.stamps[row], recording.series.time
    if wrong[row] == "earlier":
        raise FileError(recording.path, recording.lines[row], "time", repr(found), "a time not before those above")
    known = np.logical_or.reduce(np.isfinite(recording.series.value.reshape(len(time), -1)), axis=1)
    last = int(time[:row][known[:row]].max())
    found = f"{found!r}, {format_duration(int(time[row]) - last)} after the row before"
    raise FileError(recording.path, recording.lines[row], "time", found, "no gap (--strict)")


def _tell(path: Path, answer: Answer, say: Callable[[str], None]) -> None:
    counts: Sequence[tuple[int, str]] = (
        (answer.earlier, "earlier than one before"),
        (len(answer.gaps), "after a gap"),
    )
    for count, what in counts:
        if count:
            say(f"{path}: {count} {'time' if count == 1 else 'times'} {what}")
