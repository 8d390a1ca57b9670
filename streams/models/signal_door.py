"""Samples and what neighbours say as pydantic models; fields equal those of `streams.models.signal`.

Both are Tocsin's own: nobody else writes them. Their schemas are for who reads the log.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from streams.models.observation import Status

Micros = Annotated[int, Field(description="µs since 1970")]


class Place(BaseModel):
    """Where in `readings` it came from."""

    topic: str
    partition: int
    offset: int
    row: int
    n: int


class Record(BaseModel):
    """A record that this system wrote: fields are only ever added."""

    model_config = ConfigDict(allow_inf_nan=False)


class Sampled(Record):
    """A value that neighbours are compared with: a value of the topic `signals` with `type: sample`."""

    id: Annotated[str, Field(description="of its cause: group, station, property, status and time")]
    source: Annotated[Place, Field(description="as an array: topic, partition, offset, row, n")]
    received: Micros
    zone: Annotated[str, Field(description="home of the group; also the record's key")]
    status: Status
    group: str
    station: str
    property: str
    time: Micros
    value: Annotated[float, Field(description="in `unit`, the datastream's own")]
    unit: str
    quality: Annotated[int, Field(description="1 good, 3 suspect by a check of its own")] = 1


class Checked(Record):
    """What neighbours say of a datastream: a value of the topic `signals` with `type: checked`."""

    id: Annotated[str, Field(description="of its cause: the sample that decided, the datastream, the zone")]
    zone: Annotated[str, Field(description="that it goes to; also the record's key")]
    status: Status
    station: str
    property: str
    word: Annotated[int, Field(ge=1, description="grows with what is said of this datastream")]
    quality: Annotated[int, Field(description="1 withdrawn, 3 suspect")]
    time: Micros
    received: Micros
    check: Literal["neighbour", "drift", ""] = ""
    value: Annotated[float | None, Field(description="of the sample that decided")] = None
    unit: str = ""
    bound: Annotated[str, Field(examples=["neighbour 0.5 m of 2.31 m"])] = ""
    drift: Annotated[float | None, Field(description="slow mean of the difference ÷ its limit; null: not judged")] = (
        None
    )
