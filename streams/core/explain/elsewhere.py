"""Alerts of other hazards in words: what is waited for, what there is, what would be enough and what would end it."""

from streams.core.explain.scene import Scene
from streams.core.explain.words import COLOUR_ZH, NOTHING, PARTS, Said, far, lasting, named
from streams.core.relayed import Held
from streams.models.level import colour
from streams.models.site import AlertCondition

WAY = {
    "zone": Said("本网格", "in the same zone"), "subject": Said("同一对象", "about the same subject"),
    "near": Said("{}范围内", "within {}"), "upstream": Said("上游{}内", "up to {} upstream"),
    "downstream": Said("下游{}内", "up to {} downstream"),
}  # fmt: skip
#: what is counted
PLACES = {
    "zone": Said("个网格", "zones"), "station": Said("个测站", "stations"), "source": Said("处隐患点", "sources"),
    "reach": Said("个河段", "reaches"), "event": Said("个台网", "networks"),
}  # fmt: skip


def awaited(scene: Scene, condition: AlertCondition) -> Said:
    """`flood alert of at least yellow in the same zone`, `flood alerts of at least yellow at 2 reaches up to …`."""
    return _awaited(scene, condition, condition.count)


def _awaited(scene: Scene, condition: AlertCondition, many: int) -> Said:
    title, level = _title(scene, condition), colour(condition.at_least) or ""
    at = far(condition.within) if condition.within is not None else ""
    where = Said(*(words.format(at) for words in WAY[condition.relation]))
    said = f"{title.zh}{COLOUR_ZH[condition.at_least]}及以上预警"
    if condition.count == 1:
        return Said(f"{where.zh}有{said}", f"{title.en.lower()} alert of at least {level} {where.en}")
    what = _places(scene, condition)
    en = f"{title.en.lower()} alerts of at least {level} at {many} {_one_or_more(what.en, many)} {where.en}"
    return Said(f"{where.zh}{many} {what.zh}有{said}", en)


def found(scene: Scene, condition: AlertCondition) -> Said:
    """What there is, when it holds."""
    held = _held(scene, condition)
    if not held:
        return awaited(scene, condition)
    return _several(scene, condition, held) if condition.count > 1 else _first(scene, condition, held)


def _first(scene: Scene, condition: AlertCondition, held: list[Held]) -> Said:
    first = max((one.relay for one in held), key=lambda r: (r.level, r.alert))
    place, title = _zone(scene, first.origin), _title(scene, condition)
    level, rest = colour(first.level), len(held) - 1
    more = Said(f"；另有 {rest} 条", f"; {rest} more") if rest else NOTHING
    over = Said("（已降级或解除）", " (lowered or over)") if first.level < condition.at_least else NOTHING
    zh = f"{place.zh} {title.zh}{COLOUR_ZH.get(first.level, '')}预警{over.zh}{more.zh}"
    en = f"{title.en.lower()} alert{f' at {level}' if level else ''} in {place.en}{over.en}{more.en}"
    return Said(zh, en)


def _several(scene: Scene, condition: AlertCondition, held: list[Held]) -> Said:
    """How many there are, how many it takes, and where."""
    places, still = _at(condition, held), _at(condition, [one for one in held if one.fell is None])
    said, gone, rest = _awaited(scene, condition, len(places)), len(places) - len(still), len(places) - PARTS
    names = [_named(scene, condition, place) for place in [*still, *(place for place in places if place not in still)]]
    more = Said(f" 等 {len(places)} 处", f" and {rest} more") if rest > 0 else NOTHING
    over = Said(f"，其中 {gone} 处已降级或解除", f", {gone} of them lowered or over") if gone else NOTHING
    zh = f"{said.zh}（需 {condition.count} 处{over.zh}）：{'、'.join(name.zh for name in names[:PARTS])}{more.zh}"
    en = f"{said.en} ({condition.count} needed{over.en}): {', '.join(name.en for name in names[:PARTS])}{more.en}"
    return Said(zh, en)


def to_hold(scene: Scene, condition: AlertCondition) -> Said:
    """What would be enough."""
    said = awaited(scene, condition)
    if condition.count == 1:
        return said
    now = len(_at(condition, _held(scene, condition)))
    return Said(f"{said.zh}（现有 {now} 处）", f"{said.en} ({now} now)")


def to_end(scene: Scene, condition: AlertCondition) -> Said:
    """What would end it."""
    said, after = awaited(scene, condition), lasting(condition.lasting) if condition.lasting else None
    late = Said(f" {after.zh}后", f" for {after.en}") if after else NOTHING
    if condition.count == 1:
        return Said(f"不再“{said.zh}”{late.zh}", f"no {said.en}{late.en}")
    within = Said(f" {after.zh}内", f" within {after.en}") if after else NOTHING
    return Said(f"{within.zh.strip()}不再“{said.zh}”", f"no longer {said.en}{within.en}")


def _held(scene: Scene, condition: AlertCondition) -> list[Held]:
    """Those that count: of an alert that does not count any more nothing is kept."""
    return list(scene.picture.relays.get(condition.name, {}).values())


def _at(condition: AlertCondition, held: list[Held]) -> list[str]:
    """At which places."""
    return sorted({one.place(condition.by) for one in held})


def _title(scene: Scene, condition: AlertCondition) -> Said:
    hazard = scene.site.hazards.get(condition.hazard)
    return named(hazard.title if hazard else {}, condition.hazard)


def _places(scene: Scene, condition: AlertCondition) -> Said:
    hazard = scene.site.hazards.get(condition.hazard)
    return PLACES["zone" if condition.by == "zone" or hazard is None else hazard.subject]


def _one_or_more(places: str, many: int) -> str:
    return places if many != 1 else places.removesuffix("es") if places == "reaches" else places.removesuffix("s")


def _named(scene: Scene, condition: AlertCondition, place: str) -> Said:
    is_zone = condition.by == "zone" or place in scene.site.zones
    return _zone(scene, place) if is_zone else named(scene.site.subject_names.get(place, {}), place)


def _zone(scene: Scene, name: str) -> Said:
    zone = scene.site.zones.get(name)
    return named(zone.name if zone else {}, name)
