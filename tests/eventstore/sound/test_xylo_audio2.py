from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.sound import Waveform, XyloAudio2
from eventstore.sound.analogue_numbers import CENTRES_HZ
from eventstore.testing import SoundContract


class TestXyloAudio2(SoundContract):
    stage = XyloAudio2(spike_threshold=0.2)


class TestXyloAudio2OfAChip(SoundContract):
    stage = XyloAudio2(seed=3, amplifier_db=6, divider=1)


@settings(max_examples=10)
@given(st.lists(st.integers(0, 600), min_size=1, max_size=4).map(sorted), st.integers(0, 99))
def test_blocks_give_what_the_whole_gives(cuts: list[int], seed: int) -> None:
    stage = XyloAudio2(seed=seed, divider=1)
    sound = Waveform.of(np.random.default_rng(seed).normal(size=(2, 600)), rate_hz=8_000)
    state = stage.start(2, 8_000)
    parts = [sound.samples[:, a:b] for a, b in pairwise([0, *cuts, 600])]
    joined = Events.concatenate([stage.encode_block(part, state) for part in parts])
    whole = stage.encode(sound)
    assert joined.equals(whole)
    assert bool((np.diff(whole.t) >= 0).all())


@pytest.mark.parametrize("k", range(4, 16))
def test_a_tone_is_loudest_in_its_band(k: int) -> None:
    t = np.arange(6_000) / 48_000
    tone = Waveform.of(np.sin(2 * np.pi * CENTRES_HZ[k] * t), rate_hz=48_000)
    assert np.bincount(XyloAudio2(max_spikes=15, raster_us=1_000).encode(tone).x).argmax() == k


def test_each_seed_is_a_chip_of_its_own_and_stays_it() -> None:
    noise = Waveform.of(np.random.default_rng(0).normal(size=8_000), rate_hz=16_000)
    heard = [XyloAudio2(seed=seed).encode(noise) for seed in (1, 1, 2)]
    assert heard[0].equals(heard[1])
    assert not heard[0].equals(heard[2])


def test_a_step_of_the_network_takes_15_spikes_and_a_chip_is_silent_in_silence() -> None:
    loud = Waveform.of(np.random.default_rng(0).normal(size=16_000), rate_hz=16_000)
    events = XyloAudio2(spike_threshold=0.1, divider=1, amplifier_db=12).encode(loud)
    assert np.bincount(events.t // 10_000 * 16 + events.x).max() == 15
    assert len(XyloAudio2(seed=1).encode(Waveform.of(np.zeros(16_000), rate_hz=16_000))) == 0


def test_fields_out_of_range_are_named() -> None:
    with pytest.raises(InvalidInput, match="amplifier_db=7"):
        XyloAudio2(amplifier_db=7)
    with pytest.raises(InvalidInput, match=r"spike_threshold=1.0. is outside 0.1"):
        XyloAudio2(spike_threshold=1.0)
