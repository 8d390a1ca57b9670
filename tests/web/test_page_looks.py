"""The page in a real browser: languages, phone, keyboard, contrast."""

import re

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.web import county
from tests.web.browsing import LATE, PHONE, opened

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("storm")
def test_both_languages(page: Page) -> None:
    opened(page)
    expect(page.locator("#exercise")).to_contain_text("演练")
    expect(page.locator(".card").first).to_contain_text("清河镇")
    page.locator("#language").click()
    expect(page.locator(".card").first).to_contain_text("Qinghe Town")
    expect(page.locator("#exercise")).to_contain_text("EXERCISE")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/")
    expect(page.locator(".card").first).to_contain_text("River flood", timeout=LATE)
    page.goto("/?lang=zh")
    expect(page.locator(".card").first).to_contain_text("河道洪水", timeout=LATE)


def test_the_languages_have_the_same_words(page: Page) -> None:
    opened(page)
    keys = page.evaluate("import('/static/js/i18n.js').then(m => [Object.keys(m.words.zh), Object.keys(m.words.en)])")
    assert sorted(keys[0]) == sorted(keys[1])
    empty = "import('/static/js/i18n.js').then(m => Object.entries(m.words.zh).filter(([, v]) => !v).map(([k]) => k))"
    assert page.evaluate(empty) == []


@pytest.mark.usefixtures("storm")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_never_scrolls_sideways(page: Page, language: str) -> None:
    page.set_viewport_size(PHONE)
    opened(page, f"lang={language}")
    expect(page.locator(".card")).to_have_count(5)
    page.locator(".card [data-act=more]").first.click()
    wide = "[document.documentElement.scrollWidth, document.querySelector('.panes').scrollWidth]"
    assert max(page.evaluate(wide)) <= PHONE["width"]
    for button in page.locator(".card:first-child .buttons .primary, .tools button").all():
        assert (button.bounding_box() or {})["height"] >= 40
    page.locator("#grip").click()
    expect(page.locator("#alerts")).to_have_attribute("data-sheet", "full")


@pytest.mark.usefixtures("storm")
def test_finding_a_station_with_the_keyboard(page: Page) -> None:
    opened(page)
    page.locator("#find").focus()
    page.keyboard.type(county.station_of("QH-03", "water_level"))
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_have_text("清河镇水位站1号")
    expect(page.locator("#detail")).to_contain_text("河道洪水")
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()


@pytest.mark.usefixtures("storm")
def test_a_click_on_the_map_shows_the_station(page: Page) -> None:
    opened(page)
    spot = page.evaluate(
        """async (id) => {
          const {layers} = await import('/static/js/map.js');
          const mark = layers.stations.get(id);
          const {x, y} = mark._map.latLngToContainerPoint(mark.getLatLng());
          const box = document.getElementById('map').getBoundingClientRect();
          return [x + box.x, y + box.y];
        }""",
        county.station_of("QH-03", "water_level"),
    )
    page.mouse.click(*spot)
    expect(page.locator("#detail h2")).to_have_text("清河镇水位站1号")


def _luminance(colour: str) -> float:
    parts = [int(n) / 255 for n in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


_COLOURS = """() => [...document.querySelectorAll('.band b, .count, .card p, .card button, .recent p, .recent time,'
  + '.chip, .legend li, .link, .clock, .title .subject, .mark, .foot a')].filter(n => n.offsetParent).map(n => {
    let back = n;
    const solid = (e) => !/rgba\\(0, 0, 0, 0\\)|color\\(|rgba/.test(getComputedStyle(e).backgroundColor);
    while (back.parentElement && !solid(back)) back = back.parentElement;
    return [n.className || n.tagName, getComputedStyle(n).color, getComputedStyle(back).backgroundColor];
  })"""


@pytest.mark.usefixtures("storm")
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_contrast_is_enough(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    opened(page)
    expect(page.locator(".card")).to_have_count(5)
    poor, looked_at = [], page.evaluate(_COLOURS)
    assert len(looked_at) > 60
    for name, front, back in looked_at:
        dark, bright = sorted((_luminance(front), _luminance(back)))
        if (bright + 0.05) / (dark + 0.05) < 4.5:
            poor.append((name, front, back))
    assert not [p for p in poor if "exercise" not in p[0]]


def test_the_api_description_is_from_this_host_too(page: Page) -> None:
    page.goto("/docs")
    expect(page.locator(".opblock").first).to_be_visible(timeout=LATE)


def test_no_cookie_and_no_stranger_in_the_head(address: str) -> None:
    answer = httpx.get(f"{address}/")
    assert "set-cookie" not in answer.headers
    assert "://" not in answer.text.replace("http://www.w3.org", "")


@pytest.mark.usefixtures("storm")
@pytest.mark.parametrize(("language", "said"), [("zh", "情况不明：燃气泄漏、滑坡"), ("en", "unknown: Gas leak, Land")])
def test_a_zone_says_which_hazards_nobody_watches_for_there(page: Page, language: str, said: str) -> None:
    def without_sensors(route: Route) -> None:
        answer = route.fetch()
        site = answer.json()
        site["zones"]["QH-03"]["unwatched"] = ["gas", "landslide"]
        route.fulfill(response=answer, json=site)

    page.route("**/v1/site", without_sensors)
    opened(page, f"lang={language}")
    for zone in ("QH-05", "QH-03"):
        page.locator("#find").fill(zone)
        page.keyboard.press("Enter")
        expect(page.locator("#detail .kind")).to_be_visible()
        expect(page.locator("#detail .unwatched")).to_have_count(int(zone == "QH-03"))
    expect(page.locator("#detail .unwatched")).to_contain_text(said)
