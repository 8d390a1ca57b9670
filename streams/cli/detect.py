"""`tocsin detect`: a transform or a detector over recordings in files."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from detectors.offline import LEAST_TRAINING
from detectors.preset import Preset
from streams.config.parts import PARTS
from streams.config.presets import load_preset
from streams.detect.catalogue import catalogue
from streams.detect.judge import Task, judge
from streams.detect.network import happenings
from streams.detect.outputs import as_text, output_names, write_all
from streams.detect.parameters import COINCIDENCE, read_parameters
from streams.detect.picture import picture
from streams.detect.recording import Layout
from streams.gateway.file_error import FileError
from streams.models.durations import parse_duration

Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help="CSV (.gz), text, npz or slist (.gz).")]
Value = Annotated[str | None, typer.Option(help="Columns with values: names or numbers from 0, or '*' = all numeric.")]
Time = Annotated[str | None, typer.Option(help="Columns with times; several are joined by blanks.")]
TimeFormat = Annotated[str | None, typer.Option(help="strptime format; default: ISO 8601, or seconds since 1970.")]
Rate = Annotated[float | None, typer.Option(help="No times but so many rows a second.")]
Step = Annotated[str | None, typer.Option(help="No times but a row every so often: 60s, 5 min.")]
Sep = Annotated[str, typer.Option(help="What stands between cells; ' ' = any blanks.")]
Train = Annotated[int | None, typer.Option(help=f"The first rows are for training, at least {LEAST_TRAINING}.")]
TrainFile = Annotated[Path | None, typer.Option(help="All rows of this file are for training.")]
PresetName = Annotated[str | None, typer.Option(help="A shipped setting of the part; see --list.")]
Param = Annotated[list[str] | None, typer.Option(help="k=v; goes before preset and defaults. Repeat it.")]
Root = Annotated[Path, typer.Option(help="Outputs keep the files' paths below it.")]
OutDir = Annotated[Path | None, typer.Option(help="Folder of the outputs; one file without it goes to stdout.")]


def detect(
    part: Annotated[str | None, typer.Argument(help="A part of the catalogue, or `coincidence`.")] = None,
    files: Files = None,
    *,
    value: Value = None,
    ignore: Annotated[str, typer.Option(help="Columns that '*' leaves out.")] = "",
    time: Time = None,
    time_format: TimeFormat = None,
    tz: Annotated[str, typer.Option(help="Zone of times that carry none.")] = "UTC",
    rate: Rate = None,
    step: Step = None,
    sep: Sep = ",",
    train: Train = None,
    train_file: TrainFile = None,
    preset: PresetName = None,
    param: Param = None,
    root: Root = Path(),
    out_dir: OutDir = None,
    strict: Annotated[bool, typer.Option("--strict", help="Earlier times and gaps are errors.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Also a picture (PNG) of values, score and trigger.")] = None,
    catalogue_only: Annotated[bool, typer.Option("--list", help="The catalogue, one line a part.")] = False,
) -> None:
    """Run a part over recordings: one row of the answer for each row of a file.

    A detector answers time, score and trigger, a transform time and its values. Rows with missing values have no score.
    Outputs appear when all files are done, whole; on an error (exit 2) none does.

    Example: tocsin detect anomaly stage.csv --time timestamp --value value
    """
    if catalogue_only:
        sys.stdout.writelines(f"{line}\n" for line in catalogue())
        return
    if part is None or not files:
        _refuse("what to run and on what: tocsin detect PART FILE…; tocsin detect --list shows the parts")
    try:
        _known(part)
        own, named = read_parameters(part, param or ()), _preset(preset)
        if part == COINCIDENCE:
            columns = (value, time, time_format, rate, step, train, train_file, out_dir, plot)
            _network(files, named, own, others=any(one is not None for one in columns))
            return
        layout = _layout(value, ignore, time, time_format, tz, rate, step, sep)
        task = Task(part, layout, named, own, _rows(train, train_file), train_file, strict)
        _run(files, task, root, out_dir, plot)
    except BrokenPipeError:
        raise typer.Exit(0) from None
    except (FileError, ValueError, OSError) as error:
        _refuse(error)


def _run(files: list[Path], task: Task, root: Path, out_dir: Path | None, plot: Path | None) -> None:
    if len(files) > 1 and (out_dir is None or plot is not None):
        raise ValueError(f"{len(files)} files: right would be --out-dir DIR, and --plot for one file alone")
    inputs = [*files, *([task.train_file] if task.train_file else [])]
    if plot is not None and plot.resolve() in {path.resolve() for path in inputs}:
        raise ValueError(f"--plot {plot}: this is an input; right would be another file")
    outs: list[Path | None] = [*output_names(files, root, out_dir, inputs)] if out_dir is not None else [None]
    shown: list[bytes] = []

    def answers() -> Iterator[tuple[Path, bytes]]:
        for path, out in zip(files, outs, strict=True):
            recording, answer = judge(path, task, _say)
            text = as_text(recording.stamps, answer)
            if out is None:
                shown.append(text)
            else:
                yield out, text
            if plot is not None:
                yield plot, picture(recording, answer)

    write_all(answers())
    sys.stdout.buffer.write(b"".join(shown))
    sys.stdout.buffer.flush()


def _network(files: list[Path], preset: Preset | None, own: dict[str, Any], *, others: bool) -> None:
    if others:
        raise ValueError(f"{COINCIDENCE} takes slist files, --preset and --param; times and columns are in the files")
    text = json.dumps(happenings(files, preset, own), ensure_ascii=False, indent=1)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _known(part: str) -> None:
    known = {*PARTS, COINCIDENCE}
    if part not in known:
        raise ValueError(f"no part {part!r}; right would be one of {', '.join(sorted(known))}")


def _preset(name: str | None) -> Preset | None:
    try:
        return load_preset(name) if name is not None else None
    except LookupError as error:
        raise ValueError(f"--preset: {error.args[0]}") from None


def _rows(train: int | None, train_file: Path | None) -> int:
    if train is not None and train_file is not None:
        raise ValueError("--train and --train-file: right would be one of them")
    if train is not None and train < LEAST_TRAINING:
        raise ValueError(f"--train {train}: right would be at least {LEAST_TRAINING} rows")
    return train or 0


def _layout(
    value: str | None, ignore: str, time: str | None, time_format: str | None, tz: str, rate: float | None,
    step: str | None, sep: str,
) -> Layout:  # fmt: skip
    if sum(one is not None for one in (time, rate, step)) > 1:
        raise ValueError("--time, --rate and --step: right would be one of them")
    if rate is not None and not 0 < rate < float("inf"):
        raise ValueError(f"--rate {rate:g}: right would be a number above 0")
    sep = "\t" if sep == "\\t" else sep
    if len(sep) != 1 or sep in '"\r\n':
        raise ValueError(f"--sep {sep!r}: right would be one character, like ';' or ' '")
    return Layout(value, ignore, time, time_format, _zone(tz), rate, _step(step), sep)


def _step(step: str | None) -> int | None:
    if step is None:
        return None
    length = parse_duration(step)
    if not length:
        raise ValueError(f"--step {step!r}: right would be a length above 0, like 60s")
    return length


def _zone(tz: str) -> tzinfo:
    try:
        return UTC if tz == "UTC" else ZoneInfo(tz)
    except (LookupError, ValueError, OSError):
        raise ValueError(f"--tz {tz!r}: right would be a zone like Asia/Shanghai") from None


def _say(text: str, style: str = "yellow") -> None:
    Console(stderr=True, highlight=False).print(text, style=style, markup=False, soft_wrap=True)


def _refuse(message: object) -> NoReturn:
    """Not that of `csv_options`, which would bring all the doors with it."""
    _say(str(message), "red")
    raise typer.Exit(2)
