"""A bad night in a made-up county, in both languages, as the redis sink would have written it."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from streams.models.command import Command, Evidence, encode_command
from streams.models.ids import cause_id
from streams.models.latest import LatestValue
from streams.models.level import NUMBER, SEVERITY
from streams.models.settings import App, Ports, Redis, Topics
from streams.models.site import Site
from streams.models.times import microseconds
from tests.web.places import HAZARDS, PROPERTIES, ZONES, datastreams, hazard, zones

CHINA = ZoneInfo("Asia/Shanghai")
STATUS = "Exercise"


@dataclass
class County:
    """A loaded configuration, as `streams.config.load` gives it."""

    app: App
    site: Site
    topics: Topics = field(default_factory=Topics)


def county(redis: str, exercise: bool = True, kafka: str = "127.0.0.1:1") -> County:
    site = Site(zones(), datastreams(), {n: hazard(n) for n in HAZARDS}, "Asia/Shanghai", version="sha256:county")
    app = App(
        name="清河县应急指挥中心", exercise=exercise, redis=Redis(url=redis), ports=Ports(web=0),
    )  # fmt: skip
    kafka_settings = app.kafka.model_copy(update={"bootstrap": kafka, "idempotence": False, "send_deadline_s": 5.0})
    return County(app.model_copy(update={"kafka": kafka_settings}), site)


BEGAN = datetime.now(UTC)


def ago(minutes: float) -> datetime:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).astimezone(CHINA)


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def latest(
    silent: tuple[str, ...] = (), suspect: tuple[str, ...] = (), values: dict[str, float] | None = None
) -> dict[str, bytes]:
    """The hash `latest`: `station|property|status` -> JSON."""
    draw, found = random.Random(11), {}
    for (station, prop), stream in datastreams().items():
        value = (values or {}).get(station, round(PROPERTIES[prop][1] * draw.uniform(0.85, 1.15), 2))
        away = station in silent
        flagged = station in suspect
        row = LatestValue(
            station, prop, STATUS, microseconds(ago(42 if away else draw.uniform(0, 0.9))), value, stream.unit,
            3 if flagged else 1, "stuck" if flagged else "", 0, "silent" if away else "ok",
        )  # fmt: skip
        found[f"{station}|{prop}|{STATUS}"] = msgspec.json.encode(row)
    return found


def evidence(station: str, value: float, threshold: float, rule: str, minutes: float = 0.4, **more: object) -> Evidence:
    stream = next(s for s in datastreams().values() if s.station == station)
    fields = {"quality": 1, "rule_version": "sha256:x", "comparison": ">=", **more}
    return Evidence(
        station=station, property=stream.property, value=value, unit=stream.unit, time=iso(ago(minutes)), rule=rule,
        threshold=threshold, **fields,
    )  # fmt: skip


def command(
    hazard: str, subject: str, zone: str, level: str | None, opened: float, version: int = 1, **more: object
) -> Command:
    """An alert's command; `opened` minutes ago."""
    zh, en, *_ = HAZARDS[hazard]
    moment = ago(opened)
    began = BEGAN - timedelta(minutes=opened)  # all commands of an alert have its id, also when a second ends between
    identity = f"{hazard}:{subject}:{began:%Y%m%dT%H%M%SZ}:exercise"
    names = {z[0]: z for z in ZONES}
    words = {
        "red": ("红色", "Red"),
        "orange": ("橙色", "Orange"),
        "yellow": ("黄色", "Yellow"),
        "blue": ("蓝色", "Blue"),
    }
    where = names.get(zone, (zone, zone, zone))
    colour = words.get(level or "", ("解除", "Ended"))
    fields: dict[str, object] = {
        "kind": "alert", "msg_type": "Alert" if version == 1 else "Update", "status": STATUS,
        "classification": "sensitive", "alert": identity, "version": version, "hazard": hazard, "subject": subject,
        "zone": zone, "level": level, "previous_level": None, "reason": "first" if version == 1 else "level_up",
        "urgency": "Immediate", "severity": SEVERITY[NUMBER[level]] if level else "Minor", "certainty": "Likely",
        "onset": iso(moment), "time": iso(ago(0.4)), "expires": None,
        "headline": {
            "zh": f"【演练】{where[1]}{zh}{colour[0]}预警",
            "en": f"EXERCISE: {colour[1]} {en.lower()} alert, {where[2]}",
        },
        "instruction": {"zh": "请附近人员立即转移到安全地带。", "en": "People nearby: move to safe ground now."},
    } | more  # fmt: skip
    return Command(id=cause_id(identity, fields["version"]), **fields)  # type: ignore[arg-type]


def health(subject: str, zh: str, en: str, minutes: float, level: str | None = "yellow") -> Command:
    made = command("flood", subject, "QH-04", level, minutes, time=iso(ago(minutes)))
    made.kind, made.hazard, made.alert, made.headline = "health", None, None, {"zh": zh, "en": en}
    made.id = cause_id("health", subject, minutes, level)
    return made


def station_of(zone: str, prop: str) -> str:
    return next(s.station for s in datastreams().values() if s.zone == zone and s.property == prop)


def storm() -> list[Command]:
    """A bad night, in feed order: the last command of each alert is the open one."""
    gauge, upper = station_of("QH-03", "water_level"), station_of("QH-02", "water_level")
    rain, slope = station_of("QH-01", "rain_1h"), station_of("QH-02", "displacement")
    gas, air = station_of("QH-06", "methane"), station_of("QH-05", "pm2_5")
    rises = [("blue", 3.05, 3.0, 46), ("yellow", 3.8, 3.7, 31), ("orange", 4.62, 4.5, 18), ("red", 5.21, 5.0, 4)]
    flood, before = [], None
    for version, (level, value, threshold, minutes) in enumerate(rises, 1):
        items = [evidence(gauge, value, threshold, f"flood/{level}", minutes)]
        if level == "red":
            items.append(evidence(upper, 4.1, 3.9, "flood/yellow", minutes))
        made = command(
            "flood", "QH-03-reach-1", "QH-03", level, 46, version, previous_level=before, time=iso(ago(minutes)),
            evidence=items,
        )  # fmt: skip
        flood, before = [*flood, made], level
    landslide = command(
        "landslide", "QH-02-slope-1", "QH-02", "orange", 22, 2, previous_level="yellow", time=iso(ago(9)),
        evidence=[evidence(slope, 38.4, 30, "landslide/orange", 9)],
    )  # fmt: skip
    acked = command(
        "landslide", "QH-02-slope-1", "QH-02", "orange", 22, 3, previous_level="orange", reason="acknowledged",
        msg_type="Ack", by="王海燕", acknowledged_by="王海燕", time=iso(ago(7)), evidence=landslide.evidence,
    )  # fmt: skip
    rainstorm = command(
        "rainstorm", "QH-01", "QH-01", "yellow", 52, time=iso(ago(52)),
        evidence=[evidence(rain, 42.6, 30, "rainstorm/yellow", 2)],
    )  # fmt: skip
    leak = command(
        "gas", "QH-06-plant-1", "QH-06", "yellow", 12, time=iso(ago(12)), reports=3,
        evidence=[evidence(gas, 21.5, 20, "gas/yellow", 1.2, quality=3, check="range")],
    )  # fmt: skip
    haze = command(
        "air_quality", "QH-05", "QH-05", "blue", 95, time=iso(ago(95)), muted_by=["s-1"],
        evidence=[evidence(air, 78, 75, "air_quality/blue", 3)],
    )  # fmt: skip
    weir, stuck = station_of("QH-04", "seepage"), station_of("QH-07", "rain_1h")
    return [
        haze, rainstorm, *flood[:3], landslide,
        health(weir, "石桥乡渗流计 42 分钟无数据", "Shiqiao seepage weir: no data for 42 min", 39),
        health(stuck, "柳湾镇雨量站数值长时间不变", "Liuwan rain gauge: value does not change", 15),
        leak, acked, flood[3],
    ]  # fmt: skip


def fill(client: object, commands: list[Command], rows: dict[str, bytes] | None = None, epoch: str = "e1") -> None:
    """Write what the redis sink would have written."""
    pipe = client.pipeline()  # type: ignore[attr-defined]
    pipe.set("tocsin:epoch", epoch)
    if rows:
        pipe.hset("tocsin:latest", mapping=rows)
    for made in commands:
        publish(pipe, made)
    pipe.execute()


def publish(client: object, made: Command) -> None:
    """One command, as the sink writes it: current state and the feed."""
    body = encode_command(made)
    if made.kind == "health":
        call = client.hset if made.level else client.hdel  # type: ignore[attr-defined]
        call("tocsin:health", made.subject, *([body] if made.level else []))
    elif made.msg_type == "Cancel":
        client.hdel("tocsin:alerts", made.alert)  # type: ignore[attr-defined]
        client.zadd("tocsin:ended", {made.alert: datetime.fromisoformat(made.time).timestamp() * 1000})  # type: ignore[attr-defined]
        client.hset("tocsin:ended:cmd", made.alert, body)  # type: ignore[attr-defined]
    else:
        client.hset("tocsin:alerts", made.alert, body)  # type: ignore[attr-defined]
    client.xadd("tocsin:feed", {"c": body}, maxlen=10_000, approximate=True)  # type: ignore[attr-defined]
