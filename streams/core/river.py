"""The river graph: which reaches lie upstream and downstream of one, within how many metres along the water."""

from collections.abc import Mapping

from streams.models.site import Reach

Metres = float


class River:
    """Reaches and where their water goes. A reach's `length` is the way from it to the next one downstream."""

    def __init__(self, reaches: Mapping[str, Reach]) -> None:
        self._reaches = reaches
        self._above: dict[str, list[str]] = {}
        for name in sorted(reaches):
            below = reaches[name].downstream
            if below is not None:
                self._above.setdefault(below, []).append(name)

    def downstream_of(self, reach: str, metres: Metres) -> dict[str, Metres]:
        """The reaches that this one's water comes to within so many metres, and how far each is; nearest first."""
        found: dict[str, Metres] = {}
        at, gone = self._reaches.get(reach), 0.0
        while at is not None and at.downstream is not None:
            gone += at.length
            if gone > metres or at.downstream in found or at.downstream == reach:
                break
            found[at.downstream] = gone
            at = self._reaches.get(at.downstream)
        return found

    def upstream_of(self, reach: str, metres: Metres) -> dict[str, Metres]:
        """The reaches whose water comes to this one within so many metres, and how far each is; nearest first."""
        found: dict[str, Metres] = {}
        waiting = [(reach, 0.0)]
        while waiting:
            at, gone = waiting.pop()
            for name in self._above.get(at, ()):
                way = gone + self._reaches[name].length
                if way <= metres and name not in found and name != reach:
                    found[name] = way
                    waiting.append((name, way))
        return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))

    def way(self, reach: str, other: str) -> Metres | None:
        """Metres along the water from one to the other, whichever way it flows; None = neither flows to the other."""
        if reach == other:
            return 0.0
        down = self.downstream_of(reach, float("inf")).get(other)
        return down if down is not None else self.downstream_of(other, float("inf")).get(reach)
