"""Run the core over rows as replay does: one partition, received = running maximum of phenomenon time."""

from streams.core import detect
from streams.core.assess import Assessor
from streams.core.slots import NEVER
from streams.models.columns import Columns
from streams.models.observation import Row
from streams.models.times import SECOND


class Bank(detect.Bank):
    """One that is given single rows and ticks."""

    def handle(self, records):
        return super().handle(records if isinstance(records, Columns) else Columns.of(records))


def row(
    time,
    value,
    station="S1",
    prop="water_level",
    *,
    offset=0,
    status="Actual",
    unit=None,
    received=None,
    ident=None,
    index=0,
):
    """time in seconds."""
    at = round(time * SECOND)
    seen = at if received is None else round(received * SECOND)
    number = float("nan") if value is None else float(value)
    return Row(station, prop, at, number, unit, ident, status, offset, index, seen)


def numbered(rows):
    for offset, one in enumerate(rows):
        one.offset = offset
    return rows


def run(site, rows, batches=1):
    """All commands; `batches`: list of sizes or a number of equal parts."""
    bank, assessor = Bank(site, 0, 1, outage=NEVER), Assessor(site, 0, 1)
    rows = numbered(list(rows))
    size = max(1, -(-len(rows) // batches)) if isinstance(batches, int) else None
    cuts = list(range(0, len(rows), size)) if size else batches
    commands, signals = [], []
    for start, end in zip(cuts, [*cuts[1:], len(rows)], strict=True):
        for signal in bank.handle(rows[start:end]).signals:
            signals.append(signal)
            commands += assessor.handle(signal, signal.received)
        progress = bank.progress()
        commands += assessor.handle(progress, progress.received)
    return commands, signals


def changes(commands):
    """(time, previous, level) of alerts whose level changed."""
    return [(c.time, c.previous_level, c.level) for c in commands if c.kind == "alert" and c.level != c.previous_level]
