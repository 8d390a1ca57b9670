import pytest

from streams.models.times import MINUTE, SECOND
from streams.trial.words import length_of, moment_of, shown


@pytest.mark.parametrize(
    ("text", "length"),
    [("12 min", 12 * MINUTE), ("2 h 5 min", 125 * MINUTE), ("1min 1.5s", 61_500_000), ("0 s", 0), (0, 0)],
)
def test_a_length_may_have_several_parts(text, length):
    assert length_of(text) == length


@pytest.mark.parametrize("text", ["12", "12 minutes", "2 h and 5 min", "-3 min", "", None, 12, True, "1 h h"])
def test_what_is_no_length_is_refused(text):
    with pytest.raises(ValueError, match="like `10 min`"):
        length_of(text)


def test_a_moment_counts_from_the_start_or_is_a_time():
    start = moment_of("2026-07-20T14:00:00+08:00").since(0)
    assert moment_of("3 min").since(start) == 3 * MINUTE
    assert moment_of("2026-07-20T14:03:00+08:00").since(start) == 3 * MINUTE
    with pytest.raises(ValueError, match="with its zone"):
        moment_of("2026-07-20T14:03:00")


@pytest.mark.parametrize("length", [0, 1, SECOND, 61_500_000, 125 * MINUTE, 100 * 60 * MINUTE, 5_000 * MINUTE])
def test_what_is_shown_can_be_read_again(length):
    assert length_of(shown(length)) == length
