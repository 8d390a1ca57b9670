"""Conditions that are no comparison: silence, a forecast, people's reports, another hazard's alert."""

from collections.abc import Iterable
from typing import Literal

from streams.config.comparison import read_for
from streams.config.problems import Words, listed
from streams.config.quantity import threshold_at
from streams.config.table import Table, said
from streams.models.durations import FORM
from streams.models.ids import ID_FORM, is_id
from streams.models.level import COLOURS, NUMBER
from streams.models.site import AlertCondition, Condition, Forecast, Input, ReportCondition
from streams.models.times import HOUR, MINUTE

REPORT_KEYS = {"reports", "at_least", "within", "near", "source"}
ALERT_KEYS = {"alert", "at_least", "within", "upstream", "downstream", "subject", "lasting", "count", "by", "source"}
_BY: tuple[Literal["subject", "zone"], ...] = ("subject", "zone")
_SHORTEST, _LONGEST = 10 * MINUTE, 72 * HOUR  # of the readings that a forecast is drawn through
_RELATIONS: dict[str, Literal["near", "upstream", "downstream", "subject"]] = {
    "within": "near", "upstream": "upstream", "downstream": "downstream", "subject": "subject",
}  # fmt: skip


def read_reports(name: str, table: Table, kinds: Iterable[str]) -> ReportCondition | None:
    """`{reports: [flooding], at_least: 3, within: 30 min, near: 500 m}`."""
    wanted = table.words("reports", kinds)
    least = table.whole("at_least", least=1, need="how many different people, like 3")
    within = _length(table, "within")
    near = table.distance("near")
    nodes = table.node.value["reports"].value
    if wanted == () and not nodes:
        table.error("reports", Words("no kind of report"), f"some of {listed(kinds)}")
    if not wanted or least is None or within is None:
        return None
    return ReportCondition(name, wanted, least, within, table.text("source"), near)


def read_alert(name: str, table: Table) -> AlertCondition | None:
    """`{alert: earthquake, at_least: orange, within: 100 km, lasting: 72 h}`, `{…, count: 3, by: zone}`."""
    hazard = table.text("alert", need="the name of a hazard")
    if hazard is not None and not is_id(hazard):
        table.error("alert", hazard, ID_FORM)
    colour = table.choice("at_least", COLOURS, need=True)
    lasting = table.duration("lasting", 0)
    given = [key for key in _RELATIONS if table.has(key)]
    if len(given) > 1:
        expected = f"one of {', '.join(_RELATIONS)}, or none: in the same zone"
        table.report.error(table.node.at, table.where, Words("both " + " and ".join(given)), expected)
        return None
    source, by = table.text("source"), table.choice("by", _BY, "subject")
    count = table.whole("count", least=1) if table.has("count") else 1
    if given == ["subject"]:
        table.choice("subject", ("same",))
    far = table.distance(given[0]) if given and given != ["subject"] else None
    relation = _RELATIONS[given[0]] if given else "zone"
    if hazard is None or colour is None or lasting is None or (given and far is None and relation != "subject"):
        return None
    if count is None or by is None:
        return None
    return AlertCondition(name, hazard, NUMBER[colour], relation, far, lasting, source, count, by)


def read_absence(name: str, table: Table, source: Input) -> Condition | None:
    """`{of: stage, absent: 30 min}`."""
    hold = _length(table, "absent")
    for key in ("clear_below", "clear_above", "for", "seasons", "within", "probability", "over"):
        if table.has(key):
            table.error(key, Words(f"{key} beside absent"), "absent alone: it ends with the next reading")
    return None if hold is None else Condition(name, source.name, "absent", hold=hold, source=table.text("source"))


def read_forecast(name: str, table: Table, source: Input) -> Condition | None:
    """`{of: stage, forecast_reaches: station.warning_level, within: 6 h, probability: 0.5, over: 1 h}`."""
    for key in ("clear_below", "clear_above", "seasons"):
        if table.has(key):
            table.error(key, Words(f"{key} beside forecast_reaches"), "neither: it ends with the forecast")
    level = threshold_at(table, "forecast_reaches", source)
    within = table.duration("within", need=f"how far ahead, {FORM}")
    if within == 0:
        table.error("within", said(table.node.value["within"]), f"longer than nothing, {FORM}")
        within = None
    probability = _probability(table)
    over = table.duration("over", min(_LONGEST, max(_SHORTEST, (within or 0) // 6)))
    if over is not None and not MINUTE <= over <= _LONGEST:
        table.error("over", said(table.node.value["over"]), "readings of 1 min to 72 h")
        over = None
    wait = read_for(table)
    if level is None or within is None or probability is None or over is None or wait is None:
        return None
    return Condition(
        name, source.name, "above", level, level, False, wait[0], table.text("source"), wait[1],
        forecast=Forecast(within, probability, over),
    )  # fmt: skip


def _length(table: Table, key: str) -> int | None:
    """A duration that has to be given; in no time nothing happens."""
    found = table.duration(key, need=FORM)
    if found == 0:
        table.error(key, said(table.node.value[key]), f"longer than nothing, {FORM}")
        return None
    return found


def _probability(table: Table) -> float | None:
    node = table.get("probability")
    if node is None:
        return 0.5
    if isinstance(node.value, int | float) and not isinstance(node.value, bool) and 0 < node.value < 1:
        return float(node.value)
    table.error("probability", said(node), "a number between 0 and 1, like 0.5")
    return None
