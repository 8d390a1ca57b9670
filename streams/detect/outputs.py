"""Where answers go: names of output files, their text, and that they appear whole or not at all."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from detectors.offline import Answer


def output_names(files: Sequence[Path], root: Path, out_dir: Path, inputs: Iterable[Path] = ()) -> list[Path]:
    """Where the answer to each file goes. Raises ValueError for a file outside the root and for one name twice.

    inputs: what is read besides, and must not be overwritten either.
    """
    found: dict[Path, Path] = {}
    read = {_plain(path) for path in (*files, *inputs)}
    for path in files:
        inside = _inside(path, root)
        named = inside.with_name(inside.name.removesuffix(".gz"))
        out = out_dir / named.with_suffix(".csv")
        if out in found:
            raise ValueError(f"{path}: its output {out} is that of {found[out]} too; right would be one input for each")
        if _plain(out) in read:
            raise ValueError(f"{path}: its output {out} is an input; right would be another --out-dir")
        found[out] = path
    return list(found)


def as_text(stamps: Sequence[str], answer: Answer) -> bytes:
    """`time,score,trigger`, or `time,<names>` of a transform; one line a row."""
    columns: list[Sequence[str]] = [stamps]
    columns += [_numbers(column) for column in answer.values.reshape(len(stamps), len(answer.names)).T]
    names = ["time", *answer.names]
    if answer.alarm is not None:
        names.append("trigger")
        columns.append(["1" if on else "0" for on in answer.alarm.tolist()])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode("utf-8", "surrogateescape")


def write_all(texts: Iterable[tuple[Path, bytes]]) -> None:
    """Files that all appear, each whole, when the last of them is written; none of them if anything goes wrong."""
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, text in texts:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.{os.getpid()}.part")
            waiting.append((beside, path))
            beside.write_bytes(text)
        for beside, path in waiting:
            beside.replace(path)
    finally:
        for beside, _ in waiting:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def _numbers(column: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[str]:
    """Shortest form that reads back the same; nothing for NaN."""
    return ["" if number != number else repr(number) for number in column.tolist()]  # noqa: PLR0124 - NaN


def _inside(path: Path, root: Path) -> Path:
    """The path below the root, as it is written or, where there are links, as it really is."""
    for one, top in ((_plain(path), _plain(root)), (path.resolve(), root.resolve())):
        if one.is_relative_to(top):
            return one.relative_to(top)
    raise ValueError(f"{path}: outside {root}; right would be a file below --root DIR")


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
