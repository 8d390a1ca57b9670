"""What neighbours find out about a datastream, as records of `signals`: to each zone in which its triggers count."""

from collections.abc import Iterator

from streams.core.neighbours import Found, Neighbours
from streams.core.quality import GOOD, SUSPECT
from streams.models.durations import format_duration
from streams.models.ids import cause_id
from streams.models.signal import Checked, Sampled
from streams.models.site import Site


class Verdicts:
    """Those of one Assessor. `out`: what is to be sent; `changed`: rows of state that are no longer as saved."""

    def __init__(self, site: Site, changed: set[tuple[str, ...]]) -> None:
        self._site, self._changed = site, changed
        self.bank = Neighbours(site)
        self.out: list[Checked] = []

    def turn(self, sample: Sampled) -> None:
        """A sample has its turn."""
        found = self.bank.hear(sample)
        self._changed.add(("near", sample.status, sample.station, sample.property))
        for one in found:
            checked = list(self._checked(one, sample))
            self._changed.update(("near", each.status, each.station, each.property) for each in checked)
            self.out += checked

    def _checked(self, found: Found, sample: Sampled) -> Iterator[Checked]:
        station, prop = self._site.datastreams.key(found.number)
        member = found.member
        drift = None if found.drift is None else _round(found.drift)
        for zone in self.zones(found.number):
            yield Checked(
                cause_id("checked", sample.id, station, prop, zone), zone, sample.status, station, prop, member.word,
                SUSPECT if member.check else GOOD, member.time, sample.received, member.check, member.value,
                sample.unit, self._bound(found), drift,
            )  # fmt: skip

    def zones(self, number: int) -> list[str]:
        """A datastream's own zone, where its health is told, and homes of events to which it matters."""
        table, members = self._site.datastreams, self._site.members
        asking = [
            hazard for hazard in self._site.hazards_of.get(table.key(number)[1], ()) if "neighbour" in hazard.checks
        ]
        homes = {int(table.zone[number]), *(members.home(hazard.subject, number) for hazard in asking)}
        return sorted(table.zones[home] for home in homes)

    def _bound(self, found: Found) -> str:
        """As the configuration calls it, and what the value was held against."""
        stream, check = self._site.datastreams.at(found.number), found.member.check
        if found.median is None:
            return f"neighbour_least {stream.checks.neighbour_least}"
        if check == "neighbour":
            return f"neighbour {stream.checks.neighbour:.6g} {stream.unit} of {found.median:.6g} {stream.unit}"
        if check == "drift" and stream.checks.drift is not None and found.drift is not None:
            mean, length = found.drift * stream.checks.drift, format_duration(stream.checks.drift_for)
            return f"drift {stream.checks.drift:.6g} {stream.unit} in {length}, now {mean:+.6g} {stream.unit}"
        return ""


def _round(drift: float) -> float:
    return float(f"{drift:.6g}")
