"""What goes to the public never tells stations, finer positions or people."""

from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from streams.models.command import Command, encode_command
from streams.models.explanation import Because, Change, Confidence, Explanation
from streams.sinks.redact import Redactor, is_public, open_alert
from tests.sinks.made import SQUARE, command, evidence, site, stream

REDACTOR = Redactor(site())


def released(**changed):
    return command(public="released", **changed)


def test_only_real_released_commands_that_are_not_restricted():
    assert is_public(released())
    assert not is_public(command())
    assert not is_public(command(public="draft"))
    assert not is_public(released(status="Exercise"))
    assert not is_public(released(classification="restricted"))


def test_id_level_zone_and_time_stay():
    sent, copy = released(), REDACTOR.copy(released())
    for field in ("id", "level", "zone", "time", "hazard", "version", "status", "msg_type", "reason", "headline"):
        assert getattr(copy, field) == getattr(sent, field)
    assert (copy.classification, copy.subject, copy.area) == ("open", "Z1", SQUARE)


def test_evidence_of_open_datastreams_only_and_without_the_station():
    copy = REDACTOR.copy(released(evidence=[evidence("ST-7781"), evidence("ST-9902"), evidence("ST-unknown")]))
    assert [(item.station, item.value) for item in copy.evidence] == [("", 5.21)]


def test_an_alert_about_the_zone_keeps_its_id_and_others_get_a_digest():
    about_zone = released(alert="flood:Z1:20260720T040000Z", subject="Z1")
    assert open_alert(about_zone) == "flood:Z1:20260720T040000Z"
    hidden = open_alert(released(alert="flood:ST-7781:20260720T040000Z"))
    assert hidden == open_alert(released(alert="flood:ST-7781:20260720T040000Z", version=2))
    assert hidden != open_alert(released(alert="flood:ST-9902:20260720T040000Z"))
    assert hidden.startswith("flood:Z1-")
    assert hidden.endswith(":20260720T040000Z")
    assert open_alert(released(alert=None)) is None


def test_a_headline_that_names_a_station_gives_way_to_a_neutral_one():
    copy = REDACTOR.copy(released(headline={"zh": "ST-7781站水位超警", "en": "High water"}))
    assert copy.headline == {"zh": "青河镇河道洪水橙色预警", "en": "River flood, orange warning: Qinghe"}
    ended = REDACTOR.copy(released(headline={}, level=None))
    assert ended.headline == {"zh": "青河镇河道洪水预警解除", "en": "River flood, warning ended: Qinghe"}


def test_a_zone_or_hazard_that_is_not_known():
    copy = REDACTOR.copy(released(zone="Z9", hazard="fog", headline={}))
    assert copy.area is None
    assert copy.headline["en"] == "fog, orange warning: Z9"


def test_a_station_that_bears_its_zones_name_does_not_blank_every_text():
    redactor = Redactor(site(stream("Z1", name={"zh": "青河镇", "en": "Qinghe"})))
    headline = {"zh": "青河镇洪水", "en": "Flood in Qinghe"}
    assert redactor.copy(released(headline=headline)).headline == headline


SECRETS = ["ST-7781", "ST-9902", "ST-7781站", "Gauge ST-9902", "reach-77", "Wang-Wei", "113.25417", "silence-5"]
Secret = st.sampled_from(SECRETS)
Anything = st.builds(
    lambda before, secret, after: before + secret + after, st.text(max_size=4), Secret, st.text(max_size=4)
)
Position = {"type": "Point", "coordinates": [113.25417, 23.1]}
Leaky = st.fixed_dictionaries(
    {
        "alert": st.builds("flood:{}:20260720T040000Z".format, Secret) | Anything,
        "subject": Secret,
        "incident": Anything,
        "references": st.lists(Anything, max_size=3),
        "muted_by": st.lists(Anything, max_size=2),
        "by": Anything,
        "acknowledged_by": Anything,
        "note": Anything,
        "proposed": Anything,
        "raw_level": Anything,
        "area": st.sampled_from([Position, None]),
        "stages": st.dictionaries(Secret, Anything, max_size=2),
        "headline": st.dictionaries(st.sampled_from(["zh", "en", "Wang-Wei"]), st.sampled_from(SECRETS[:4])),
        "instruction": st.dictionaries(st.sampled_from(["zh", "en", "fr"]), st.sampled_from(SECRETS[:4])),
        "explanation": st.builds(
            Explanation,
            because=st.lists(st.builds(Because, Anything, Anything, Anything), max_size=3),
            would_change=st.lists(st.builds(Change, st.just("red"), Anything, Anything), max_size=3),
            stations=st.integers(0, 9),
            reports=st.integers(0, 9),
        ),
        "evidence": st.lists(
            st.builds(evidence, st.sampled_from(["ST-7781", "ST-9902", "reach-77"]), st.just("water_level")), max_size=4
        ),
    }
)


@given(leaky=Leaky, level=st.sampled_from(["red", None]), zone=st.sampled_from(["Z1", None]))
def test_nothing_private_ever_goes_out(leaky, level, zone):
    sent = encode_command(REDACTOR.copy(released(id="0" * 32, level=level, zone=zone, **leaky))).decode()
    assert not [secret for secret in SECRETS if secret in sent]
    msgspec.json.decode(sent, type=Command)


def test_of_the_explanation_only_counts_and_confidence():
    sure = Confidence(0.75, 1.0, 0.75, 1.0)
    said = [Because("warning", "ST-7781站 水位 5.21 m", "water level at Gauge ST-7781 is 5.21 m")]
    changes = [Change("red", "ST-7781站 水位达到 6 m 时升为红色", "red when water level at Gauge ST-7781 reaches 6 m")]
    copy = REDACTOR.copy(released(explanation=Explanation(said, changes, 2, 3, 1, "sha256:0", sure)))
    assert copy.explanation == Explanation(stations=2, hazard_version="sha256:0", confidence=sure)
    assert REDACTOR.copy(released()).explanation is None


def test_the_public_area_is_the_zones_and_fits_cap():
    inner = [[113.1, 23.1], [113.2, 23.1], [113.1, 23.2], [113.1, 23.1]]
    hole = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], inner]}
    known = site()
    redactor = Redactor(replace(known, zones={"Z1": replace(known.zones["Z1"], geometry=hole)}))
    circle = {"type": "Polygon", "coordinates": [[[113.2, 23.1], [113.21, 23.1], [113.2, 23.11], [113.2, 23.1]]]}
    assert shape(redactor.copy(released(area=circle)).area).equals(shape(SQUARE))


def test_a_new_field_of_a_command_does_not_go_out_by_itself():
    """Whoever adds a field decides here whether the public gets it."""
    public = {
        *("id", "schema", "kind", "msg_type", "status", "classification", "alert", "version", "references", "time"),
        *("references_total", "hazard", "subject", "zone", "level", "previous_level", "reason", "urgency", "severity"),
        *("certainty", "onset", "expires", "headline", "instruction", "area", "evidence", "confidence", "public"),
        "stages", "explanation",
    }  # fmt: skip
    private = {"incident", "muted_by", "by", "acknowledged_by", "note", "proposed", "reports", "raw_level"}
    assert {field.name for field in msgspec.structs.fields(Command)} == public | private
