"""The pydantic models say what the structs say, and the committed schemas say it too."""

import json
from pathlib import Path

import msgspec
import pytest
from pydantic import BaseModel, ValidationError

from streams.cli.schema import schema_text
from streams.core import senml
from streams.models import (
    command,
    doors,
    explanation,
    explanation_door,
    observation,
    reject,
    report,
    signal,
    signal_door,
)

ROOT = Path(__file__).parents[2]
PAIRS = [
    (observation.Observation, doors.Observation),
    (observation.SampledFrame, doors.SampledFrame),
    (report.Report, doors.Report),
    (report.Position, doors.Position),
    (command.Command, doors.Command),
    (command.Evidence, doors.Evidence),
    (explanation.Explanation, explanation_door.Explanation),
    (explanation.Because, explanation_door.Because),
    (explanation.Change, explanation_door.Change),
    (explanation.Confidence, explanation_door.Confidence),
    (reject.Reject, doors.Reject),
    (signal.Alarm, doors.Alarm),
    (signal.Sampled, signal_door.Sampled),
    (signal.Checked, signal_door.Checked),
    (signal.Source, signal_door.Place),
]


def fields(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


@pytest.mark.parametrize(("struct", "model"), PAIRS, ids=[m.__name__ for _, m in PAIRS])
def test_same_fields_in_the_same_order(struct: type[msgspec.Struct], model: type[BaseModel]):
    assert fields(model) == list(struct.__struct_fields__)


@pytest.mark.parametrize(("struct", "model"), PAIRS, ids=[m.__name__ for _, m in PAIRS])
def test_the_same_fields_are_required_and_have_the_same_defaults(struct: type[msgspec.Struct], model: type[BaseModel]):
    for info in msgspec.structs.fields(struct):
        mine = next(f for name, f in model.model_fields.items() if (f.alias or name) == info.name)
        assert mine.is_required() == info.required, info.name
        if not info.required:
            default = info.default if info.default_factory is msgspec.NODEFAULT else info.default_factory()
            assert mine.get_default(call_default_factory=True) == default, info.name


def test_senml_fields_are_those_that_are_read():
    ours = set(senml.SenmlRecord.__struct_fields__) - {"vs", "vb", "vd", "s", "classification"}
    assert set(fields(doors.SenmlRecord)) == ours


@pytest.mark.parametrize("name", doors.SCHEMAS)
def test_committed_schemas_are_current(name: str):
    assert (ROOT / "docs/schemas" / f"{name}.json").read_text(encoding="utf-8") == schema_text(name)


GOOD = {"station": "s", "property": "p", "time": "2026-07-20T14:03:00+08:00", "value": 3}


@pytest.mark.parametrize("change", [{}, {"value": None}, {"time": 1784527380}, {"extra": 1}, {"meta": {"a": 1}}])
def test_good_observations(change):
    doors.Readings.model_validate_json(json.dumps(GOOD | change))


@pytest.mark.parametrize("change", [{"value": "3"}, {"value": True}, {"value": float("nan")}, {"status": "Real"}])
def test_bad_observations(change):
    with pytest.raises(ValidationError):
        doors.Observation.model_validate_json(json.dumps(GOOD | change))


def test_a_command_of_ours_fits():
    made = command.Command(
        id="a" * 32, kind="alert", msg_type="Alert", status="Actual", classification="sensitive",
        alert="flood:x:20260720T060300Z", version=1, hazard="flood", subject="x", zone="z", level="blue",
        previous_level=None, reason="first", urgency="Immediate", severity="Minor", certainty="Likely", onset=None,
        time="2026-07-20T14:03:00.000+08:00", expires=None, headline={"en": "x"},
    )  # fmt: skip
    model = doors.Command.model_validate_json(command.encode_command(made))
    assert json.loads(model.model_dump_json(by_alias=True)) == json.loads(command.encode_command(made))
