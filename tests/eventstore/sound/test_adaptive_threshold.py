import numpy as np
import pytest

from eventstore.sound.adaptive_threshold import Thresholds, fire


def spikes_of(rectified: np.ndarray, registers: Thresholds) -> np.ndarray:
    means, sums = np.zeros((2, rectified.shape[1]), np.int64)
    out = rectified.astype(np.int64)
    for row in out:
        fire(row, registers, means, sums)
    return out


@pytest.mark.parametrize("level", [50, 5_000])
def test_the_loudest_band_spikes_at_the_rate_that_the_shifts_say(level: int) -> None:
    steady = np.full((40_000, 2), (level, level // 4))
    joint = spikes_of(steady, Thresholds(True, True, 6, 4, 8, 1, 0))
    assert joint[20_000:, 0].sum() == pytest.approx(20_000 / (64 - 16), rel=0.03)
    assert joint[20_000:, 1].sum() == pytest.approx(5_000 / (64 - 16), rel=0.05)
    alone = spikes_of(steady, Thresholds(True, False, 6, 4, 8, 1, 0))
    assert alone[20_000:, 1].sum() == pytest.approx(20_000 / (64 - 16), rel=0.1)


def test_the_floor_keeps_silence_silent_and_fixed_thresholds_count() -> None:
    hiss = np.full((1_000, 1), 3)
    assert spikes_of(hiss, Thresholds(True, True, 6, 0, 6, 1_000, 0)).sum() == 0
    assert spikes_of(hiss, Thresholds(False, False, 6, 0, 6, 1, 30)).sum() == 100
