"""The page in a real browser: what it shows and does. Any request that leaves the host fails the test."""

import pytest
from playwright.sync_api import Page, expect
from redis import Redis as Client

from streams.models.explanation import Because, Change, Confidence, Explanation
from tests.servers.valkey import Redis
from tests.web import county
from tests.web.browsing import LATE, flood, opened
from tests.web.serving import Recorder

pytestmark = pytest.mark.browser


def test_an_alert_arrives_without_reloading(page: Page, client: Client) -> None:
    county.fill(client, [], county.latest())
    opened(page)
    expect(page.locator(".quiet .big")).to_have_text("当前没有警报")
    page.evaluate("window.mark = 1")
    first = flood()
    county.publish(client, first)
    card = page.locator(".card.lv-orange")
    expect(card).to_contain_text("河道洪水")
    expect(card).to_contain_text("≥ 5.00 m")
    expect(card).to_contain_text("演练")
    expect(page.locator("#recent li").first).to_contain_text("新警报")
    county.publish(client, flood("red", version=2, alert=first.alert, previous_level="orange", reason="level_up"))
    expect(page.locator(".card.lv-red")).to_be_visible()
    expect(page.locator(".card")).to_have_count(1)
    over = flood(version=3, alert=first.alert, msg_type="Cancel", reason="ended", previous_level="red")
    over.level = None
    county.publish(client, over)
    expect(page.locator(".card")).to_have_count(0)
    assert page.evaluate("window.mark") == 1


@pytest.mark.usefixtures("storm")
def test_reset_loads_everything_anew(page: Page, client: Client) -> None:
    opened(page)
    expect(page.locator(".card")).to_have_count(5)
    client.flushall()
    county.fill(client, [flood()], county.latest(), epoch="e2")
    expect(page.locator(".card")).to_have_count(1, timeout=LATE)
    county.publish(client, county.command("gas", "QH-06-plant-1", "QH-06", "yellow", 1))
    expect(page.locator(".card")).to_have_count(2)


@pytest.mark.usefixtures("storm")
def test_acknowledging(page: Page, recorder: Recorder, client: Client) -> None:
    opened(page)
    card = page.locator(".card.lv-red")
    card.locator("[data-act=ack]").click()
    page.locator("#act button[type=submit]").click()
    expect(page.locator("#act .error")).to_have_text("请填写姓名")
    page.locator("#act-by").fill("王海燕")
    page.locator("#act-note").fill("已派人")
    page.keyboard.press("Tab")
    page.locator("#act button[type=submit]").click()
    expect(page.locator(".toast")).to_have_text("已记录，等待系统确认")
    act = recorder.acts[0]
    assert (act.kind, act.by, act.note, act.status) == ("ack", "王海燕", "已派人", "Exercise")
    red = flood("red", version=9, reason="acknowledged", msg_type="Ack", by="王海燕", acknowledged_by="王海燕")
    red.alert = act.alert
    county.publish(client, red)
    expect(card).to_contain_text("王海燕 已确认")
    expect(card.locator("[data-act=ack]")).to_have_count(0)


@pytest.mark.usefixtures("storm")
def test_ending_a_red_explains_the_two_persons(page: Page, recorder: Recorder) -> None:
    opened(page, "lang=en")
    page.locator(".card.lv-red [data-act=end]").click()
    expect(page.locator("#act .warn")).to_contain_text("two different persons")
    page.keyboard.press("Escape")
    page.locator(".card.lv-yellow [data-act=end]").first.click()
    expect(page.locator("#act .warn")).to_have_count(0)
    assert not recorder.acts


def test_hostile_names_stay_text(page: Page, client: Client, problems: list[str]) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    made = flood(headline={"zh": hostile, "en": hostile}, by=hostile, reason="acknowledged", note=hostile)
    made.subject = hostile
    rows = county.latest(suspect=(county.station_of("QH-03", "water_level"),))
    county.fill(client, [made, county.health(hostile, hostile, hostile, 3)], rows)
    page.on("dialog", lambda dialog: (problems.append("a dialog opened"), dialog.dismiss()))
    opened(page)
    page.locator(".card [data-act=more]").click()
    expect(page.locator(".card")).to_contain_text(hostile)
    detail, found = (
        page.evaluate(  # in one turn: a change that the server tells meanwhile would give back the real name
            """async (name) => {
          const {state, applyStations, select} = await import('/static/js/state.js');
          const find = document.getElementById('find');
          const [id, station] = [...state.stations][0];
          applyStations([{...[...station.rows.values()][0], name: {zh: name, en: name}, check: name}]);
          select({kind: 'station', id});
          find.value = 'img src';
          find.dispatchEvent(new Event('input', {bubbles: true}));
          return [document.getElementById('detail').textContent, document.querySelector('.found').textContent];
        }""",
            hostile,
        )
    )
    assert hostile in detail
    assert hostile in found
    assert page.locator("img, main script").count() == 0


@pytest.mark.usefixtures("storm")
def test_redis_goes_and_comes(page: Page, valkey: Redis) -> None:
    opened(page)
    valkey.stop()
    expect(page.locator("#notice")).to_contain_text("Redis", timeout=LATE)
    expect(page.locator(".card")).to_have_count(5)
    valkey.start()
    expect(page.locator("#notice")).to_be_hidden(timeout=LATE)
    expect(page.locator("#link")).to_have_class("link live")


@pytest.mark.usefixtures("storm")
def test_opened_while_redis_is_away(page: Page, valkey: Redis) -> None:
    valkey.stop()
    page.goto("/?lang=zh")
    expect(page.locator("#notice")).to_contain_text("Redis", timeout=LATE)
    expect(page.locator(".quiet")).not_to_contain_text("没有警报")  # what is not known must not look calm
    valkey.start()
    expect(page.locator(".card")).to_have_count(5, timeout=LATE)


def test_a_sum_is_never_shown_as_the_measured_value(page: Page, client: Client) -> None:
    """42 mm in an hour must not be overwritten by the 6 mm that the gauge said last."""
    rain = county.station_of("QH-01", "rain_1h")
    county.fill(client, [], county.latest(values={rain: 6.6, county.station_of("QH-03", "water_level"): 5.55}))
    items = [county.evidence(rain, 42.6, 30, "rainstorm/yellow", 5, part="sum@0123abcd")]
    county.publish(client, county.command("rainstorm", "QH-01", "QH-01", "yellow", 9, evidence=items))
    county.publish(client, flood())
    opened(page)
    expect(page.locator(".card.lv-yellow .figure")).to_have_text("42.6mm")
    expect(page.locator(".card.lv-yellow .whose")).to_contain_text("计算值")
    expect(page.locator(".card.lv-orange .figure")).to_have_text("5.55m")


def test_what_is_real_stands_out_in_an_exercise(page: Page, client: Client) -> None:
    county.fill(client, [flood(status="Actual")], county.latest())
    opened(page)
    expect(page.locator(".card .actual-mark")).to_have_text("真实")
    expect(page.locator("#recent .actual-mark")).to_have_text("真实")


def test_why_and_what_would_change_it_in_both_languages(page: Page, client: Client) -> None:
    names = county.station_of("QH-03", "water_level")
    hostile = "<img src=x onerror=alert(1)>"
    said = Explanation(
        because=[
            Because("guarantee", f"{names} 水位 5.21 m（≥ 5 m）", f"water level at {names} is 5.21 m (≥ 5 m)"),
            Because("hostile", hostile, hostile),
        ],
        would_change=[
            Change(
                "red", f"{names} 水位达到 6 m 时升为红色", f"red when water level at {names} reaches 6 m (now 5.21 m)"
            ),
            Change(None, "1 小时后自动结束", "ends by itself 1 h after water level falls below 4.8 m"),
        ],
        stations=2,
        reports=3,
        hazard_version="sha256:0123456789abcdef0123456789abcdef",
        confidence=Confidence(0.75, 1.0, 0.75, 1.0),
    )
    county.fill(client, [flood(explanation=said)], county.latest())
    opened(page)
    page.locator(".card [data-act=more]").click()
    found = page.locator(".card .explanation")
    expect(found.locator(".reasons li").first).to_have_text(f"{names} 水位 5.21 m（≥ 5 m）")
    expect(found.locator(".reasons li").last).to_have_text(hostile)
    expect(found.locator(".changes li").first).to_contain_text("水位达到 6 m 时升为红色")
    expect(found.locator(".sureness")).to_have_text("可信度 75 % = 可信成员 100 % × 一致程度 75 % × 数据新旧 100 %")
    expect(found).to_contain_text("2 个监测点 · 3 人上报 · 规则版本 sha256:0123456789ab")
    page.locator("#language").click()
    page.locator(".card [data-act=more][aria-expanded=true]").wait_for()
    expect(found.locator(".reasons li").first).to_have_text(f"water level at {names} is 5.21 m (≥ 5 m)")
    expect(found.locator(".changes li").last).to_contain_text("ends by itself 1 h after")
    expect(found.locator(".sureness")).to_contain_text("Confidence 75 % = trustworthy 100 %")
    assert page.locator("img").count() == 0


def test_a_command_without_an_explanation_is_shown_as_before(page: Page, client: Client) -> None:
    county.fill(client, [flood()], county.latest())
    opened(page)
    page.locator(".card [data-act=more]").click()
    expect(page.locator(".card .evidence li")).to_have_count(1)
    expect(page.locator(".card .explanation")).to_have_count(0)
