"""The last value of a datastream for Redis and the map; never in the decision path."""

import msgspec


class LatestValue(msgspec.Struct, omit_defaults=True):
    """time, received: microseconds since 1970. state: ok | silent | failed.

    bound: what the check that set the quality flag goes by, as the configuration calls it: `soft_max 8 m`.
    score: health from 0 to 100 (docs/quality.md); battery: percent, as its readings say.
    """

    station: str
    property: str
    status: str
    time: int
    value: float | None
    unit: str
    quality: int = 1
    check: str = ""
    received: int = 0
    state: str = "ok"
    bound: str = ""
    score: int = 100
    battery: float | None = None


class LatestFrame(msgspec.Struct):
    """One record of the topic `latest`: what changed in one partition within a second."""

    values: list[LatestValue]


encode_latest = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(LatestFrame).decode


def decode_latest(value: bytes) -> LatestFrame:
    """The frame in a record. What cannot be read is a ValueError, whatever is wrong with it."""
    try:
        return _decode(value)
    except RecursionError as error:  # thousands of brackets
        raise msgspec.DecodeError("nested too deeply") from error
