"""The ΔΣ microphone and its decimation, beside literal ones."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from eventstore.sound.pdm import DECIMATION, PDM_HZ, decimation_taps, pdm_samples, start_pdm


def bits_by_the_book(sound: list[float]) -> list[int]:
    """Step the four integrators of the docstring, all from the states before."""
    g = 2 * np.pi * 20_000 / PDM_HZ
    coefficients = signal.butter(4, 1, analog=True)[1]  # s^4 + …; the book's a_3, a_2, a_1
    s, q, bits = [0.0] * 4, 0.0, []
    for x in sound:
        s = [
            s[0] + g**4 * (x - q),
            s[1] + s[0] - coefficients[3] * g**3 * q,
            s[2] + s[1] - coefficients[2] * g**2 * q,
            s[3] + s[2] - coefficients[1] * g * q,
        ]
        q = 1.0 if s[3] > 0 else -1.0
        bits.append(int(q))
    return bits


def test_samples_are_those_of_the_book_to_the_bit() -> None:
    t = np.arange(32 * 60) / PDM_HZ
    sound = 0.4 * np.sin(2 * np.pi * 3_000 * t) + 0.2
    silence = [1, -1] * 128
    line = np.array(silence + bits_by_the_book(sound.tolist()))
    taps, shift = decimation_taps()
    sums = np.convolve(line, taps.astype(np.int64))[256 : 256 + len(t) : DECIMATION]
    assert pdm_samples(sound[None], start_pdm(1))[0].tolist() == (sums >> shift).tolist()


def test_taps_are_a_windowed_sinc_in_16_bits() -> None:
    taps, shift = decimation_taps()
    wanted = signal.firwin(256, 20_000, fs=PDM_HZ)
    assert np.array_equal(taps, np.rint(taps))
    assert np.abs(taps / taps.max() - wanted / wanted.max()).max() < 2**-13
    assert 0.999 < np.abs(taps).sum() / 2**20 < 1
    assert (np.abs(taps).max() < 2**15, shift) == (True, 7)


@settings(max_examples=15)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=3).map(sorted), st.integers(0, 99))
def test_blocks_give_what_the_whole_gives(cuts: list[int], seed: int) -> None:
    sound = np.random.default_rng(seed).normal(scale=0.3, size=(2, 700))
    state = start_pdm(2)
    parts = [pdm_samples(sound[:, a:b], state) for a, b in pairwise([0, *cuts, 700])]
    whole = pdm_samples(sound, start_pdm(2))
    assert np.concatenate(parts, axis=1).tolist() == whole.tolist()
    assert whole.shape == (2, -(-700 // DECIMATION))


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_a_tone_comes_through_with_little_noise(level: float) -> None:
    t = np.arange(PDM_HZ // 10) / PDM_HZ
    heard = pdm_samples(level * np.sin(2 * np.pi * 1_000 * t)[None], start_pdm(1))[0, 100:]
    rate = PDM_HZ / DECIMATION
    basis = 2 * np.pi * 1_000 * np.arange(len(heard)) / rate
    design = np.stack([np.sin(basis), np.cos(basis), np.ones(len(heard))], axis=1)
    tone = design @ np.linalg.lstsq(design, heard, rcond=None)[0]
    slow = signal.sosfilt(signal.butter(4, 8_000, fs=rate, output="sos"), heard - tone)
    assert 10 * np.log10(tone.var() / slow[200:].var()) > 45
    gain = decimation_taps()[0].sum() / 2**20
    assert np.sqrt(2 * tone.var()) == pytest.approx(level * gain * 8_192, rel=0.03)


def test_silence_has_no_click_and_what_is_too_loud_is_survived() -> None:
    assert np.abs(pdm_samples(np.zeros((1, 6_400)), start_pdm(1))).max() < 120
    state = start_pdm(1)
    pdm_samples(np.full((1, 64_000), 5.0), state)
    after = pdm_samples(np.full((1, 64_000), 0.25), state)[0, 500:]
    assert after.mean() / 8_192 == pytest.approx(0.25 * decimation_taps()[0].sum() / 2**20, rel=0.1)
