"""Heights above different zero levels (1985, Yellow Sea, Wusong …), and what lies between them at a station."""

import re
from dataclasses import dataclass

from streams.config.quantity import Wrong, quantity
from streams.models.units import conversion, same_dimension

OFFSET_FORM = "a datum and what to add to its heights, like `Wusong -1.72 m`; several with `;` between"
_OFFSET = re.compile(r"\s*(\S.*?)\s+([-+]?[0-9]\S*\s+\S+)\s*", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Datum:
    """The datum of a station's readings, and the cell `datum_offset` that says how others lie to it."""

    name: str | None
    offsets: str = ""

    def moved(self, height: float, unit: str, named: str) -> tuple[float, str] | Wrong:
        """A height above the datum `named`, above the station's own."""
        if named == self.name:
            return height, unit
        if self.name is None:
            return Wrong(f"a height above {named}, but no datum of the readings", "the column datum filled in too")
        offsets = self._known()
        if isinstance(offsets, Wrong):
            return offsets
        if named not in offsets:
            expected = f"a height above {self.name}, or `{named} -1.72 {unit}` in the column datum_offset"
            return Wrong(f"a height above {named}, but readings above {self.name}", expected)
        offset, its = offsets[named]
        if not same_dimension(its, unit):
            return Wrong(f"an offset of {named} in {its}", f"one in {unit}")
        return float(f"{height + conversion(its, unit).difference(offset):.12g}"), unit

    def wrong(self) -> Wrong | None:
        """What is wrong with the cell `datum_offset`."""
        found = self._known()
        return found if isinstance(found, Wrong) else None

    def _known(self) -> dict[str, tuple[float, str]] | Wrong:
        found: dict[str, tuple[float, str]] = {}
        for text in self.offsets.split(";") if self.offsets else ():
            match = _OFFSET.fullmatch(text)
            amount = quantity(match[2], "m") if match else None
            if match is None or amount is None or isinstance(amount, Wrong):
                return Wrong(repr(text.strip()[:60]), OFFSET_FORM)
            found[match[1]] = amount
        return found
