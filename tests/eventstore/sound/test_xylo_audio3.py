"""The front end of Xylo Audio 3, beside a literal one of plain Python integers."""

from dataclasses import replace
from itertools import pairwise
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sound import Encoding, Waveform, XyloAudio3
from eventstore.sound.xylo_audio3 import BANK, RATE_HZ
from eventstore.testing import SoundContract
from eventstore.transforms.frames import FramesByTime
from eventstore.transforms.pipeline import Pipeline


class TestXyloAudio3(SoundContract):
    stage = XyloAudio3()


class TestXyloAudio3ByItsMicrophone(SoundContract):
    stage = XyloAudio3(microphone="pdm", threshold="fixed", fixed_threshold=1 << 20)


def by_the_book(pcm: list[int], stage: XyloAudio3) -> list[list[int]]:
    """Return the raster of integers, a step of the chip at a time, as the equations stand."""
    states = [[0, 0, 0] for _ in BANK]  # of each filter: this output, the last, the one before
    means, sums = [0] * 16, [0] * 16
    raster: list[list[int]] = []
    for i, x in enumerate(pcm):
        if i % stage.raster_samples == 0:
            raster.append([0] * 16)
        rectified = []
        for band, w in zip(BANK, states, strict=True):
            rectified.append(abs(w[0] - w[2]))
            sum_back = (-band.a2 * w[1] - band.a1 * w[0]) >> band.tap_shift
            w[:] = ((x << 8) + sum_back) >> band.gain_shift, w[0], w[1]
        low = [mean >> stage.window_shift for mean in means]
        means = [m - lo + r for m, lo, r in zip(means, low, rectified, strict=True)]
        scale = (1 << stage.scale_shift) - (1 << stage.scale_shift_less)
        thresholds = [max(lo, stage.floor) * scale for lo in low]
        if stage.joint:
            thresholds = [max(thresholds)] * 16
        if stage.threshold == "fixed":
            thresholds = [stage.fixed_threshold] * 16
        for k in range(16):
            sums[k] += rectified[k]
            if sums[k] >= thresholds[k]:
                sums[k] -= thresholds[k]
                raster[-1][k] = min(raster[-1][k] + 1, stage.max_spikes)
    return raster


stages = st.builds(
    XyloAudio3,
    threshold=st.sampled_from(["adaptive", "fixed"]),
    joint=st.booleans(),
    scale_shift=st.integers(2, 8),
    scale_shift_less=st.integers(0, 1),
    window_shift=st.integers(2, 12),
    floor=st.sampled_from([1, 300, 65_535]),
    fixed_threshold=st.sampled_from([1, 1 << 14, 1 << 20]),
    raster_samples=st.sampled_from([25, 50, 175]),
    max_spikes=st.integers(1, 15),
)


@settings(max_examples=25)
@given(stages, st.integers(0, 1 << 30), st.sampled_from([1, 300, 8_191]), st.integers(1, 399))
def test_rasters_are_those_of_the_book_to_the_bit_however_cut(
    stage: XyloAudio3, seed: int, loud: int, cut: int
) -> None:
    pcm = np.random.default_rng(seed).integers(-loud, loud + 1, (1, 400))
    state = stage.start(1, 48_828)
    packets = [stage.spikes(pcm[:, a:b], state) for a, b in pairwise((0, cut, 400))]
    found = np.zeros((-(-400 // stage.raster_samples), 16), np.int64)
    for events in packets:
        np.add.at(found, (events.t // stage.window_us, events.x), 1)
    assert found.tolist() == by_the_book(pcm[0].tolist(), stage)


@pytest.mark.parametrize("k", range(16))
def test_a_tone_is_loudest_in_its_band(k: int) -> None:
    centre = BANK[k].centre_hz(RATE_HZ)
    t = np.arange(10_000) / 48_828
    tone = Waveform.of(0.5 * np.sin(2 * pi * centre * t), rate_hz=48_828)
    counts = np.bincount(XyloAudio3(threshold="fixed", fixed_threshold=1 << 24).encode(tone).x)
    # Neighbours have gains up to twice as high, which the chip leaves to the thresholds.
    assert abs(int(counts.argmax()) - k) <= 1


def test_no_sound_of_14_bits_leaves_the_registers() -> None:
    # The loudest answer of a filter is to its impulse response's signs, backwards.
    impulse = np.zeros((1, 30_000), np.int64)
    impulse[0, 0] = 8_191
    for k, extra in enumerate((7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 2, 2, 2, 2, 2)):
        assert filtered(impulse, k)[0] < 1 << (14 + extra + 8 - 1), k
        signs = np.sign(filtered(impulse, k)[1])[::-1]
        loudest = filtered((8_191 * signs)[None], k)[0]
        assert loudest < 1 << (14 + extra + 8 - 1), k


def filtered(pcm: np.ndarray, k: int) -> tuple[int, np.ndarray]:
    """Return the largest output of filter k, and all of them."""
    b, w1, w2, w3, out = BANK[k], 0, 0, 0, []
    for x in pcm[0].tolist():
        out.append(w1 - w3)
        new = ((x << 8) + ((-b.a1 * w1 - b.a2 * w2) >> b.tap_shift)) >> b.gain_shift
        w1, w2, w3 = new, w1, w2
    return max(abs(y) for y in out), np.array(out)


def test_adaptive_thresholds_divide_the_loudness_out() -> None:
    noise = np.random.default_rng(0).normal(scale=0.2, size=16_000).clip(-1, 1)
    loud, soft = (XyloAudio3().encode(Waveform.of(noise * g, rate_hz=16_000)) for g in (1, 0.1))
    assert len(soft) == pytest.approx(len(loud), rel=0.05)
    quiet = replace(XyloAudio3(), floor=1 << 15).encode(Waveform.of(noise * 0.01, rate_hz=16_000))
    assert len(quiet) < len(loud) / 10


def test_a_step_of_the_network_takes_15_spikes() -> None:
    stage = XyloAudio3(threshold="fixed", fixed_threshold=1, raster_samples=500)
    noise = np.random.default_rng(0).normal(scale=0.2, size=4_000).clip(-1, 1)
    encoding = Encoding(stage)
    events = encoding.encode(Waveform.of(noise, rate_hz=8_000))
    raster = Pipeline(FramesByTime(window_us=stage.window_us))
    frames = raster.frames(events, encoding.sensor(1))
    assert stage.window_us == 10_240
    assert frames.max() == 15
    assert np.median(frames) == 15


def test_the_microphone_hears_what_is_fed() -> None:
    t = np.arange(8_000) / 16_000
    sound = Waveform.of(0.5 * np.sin(2 * pi * 500 * t), rate_hz=16_000)
    fed, heard = (XyloAudio3(microphone=m).encode(sound) for m in ("pcm", "pdm"))
    assert np.bincount(heard.x).argmax() == np.bincount(fed.x).argmax()
    assert len(heard) == pytest.approx(len(fed), rel=0.2)


def test_fields_out_of_range_are_named() -> None:
    with pytest.raises(InvalidInput, match="raster_samples=60 is no whole") as caught:
        XyloAudio3(raster_samples=60)
    assert caught.value.hint == "give a multiple of 25, which are 512 µs"
    with pytest.raises(InvalidInput, match=r"floor=65536.* out of range"):
        XyloAudio3(floor=1 << 16)
    with pytest.raises(InvalidInput, match=r"scale_shift_less=6.* out of range"):
        XyloAudio3(scale_shift_less=6)
    with pytest.raises(InvalidInput, match="microphone='pcn'"):
        XyloAudio3(microphone="pcn")  # type: ignore[arg-type]
