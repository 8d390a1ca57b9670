"""What the documents say is there: links, commands, targets, files, tests, wire fields. The README example is true."""

import re
from functools import cache
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from streams.cli import COMMANDS
from streams.cli.tail_line import Language, line_of
from streams.config import load
from streams.gateway.files import JsonLines, Reading, read_records
from streams.models import command, reject
from streams.replay import Replay

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^()\s]+(?:\([^()]*\)[^()\s]*)?)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEST = re.compile(r"`((?:\w+/)*test_\w+\.py)::(test_\w+)`")
PROVEN = ("docs/delivery.md", "docs/features.md")
SHOWN = 2  # commands of the example that the README shows


@cache
def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def prose_of(path: Path) -> str:
    return FENCE.sub("", text_of(path))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands_in(text: str) -> set[str]:
    """What is named as a command: `tocsin X` and `make X`, in code."""
    code = [
        *re.findall(r"`([^`\n]+)`", FENCE.sub("", text)),
        *(line for _, b in FENCE.findall(text) for line in b.splitlines()),
    ]
    return {" ".join(found) for one in code for found in re.findall(r"^\s*(tocsin|make) ([a-z]+)", one)}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(path: Path):
    links = [link for link in LINK.findall(prose_of(path)) if "://" not in link and not link.startswith("mailto:")]
    files = {link: (path.parent / link.partition("#")[0]) for link in links if not link.startswith("#")}
    assert not [link for link, target in files.items() if not target.exists()]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_command_and_target_exists(path: Path):
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    known = {*(f"tocsin {one}" for one in COMMANDS), *(f"make {one}" for one in targets)}
    assert commands_in(text_of(path)) <= known


def test_the_readme_names_every_command():
    assert {f"tocsin {one}" for one in COMMANDS} <= commands_in(text_of(READMES[0]))


@pytest.mark.parametrize("path", READMES, ids=name)
def test_what_the_readme_calls_a_file_is_one(path: Path):
    folders = "streams|detectors|configs|docs|tests"
    named = re.findall(rf"`((?:{folders})/[\w./-]+)`", text_of(path))
    assert not [
        one for one in named if not (ROOT / one).exists() and not (ROOT / one.replace("NAME", "")).parent.exists()
    ]
    for catalogue, file in re.findall(r"`([A-Z]+)` (?:in|of) `([\w./]+\.py)`", text_of(path)):
        assert re.search(rf"^{catalogue}\b", text_of(ROOT / file), re.MULTILINE), f"no {catalogue} in {file}"


def test_both_readmes_have_the_same_headings():
    levels = [re.findall(r"^(#+) ", prose_of(path), re.MULTILINE) for path in READMES]
    assert levels[0] == levels[1]


def test_both_readmes_have_the_same_code_and_commands():
    english, chinese = map(text_of, READMES)
    assert FENCE.findall(english) == FENCE.findall(chinese)
    assert commands_in(english) == commands_in(chinese)
    assert english.count("\n|") == chinese.count("\n|"), "the tables have as many rows"


def test_both_readmes_lead_to_the_same_places():
    english, chinese = ({link for link in LINK.findall(text_of(path)) if "img/" not in link} for path in READMES)
    assert english - {"README.zh.md"} == chinese - {"README.md"}


@pytest.mark.parametrize("page", PROVEN)
def test_every_test_that_is_named_exists(page: str):
    named = TEST.findall(text_of(ROOT / page))
    assert named
    missing = [f"{file}::{test}" for file, test in named if not defines(ROOT / "tests" / file, test)]
    assert not missing, f"{page} names tests that are not there: {missing}"


def defines(path: Path, test: str) -> bool:
    return path.exists() and re.search(rf"^(?:async )?def {test}\(", text_of(path), re.MULTILINE) is not None


@pytest.mark.parametrize("page", PROVEN)
def test_what_looks_like_a_test_can_be_looked_up(page: str):
    text = text_of(ROOT / page)
    assert len(re.findall(r"::test_", text)) == len(TEST.findall(text))


def test_features_are_ninety_two_and_none_is_ticked_without_a_proof():
    text = text_of(ROOT / "docs" / "features.md")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    features = [row for row in rows if row[0].isdecimal()]
    assert [int(row[0]) for row in features] == list(range(1, 93))
    assert {len(row) for row in features} == {13}
    for number, _, ticked, proof, *_ in features:
        assert ticked in ("yes", "part", "no")
        assert (ticked == "no") != bool(TEST.search(proof)), f"row {number}"
    counts = {ticked: sum(row[2] == ticked for row in features) for ticked in ("yes", "part", "no")}
    assert "**{yes} yes, {part} part, {no} no.**".format(**counts) in text


FIELDS = {
    **{f"command.{f}": f for f in command.Command.__struct_fields__},
    **{f"evidence.{f}": f for f in command.Evidence.__struct_fields__},
    **{f"reject.{f}": f for f in reject.Reject.__struct_fields__},
    **{f"reason.{r}": r for r in get_args(command.Reason)},
    **{f"refused.{r}": r for r in get_args(reject.Reason)},
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_the_wire_page_names_every_field_and_reason(field: str):
    assert f"`{field}`" in prose_of(ROOT / "docs" / "wire.md")


def test_the_example_of_the_wire_page_is_a_command():
    (shown,) = (body for _, body in FENCE.findall(text_of(ROOT / "docs" / "wire.md")) if '"tocsin.command/1"' in body)
    fields = msgspec.json.decode(shown.encode())
    assert list(fields) == list(command.Command.__struct_fields__)
    assert list(fields["evidence"][0]) == list(
        msgspec.to_builtins(command.Evidence("", "", 0, "", "", 1, "", "", 0, ""))
    )


def test_the_example_of_the_readme_is_what_replay_says():
    """The commands of docs/examples/slope.jsonl as `tocsin tail` shows them, in both languages."""
    site = load(ROOT / "configs").site
    reading = Reading(site, str)
    records = read_records([JsonLines(ROOT / "docs" / "examples" / "slope.jsonl")], reading)
    commands = [msgspec.to_builtins(one) for one in Replay(site, str).run(records)]
    zone, languages = ZoneInfo(site.timezone), ("en", "zh")
    lines = [tail(one, language, zone) for language in languages for one in commands[:SHOWN]]
    assert "\n".join(["```", *lines, "```"]) in text_of(READMES[0]), "\n".join(lines)


def tail(one: object, language: Language, zone: ZoneInfo) -> str:
    return line_of(one, language, zone).plain.rstrip()
