"""Areas of alerts are worked out before the first alert asks for them, beside the event loop."""

import asyncio
from time import monotonic

from streams.models.site import Site

SHARE = 4  # of the time; an alert that is quicker works its own area out


async def fit_areas(site: Site) -> None:
    """Each zone in which there is a datastream and that takes a while."""
    areas = site.zone_areas
    for name in areas.slow(list(site.datastreams.zones)):
        began = monotonic()
        await asyncio.to_thread(areas.of, name)
        await asyncio.sleep((SHARE - 1) * (monotonic() - began))
