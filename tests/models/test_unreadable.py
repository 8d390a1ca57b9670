"""Readers of `signals`, `commands`, `latest` ask for a ValueError, and get nothing else of what cannot be read."""

import pytest

from streams.models.command import decode_command
from streams.models.latest import decode_latest
from streams.models.signal import decode_signal

DEEP = 100_000


@pytest.mark.parametrize("decode", [decode_command, decode_latest, decode_signal])
@pytest.mark.parametrize(
    "value",
    [
        b"", b"\0" * 9, b"\xff\xfe", b"[]", b'{"type": 1}', b'{"id": "\\ud800"}', b'{"type": "ack", "id": "\xff"}',
        b"[" * DEEP, b'{"a":' * DEEP, b'{"type": "ack", "meta": ' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"id": "x", "time": 1e999}',
    ],
    ids=lambda value: repr(value[:20]),
)  # fmt: skip
def test_what_cannot_be_read_is_a_value_error(decode, value):
    with pytest.raises(ValueError):
        decode(value)
