from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.xylo.keywords import KeywordRule
from devices.xylo.listen import listen, raster_of
from devices.xylo.net import XyloNet
from devices.xylo.simulate import run_net
from eventstore.errors import InvalidInput
from eventstore.sound import Waveform, XyloAudio2, XyloAudio3

EARS = XyloAudio3(raster_samples=500, floor=256)
RULE = KeywordRule(window_steps=8, threshold=4, lead=1, rest_steps=5)


def low_and_high() -> XyloNet:
    """Return a network whose output 0 hears the low bands, and output 1 the high ones."""
    w_in = np.zeros((16, 2, 1), np.int8)
    w_in[:8, 0], w_in[8:, 1] = 20, 20
    two, pair = np.full(2, 2, np.int8), np.full(2, 100, np.int16)
    return XyloNet(
        chip="xylo_audio3", dt=EARS.window_us / 1e6, w_in=w_in, w_rec=np.zeros((2, 2, 1), np.int8),
        w_out=np.diag([60, 60]).astype(np.int8), dash_mem=two, dash_syn=two[:, None],
        dash_mem_out=two, dash_syn_out=two, threshold=pair, threshold_out=pair,
        aliases=((), ()),
    )  # fmt: skip


def low_then_high() -> Waveform:
    t = np.arange(4_000) / 8_000
    low, high, none = np.sin(2 * np.pi * 200 * t), np.sin(2 * np.pi * 2_500 * t), 0 * t
    return Waveform.of(0.3 * np.concatenate([none, low, none, high, none]), rate_hz=8_000)


@settings(max_examples=8)
@given(st.lists(st.integers(0, 20_000), max_size=5).map(sorted))
def test_blocks_of_any_length_hear_the_same_as_the_whole(cuts: list[int]) -> None:
    net, sound = low_and_high(), low_then_high()
    blocks = [sound.samples[:, a:b] for a, b in pairwise([0, *cuts, len(sound)])]
    heard = list(listen(net, EARS, blocks, 8_000, RULE))
    spikes = np.concatenate([part.spikes for part in heard])
    detections = [one for part in heard for one in part.detections]
    n_steps = (len(sound) - 1) * 125 // EARS.window_us
    raster = raster_of(EARS.encode(sound), 0, n_steps + 1, EARS.window_us)[:n_steps]
    assert np.array_equal(spikes, run_net(net, raster[None]).output[0])
    assert {one.word for one in detections} == {0, 1}
    # Nothing before the first tone; the low output until the second begins, then the high one.
    for one in detections:
        seconds = one.step * net.dt
        assert seconds > 0.5
        assert one.word == (seconds > 1.5)


def test_ears_of_another_network_are_refused() -> None:
    net, none = low_and_high(), np.zeros((1, 10), np.float32)
    with pytest.raises(InvalidInput, match=r"steps of 10.24 ms, XyloAudio2 counts .* 10 ms") as e:
        list(listen(net, XyloAudio2(), [none], 8_000, RULE))
    assert e.value.hint == "give the front end the network's time step"
    few = replace(net, w_in=net.w_in[:4])
    with pytest.raises(InvalidInput, match="4 inputs, XyloAudio3 has 16 channels"):
        list(listen(few, EARS, [none], 8_000, RULE))
