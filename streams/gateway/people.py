"""What the people of a scenario do: they acknowledge and end the alerts that are open, like the desk would."""

from collections.abc import Awaitable, Callable
from fnmatch import fnmatchcase

import msgspec

from streams.gateway.producer import Out
from streams.gateway.scenario import Deed
from streams.models.ids import cause_id
from streams.models.observation import Status
from streams.models.signal import Act

#: the latest command of each open alert
OpenAlerts = Callable[[], Awaitable[list[bytes]]]


class Open(msgspec.Struct):
    """What an act needs to know of an alert."""

    alert: str
    version: int
    status: Status
    hazard: str
    subject: str
    zone: str
    level: str | None = None
    reason: str = ""


_decode = msgspec.json.Decoder(Open).decode


class People:
    """Acts on alerts of one status, each once for what it was about."""

    def __init__(self, alerts: OpenAlerts, status: Status) -> None:
        self._alerts, self._status = alerts, status
        self._done: set[str] = set()

    async def do(self, deed: Deed) -> list[Out]:
        """Records for `signals`: this deed on every alert that it fits, by every person named."""
        found = [_decode(raw) for raw in await self._alerts()]
        return [out for one in found if self._fits(deed, one) for by in deed.by for out in self._act(deed, one, by)]

    def _fits(self, deed: Deed, one: Open) -> bool:
        return (
            one.status == self._status
            and deed.level in (None, one.level)
            and fnmatchcase(one.hazard, deed.hazard)
            and fnmatchcase(one.subject, deed.subject)
        )

    def _act(self, deed: Deed, one: Open, by: str) -> list[Out]:
        # acknowledged for its level; ended for the version seen: whoever comes back is a new one
        about = one.level if deed.does == "ack" else one.version
        identity = cause_id("play", one.alert, deed.does, by, about)
        if identity in self._done:
            return []
        self._done.add(identity)
        act = Act(identity, one.zone, deed.does, by, one.status, one.alert, deed.note)
        return [Out("signals", one.zone.encode(), msgspec.json.encode(act))]
