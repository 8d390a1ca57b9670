"""The JSON Schema of a level's rule: what may stand in which rule, as `rule_forms` and `levels` say it."""

from streams.config.rule_forms import BY, BY_OF_RULE
from streams.config.schema_parts import COLOUR, DISTANCE, DURATION, TEXT, Schema, named, table, whole
from streams.models.level import COLOURS

RULE: Schema = {"$ref": "#/$defs/rule"}
_AT_ONE: Schema = {"$ref": "#/$defs/rule_at_one"}
_HOLDS: Schema = {"$ref": "#/$defs/idle"}
_FAILS: Schema = {"$ref": "#/$defs/not_idle"}
_COUNTS: Schema = {"$ref": "#/$defs/counts"}
_MANY = ("zone", "group")  # who may answer a rule that counts stations


def rule_defs() -> Schema:
    """Rules as levels have them, as one station answers them, as each zone or group does; and what is asked of them."""
    inside = {f"rule_in_{by}": _rule({"$ref": f"#/$defs/rule_in_{by}"}, inside=by) for by in _MANY}
    found = {"rule": _rule(RULE), "rule_at_one": _rule(_AT_ONE, without="vote")}
    return {**found, **inside, "counts": _counting(), **_idle()}


def levels(one: Schema) -> Schema:
    """By colour."""
    return table(dict.fromkeys(COLOURS, one))


def _rule(this: Schema, *, without: str = "", inside: str = "") -> Schema:
    """`this`: a rule within it; `without`: a kind that may not stand there; `inside`: who answers it for himself."""
    several: Schema = {"type": "array", "items": this, "minItems": 1}
    points = {**named({**levels(_awake(this)), "minProperties": 1}), "minProperties": 1}
    counts = table(dict.fromkeys(COLOURS[1:], whole(1)))
    found: Schema = {
        "any": several,
        "all": several,
        "not": this,
        "vote": _vote(inside),
        "promote": table({"to": COLOUR, "items": points, "counts": counts}, ("to", "items")),
        "sequence": table({"of": {**several, "minItems": 2}, "within": DURATION}, ("of", "within")),
        "count": table({"of": this, "at_least": whole(1), "within": DURATION}, ("of", "at_least", "within")),
        "absence": table({"of": this, "after": this, "within": DURATION}, ("of", "after", "within")),
    }
    found.pop(without, None)
    tree = table(found, minProperties=1, maxProperties=1)
    return {"if": {"type": "object"}, "then": tree, "else": {**TEXT, "description": "a condition's name"}}


def _vote(inside: str) -> Schema:
    """A vote of a rule is one of stations; in one of zones or groups stations may be counted."""
    by = [one for one in BY if one != inside]
    found = table(
        {"of": {}, "at_least": whole(1), "within": DISTANCE, "during": DURATION, "by": {"enum": by}},
        ("of", "at_least"),
    )
    of_rule: Schema = {"properties": {"by": {"enum": [one for one in BY_OF_RULE if one != inside]}}}
    of: Schema = {"properties": {"of": _awake(_AT_ONE)}}
    for one in _MANY:
        asked = {"required": ["by"], "properties": {"by": {"const": one}}}
        of = {"if": asked, "then": {"properties": {"of": _awake({"$ref": f"#/$defs/rule_in_{one}"})}}, "else": of}
    far: Schema = {"required": ["by", "within"], "properties": {"by": {"enum": list(_MANY)}, "of": _COUNTS}}
    is_rule = {"properties": {"of": {"type": "object"}}}
    return {**found, "allOf": [of, {"if": is_rule, "then": of_rule}, {"not": far}]}


def _awake(rule: Schema) -> Schema:
    """A rule that does not hold where none of its conditions does: stations of which nothing is heard are not asked."""
    return {"allOf": [rule, {"not": _HOLDS}]}


def _has(kind: str, argument: Schema) -> Schema:
    return {"required": [kind], "properties": {kind: argument}}


def _of(one: Schema, key: str = "of") -> Schema:
    return {"type": "object", "required": [key], "properties": {key: one}}


def _some(one: Schema) -> Schema:
    return {"type": "array", "contains": one}


def _every(one: Schema) -> Schema:
    return {"type": "array", "items": one}


def _counting() -> Schema:
    """Whether a rule counts where something holds."""
    inner = [_has(kind, _some(_COUNTS)) for kind in ("any", "all")]
    inner += [_has("not", _COUNTS), _has("sequence", _of(_some(_COUNTS))), _has("count", _of(_COUNTS))]
    inner += [_has("absence", _of(_COUNTS)), _has("absence", _of(_COUNTS, "after"))]
    return {"type": "object", "anyOf": [{"required": ["vote"]}, {"required": ["promote"]}, *inner]}


def _idle() -> Schema:
    """idle: a rule that may hold while none of its conditions does; not_idle: one that may fail then (models/possible).

    What looks back or counts may always fail.
    """
    no_point = {"properties": {"items": {"additionalProperties": {"additionalProperties": {"not": _HOLDS}}}}}
    holds = [
        _has("any", _some(_HOLDS)), _has("all", _every(_HOLDS)), _has("not", _FAILS), _has("vote", _of(_HOLDS)),
        _has("promote", {"not": no_point}), _has("sequence", _of(_every(_HOLDS))), _has("count", _of(_HOLDS)),
        _has("absence", _of(_HOLDS, "after")),
    ]  # fmt: skip
    others = [{"required": [kind]} for kind in ("vote", "promote", "sequence", "count", "absence")]
    fails = [_has("any", _every(_FAILS)), _has("all", _some(_FAILS)), _has("not", _HOLDS), *others]
    return {
        "idle": {"type": "object", "anyOf": holds},
        "not_idle": {"anyOf": [{"type": "string"}, {"type": "object", "anyOf": fails}]},
    }
