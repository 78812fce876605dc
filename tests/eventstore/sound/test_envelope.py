import numpy as np
import pytest
from scipy import signal

from eventstore.errors import InvalidInput
from eventstore.sound import Envelope, Rectify, Waveform
from eventstore.sound.conformance import sample_sound
from eventstore.testing import SoundContract


class TestRectify(SoundContract):
    stage = Rectify()


class TestRectifyFully(SoundContract):
    stage = Rectify(wave="full")


class TestEnvelope(SoundContract):
    stage = Envelope(cutoff_hz=100, order=3)


def test_half_and_full_waves() -> None:
    sound = Waveform.of([0.5, -0.25, 0.0], rate_hz=8_000)
    assert Rectify().apply(sound).samples.tolist() == [[0.5, 0.0, 0.0]]
    assert Rectify(wave="full").apply(sound).samples.tolist() == [[0.5, 0.25, 0.0]]


def test_an_envelope_is_scipys_low_pass_of_the_full_wave() -> None:
    sound = sample_sound()
    sos = signal.butter(2, 50, fs=8_000, output="sos")
    expected = signal.sosfilt(sos, np.abs(sound.samples.astype(np.float64)), axis=1)
    assert np.allclose(Envelope(cutoff_hz=50).apply(sound).samples, expected, atol=1e-6)


def test_an_envelope_follows_a_tone_that_gets_quieter() -> None:
    t = np.arange(16_000) / 8_000
    loud = np.where(t < 1, 1.0, 0.25)
    tone = Waveform.of(loud * np.sin(2 * np.pi * 1_000 * t), rate_hz=8_000)
    out = Envelope(cutoff_hz=20).apply(tone).samples[0]
    # The mean of |sin|; at 8 samples a period it is 0.6036, not 2 / π.
    assert out[7_900] == pytest.approx(0.6036, abs=0.01)
    assert out[15_900] == pytest.approx(0.6036 / 4, abs=0.01)


def test_fields_without_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="none of the choices"):
        Rectify(wave="quarter")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"a filter at 4000\.0 Hz"):
        Envelope(cutoff_hz=4_000).apply(sample_sound())
