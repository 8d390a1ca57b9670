"""An input that is made of several at one station: its channels, and how their readings become rows."""

from collections.abc import Callable
from typing import Literal

from streams.config.problems import Words
from streams.config.table import Table
from streams.models.ids import ID_FORM, is_id
from streams.models.site import Input
from streams.models.times import MINUTE, SECOND

Of = dict[str, Input]
Join = tuple[Literal["exact", "latest"], int, int]
WAIT, AGE = 10 * SECOND, 10 * MINUTE  # where nobody says otherwise


def read_channels(table: Table, read: Callable[[Table, str], Input | None]) -> Of:
    """`of: {temp: t, rh: h}`; empty after a problem."""
    of = table.table("of")
    found: Of = {}
    for channel, _ in of.items() if of is not None else ():
        assert of is not None  # noqa: S101 - for the type checker
        other = of.text(channel, need="the name of an input")
        source = read(table, other) if other is not None else None
        if not is_id(channel):
            table.error("of", channel, ID_FORM)
        elif source is not None and source.sources:
            table.error("of", Words(f"{other}, which is made of several"), "an input of one property")
        elif source is not None:
            found[channel] = source
    if of is not None and len(of.node.value) < 2:
        table.error("of", Words(f"{len(of.node.value)} inputs"), "two or more, like {x: east, y: north}")
        return {}
    return found if of is not None and len(found) == len(of.node.value) else {}


def read_join(table: Table, default: Literal["exact", "latest"]) -> Join | None:
    """`join: exact, max_wait: 10 s` or `join: latest, max_age: 2 h`."""
    how = table.choice("join", ("exact", "latest"), default)
    wait, age = table.duration("max_wait", WAIT), table.duration("max_age", AGE)
    for key, needed in (("max_wait", "exact"), ("max_age", "latest")):
        if table.has(key) and how is not None and how != needed:
            table.error(key, Words(f"{key} of a join that is {how}"), f"`join: {needed}`, or nothing")
            return None
    if how is None or wait is None or age is None:
        return None
    return ("exact" if how == "exact" else "latest"), wait, age
