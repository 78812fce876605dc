import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sound import ScaleAmplitude, Waveform
from eventstore.testing import SoundContract


class TestScaleAmplitude(SoundContract):
    stage = ScaleAmplitude(peak=0.5)


class TestScaleAmplitudeRobustly(SoundContract):
    stage = ScaleAmplitude(peak=0.5, quantile=0.99)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 10))
def test_loudness_before_does_not_matter(gain: float, peak: float) -> None:
    sound = np.sin(np.arange(300.0))
    one, other = (
        ScaleAmplitude(peak=peak).apply(Waveform.of(g * sound, rate_hz=8_000)).samples
        for g in (1.0, gain)
    )
    assert np.abs(one).max() == pytest.approx(peak, rel=1e-6)
    assert np.allclose(one, other, rtol=1e-5, atol=1e-6 * peak)


def test_a_click_does_not_set_the_scale_of_a_quantile() -> None:
    sound = 0.1 * np.sin(np.arange(1_000.0))
    sound[500] = 30.0
    out = ScaleAmplitude(peak=1.0, quantile=0.99).apply(Waveform.of(sound, rate_hz=8_000)).samples
    assert np.quantile(np.abs(out), 0.99) == pytest.approx(1.0, rel=1e-5)
    assert np.abs(out[0, :500]).max() < 1.01


def test_channels_keep_their_ratio() -> None:
    sound = Waveform.of(np.array([[0.2, 0.0], [0.0, -0.1]]), rate_hz=8_000)
    assert ScaleAmplitude().apply(sound).samples.tolist() == [[1.0, 0.0], [0.0, -0.5]]


def test_silence_stays_silence() -> None:
    silence = Waveform.of(np.zeros(9), rate_hz=8_000)
    assert not ScaleAmplitude().apply(silence).samples.any()


def test_a_quantile_of_silence_takes_the_loudest() -> None:
    sound = Waveform.of(np.array([0.0] * 99 + [0.5]), rate_hz=8_000)
    assert ScaleAmplitude(quantile=0.5).apply(sound).samples.max() == 1.0


@pytest.mark.parametrize("fields", [{"peak": -1.0}, {"quantile": 1.5}, {"peak": float("nan")}])
def test_fields_without_sense_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="is outside"):
        ScaleAmplitude(**fields)
