"""The catalogue of roles: name -> what makes it. A new role is one file in `agents/` plus one line here.

Imports stand inside the functions: a role process loads only what its own role needs.
"""
# ruff: noqa: PLC0415 - see above

from collections.abc import Callable
from functools import partial

from streams.agents.role import Role, Tools
from streams.models.settings import ROLES as KNOWN


def _observe(tools: Tools) -> Role:
    from streams.agents.observe import Observe

    return Observe(tools)


def _assess(tools: Tools) -> Role:
    from streams.agents.assess import Assess
    from streams.gateway.privacy import privacy_key, pseudonymiser

    return Assess(tools, pseudonymiser(privacy_key(tools.loaded.app.privacy)))


def _deliver(tools: Tools, sink: str) -> Role:
    from streams.agents.deliver import Deliver
    from streams.sinks import SINKS

    def count(what: str, number: int) -> None:
        tools.metrics.sink_records.labels(sink, what).inc(number)

    return Deliver(SINKS[sink](tools.loaded, tools.sender, count), tools)


ROLES: dict[str, Callable[[Tools], Role]] = {
    "observe": _observe,
    "assess": _assess,
    **{name: partial(_deliver, sink=name.removeprefix("deliver.")) for name in KNOWN if name.startswith("deliver.")},
}
