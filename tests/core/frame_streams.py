"""Seeded streams of frames: waveforms of several stations in turn, with whatever may be wrong with them."""

import json
import random

from tests.core.record_streams import START, TICK, Record

RATES = ((100, 0.01), (50, 0.02), (9, 0.1), (40, 0.05))


class Frames:
    """Makes frames one after the other; `odd`: how many have something about them."""

    def __init__(self, r: random.Random, the_site) -> None:
        self.r, self.keys = r, [(one.station, one.property, one.unit) for one in the_site.datastreams.values()]
        self.now, self.offset, self.turn = float(START), r.randint(0, 100), 0
        self.rate, self.mixed, self.odd = r.choice(RATES), r.random() < 0.3, r.choice([0.0, 0.0, 0.03, 0.15])
        self.sampled, self.units = r.choice([0.0, 0.5, 1.0]), r.random() < 0.3
        self.ends: dict[tuple[str, str], float] = {}
        self.sent: list[tuple[bytes, bytes]] = []

    def records(self, count: int) -> list[Record]:
        return [self.record() for _ in range(count)]

    def record(self) -> Record:
        r = self.r
        self.offset += r.choice([1, 1, 1, 2])
        self.now += r.choice([0, 0.001, 0.2]) if r.random() < 0.98 else r.choice([5, 30, 200])
        received = int((self.now + 2) * 1000) + r.choice([0, 0, 0, -1000])
        if r.random() < 0.03:
            return Record(None, None, self.offset, received, TICK)
        if r.random() < self.odd / 2 and self.sent:
            return Record(*r.choice(self.sent), self.offset, received)
        self.sent.append(self.frame())
        return Record(*self.sent[-1], self.offset, received)

    def maybe(self) -> bool:
        return self.r.random() < self.odd

    def frame(self) -> tuple[bytes, bytes]:
        r = self.r
        self.turn += 1
        station, prop, unit = key = self.keys[self.turn % len(self.keys)]
        count, step = r.choice([*RATES, (3, 0.01)]) if self.mixed else self.rate
        start = max(self.ends.get(key[:2], 0.0), round(self.now, 3))
        if self.maybe():
            start, step = round(start - r.choice([0.005, 1, 40, -500]), 3), r.choice([step, 1e-7, 2.0])
        values = [self.value() for _ in range(count)]
        self.ends[key[:2]] = round(start + step * count, 6)
        head = {"station": station, "property": prop} | ({"unit": unit} if self.units else {})
        if r.random() < self.sampled:
            return station.encode(), self.bytes_of(
                head | {"start": start, "step": step, "values": values} | self.more()
            )
        times = [round(start + step * at, 6) for at in range(count)]
        rows = [head | {"time": time, "value": value} for time, value in zip(times, values, strict=True)]
        if self.maybe():
            rows[r.randrange(count)] |= self.more()
        return station.encode(), self.bytes_of(rows)

    def value(self):
        r = self.r
        if r.random() < self.odd / 10:
            return r.choice([None, 99, 7.5, "a", True])
        value = 2 + r.gauss(0, r.choice([0.3, 0.3, 0.3, 2]))
        return round(value, 3) if r.random() < 0.9 else r.choice([int(value), value, value * 1e-9, -0.0])

    def more(self):
        odd = {"unit": "cm", "status": "Exercise", "id": "x", "meta": {"values": [1]}, "property": "nope"}
        return {name: one for name, one in odd.items() if self.r.random() < self.odd / 3}

    def bytes_of(self, body) -> bytes:
        found = json.dumps(body, separators=self.r.choice([(",", ":"), (", ", ": ")])).encode()
        return found[:-1] if self.r.random() < self.odd / 5 else found
