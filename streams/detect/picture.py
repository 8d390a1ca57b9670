"""An answer as a PNG, without a drawing library: values, and below them the score with threshold and triggers."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from detectors.base import Floats
from detectors.offline import Answer
from streams.detect.recording import Recording

WIDTH, HEIGHT, EDGE = 1200, 300, 10
INK, ORANGE, RED, PALE = (31, 78, 121), (200, 110, 0), (192, 80, 77), (250, 214, 210)
Canvas = NDArray[np.uint8]


def picture(recording: Recording, answer: Answer) -> bytes:
    """PNG of values and answer over the rows of the file; where a trigger is on the ground is red."""
    panels = [_panel(recording.series.value, answer, [])]
    limits = [answer.thr_on, answer.thr_off] if answer.alarm is not None else []
    panels.append(_panel(answer.values, answer, limits))
    return png(np.concatenate(panels))


def png(canvas: Canvas) -> bytes:
    """Rows of RGB pixels as a PNG file."""
    height, width, _ = canvas.shape
    raw = b"".join(b"\x00" + row.tobytes() for row in canvas)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _panel(values: Floats, answer: Answer, limits: list[float]) -> Canvas:
    """Each channel as a band from the least to the largest of the rows of a pixel, in its own range."""
    canvas = np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)
    rows = len(values)
    if not rows:
        return canvas
    columns = np.arange(rows) * (WIDTH - 1) // max(rows - 1, 1)
    if answer.alarm is not None:
        canvas[:, np.unique(columns[answer.alarm])] = PALE
    for channel in values.reshape(rows, -1).T:
        _draw(canvas, columns, channel, limits)
    canvas[-1] = 0
    return canvas


def _draw(canvas: Canvas, columns: NDArray[np.int64], channel: Floats, limits: list[float]) -> None:
    known = np.flatnonzero(np.isfinite(channel))
    if not known.size:
        return
    every = np.concatenate([channel[known], limits])
    low, high = float(every.min()), float(every.max())

    def height(value: Floats) -> NDArray[np.int64]:
        share = (value - low) / (high - low) if high > low else np.full(len(value), 0.5)
        return (HEIGHT - 1 - EDGE - np.rint(share * (HEIGHT - 1 - 2 * EDGE))).astype(np.int64)

    top, bottom = np.full(WIDTH, HEIGHT), np.full(WIDTH, -1)
    at = height(channel[known])
    np.minimum.at(top, columns[known], at)
    np.maximum.at(bottom, columns[known], at)
    for column in np.flatnonzero(bottom >= 0).tolist():
        canvas[top[column] : bottom[column] + 1, column] = INK
    for limit, colour in zip(height(np.array(limits)).tolist(), (RED, ORANGE), strict=False):
        canvas[limit] = colour
