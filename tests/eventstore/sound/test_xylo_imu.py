from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from eventstore.errors import InvalidInput
from eventstore.sound import Waveform, XyloImu
from eventstore.sound.rotation import angle_table, remove_rotation
from eventstore.sound.xylo_imu import EDGES_HZ, imu_bank
from eventstore.testing import SoundContract

MOVED = Waveform.of(
    np.random.default_rng(0).normal(scale=0.2, size=(3, 300)).clip(-1, 1), rate_hz=200
)


class TestXyloImu(SoundContract):
    stage = XyloImu()
    sound = MOVED


class TestXyloImuAsItStands(SoundContract):
    stage = XyloImu(rotation=False, encoder="iaf", threshold=3_000)
    sound = MOVED


def by_the_book(samples: np.ndarray, stage: XyloImu) -> list[list[int]]:
    """Return the raster of samples that are turned already, in plain integers."""
    raster = [[0] * 15 for _ in range(samples.shape[1])]
    for k, band in enumerate(imu_bank()):
        w1 = w2 = total = 0
        for n, x in enumerate(samples[k // 5].tolist()):
            fed_back = (-band.a2 * w2 - band.a1 * w1) >> band.tap_shift
            w = ((x << 8) + fed_back) >> band.gain_shift
            size = abs((w - w2) >> 8)
            w1, w2 = w, w1
            if stage.encoder == "scale":
                raster[n][k] = min(size >> stage.scale_shift, 15)
            else:
                raster[n][k] = min((total + size) // stage.threshold - total // stage.threshold, 1)
            total += size
    return raster


stages = st.builds(
    XyloImu,
    rotation=st.booleans(),
    hold_samples=st.integers(1, 20),
    average_shift=st.integers(0, 6),
    encoder=st.sampled_from(["scale", "iaf"]),
    scale_shift=st.integers(0, 9),
    threshold=st.sampled_from([1, 100, 5_000]),
)


@settings(max_examples=20)
@given(stages, st.integers(0, 9_999), st.sampled_from([20, 32_767]), st.integers(1, 119))
def test_spikes_are_those_of_the_book_to_the_bit_however_cut(
    stage: XyloImu, seed: int, loud: int, cut: int
) -> None:
    samples = np.random.default_rng(seed).integers(-loud, loud + 1, (3, 120))
    turned = samples
    if stage.rotation:
        turned = np.empty_like(samples)
        memory = (
            np.zeros((3, 3), int),
            np.full((3, 3), -1),
            np.eye(3, dtype=int),
            np.zeros(1, int),
        )
        settings_ = (stage.average_shift, stage.hold_samples)
        remove_rotation(samples, angle_table(), settings_, memory, turned)
    state = stage.start(3, 200)
    found = np.zeros((120, 15), np.int64)
    for a, b in pairwise((0, cut, 120)):
        events = stage.spikes(samples[:, a:b], state)
        np.add.at(found, (events.t // 5_000, events.x), 1)
    assert found.tolist() == by_the_book(turned, stage)


@pytest.mark.parametrize("k", range(5))
def test_bands_are_butterworths_of_the_edges(k: int) -> None:
    band, edges = imu_bank()[k], EDGES_HZ[k : k + 2]
    b, a = signal.butter(1, edges, "band", fs=200)
    unit = 2 ** (band.tap_shift + band.gain_shift)
    assert unit == 2**15
    assert (band.a1, band.a2) == (int(a[1] * unit), int(a[2] * unit))
    assert 0.5 <= b[0] * 2**band.gain_shift <= 1


def test_what_is_no_acceleration_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"the three axes of an acceleration, found 2 channel"):
        XyloImu().channels_out(2)
    with pytest.raises(InvalidInput, match="400 samples a second, the chip takes 200") as caught:
        XyloImu().encode(Waveform.of(np.zeros((3, 9)), rate_hz=400))
    assert caught.value.hint == "resample the recording to 200 Hz first"
    with pytest.raises(InvalidInput, match=r"threshold=0. is out of range"):
        XyloImu(threshold=0)
