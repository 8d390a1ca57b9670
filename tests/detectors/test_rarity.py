"""Tail probabilities against counting."""

import numpy as np

from detectors import rarity


def state_of(slots, views):
    return {name: column.rows(slots) for name, column in rarity.columns(views).items()}


def test_the_share_of_the_past_at_least_as_large():
    state, here = state_of(1, 1), np.array([0])
    past = np.random.default_rng(1).exponential(size=3000)
    for value in past:
        rarity.surprise(state, here, np.array([[value]]), 10**9)
    for value in (0.1, 1.0, 3.0):
        score = rarity.surprise(state, here, np.array([[value]]), 10**9, learn=False)[0, 0]
        assert abs(10**-score - (past >= value).mean()) < 0.03
    beyond = [rarity.surprise(state, here, np.array([[v]]), 10**9, learn=False)[0, 0] for v in (100.0, 200.0)]
    assert beyond[1] - beyond[0] == 1.0


def test_it_forgets():
    state, here = state_of(1, 1), np.array([0])
    for value in [8.0] * 200 + [1.0] * 1000:
        rarity.surprise(state, here, np.array([[value]]), 100)
    assert rarity.surprise(state, here, np.array([[8.0]]), 100, learn=False)[0, 0] > 2.2


def test_a_weight_that_has_grown_large_begins_anew():
    state, here = state_of(2, 2), np.array([1])
    rows = [np.array([[1.0 + row % 7, 2.0]]) for row in range(3000)]  # 3,000 readings at past = 5 grow by 2**960
    found = [rarity.surprise(state, here, row, 5) for row in rows]
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[-1], found[-8], rtol=1e-6)


def test_one_at_a_time_is_the_same():
    many, one = state_of(3, 3), state_of(3, 3)
    for row in np.random.default_rng(2).exponential(size=(2000, 3, 3)):
        row[row < 0.05] = 0.0
        expected = rarity.surprise(many, np.arange(3), row, 5)
        found = [rarity.surprise_of_one(one, slot, row[slot].tolist(), 5) for slot in range(3)]
        np.testing.assert_array_equal(expected, found)
    for name, array in many.items():
        assert array.tobytes() == one[name].tobytes()
