"""Colours of counts."""

import itertools

import numpy as np
import pytest

from eventstore.video.colours import GROUNDS, colour_table
from eventstore.video.options import Ground


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_more_events_stand_out_more_and_polarities_differ(ground: Ground) -> None:
    table = colour_table(4, ground).astype(float)
    behind = np.array(GROUNDS[ground])
    assert (table[0] == behind).all()
    for row in (table[[0x10 * k for k in range(5)]], table[:5]):
        away = np.abs(row - behind).sum(1)
        assert all(a < b for a, b in itertools.pairwise(away))
    assert (table[0x40] == table[0xF0]).all()
    assert table[0x40][2] > table[0x40][0]  # ON is blue
    assert table[0x04][0] > table[0x04][2]  # OFF is orange
