from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.sound.chip_rate import resample, start_clock


@given(
    st.integers(1, 200_000),
    st.integers(1, 200_000),
    st.lists(st.integers(0, 40), min_size=2, max_size=4).map(sorted),
)
def test_any_rate_is_numpys_line_however_cut(step: int, unit: int, cuts: list[int]) -> None:
    sound = np.random.default_rng(step).normal(size=(2, 40))
    state = start_clock(2)
    blocks = [sound[:, a:b] for a, b in pairwise([0, *cuts, 40])]
    found = np.concatenate([resample(b, (step, unit), state) for b in blocks], axis=1)
    n = -(-39 * unit // step)  # places before the last sample
    at = np.arange(n) * step / unit
    wanted = np.array([np.interp(at, np.arange(40), row) for row in sound])
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_the_same_rate_changes_nothing_and_silence_is_nothing() -> None:
    sound = np.arange(12.0).reshape(2, 6)
    assert resample(sound, (7, 7), start_clock(2)).tolist() == sound[:, :-1].tolist()
    assert resample(sound[:, :0], (1, 3), start_clock(2)).shape == (2, 0)


def test_a_long_sound_stays_in_step() -> None:
    state = start_clock(1)
    ratio = (44_100 * 1024, 50_000_000)
    total = sum(resample(np.zeros((1, 44_100)), ratio, state).shape[1] for _ in range(64))
    assert total == -(-(64 * 44_100 - 1) * 50_000_000 // (44_100 * 1024))
