"""What the tests of the page share."""

from playwright.sync_api import Page, expect

from streams.models.command import Command
from tests.web import county

PHONE = {"width": 360, "height": 740}
LATE = 15_000


def opened(page: Page, query: str = "lang=zh") -> Page:
    page.goto(f"/?{query}")
    expect(page.locator("#map[data-ready]")).to_be_attached(timeout=LATE)
    expect(page.locator("#link")).to_have_class("link live", timeout=LATE)
    return page


def flood(level: str = "orange", **more: object) -> Command:
    gauge = county.station_of("QH-03", "water_level")
    items = [county.evidence(gauge, 5.21, 5.0, f"flood/{level}", 2)]
    return county.command("flood", "QH-03-reach-1", "QH-03", level, 3, **{"evidence": items, **more})  # type: ignore[arg-type]
