"""A `readings` body row by row: what can be used, and of each other row what is wrong with it.

The slow way, taken by `decode` when a record does not decode as a whole, and by the doors, whose answer names every bad
row. Standard JSON only, except that NaN, Infinity and 1e999 are read in order to be named.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from streams.core.instant import TIME, checked_instant
from streams.core.refusal import Flaw, Refusal, missing, wrong_type
from streams.core.senml import Pack, SenmlRecord
from streams.models.observation import CLASSIFICATIONS, STATUSES, Observation, SampledFrame


class Checked(NamedTuple):
    """A good row: its place in the record, the observation and its phenomenon time in microseconds."""

    row: int
    observation: Observation
    time: int


class Word(float):
    """`NaN`, `Infinity` or `-Infinity`: no JSON. `1e999` is, though no number of ours."""


Found = tuple[list[Checked], list[Flaw]]
Fits = Callable[[Any], bool]
Fields = dict[str, tuple[Fits, str]]  # whether a field fits, and what would be right


def _is_text(found: Any) -> bool:
    return isinstance(found, str)


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


def _or_null(fits: Fits) -> Fits:
    return lambda found: found is None or fits(found)


TEXT = (_or_null(_is_text), "a string or null")
NUMBER = (_is_number, "a number")
COMMON: Fields = {
    "station": (_is_text, "a string"),
    "property": (_is_text, "a string"),
    "unit": TEXT,
    "id": TEXT,
    "status": (lambda found: found in STATUSES, f"one of {', '.join(STATUSES)}"),
    "meta": (_or_null(lambda found: isinstance(found, dict)), "an object or null"),
}
INSTANT = (lambda found: _is_text(found) or _is_number(found), TIME)
VALUE = (_or_null(_is_number), "a number or null")
SINGLE: Fields = {**COMMON, "time": INSTANT, "value": VALUE}
SAMPLED: Fields = {**COMMON, "start": INSTANT, "step": NUMBER, "values": (lambda f: isinstance(f, list), "an array")}
SENML: Fields = {
    **{field: (_or_null(_is_text), "a string") for field in ("n", "u", "bn", "bu")},
    **{field: (_or_null(_is_number), "a number") for field in ("v", "t", "bt", "bv", "bver")},
    "status": (lambda found: found is None or found in STATUSES, f"one of {', '.join(STATUSES)}"),
}
BASE = ("bn", "bt", "bu", "bv", "bver", "status", "classification")
AGES = 1e300  # microseconds: long past every limit, and a number that can still be rounded
SINGLE_REQUIRED = ("station", "property", "time", "value")
SAMPLED_REQUIRED = ("station", "property", "start", "step", "values")


def examine(value: bytes, received: int) -> Found:
    """Every row of a WIRE `readings` body: good ones with their time, bad ones with the reason."""
    try:
        body = read_json(value)
        if isinstance(body, dict):
            return _sampled(body, received) if "values" in body else _frame([body], received)
        if not isinstance(body, list) or not body:
            raise wrong_type("body", body, "an observation or an array of one or more")
    except Refusal as refusal:
        return [], [Flaw(None, refusal)]
    return _pack(body, received) if _is_senml(body) else _frame(body, received)


def read_json(value: bytes) -> Any:
    """JSON with NaN and infinities let in; raises Refusal `not_json` or `empty`."""
    if not value:
        raise Refusal("empty", "there is nothing", expected="JSON in UTF-8")
    try:
        text = value.decode()
        body = json.loads(
            text, parse_int=lambda digits: int(digits) if len(digits) < 19 else float(digits), parse_constant=Word
        )
        if "\\ud" in text or "\\uD" in text:
            json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        detail = f"not JSON: {error}" if isinstance(error, ValueError) else "not JSON: nested too deeply"
        shown = value[:80].decode(errors="backslashreplace")
        raise Refusal("not_json", detail, None, shown, "JSON in UTF-8") from None
    return body


def _is_senml(body: list[Any]) -> bool:
    keys = {key for row in body if isinstance(row, dict) for key in row}
    return "station" not in keys and not keys.isdisjoint({"n", "bn", "v", "bv"})


def _frame(body: list[Any], received: int) -> Found:
    good: list[Checked] = []
    bad: list[Flaw] = []
    for index, row in enumerate(body):
        try:
            good.append(_single(row, index, received))
        except Refusal as refusal:
            bad.append(Flaw(index, refusal))
    return good, bad


def _single(row: Any, index: int, received: int) -> Checked:
    check_fields(row, SINGLE, SINGLE_REQUIRED)
    time = checked_instant(row["time"], received)
    observation = Observation(**{field: row[field] for field in SINGLE if field in row})
    observation.value = None if observation.value is None else float(observation.value)
    return Checked(index, observation, time)


def _sampled(body: dict[str, Any], received: int) -> Found:
    check_fields(body, SAMPLED, SAMPLED_REQUIRED)
    start = checked_instant(body["start"], received, "start")
    if body["step"] <= 0:
        raise wrong_type("step", body["step"], "more than 0 seconds")
    if not body["values"]:
        raise wrong_type("values", [], "an array of one or more")
    frame = SampledFrame(**{field: body[field] for field in SAMPLED if field in body})
    good: list[Checked] = []
    bad: list[Flaw] = []
    for index, value in enumerate(frame.values):
        try:
            check_field("values", value, VALUE)
            after = min(index * frame.step * 1_000_000, AGES)
            seconds = (start + round(after)) / 1_000_000
            good.append(Checked(index, sample(frame, index, seconds), checked_instant(seconds, received)))
        except Refusal as refusal:
            bad.append(Flaw(index, refusal))
    return good, bad


def sample(frame: SampledFrame, index: int, time: float) -> Observation:
    """One value of a sampled frame as an observation of its own; `meta` goes with the first."""
    value = frame.values[index]
    return Observation(
        frame.station, frame.property, time, None if value is None else float(value), frame.unit,
        None if frame.id is None else f"{frame.id}/{index}", frame.status, None if index else frame.meta,
    )  # fmt: skip


def _pack(body: list[Any], received: int) -> Found:
    good: list[Checked] = []
    bad: list[Flaw] = []
    pack = Pack(received)
    for index, row in enumerate(body):
        try:
            observation = _read(pack, row)
            if observation is not None:
                good.append(Checked(index, observation, checked_instant(observation.time, received, "t")))
        except Refusal as refusal:
            bad.append(Flaw(index, refusal))
            if refusal.field in BASE:  # what follows would inherit from it
                bad.extend(Flaw(later, refusal) for later in range(index + 1, len(body)))
                break
    if not good and not bad:
        bad.append(Flaw(None, missing("v", "at least one record with a value")))
    return good, bad


def _read(pack: Pack, row: Any) -> Observation | None:
    if isinstance(row, dict):
        _must_understand(row)
        base = {field: row[field] for field in BASE if field in row}
        check_fields(base, {field: SENML[field] for field in BASE if field in SENML})
        pack.inherit(msgspec.convert(base, SenmlRecord))
    check_fields(row, SENML)
    return pack.read(msgspec.convert(row, SenmlRecord))


def _must_understand(row: dict[str, Any]) -> None:
    for field, found in row.items():
        if field.endswith("_"):  # RFC 8428, 4.4
            raise Refusal("wrong_type", f"{field} must be understood and is not known", field, found)


def check_fields(row: Any, fields: Fields, required: Sequence[str] = ()) -> None:
    """Every field of an object against a table; unknown ones are let be. Raises Refusal."""
    if not isinstance(row, dict):
        raise wrong_type("row", row, "an object")
    found = row.get("classification")
    if found is not None and found not in CLASSIFICATIONS:
        expected = f"one of {', '.join(CLASSIFICATIONS)}"
        raise Refusal("refused_class", "data of this class must not enter", "classification", found, expected)
    for field, (fits, expected) in fields.items():
        if field in row:
            check_field(field, row[field], (fits, expected))
        elif field in required:
            raise missing(field, expected)
    _check_rest(row, fields)


def check_field(field: str, found: Any, wanted: tuple[Fits, str]) -> None:
    """One field against its table entry, and finite. Raises Refusal."""
    if not wanted[0](found):
        raise wrong_type(field, found, wanted[1])
    if isinstance(found, float) and found - found != 0.0:
        raise Refusal("not_finite", f"{field} is not a finite number", field, found, wanted[1])


def _check_rest(row: dict[str, Any], fields: Fields) -> None:
    """NaN in a field that no table names is still no JSON (`values` are looked at one by one)."""
    for field, found in row.items():
        if field != "values" and _holds(found, float if field in fields else Word):
            raise Refusal("not_finite", f"{field} holds NaN or an infinity", field, found, "finite numbers")


def _holds(found: Any, kind: type[float]) -> bool:
    """Whether there is such a number in it that is not finite, however deep."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            waiting += one.values() if isinstance(one, dict) else one
        elif isinstance(one, kind) and one - one != 0.0:
            return True
    return False
