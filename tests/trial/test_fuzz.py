"""Scenario files with anything in them: every problem is said, and there is never a traceback."""

import json
import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.trial.session import open_session
from tests.trial.given import CONFIG, HEAD

MORE = """\
until: 60 min
every: 2 min
readings:
  - {station: R*, curve: [{constant: 1, for: 10 min}, {ramp: station.mark + 1 m, over: 5 min}, {silence: 9 min}]}
scenarios:
  a:
    seed: 2
    reports: [{at: 1 min, kind: flooding, reporters: [A, B], zone: Z1}]
    acts:
      - {at: 5 min, does: silence, id: s, zone: Z1, for: 1 h, by: Li}
      - {at: 9 min, does: unsilence, silence: s, by: Li}
    outages: [{from: 20 min, to: 30 min}]
    expect: [{at: 10 min, level: blue}, {never: {level: red}}, {at: 15 min, holds: none}]
  b: {until: 5 min, rejects: {wrong_unit: 1}}
"""
WHOLE = yaml.safe_load(HEAD + MORE)
ODD = [
    "", "station.", "1 h 5", "-5 min", "99999999 d", "2026-13-40T00:00:00Z", "3 zebra", "R*[", "../../etc", "\x00",
    "\u2028", 0, -1, 1e308, 10**30, float("nan"), True, None, [], {}, [[]], {"a": {"a": []}}, [None], "none",
    "2026-07-01T08:00:00+08:00",
]  # fmt: skip
VALUES = st.one_of(st.sampled_from(ODD), st.text(max_size=8), st.integers(), st.floats())


def places(node, path=()):
    yield path
    if isinstance(node, dict | list):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield from places(node[key], (*path, key))


PLACES = [path for path in places(WHOLE) if path]

CHANGES = st.tuples(st.sampled_from(PLACES), VALUES, st.sampled_from(["set", "drop", "key"]))


def test_the_whole_is_good(tmp_path):
    (tmp_path / "s.yaml").write_text(HEAD + MORE, "utf-8")
    session = open_session([tmp_path / "s.yaml"], CONFIG)
    assert (len(session.ready), session.problems) == (2, {})


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), VALUES, st.sampled_from(["set", "drop", "key"])), min_size=1, max_size=3
    )
)
def test_whatever_stands_there_is_said_and_not_thrown(changes):
    found = json.loads(json.dumps(WHOLE))
    for path, value, how in changes:
        at = found
        try:
            for key in path[:-1]:
                at = at[key]
            if how == "set":
                at[path[-1]] = value
            elif how == "drop":
                del at[path[-1]]
            elif isinstance(at, dict):
                at[str(value)] = at.pop(path[-1])
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    opened(yaml.safe_dump(found, allow_unicode=True))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_broken_text_is_said_and_not_thrown(data):
    text = HEAD + MORE
    at = data.draw(st.integers(0, len(text)))
    opened(text[:at] + data.draw(st.text(max_size=5)) + text[data.draw(st.integers(at, len(text))) :])


def opened(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        session = open_session([path], CONFIG)
        assert session.ready or session.problems
