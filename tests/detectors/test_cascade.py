"""Filters: the response they are made for, and the same bytes however a series is cut."""

import numpy as np
import pytest

from detectors.cascade import BLOCK, Cascade, average, band_pass, high_pass

RATE = 100.0


def gain(sections, hertz):
    z = np.exp(2j * np.pi * np.asarray(hertz) / RATE)
    return np.abs(np.prod([(b0 + b1 / z + b2 / z**2) / (1 + a1 / z + a2 / z**2) for b0, b1, b2, a1, a2 in sections], 0))


@pytest.mark.parametrize("order", [2, 4, 6])
def test_high_pass_has_butterworths_response(order):
    warped = np.tan(np.pi * np.array([0.1, 0.5, 1.0, 5.0, 20.0]) / RATE) / np.tan(np.pi * 1.0 / RATE)
    expected = 1 / np.sqrt(1 + warped ** (-2.0 * order))
    np.testing.assert_allclose(gain(high_pass(1.0, order, RATE), [0.1, 0.5, 1.0, 5.0, 20.0]), expected, rtol=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_band_pass_has_its_corners_at_root_half(order):
    found = gain(band_pass(2.0, 20.0, order, RATE), [2.0, 20.0, 0.01, 49.9])
    np.testing.assert_allclose(found[:2], np.sqrt(0.5), rtol=1e-9)
    assert (found[2:] < 0.02).all()
    assert gain(band_pass(2.0, 20.0, order, RATE), np.linspace(2, 20, 50)).max() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("corner", [0.0, 50.0, 60.0])
def test_a_corner_beyond_half_the_rate_is_refused(corner):
    with pytest.raises(ValueError, match="between 0 and half the rate"):
        high_pass(corner, 2, RATE)


def test_an_odd_high_pass_is_refused():
    with pytest.raises(ValueError, match="even order"):
        high_pass(1.0, 3, RATE)


def plain(sections, value):
    for b0, b1, b2, a1, a2 in sections:
        s1 = s2 = 0.0
        out = []
        for x in value:
            y = b0 * x + s1
            s1, s2 = b1 * x - a1 * y + s2, b2 * x - a2 * y
            out.append(y)
        value = out
    return np.array(value)


@pytest.mark.parametrize("cuts", [[], [1, 2, 70], [64, 128], [63, 65, 200], list(range(1, 300))])
def test_blocks_are_the_plain_recursion_and_cuts_do_not_show(cuts):
    sections = [*band_pass(2.0, 20.0, 2, RATE), average(20.0)]
    value = np.random.default_rng(1).normal(size=300)
    cascade, whole = Cascade("f", sections), None
    for borders in ([], cuts):
        state = {name: column.rows(1) for name, column in cascade.columns().items()}
        here, out, at = np.array([0]), [], 0
        for piece in np.split(value, borders):
            out.append(cascade.span(state, here, at % BLOCK, piece[None])[0])
            at += len(piece)
        found = np.concatenate(out)
        whole = found if whole is None else whole
        assert found.tobytes() == whole.tobytes()
    np.testing.assert_allclose(whole, plain(sections, value), rtol=1e-9, atol=1e-12)
