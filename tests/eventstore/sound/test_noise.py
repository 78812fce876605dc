import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sound import AddNoise, Waveform, mix_at_snr
from eventstore.sound.conformance import sample_sound
from eventstore.testing import SoundContract


class TestAddNoise(SoundContract):
    stage = AddNoise(snr_db=6.0, seed=3)


def measured_snr_db(sound: Waveform, noisy: Waveform) -> float:
    """Measure as the definition says: ten times the logarithm of a ratio of powers."""
    x = sound.samples.astype(np.float64)
    noise = noisy.samples.astype(np.float64) - x
    return float(10 * np.log10(np.mean(x**2) / np.mean(noise**2)))


@given(st.floats(-20, 40), st.integers(0, 1 << 60))
def test_the_ratio_is_the_one_asked_for(snr_db: float, seed: int) -> None:
    sound = sample_sound()
    noisy = AddNoise(snr_db=snr_db, seed=seed).apply(sound)
    assert measured_snr_db(sound, noisy) == pytest.approx(snr_db, abs=1e-3)


@given(st.floats(-20, 40), st.floats(1e-3, 1e3))
def test_a_recorded_noise_may_be_of_any_level(snr_db: float, gain: float) -> None:
    sound = sample_sound()
    hum = np.sin(np.arange(4_000) / 7).reshape(2, -1)
    noisy = mix_at_snr(sound, Waveform.of(gain * hum, rate_hz=8_000), snr_db)
    assert measured_snr_db(sound, noisy) == pytest.approx(snr_db, abs=1e-3)


def test_at_10_db_the_amplitude_is_a_square_root_of_a_tenth() -> None:
    # Taken for a ratio of amplitudes, 10 dB would give a tenth: 20 dB.
    sound = Waveform.of([1.0, -1.0], rate_hz=8_000)
    noisy = mix_at_snr(sound, Waveform.of([1.0, 1.0], rate_hz=8_000), 10.0)
    assert noisy.samples[0] - sound.samples[0] == pytest.approx([0.1**0.5] * 2, rel=1e-5)


def test_noise_is_white_and_normal() -> None:
    sound = Waveform.of(np.full(20_000, 1.0), rate_hz=8_000)
    noise = (AddNoise(snr_db=0.0).apply(sound).samples - sound.samples)[0].astype(np.float64)
    assert abs(np.corrcoef(noise[:-1], noise[1:])[0, 1]) < 5 / 20_000**0.5
    assert abs(np.mean(noise**3)) < 5 * (15 / 20_000) ** 0.5
    assert abs(np.mean(noise**4) - 3) < 5 * (96 / 20_000) ** 0.5


def test_noise_is_a_function_of_seed_and_sound() -> None:
    sound = sample_sound()
    other = sample_sound(seed=1)
    one = AddNoise(snr_db=0.0, seed=1).apply(sound).samples
    assert np.array_equal(one, AddNoise(snr_db=0.0, seed=1).apply(sound).samples)
    assert not np.array_equal(one, AddNoise(snr_db=0.0, seed=2).apply(sound).samples)
    added = one - sound.samples
    added_to_other = AddNoise(snr_db=0.0, seed=1).apply(other).samples - other.samples
    assert abs(np.corrcoef(added.ravel(), added_to_other.ravel())[0, 1]) < 5 / 4_000**0.5


def test_silence_stays_silence() -> None:
    silence = Waveform.of(np.zeros(9), rate_hz=8_000)
    assert not AddNoise(snr_db=0.0).apply(silence).samples.any()


def test_what_does_not_fit_is_refused() -> None:
    sound = Waveform.of([1.0, 1.0], rate_hz=8_000)
    with pytest.raises(InvalidInput, match=r"\[1, 2\] at 8000 Hz does not fit .* \[1, 1\]"):
        mix_at_snr(sound, Waveform.of([1.0], rate_hz=8_000), 0.0)
    with pytest.raises(InvalidInput, match="at 16000 Hz"):
        mix_at_snr(sound, Waveform.of([1.0, 1.0], rate_hz=16_000), 0.0)
    with pytest.raises(InvalidInput, match="the noise is silent"):
        mix_at_snr(sound, Waveform.of([0.0, 0.0], rate_hz=8_000), 0.0)
    with pytest.raises(InvalidInput, match=r"AddNoise\(snr_db=nan\)"):
        AddNoise(snr_db=float("nan"))
