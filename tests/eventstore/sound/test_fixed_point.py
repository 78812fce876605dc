import numpy as np
import pytest
from scipy import signal

from eventstore.errors import InvalidInput
from eventstore.sound.fixed_point import BandTaps, band_sample, tap_rows
from eventstore.sound.xylo_audio3 import BANK, RATE_HZ


@pytest.mark.parametrize("band", BANK[4:], ids=lambda band: f"{band.centre_hz(RATE_HZ):.0f}")
def test_integers_follow_the_filter_they_round(band: BandTaps) -> None:
    unit = 2 ** (band.tap_shift + band.gain_shift)
    x = np.random.default_rng(0).integers(-8_000, 8_000, 2_000)
    smooth = signal.lfilter([1, 0, -1], [1, band.a1 / unit, band.a2 / unit], x)
    smooth *= 2.0 ** (8 - band.gain_shift)
    taps, filters, out = tap_rows((band,)), np.zeros((3, 1), np.int64), np.empty(1, np.int64)
    found = []
    for sample in x.tolist():
        band_sample(sample, taps, filters, out)
        found.append(int(out[0]))
    error = np.array(found[1:]) - smooth[:-1]  # registers lag by a sample
    assert np.abs(error).max() < 0.01 * np.abs(smooth).max()


def test_registers_have_their_widths() -> None:
    with pytest.raises(InvalidInput, match=r"a1=65536.* out of range"):
        BandTaps(a1=1 << 16, a2=0, tap_shift=1, gain_shift=1)
    with pytest.raises(InvalidInput, match=r"gain_shift=16.* out of range"):
        BandTaps(a1=0, a2=0, tap_shift=1, gain_shift=16)
