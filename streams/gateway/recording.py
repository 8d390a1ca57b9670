"""Recordings of topics: `DIR/TOPIC.jsonl`, one Kafka record a line, nothing left out."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.gateway.file_error import FileError
from streams.gateway.lines import open_bytes

TOPICS = ("readings", "reports", "signals", "commands")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A Kafka record as it was, for `decode`, `triage` and the assessor."""

    topic: str
    partition: int
    offset: int
    timestamp: int  # milliseconds, as Kafka said
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None


def file_of(folder: Path, topic: str) -> Path:
    """Where a topic's recording lies."""
    return folder / f"{topic}.jsonl"


def recorded_line(record: Any) -> str:
    """A ConsumerRecord as a line. Keys are text; bytes that are none survive as half surrogates."""
    value = None if record.value is None else base64.b64encode(record.value).decode()
    fields = {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": None if record.key is None else _text(record.key),
        "headers": [[name, None if found is None else _text(found)] for name, found in record.headers],
        "value_base64": value,
    }
    return json.dumps(fields) + "\n"


def _text(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode(errors="surrogateescape")


def read_recording(folder: Path, topic: str) -> Iterator[Recorded]:
    """The records of one topic as they were written. Raises FileError."""
    path = file_of(folder, topic)
    with open_bytes(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield _recorded(topic, json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                found = line[:80].decode(errors="replace").strip()
                raise FileError(path, number, None, found, "a line as `tocsin record` writes it", str(error)) from None


def _recorded(topic: str, fields: dict[str, Any]) -> Recorded:
    value = fields["value_base64"]
    headers = tuple((name, _bytes(found) or b"") for name, found in fields["headers"])
    return Recorded(
        topic, fields["partition"], fields["offset"], fields["timestamp"], _bytes(fields["key"]), headers,
        None if value is None else base64.b64decode(value, validate=True),
    )  # fmt: skip
