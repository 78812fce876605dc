import numpy as np
import pytest

from eventstore.sound import (
    AddNoise,
    CausalTransform,
    FilterBank,
    FixLength,
    IntegrateAndFire,
    Rectify,
    ScaleAmplitude,
    SendOnDelta,
    SoundEncoder,
    SoundTransform,
)
from eventstore.sound import protocol as protocol_module
from eventstore.sound.conformance import sample_sound
from eventstore.sound.protocol import apply_whole, blocks_of, encode_whole


def test_the_kinds_are_told_apart() -> None:
    for causal in (FilterBank(n_bands=2), Rectify()):
        assert isinstance(causal, CausalTransform)
        assert isinstance(causal, SoundTransform)
        assert not isinstance(causal, SoundEncoder)
    for whole in (AddNoise(snr_db=3), FixLength(seconds=1), ScaleAmplitude()):
        assert isinstance(whole, SoundTransform)
        assert not isinstance(whole, CausalTransform)
    assert isinstance(SendOnDelta(), SoundEncoder)
    assert not isinstance(SendOnDelta(), SoundTransform)


def test_a_transform_takes_a_whole_sound_as_one_block() -> None:
    sound = sample_sound()
    assert np.array_equal(apply_whole(Rectify(), sound).samples, np.maximum(sound.samples, 0))


@pytest.mark.parametrize("block", [1, 7, 2_000, 5_000])
def test_an_encoder_takes_it_in_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sound, stage = sample_sound(), IntegrateAndFire()
    state = stage.start(sound.n_channels, sound.rate_hz)
    expected = stage.encode_block(sound.samples, state)
    monkeypatch.setattr(protocol_module, "BLOCK_SAMPLES", block)
    assert np.array_equal(np.concatenate(list(blocks_of(sound)), axis=1), sound.samples)
    assert encode_whole(stage, sound).equals(expected)
