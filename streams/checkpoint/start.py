"""Where reading begins after an assignment when nothing is saved, or nothing needs to be.

A role without state goes on at the committed offset (`resume`); a sink that keeps its own position, at that
(`own_positions`). `rebuild` is the fall-back of the roles that save their state: they read their log again from far
enough back and drop the outputs of records below the group's committed offset, which were confirmed before that offset
was committed.
"""

from collections.abc import Callable, Mapping

import structlog

from streams.completion import Partition, Start
from streams.positions import LogPositions

#: told of a log that ends before what was handled, or begins after it: the partition, where that ends, where the log
#: ends or begins
Lost = Callable[[Partition, int, int], None]
#: topics of which only the newest counts
LOSSY = frozenset({"latest"})
log_ = structlog.get_logger(__name__)


async def resume(
    tps: set[Partition], log: LogPositions, *, ends_known: bool = True, lost: Lost = lambda *_: None
) -> dict[Partition, Start]:
    """At the committed offset; at the beginning of the log when there is none.

    At the end of a log that ends before: what was committed is not in it any more, and its offsets are used again.
    """
    committed = await log.committed(tps)  # first, so that it cannot overtake the end
    beginning, ends = await log.beginning(tps), await log.end(tps) if ends_known else {}
    starts = _from(committed, beginning, lost)
    for tp, end in ends.items():
        if starts[tp].read > end:
            log_.error(
                "a log ends before what was handled: it was made anew or lost its end; what came under offsets that "
                "are used again is not known, reading goes on at the end",
                topic=tp.topic, partition=tp.partition, committed=starts[tp].read, end=end,
            )  # fmt: skip
            lost(tp, starts[tp].read, end)
            starts[tp] = _at(end)
    return starts


async def rebuild(tps: set[Partition], log: LogPositions, since_ms: int | None = None) -> dict[Partition, Start]:
    """At the beginning of the log, or at a time when that is later; live from the committed offset on.

    The first start of all (nothing committed) has no outputs to drop: it begins at the beginning, and all is live.
    """
    committed, beginning = await log.committed(tps), await log.beginning(tps)
    known = {tp: offset for tp in tps if (offset := committed[tp]) is not None}
    found = await log.at_time(known, max(0, since_ms)) if since_ms is not None and known else {}
    starts = {tp: _at(beginning[tp]) for tp in tps}
    for tp, live in known.items():
        recent = beginning[tp] if since_ms is None else found.get(tp)
        live = max(live, beginning[tp])  # noqa: PLW2901 - retention may have overtaken the group
        starts[tp] = Start(max(beginning[tp], min(live, live if recent is None else recent)), live)
    return starts


async def own_positions(
    tps: set[Partition], log: LogPositions, positions: Mapping[tuple[str, int], int], *, lost: Lost = lambda *_: None
) -> dict[Partition, Start]:
    """At the positions that a sink keeps beside its data; at the beginning of the log where it has none."""
    return _from({tp: positions.get(tp) for tp in tps}, await log.beginning(tps), lost)


def _from(
    handled: Mapping[Partition, int | None], beginning: Mapping[Partition, int], lost: Lost
) -> dict[Partition, Start]:
    """Where what was handled ends; where the log begins when that is later, and not without a word."""
    for tp, upto in handled.items():
        if upto is not None and upto < beginning[tp] and tp.topic not in LOSSY:
            log_.error(
                "retention was faster: what came in between is gone unhandled, reading goes on where the log begins",
                topic=tp.topic, partition=tp.partition, handled=upto, beginning=beginning[tp],
            )  # fmt: skip
            lost(tp, upto, beginning[tp])
    return {tp: _at(max(upto or 0, beginning[tp])) for tp, upto in handled.items()}


def _at(offset: int) -> Start:
    return Start(offset, offset)
