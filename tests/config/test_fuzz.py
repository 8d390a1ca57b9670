"""No bytes whatever may end in anything but a ConfigError."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.config import ConfigError, Problem, load
from streams.config.problems import Problems
from streams.config.yaml_file import parse
from tests.config import samples

ALL = samples.single("good") + samples.single("bad") + samples.single("warned")
WORDS = [
    *"{}[]:,-?&*!|>'\"%@`#~\n\t\0\ufeff\u2028é站",
    *("<<", "---", "..."),
    *(
        "null",
        "true",
        "on",
        "1e999",
        "-0",
        "0x1F",
        ".nan",
        "99999999999999999999",
        "station.",
        "station.x - ",
        "3 m",
        "%{LEL}",
        "1 h",
    ),
    *(
        "of:",
        "any:",
        "vote:",
        "steps:",
        "rate:",
        "over:",
        "at_least:",
        "{of: {}}",
        "{set: {}}",
        "accept:",
        "{promote: {",
        "sequence:",
        "seasons:",
        "forecast_reaches:",
        "upstream:",
        "alert:",
        "local",
        "2 of 3",
        "2 agreeing",
        "5 km",
        "05-01",
        "2026-01-01",
        "[[[[[[",
        "{a: {a: {a: ",
        '"features"',
        "NaN",
        "Z1",
    ),
]
quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def only_config_error(place: str, raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(samples.CORPUS / "base", folder, dirs_exist_ok=True)
        (Path(folder) / place).parent.mkdir(exist_ok=True)
        (Path(folder) / place).write_bytes(raw)
        problems = problems_in(folder)
    assert all(problem.found and problem.expected for problem in problems)


def problems_in(folder: str) -> list[Problem]:
    try:
        load(folder)
    except ConfigError as error:
        return error.problems
    return []


@quick
@given(place=st.sampled_from(sorted(samples.PLACES.values())), raw=st.binary(max_size=400))
def test_random_bytes(place: str, raw: bytes):
    only_config_error(place, raw)


@quick
@given(place=st.sampled_from(sorted(samples.PLACES.values())), text=st.lists(st.sampled_from(WORDS), max_size=40))
def test_random_words(place: str, text: list[str]):
    only_config_error(place, " ".join(text).encode())


@settings(quick, max_examples=400)
@given(
    path=st.sampled_from(ALL),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(WORDS)), min_size=1, max_size=3),
)
def test_mutated_files(path: Path, cuts: list[tuple[float, int, str]]):
    raw = path.read_bytes()
    for where, length, word in cuts:
        at = int(where * len(raw))
        raw = raw[:at] + word.encode() + raw[at + length :]
    only_config_error(samples.place_of(path), raw)


ODD = [
    None, True, 0, -1, 2, 1e300, "", " ", "local", "high", "warn", "3 m", "station.warning_level", "2 of 3", "5 km",
    "10 min", "0 s", "red", "05-01", "2026-01-01", [], {}, [[]], [None], ["high"], {"of": "high"},
    {"any": ["high", {"not": "x"}]},
    {"vote": {"of": "high", "at_least": 2}}, {"a": {"b": {"c": 1}}}, "\ud83d\ude00", "x" * 200, 10**30,
]  # fmt: skip
TREES = [path for path in ALL if path.suffix == ".yaml" and path.name.split("-")[0] in ("hazard", "overlay", "app")]


def tree_of(path: Path) -> Any:
    node = parse(path.read_bytes().decode("utf-8", "replace"), Problems().in_file("x"))
    return None if node is None else node.plain()


@settings(quick, max_examples=600)
@given(
    path=st.sampled_from(TREES),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(ODD)), min_size=1, max_size=3),
)
def test_odd_values_in_the_right_places(path: Path, changes: list[tuple[int, Any]]):
    tree = tree_of(path)
    for number, value in changes:
        places = list(places_in(tree))
        if places:
            parent, key = places[number % len(places)]
            parent[key] = deepcopy(value)
    only_config_error(samples.place_of(path), json.dumps(tree).encode())  # JSON is YAML


def places_in(tree: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from places_in(tree[key])


def test_deep_nesting():
    for opening in (b"[", b"{a: ", b"- "):
        only_config_error("hazards/flood.yaml", opening * 5000)
    only_config_error("zones.geojson", b'{"a":' * 100_000)
    only_config_error("zones.geojson", b"[" * 100_000)


def test_a_rule_nested_to_the_limit_and_beyond():
    text = (samples.CORPUS / "base" / "hazards" / "flood.yaml").read_text("utf-8")
    for depth in (5, 15, 19, 25, 500):
        rule = "{not: " * depth + "high" + "}" * depth
        only_config_error("hazards/flood.yaml", text.replace("blue: high", f"blue: {rule}").encode())


def test_halves_of_characters():
    text = (samples.CORPUS / "base" / "hazards" / "flood.yaml").read_text("utf-8")
    only_config_error("hazards/flood.yaml", text.replace("River flood", '"\\uD800"').encode())
    text = (samples.CORPUS / "base" / "zones.geojson").read_text("utf-8")
    only_config_error("zones.geojson", text.replace("Town B", "\\uD800").encode())
    only_config_error("zones.geojson", text.replace('"Z1"', '"\\uD800"').encode())
    only_config_error("app.yaml", b'name: "\\uD800"')


def test_a_long_line_a_large_number_and_many_problems():
    only_config_error("stations.csv", b"station,property,unit,zone\n" + b"a" * 3_000_000)
    only_config_error("stations.csv", b"station,property,unit,zone\n" + b"a,b,nonsense,c\n" * 3_000)
    only_config_error("topics.yaml", b"defaults: {partitions: " + b"9" * 5_000 + b"}")
    only_config_error("zones.geojson", b'{"type":"FeatureCollection","features":[' + b"9" * 10_000 + b"]}")
