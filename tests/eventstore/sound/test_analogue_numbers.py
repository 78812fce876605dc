import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.sound.analogue_numbers import CENTRES_HZ, analogue_numbers


@given(st.integers(0, 1 << 40))
def test_chips_differ_from_the_design_within_bounds(seed: int) -> None:
    chip = analogue_numbers(seed)
    design = np.array(CENTRES_HZ)
    assert (np.abs(chip.centres_hz / design - 1) <= 1.05 * 1.05 - 1).all()
    assert (np.abs(chip.quality / 4 - 1) <= 0.1).all()
    assert np.abs([chip.amplifier_offset_v, *chip.band_offset_v]).max() <= 5e-3
    assert len(np.unique(chip.quality)) == 16


def test_many_chips_fill_the_bounds_evenly() -> None:
    quality = np.concatenate([analogue_numbers(seed).quality for seed in range(200)])
    counts = np.histogram(quality, 8, (3.6, 4.4))[0]
    assert counts.sum() == 3_200
    assert np.abs(counts - 400).max() < 100
