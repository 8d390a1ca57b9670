"""Why a record, or a row of it, cannot be used: raised where it is found, made a `Reject` where its bytes are known."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from streams.models.reject import Reason, Reject

SHOWN = 120  # characters of what was found that a person sees
LONGEST = 500  # characters of a sentence
RAW_BUDGET = 8_000_000  # bytes that the rejects of one record may repeat; beyond, only length and digest
FLAWS = 1_000  # rows of one record that are refused one by one; the last reject counts the rest


class Refusal(ValueError):  # noqa: N818 - an answer, not a fault
    """One reason of WIRE's list with the field, what was found and what would be right."""

    def __init__(
        self, reason: Reason, detail: str, field: str | None = None, found: Any = ..., expected: str = ""
    ) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = _cut(detail, LONGEST)  # names from outside may be as long as a record: a reject must fit into one
        self.field = None if field is None else _cut(field, SHOWN)
        self.found = None if found is ... else describe(found)
        self.expected = _cut(expected, LONGEST) or None

    def reject(self, stage: str, row: int | None = None) -> Reject:
        """The same as a record for the topic `rejects`, still without its place and bytes."""
        return Reject(
            row=row, stage=stage, reason=self.reason, detail=self.detail,
            field=self.field, found=self.found, expected=self.expected,
        )  # fmt: skip


class Flaw(NamedTuple):
    """A bad row, or (row null) a record that is bad as a whole."""

    row: int | None
    refusal: Refusal


def rejects_of(flaws: Sequence[Flaw], raw: bytes, stage: str) -> Iterator[Reject]:
    """Each flaw with the whole record's bytes, as long as they do not multiply beyond the budget.

    A record with data of a refused class is not spread any further: only length and digest are told.
    """
    secret = any(flaw.refusal.reason == "refused_class" for flaw in flaws)
    whole = Reject(stage=stage, reason="empty", detail="").with_raw(raw)
    if len(flaws) > FLAWS:
        rest = Refusal(flaws[FLAWS].refusal.reason, f"and {len(flaws) - FLAWS} more rows of this record are bad")
        flaws = [*flaws[:FLAWS], Flaw(None, rest)]
    for number, (row, refusal) in enumerate(flaws, start=1):
        reject = refusal.reject(stage, row)
        reject.raw_length, reject.raw_sha256 = whole.raw_length, whole.raw_sha256
        if secret:
            reject.found = None
        elif number == 1 or number * len(raw) <= RAW_BUDGET:
            reject.raw_base64 = whole.raw_base64
        yield reject


def wrong_type(field: str, found: Any, expected: str) -> Refusal:
    """A field is there but is not what it should be."""
    return Refusal("wrong_type", f"{field} is not {expected}", field, found, expected)


def missing(field: str, expected: str) -> Refusal:
    """A required field is not there."""
    return Refusal("wrong_type", f"{field} is missing", field, expected=expected)


def describe(found: Any) -> str:
    """JSON of what was found, cut to a readable length.

    >>> describe("3.2 m"), describe(True), describe({"a": 1}), describe(float("nan"))
    ('"3.2 m"', 'true', '{"a": 1}', 'NaN')
    """
    try:
        text = json.dumps(found, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(found).__name__
    return _cut(text, SHOWN)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
