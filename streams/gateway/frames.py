"""Observations of one station to values of `readings`, of a size that Kafka takes."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from streams.models.observation import Observation, SampledFrame

FRAME_BYTES = 200_000  # a frame is closed beyond this: Kafka takes a little more than 1 MB
FRAME_ROWS = 2_000
_SILENT: dict[str, Any] = {"unit": None, "id": None, "meta": None, "status": "Actual"}


def lean(given: Observation | SampledFrame) -> bytes:
    """JSON without the fields that say nothing."""
    fields = {name: getattr(given, name) for name in given.__struct_fields__}
    return msgspec.json.encode({k: v for k, v in fields.items() if k not in _SILENT or v != _SILENT[k]})


def frames(observations: Iterable[Observation]) -> Iterator[bytes]:
    """In their order; one alone goes as an object."""
    rows: list[bytes] = []
    size = 0
    for observation in observations:
        row = lean(observation)
        if rows and (size + len(row) > FRAME_BYTES or len(rows) >= FRAME_ROWS):
            yield _frame(rows)
            rows, size = [], 0
        rows.append(row)
        size += len(row)
    if rows:
        yield _frame(rows)


def _frame(rows: list[bytes]) -> bytes:
    return rows[0] if len(rows) == 1 else b"[" + b",".join(rows) + b"]"
