"""What a scenario expects: commands by any of their fields, commands that must never come, levels that hold."""

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from streams.models.command import Command
from streams.models.level import Colour
from streams.trial.words import At, Length


class Part(BaseModel):
    """Unknown keys are errors: a misspelt one would silently test something else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_TOLD = {name: (Any, None) for name in Command.__struct_fields__ if name not in ("schema", "stages")}
if TYPE_CHECKING:

    class Fields(Part):
        """Any fields of a command."""

        kind: str | None
        hazard: str | None
        subject: str | None
else:
    Fields = create_model("Fields", __base__=Part, **_TOLD)
    Fields.__doc__ = "Any fields of a command (docs/wire.md)."


class Expected(Fields):
    """A command that must come: any of its fields, and when. Or one that must never come, or a level that holds."""

    at: At | None = Field(default=None, description="the command's time, within a second")
    after: At | None = Field(default=None, description="not before")
    within: Length | None = Field(
        default=None, description="so long after `after`; with `at`: so much earlier or later"
    )
    came: At | None = Field(
        default=None, description="when it came out, within a second: later than `at` for late data"
    )
    never: Fields | None = Field(default=None, description="no command like this (between `after` and `within`)")
    holds: Colour | Literal["none"] | None = Field(default=None, description="the level published `at` this time")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.holds is not None and self.at is None:
            raise ValueError("`at:`, when this level holds")
        if self.never is not None and not self.model_fields_set <= {"never", "after", "within"}:
            raise ValueError("`never: {…}` with its fields inside, and only `after` and `within` beside it")
        return self
