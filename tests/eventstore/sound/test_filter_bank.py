import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from eventstore.errors import InvalidInput
from eventstore.sound import FilterBank, Waveform
from eventstore.sound.conformance import sample_sound
from eventstore.testing import SoundContract


class TestFilterBank(SoundContract):
    stage = FilterBank(n_bands=7)


class TestLinearFilterBank(SoundContract):
    stage = FilterBank(n_bands=7, scale="linear", order=1, high_hz=2_000)


def test_bands_are_scipys_filters_of_each_channel() -> None:
    sound = sample_sound()
    bank = FilterBank(n_bands=5)
    out = bank.apply(sound).samples
    edges = bank.edges_hz()
    for k in range(2):
        for band in range(5):
            sos = signal.butter(2, edges[band : band + 2], "bandpass", fs=8_000, output="sos")
            expected = signal.sosfilt(sos, sound.samples[k].astype(np.float64))
            assert np.allclose(out[k * 5 + band], expected, atol=1e-6)


def test_each_tone_comes_out_in_its_band() -> None:
    bank = FilterBank(n_bands=12)
    t = np.arange(8_000) / 8_000
    for band, centre in enumerate(bank.centres_hz()):
        out = bank.apply(Waveform.of(np.sin(2 * np.pi * centre * t), rate_hz=8_000)).samples
        power = np.mean(out[:, 4_000:] ** 2, axis=1)
        assert int(np.argmax(power)) == band
        assert power[band] == pytest.approx(0.5, rel=0.02)  # it passes unchanged


@given(
    st.integers(1, 100),
    st.floats(1, 1_000),
    st.floats(1.1, 100),
    st.sampled_from(["mel", "linear"]),
)
def test_edges_are_equally_spaced_on_the_scale(
    n: int, low: float, ratio: float, scale: str
) -> None:
    bank = FilterBank(n_bands=n, low_hz=low, high_hz=low * ratio, scale=scale)  # type: ignore[arg-type]
    edges, centres = bank.edges_hz().tolist(), bank.centres_hz().tolist()
    assert edges[0] == pytest.approx(low)
    assert edges[-1] == pytest.approx(low * ratio)

    def scaled(f: float) -> float:
        return 2595 * math.log10(1 + f / 700) if scale == "mel" else f

    steps = np.diff([scaled(f) for f in edges])
    assert np.allclose(steps, steps.mean(), rtol=1e-6)
    between = [(scaled(a) + scaled(b)) / 2 for a, b in pairwise(edges)]
    assert [scaled(f) for f in centres] == pytest.approx(between)


def test_1000_hz_are_1000_mel() -> None:
    bank = FilterBank(n_bands=2, low_hz=1e-9, high_hz=700 * (10 ** (2_000 / 2595) - 1))
    assert bank.edges_hz()[1] == pytest.approx(1_000, rel=1e-4)


def test_a_rate_too_low_is_refused_with_the_limit() -> None:
    with pytest.raises(
        InvalidInput, match=r"up to 3600.0 Hz of a sound of 6000 .*\nhint: .*3000.0"
    ):
        FilterBank().apply(Waveform.of(np.zeros(9), rate_hz=6_000))


@pytest.mark.parametrize(
    "fields",
    [
        {"low_hz": 0},
        {"low_hz": 500, "high_hz": 400},
        {"n_bands": 0},
        {"order": 9},
        {"scale": "bark"},
    ],
)
def test_fields_without_sense_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        FilterBank(**fields)  # type: ignore[arg-type]
