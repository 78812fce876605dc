"""Events a second."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import StepPatch

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.plot import rate


@settings(max_examples=25)
@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 9))
def test_the_areas_are_the_events_of_each_polarity(n: int, bins: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.integers(0, 2, n)
    axes = rate(Events.of(t=rng.integers(0, 10**6, n), x=np.zeros(n, int), p=p), bins=bins)
    areas = [_area(part) for part in axes.patches if isinstance(part, StepPatch)]
    expected = [float(p.sum())] + ([float(p.sum() - n)] if (p == 0).any() else [])
    assert np.allclose(areas, expected)
    plt.close("all")


def _area(part: StepPatch) -> float:
    values, edges, _ = part.get_data()
    return float((values * np.diff(edges)).sum())


def test_sound_has_one_side_and_ticks_have_no_sign() -> None:
    axes = rate(Events.of(t=range(0, 10_000, 10), x=[1] * 1_000), sensor=Sensor.audio(3))
    assert axes.get_legend() is None
    assert axes.yaxis.get_major_formatter()(-50_000, 0) == "50 k"
    with pytest.raises(InvalidInput, match="no rate in 0 bins"):
        rate(Events.empty(), bins=0)
    assert rate(Events.empty()).get_xlim() == (0.0, 1.0)
