from streams.checkpoint.deaths import Verdicts
from streams.models.saved import Death


def died(first, last=None, why="exception", **more):
    return Death(first, first if last is None else last, why, **more)


def test_the_first_death_means_nothing_yet():
    verdicts = Verdicts([died(100, 199)])
    assert not verdicts.guilty
    assert not verdicts.careful(100, 199)


def test_the_second_death_at_a_batch_makes_it_go_record_by_record():
    verdicts = Verdicts([died(100, 199, id="a"), died(150, 249, id="b")])
    assert not verdicts.guilty
    assert verdicts.careful(190, 300)
    assert verdicts.careful(0, 150)
    assert not verdicts.careful(0, 99)
    assert not verdicts.careful(250, 300)


def test_then_the_one_that_fails_alone_is_guilty_and_the_rest_of_the_batch_is_not_suspected_any_more():
    verdicts = Verdicts([died(100, 199, id="a"), died(100, 199, id="b"), died(140, id="c")])
    assert set(verdicts.guilty) == {140}
    assert not verdicts.careful(100, 199)


def test_two_guilty_ones_in_one_batch_are_found_one_after_the_other():
    verdicts = Verdicts([died(100, 199, id=n) for n in "ab"] + [died(140, id="c")])
    for name in "de":
        verdicts.add(died(100, 199, id=name))
    assert verdicts.careful(100, 199)
    verdicts.add(died(160, id="f"))
    assert set(verdicts.guilty) == {140, 160}


def test_a_batch_of_one_record_is_guilty_at_its_second_death():
    verdicts = Verdicts([died(7, id="a")])
    assert not verdicts.guilty
    verdicts.add(died(7, id="b"))
    assert set(verdicts.guilty) == {7}


def test_who_was_killed_without_a_word_needs_two_at_the_record_alone():
    verdicts = Verdicts([died(0, 99, "killed", id=n) for n in "ab"] + [died(50, None, "killed", id="c")])
    assert not verdicts.guilty
    assert verdicts.careful(0, 99)
    verdicts.add(died(50, None, "killed", id="d"))
    assert set(verdicts.guilty) == {50}


def test_a_death_told_twice_counts_once():
    assert not Verdicts([died(7, id="a"), died(7, id="a")]).guilty


def test_verdicts_are_carried_on_and_old_deaths_are_not():
    verdicts = Verdicts([died(7, id="a"), died(7, id="b"), died(20, 30, id="c"), died(90, 120, id="d")])
    carried = verdicts.carried(100)
    assert [d.id for d in carried] == ["a", "b", "d"]
    assert set(Verdicts(carried).guilty) == {7}
