"""The explanation of an alert as pydantic models; fields equal those of `streams.models.explanation`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from streams.models.level import Colour

Share = Annotated[float, Field(ge=0, le=1, description="two decimals")]


class Part(BaseModel):
    """A part of a command: fields are only ever added."""

    model_config = ConfigDict(allow_inf_nan=False)


class Because(Part):
    """A condition that holds, said so that a person sees why: values and thresholds."""

    condition: Annotated[str, Field(description="its name in the hazard file", examples=["warning"])]
    zh: str
    en: str


class Change(Part):
    """What would bring the alert to a level."""

    level: Annotated[Colour | None, Field(description="null: the alert would end")]
    zh: str
    en: str


class Confidence(Part):
    """How much of what could speak speaks clearly: `value` is the product of the three factors."""

    value: Share
    trustworthy: Share
    agreement: Share
    age: Share


class Explanation(Part):
    """Why an alert is what it is, and what would change it."""

    because: Annotated[list[Because], Field(description="at most 10, the highest levels first")] = []
    would_change: Annotated[list[Change], Field(description="at most 5")] = []
    stations: Annotated[int, Field(description="at which a condition holds")] = 0
    reports: Annotated[int, Field(description="different reporters that count")] = 0
    alerts: Annotated[int, Field(description="alerts elsewhere that count")] = 0
    hazard_version: Annotated[str, Field(description="digest of the hazard file, overlays included")] = ""
    confidence: Annotated[Confidence | None, Field(description="null when nobody speaks")] = None
