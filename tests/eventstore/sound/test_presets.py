import numpy as np
import pytest

from eventstore.errors import InvalidInput, NotFound
from eventstore.sound import (
    PRESETS,
    Encoding,
    FilterBank,
    FixLength,
    IntegrateAndFire,
    Rectify,
    ScaleAmplitude,
    SendOnDelta,
    ThresholdCrossing,
    Waveform,
    preset,
)
from eventstore.sound.conformance import sample_sound


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_each_encodes_and_round_trips(name: str) -> None:
    encoding = preset(name)
    moved = Waveform.of(np.random.default_rng(0).normal(size=(3, 200)), rate_hz=200)
    sound = moved if name == "xylo-imu" else sample_sound()
    assert len(encoding.encode(sound)) > 0
    assert Encoding.from_json(encoding.to_json()) == encoding


def test_names_stand_for_these_stages() -> None:
    assert preset("delta") == Encoding(SendOnDelta())
    assert preset("levels", n_levels=4) == Encoding(ScaleAmplitude(), ThresholdCrossing(n_levels=4))
    for name, scale in (("mel-lif", "mel"), ("linear-lif", "linear")):
        assert preset(name, n_bands=8, seconds=0.5, peak=0.5) == Encoding(
            FixLength(seconds=0.5),
            ScaleAmplitude(peak=0.5),
            FilterBank(n_bands=8, scale=scale),  # type: ignore[arg-type]
            Rectify(),
            IntegrateAndFire(),
        )


def test_names_and_parameters_that_are_not_there() -> None:
    with pytest.raises(NotFound, match="mel-lif"):
        preset("mel-fil")
    with pytest.raises(NotFound, match=r"parameter of the encoding 'delta': 'n_bands'"):
        preset("delta", n_bands=3)
    with pytest.raises(InvalidInput, match="n_bands"):
        preset("mel-lif", n_bands=0)
