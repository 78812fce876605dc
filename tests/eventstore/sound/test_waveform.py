import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sound import Waveform
from eventstore.sound.waveform import time_us


def test_one_channel_becomes_a_row() -> None:
    sound = Waveform.of([0.25, -0.5], rate_hz=8_000)
    assert sound.samples.dtype == np.float32
    assert sound.samples.tolist() == [[0.25, -0.5]]
    assert (sound.n_channels, len(sound), sound.seconds) == (1, 2, 2 / 8_000)
    assert Waveform.of([], rate_hz=8_000).samples.shape == (1, 0)


def test_whole_numbers_are_refused_since_their_scale_is_not_known() -> None:
    with pytest.raises(InvalidInput, match=r"int16, not real numbers\nhint: divide them"):
        Waveform.of(np.zeros(3, np.int16), rate_hz=8_000)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_named(bad: float) -> None:
    with pytest.raises(InvalidInput, match="sample 3 is not a finite number"):
        Waveform.of(np.array([[0.0, 1.0], [0.0, bad]]), rate_hz=8_000)


@pytest.mark.parametrize("rate", [0, -1, 1 << 32])
def test_rates_without_sense_are_refused(rate: int) -> None:
    with pytest.raises(InvalidInput, match="samples a second is out of range"):
        Waveform.of([0.0], rate_hz=rate)


def test_nothing_is_cast_silently() -> None:
    with pytest.raises(InvalidInput, match=r"float64\[1, 3\], expected float32"):
        Waveform(np.zeros((1, 3)), 8_000)
    with pytest.raises(InvalidInput, match=r"float32\[3\], expected"):
        Waveform(np.zeros(3, np.float32), 8_000)


@given(st.integers(0, 1 << 40), st.integers(1, 1 << 20))
def test_times_are_to_the_nearest_microsecond(i: int, rate_hz: int) -> None:
    assert abs(time_us(i, rate_hz) * rate_hz - i * 1_000_000) * 2 <= rate_hz
