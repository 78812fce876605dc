"""Tests of single kernels at the edges of 16 bits; whole runs are held to the vendor's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.xylo import kernels

INT16 = st.integers(-32768, 32767)


@given(start=INT16, weight=st.integers(-16384, 16256), times=st.integers(1, 31))
def test_adding_at_once_is_adding_one_by_one(start: int, weight: int, times: int) -> None:
    expected, held = start, False
    for _ in range(times):
        expected += weight
        held |= not -32768 <= expected <= 32767
        expected = min(max(expected, -32768), 32767)
    current = np.array([7, start, 7], np.int16)
    found = kernels.add_held(current, np.array([weight], np.int16), (1, 0, 1), times)
    assert (current.tolist(), found) == ([7, expected, 7], int(held))
    current[1] = start
    assert kernels.add_lone(current, 1, weight, times) == held
    assert current[1] == expected
    if not held:
        current[1] = start
        kernels.add_run(current, np.array([weight], np.int16), (1, 0, 1), times)
        assert current[1] == expected


@pytest.mark.parametrize(
    ("state", "dash", "lost"),
    [(100, 3, 12), (7, 3, 1), (1, 15, 1), (0, 3, 0), (-1, 3, -1), (-9, 3, -2), (50, 0, 50)],
)
def test_a_state_loses_at_least_one(state: int, dash: int, lost: int) -> None:
    current, inflow = np.array([state], np.int16), np.zeros(1, np.int32)
    top = kernels.decay(current, np.array([[dash]], np.int32), inflow)
    assert (current[0], inflow[0], top) == (state - lost, state - lost, abs(state - lost))


@pytest.mark.parametrize(
    ("v", "inflow", "bias", "expected", "held"),
    [
        (0, 40000, 0, 32767, 1),
        (0, 40000, -100, 32667, 1),
        (32000, 3000, 0, 32767, 1),
        (-32768, 0, 0, -32768 + 2048, 0),
        (-20000, -30000, 0, -32768, 1),
        (100, 5, 3, 102, 0),
    ],
)
def test_a_membrane_stays_within_16_bits(
    v: int, inflow: int, bias: int, expected: int, held: int
) -> None:
    membrane = np.array([v], np.int16)
    one = np.ones(1, np.int32)
    found, hit = kernels.integrate(membrane, inflow * one, 4 * one, bias * one, 200 * one, 0, 1)
    assert (membrane[0], found, hit) == (expected, held, expected >= 200)


def test_the_lowest_membrane_without_a_shift_stays() -> None:
    membrane, zero = np.array([-32768], np.int16), np.zeros(1, np.int32)
    kernels.integrate(membrane, zero, zero, zero, zero, 0, 1)
    assert membrane[0] == -32768


@pytest.mark.parametrize(
    ("v", "threshold", "already", "after", "spikes", "capped"),
    [
        (250, 100, 0, 50, 2, False),
        (99, 100, 0, 99, 0, False),
        (5000, 100, 0, 1900, 31, True),
        (250, 100, 30, 150, 31, True),
        (250, 100, 31, 250, 31, True),
        (0, 0, 0, 0, 31, True),
        (32000, -300, 0, -32636, 3, False),
    ],
)
def test_fires_as_often_as_the_threshold_fits(
    *, v: int, threshold: int, already: int, after: int, spikes: int, capped: bool
) -> None:
    membrane = np.array([v], np.int16)
    assert kernels.fire(membrane, 0, already, (threshold, 31)) == (spikes, capped)
    assert membrane[0] == after


def test_aliases_hold_no_more_than_the_cap() -> None:
    spikes, targets = np.array([0, 25, 3], np.uint8), np.array([1, 2])
    assert kernels.hand_on(spikes, 10, targets, (0, 2), 31) == 1
    assert spikes.tolist() == [0, 31, 13]
