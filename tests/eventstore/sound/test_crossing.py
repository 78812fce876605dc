import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sound import ThresholdCrossing, Waveform
from eventstore.testing import SoundContract


class TestThresholdCrossing(SoundContract):
    stage = ThresholdCrossing(n_levels=5)


def by_the_book(values: np.ndarray, stage: ThresholdCrossing, rate: int) -> list[tuple[int, int]]:
    """Hold each pair of samples against each level, as the docstring says."""
    levels, found = stage.levels().tolist(), []
    for i in range(1, values.shape[1]):
        now = (i * 10**6 + rate // 2) // rate
        for k in range(len(values)):
            before, after = values[k, i - 1], values[k, i]
            for j, level in enumerate(levels):
                if before < level <= after:
                    found.append((now, 2 * (k * len(levels) + j)))
            for j, level in reversed(list(enumerate(levels))):
                if after < level <= before:
                    found.append((now, 2 * (k * len(levels) + j) + 1))
    return found


@given(
    st.lists(st.integers(-8, 8), min_size=1, max_size=40),
    st.integers(1, 9),
    st.sampled_from([1, 8_000, 44_100]),
)
def test_events_are_those_of_the_book(values: list[int], n_levels: int, rate: int) -> None:
    # Sixteenths: many samples lie on a level exactly.
    sound = np.array([values, values[::-1]]) / 8
    stage = ThresholdCrossing(n_levels=n_levels, low=-1.0, high=0.5)
    events = stage.encode(Waveform.of(sound, rate_hz=rate))
    found = list(zip(events.t.tolist(), events.x.tolist(), strict=True))
    assert found == by_the_book(sound, stage, rate)


@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=40))
def test_up_and_down_of_a_level_take_turns(values: list[float]) -> None:
    events = ThresholdCrossing(n_levels=3).encode(Waveform.of(values, rate_hz=100))
    for level in range(3):
        own = events.x[events.x // 2 == level]
        assert np.all(own[1:] != own[:-1])


def test_silence_between_levels_sends_nothing() -> None:
    noise = 0.01 * np.random.default_rng(0).normal(size=1_000)
    assert len(ThresholdCrossing(n_levels=16).encode(Waveform.of(noise, rate_hz=8_000))) == 0


@pytest.mark.parametrize("fields", [{"n_levels": 0}, {"low": 1.0}, {"high": float("nan")}])
def test_fields_without_sense_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        ThresholdCrossing(**fields)  # type: ignore[arg-type]
