import numpy as np

from eventstore.sound import (
    AddNoise,
    CausalTransform,
    FilterBank,
    FixLength,
    Rectify,
    ScaleAmplitude,
    SendOnDelta,
    SoundEncoder,
    SoundTransform,
)
from eventstore.sound.conformance import sample_sound
from eventstore.sound.protocol import apply_whole, encode_whole


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


def test_whole_is_one_block() -> None:
    sound = sample_sound()
    assert np.array_equal(apply_whole(Rectify(), sound).samples, np.maximum(sound.samples, 0))
    assert encode_whole(SendOnDelta(), sound).equals(SendOnDelta().encode(sound))
