from pathlib import Path

import pytest

from tests.config import samples


@pytest.mark.parametrize("path", samples.files("bad"), ids=lambda path: path.name)
def test_a_bad_file_is_refused_with_place_and_remedy(path: Path, tmp_path: Path):
    assert samples.problems_of(samples.folder_with(tmp_path, path)) == samples.said_of(path)


@pytest.mark.parametrize("path", samples.files("good"), ids=lambda path: path.name)
def test_a_good_file_is_taken(path: Path, tmp_path: Path):
    assert samples.problems_of(samples.folder_with(tmp_path, path)) == []


@pytest.mark.parametrize("path", samples.files("warned"), ids=lambda path: path.name)
def test_an_unlikely_file_is_taken_with_a_word(path: Path, tmp_path: Path):
    assert samples.warnings_of(samples.folder_with(tmp_path, path)) == samples.said_of(path)


def test_the_corpus_says_every_kind_of_problem_with_a_place():
    said = [line for path in samples.files("bad") for line in samples.said_of(path)]

    assert len(samples.files("bad")) + len(samples.files("good")) >= 150
    assert not [line for line in said if "found" not in line or "expected" not in line]
    assert sum("did you mean" in line for line in said) >= 20
