"""A Bank of sums: state of a slot = how many rows it had and their offsets' sum, so that one row too many shows."""

import msgspec


class FakeBank:
    def __init__(self, slots=0):
        self.names, self.state, self.upto = [], [], []
        self.position = self.whole_from = 0
        self.site = {}  # name -> fingerprint
        for number in range(slots):
            self._slot(f"s{number}")

    def _slot(self, name):
        if name not in self.names:
            self.names.append(name)
            self.state.append([0, 0])
            self.upto.append(0)
        return self.names.index(name)

    def handle(self, records):
        for record in records:
            slot = self._slot(record.value.decode())
            self.position = record.offset + 1
            if record.offset >= self.upto[slot]:
                self.state[slot][0] += 1
                self.state[slot][1] += record.offset

    @property
    def states(self):
        return dict(zip(self.names, map(tuple, self.state), strict=True))

    # -- as the saver sees it

    @property
    def slots_used(self):
        return len(self.names)

    @property
    def catching_up(self):
        return self.position < self.whole_from

    def save_chunk(self, first, count):
        part = slice(first, first + count)
        return msgspec.msgpack.encode(
            [self.names[part], self.state[part], [self.site.get(n) for n in self.names[part]]]
        )

    def save_rest(self):
        assert not self.catching_up
        return msgspec.msgpack.encode(self.position)

    def load_rest(self, rest, upto):
        assert msgspec.msgpack.decode(rest) == upto
        self.whole_from = upto

    def load_chunk(self, chunk, first, upto):
        changed = 0
        for name, state, site in zip(*msgspec.msgpack.decode(chunk), strict=True):
            if site != self.site.get(name):
                changed += 1
                continue
            slot = self._slot(name)
            self.state[slot], self.upto[slot] = state, upto
        return changed
