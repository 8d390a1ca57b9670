"""Signals and commands of a recording as what is compared: one entry for each thing that was told."""

import msgspec

from streams.differences import Place, Told
from streams.models.signal import Sampled, Triggered

encode = msgspec.json.Encoder().encode
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def told_of_command(place: Place, value: bytes) -> Told:
    """A command without its stages, which are clocks."""
    fields = _fields(value)
    fields.pop("stages", None)
    about = fields["alert"] if bytes(fields["alert"]) != b"null" else fields["subject"]
    return Told(place, msgspec.json.decode(fields["id"], type=str), bytes(about).decode(), encode(fields))


def told_of_signal(place: Place, signal: Triggered | Sampled) -> list[tuple[tuple[str, ...], Told]]:
    """Each trigger, or a sample, with the datastream that it is of."""
    if isinstance(signal, Sampled):
        told = {name: value for name, value in msgspec.structs.asdict(signal).items() if name != "source"}
        about = f"{signal.station} {signal.property} sample"
        key = (signal.station, signal.property, signal.status, "sample")  # in another zone: of its own order
        return [(key, Told(place, signal.id, about, encode(told)))]
    return [
        (
            (one.station, one.property, signal.status),
            Told(place, one.id, f"{one.station} {one.property} {one.hazard} {one.condition}", encode(one)),
        )
        for one in signal.triggers
    ]


def whole_signal(
    place: Place, signal: Triggered | Sampled, partition: int, source: int
) -> tuple[tuple[str, ...], Told]:
    """A signal with all that stands around its triggers, and the way that it came: in this order in any run."""
    return (f"signals[{partition}]", f"from readings[{source}]"), Told(place, signal.id, "", encode(signal))
