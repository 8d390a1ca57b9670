from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.cli.tail_line import level_number, line_of
from streams.models.command import Command
from tests.sinks.made import command, evidence

SHANGHAI = ZoneInfo("Asia/Shanghai")


def plain(sent, language="en"):
    return " ".join(line_of(msgspec.to_builtins(sent), language, SHANGHAI).plain.split())


def test_a_first_alert_in_both_languages():
    sent = command(evidence=[evidence("ST-1")])
    assert plain(sent) == "07-20 12:00:00 ORANGE ↑ Flood warning ST-1 water_level 5.21 m ≥ 5"
    assert plain(sent, "zh") == "07-20 12:00:00 橙 ↑ 洪水橙色预警 ST-1 water_level 5.21 m ≥ 5"


def test_level_up_and_down_and_end():
    assert "RED ↑" in plain(command(2, level="red", previous_level="orange", reason="level_up"))
    assert "BLUE ↓" in plain(command(3, level="blue", previous_level="red", reason="level_down"))
    assert "BLUE Flood" in plain(command(3, level="blue", previous_level="blue", reason="evidence"))
    ended = plain(command(4, level=None, previous_level="blue", reason="ended", msg_type="Cancel"))
    assert "· ↓" in ended
    assert ended.endswith("ended")


def test_an_exercise_says_so():
    assert "EXERCISE Flood warning" in plain(command(status="Exercise"))
    assert "【演练】洪水橙色预警" in plain(command(status="Exercise"), "zh")
    assert "TEST Flood" in plain(command(status="Test"))


def test_who_muted_and_proposed():
    line = plain(command(reason="acknowledged", by="Li Na", muted_by=["s1", "s2"], proposed="ended"))
    assert line.endswith("acknowledged by Li Na a person may end it muted (s1, s2)")


def test_more_evidence_is_counted_and_missing_values_named():
    line = plain(command(evidence=[evidence("A", value=None), evidence("B", threshold=None), evidence("C")]))
    assert line.endswith("A water_level no data ≥ 5 B water_level 5.21 m and 1")


def test_without_headline_names_stand_in():
    assert "flood reach-2 Z1" in plain(command(headline={}))
    assert plain(command(kind="health", headline={"fr": "station muette"})).endswith("station muette health")


def test_what_ended_counts_for_its_level():
    assert level_number({"level": None, "previous_level": "orange"}) == 3
    assert line_of({"evidence": [{"value": 10**400}]}, "en", SHANGHAI)
    assert level_number({"level": ["red"]}) == 0
    assert level_number(7) == 0


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
Fields = [field.name for field in msgspec.structs.fields(Command)]


@given(strange=Json | st.dictionaries(st.sampled_from(Fields), Json))
def test_no_command_however_strange_stops_it(strange):
    for language in ("zh", "en"):
        assert line_of(strange, language, SHANGHAI).plain.isprintable()


def test_nobody_can_write_to_the_terminal_through_a_command():
    line = line_of(
        msgspec.to_builtins(command(headline={"en": "x\x1b[2Jy\nz\x07"}, by="a\x1b[0mb\rc")), "en", SHANGHAI
    ).plain
    assert line.isprintable()
