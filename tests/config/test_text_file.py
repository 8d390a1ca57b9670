from pathlib import Path

import pytest

from streams.config.problems import Problems
from streams.config.text_file import read_text, turns

MARKS = ["\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: f"{ord(mark):04X}")
def test_a_mark_that_turns_the_direction_of_writing_is_refused_with_its_place(mark: str, tmp_path: Path):
    path, problems = tmp_path / "stations.csv", Problems()
    path.write_text(f"站,name\n站{mark}x,y\n", "utf-8")

    assert read_text(path, problems.in_file("stations.csv"), 1_000) is None
    (problem,) = problems.errors
    assert (problem.line, problem.column, problem.found) == (2, 2, f"U+{ord(mark):04X}")


def test_other_marks_and_characters_are_none():
    assert turns("甲区 “é” – \u200b\u2028\u202f\u2065\u206a\u061b") == ""
