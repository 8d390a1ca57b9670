"""`kind: health` of a datastream that its neighbours doubt, and of one that they doubt no more."""

from datetime import tzinfo

from streams.core.explain.names import PROPERTIES
from streams.core.explain.words import Said, amount, check_of, named
from streams.core.health import health_command
from streams.core.quality import GOOD
from streams.models.command import Command, Evidence
from streams.models.ids import cause_id
from streams.models.level import BLUE
from streams.models.signal import Checked
from streams.models.site import Site
from streams.models.times import format_time


def version_key(checked: Checked) -> tuple[str, str]:
    """What versions of these commands are counted by."""
    return f"neighbour:{checked.station}", f"{checked.property}:{checked.status}"


def compared_command(site: Site, zone: tzinfo, checked: Checked, version: int, *, was: bool) -> Command:
    """`was`: it was doubted before."""
    suffix = "" if checked.status == "Actual" else f":{checked.status.lower()}"
    subject, doubted = f"neighbour:{checked.station}|{checked.property}{suffix}", checked.quality != GOOD
    said = _doubted(site, checked) if doubted else _agrees(site, checked)
    heads, at = {"zh": said.zh, "en": said.en}, format_time(checked.received, zone)
    command = health_command(
        cause_id("health", subject, version, checked.id), subject, version,
        level=BLUE if doubted else 0, was=BLUE if was else 0, at=at,
        status=checked.status, zone=checked.zone, headline=heads, evidence=[_row(checked, zone)],
    )  # fmt: skip
    if site.datastreams[checked.station, checked.property].classification == "restricted":
        command.classification = "restricted"  # it has a value
    return command


def _about(site: Site, checked: Checked) -> Said:
    """Name of the station and of what it measures."""
    name = named(site.datastreams[checked.station, checked.property].name, checked.station)
    plain = checked.property.replace("_", " ")
    what = PROPERTIES.get(checked.property, Said(plain, plain))
    return Said(f"{name.zh} {what.zh}", f"{what.en} at {name.en}")


def _doubted(site: Site, checked: Checked) -> Said:
    about, why = _about(site, checked), check_of(checked.check)
    value = amount(checked.value, checked.unit) if checked.value is not None else "?"
    by = checked.bound
    return Said(f"{about.zh} {value}：{why.zh}（{by}）", f"{_begun(about.en)} is {value}: {why.en} ({by})")


def _agrees(site: Site, checked: Checked) -> Said:
    about = _about(site, checked)
    if checked.bound:  # they did not agree: too few are left
        left = "too few neighbours are left to compare it with, and its own checks find nothing: it counts again"
        return Said(f"{about.zh}可比的邻站太少，自身检查正常：恢复采信", f"{_begun(about.en)}: {left}")
    return Said(f"{about.zh}与邻站重新一致", f"{_begun(about.en)} agrees with its neighbours again")


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _row(checked: Checked, zone: tzinfo) -> Evidence:
    return Evidence(
        station=checked.station, property=checked.property, value=checked.value, unit=checked.unit,
        time=format_time(checked.time, zone), quality=checked.quality, rule="health", rule_version="", threshold=None,
        comparison="", score=checked.drift, check=checked.check, bound=checked.bound,
    )  # fmt: skip
