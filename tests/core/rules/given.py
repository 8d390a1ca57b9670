"""Pictures in which conditions, and the pasts of inner rules, simply are what they are."""

from dataclasses import dataclass, field

from streams.models.expression import names_in

TRUTHS = (True, False, None)
ORDER = {False: 0, None: 1, True: 2}


@dataclass
class Span:
    since: int
    until: int | None
    sure: bool = True


def spans_of(line):
    """From truths, one for each moment: the last one is what is now."""
    found = []
    for at, truth in enumerate(line):
        before = line[at - 1] if at else False
        if truth is before:
            continue
        if before is not False:
            found[-1].until = at
        if truth is not False:
            found.append(Span(at, None, truth is True))
    return found


@dataclass
class AtOne:
    """One station of it; a line of an inner rule may be one for each station."""

    given: "Given"
    station: str

    def condition(self, name):
        on, doubt = self.where(name)
        return True if on else None if doubt else False

    def where(self, name, during=0):
        return tuple({key for key in keys if key[0] == self.station} for keys in self.given.where(name, during))

    def apart(self, rule, each):
        return {min(k for k in self.given.truths["c"] if k[0] == self.station): self}

    def past(self, number):
        return spans_of(self.given.lines[number][self.station])

    def __getattr__(self, name):
        return getattr(self.given, name)


@dataclass
class Given:
    """truths: of conditions, or of each condition by datastream ((station, property)); lines: of inner rules."""

    lines: tuple = ()
    zones: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)  # station -> metres along a line; none = not known
    now: int = 0
    passed: int = 0
    lately: dict = field(default_factory=dict)  # condition -> datastream -> how long ago it went off
    truths: dict = field(default_factory=dict)

    def __init__(self, lines=(), zones=None, places=None, now=None, passed=None, lately=None, **truths):
        self.lines, self.zones, self.places, self.lately = lines, zones or {}, places or {}, lately or {}
        self.now = max((len(line) for line in lines), default=1) - 1 if now is None else now
        self.passed = self.now if passed is None else passed
        self.truths = truths

    def condition(self, name):
        return self.truths[name]

    def where(self, name, during=0):
        truths = self.truths[name]
        on = {key for key, truth in truths.items() if truth is True}
        on |= {key for key, ago in self.lately.get(name, {}).items() if ago < during}
        return on, {key for key, truth in truths.items() if truth is None} - on

    def unit(self, key, by):
        return {"datastream": key, "station": key[0], "zone": self.zones.get(key)}[by]

    def near(self, key, keys, metres):
        return [self._near(key[0], other[0], metres) for other in keys]

    def _near(self, one, other, metres):
        a, b = self.places.get(one), self.places.get(other)
        return True if one == other else None if a is None or b is None else abs(a - b) <= metres

    def apart(self, rule, each):
        names = names_in(rule) or self.truths.keys()
        keys = {key for name in names for at in (self.truths[name], self.lately.get(name, {})) for key in at}
        return {min(k for k in keys if k[0] == station): AtOne(self, station) for station in {key[0] for key in keys}}

    def past(self, number):
        return spans_of(self.lines[number])
