"""Filters equal those of scipy, in their response and sample by sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from eventstore.errors import InvalidInput
from eventstore.sound.butterworth import TILE, band_pass, filter_rows, low_pass

RATE = 8_000
NOISE = np.random.default_rng(0).normal(size=(2, 3 * TILE + 5)).astype(np.float32)


def as_scipy(sections: np.ndarray) -> np.ndarray:
    """Return scipy's layout: b0 b1 b2 a0 a1 a2."""
    return np.insert(sections, 3, 1.0, axis=1)


def filtered(sections: np.ndarray, samples: np.ndarray = NOISE) -> np.ndarray:
    """Filter each row by the same sections."""
    rows = np.repeat(sections[:, :, None], len(samples), axis=2)
    out = np.empty(samples.shape)
    memory = np.zeros((len(sections), 2, len(samples)))
    filter_rows(samples, np.arange(len(samples)), rows, memory, out)
    return out


@given(st.integers(1, 6), st.floats(20, 1_500), st.floats(1.05, 2.5))
def test_band_passes_are_scipys(order: int, low: float, ratio: float) -> None:
    high = low * ratio
    ours = band_pass(low, high, RATE, order=order)
    theirs = signal.butter(order, [low, high], "bandpass", fs=RATE, output="sos")
    assert ours.shape == (order, 5)
    frequencies = np.geomspace(1, 3_999, 200)
    _, response = signal.sosfreqz(as_scipy(ours), worN=frequencies, fs=RATE)
    _, expected = signal.sosfreqz(theirs, worN=frequencies, fs=RATE)
    assert np.allclose(response, expected, rtol=1e-6, atol=1e-6)
    reference = signal.sosfilt(theirs, NOISE.astype(np.float64))
    assert np.allclose(filtered(ours), reference, atol=1e-6 * np.abs(reference).max())


@given(st.integers(1, 8), st.floats(10, 3_900))
def test_low_passes_are_scipys(order: int, cutoff: float) -> None:
    ours = low_pass(cutoff, RATE, order=order)
    theirs = signal.butter(order, cutoff, fs=RATE, output="sos")
    reference = signal.sosfilt(theirs, NOISE.astype(np.float64))
    assert np.allclose(filtered(ours), reference, atol=1e-6 * np.abs(reference).max())


@pytest.mark.parametrize("order", [1, 2, 3])
def test_wide_bands_with_poles_on_the_real_axis_are_scipys(order: int) -> None:
    ours = band_pass(10, 3_900, RATE, order=order)
    theirs = signal.butter(order, [10, 3_900], "bandpass", fs=RATE, output="sos")
    reference = signal.sosfilt(theirs, NOISE.astype(np.float64))
    assert np.allclose(filtered(ours), reference, atol=1e-9)


@given(st.integers(1, 6), st.floats(20, 1_500), st.floats(1.05, 2.5))
def test_edges_pass_half_the_power(order: int, low: float, ratio: float) -> None:
    sections = band_pass(low, low * ratio, RATE, order=order)
    _, gain = signal.sosfreqz(as_scipy(sections), worN=[low, low * ratio], fs=RATE)
    assert np.abs(gain) ** 2 == pytest.approx([0.5, 0.5], rel=1e-6)


def test_rows_may_share_a_channel_and_differ_in_filters() -> None:
    bands = [band_pass(low, 2 * low, RATE, order=2) for low in (100, 200, 400)]
    sections = np.stack(bands, axis=-1)
    out = np.empty((3, NOISE.shape[1]))
    filter_rows(NOISE, np.array([1, 1, 0]), sections, np.zeros((2, 2, 3)), out)
    assert np.array_equal(out[0], filtered(bands[0])[1])
    assert np.array_equal(out[1], filtered(bands[1])[1])
    assert np.array_equal(out[2], filtered(bands[2])[0])


def test_silence_after_a_sound_becomes_exactly_zero() -> None:
    samples = np.zeros((1, 20_000), np.float32)
    samples[0, 0] = 1.0
    out = filtered(band_pass(100, 200, RATE, order=2), samples)
    assert out[0, :100].any()
    assert not out[0, -100:].any()


@pytest.mark.parametrize(("low", "high"), [(0, 100), (100, 4_000), (-5, 5)])
def test_frequencies_that_a_rate_cannot_hold_are_refused(low: float, high: float) -> None:
    with pytest.raises(InvalidInput, match=r"Hz of a sound of 8000 samples .*\nhint: .* 4000.0 Hz"):
        band_pass(low, high, RATE, order=2)


def test_empty_bands_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a band from 200 to 200 Hz is empty"):
        band_pass(200, 200, RATE, order=2)
