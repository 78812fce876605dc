import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sound import SendOnDelta, Waveform
from eventstore.sound.conformance import sample_sound
from eventstore.sound.delta import delta_packets
from eventstore.testing import SoundContract


class TestSendOnDelta(SoundContract):
    stage = SendOnDelta(threshold=0.02)


def by_the_book(values: np.ndarray, threshold: float, rate: int) -> list[tuple[int, int]]:
    """Encode samples one by one, as the docstring says."""
    step, found = round(threshold * 2**31), []
    levels = [0] * len(values)
    for i, frame in enumerate(values.T.tolist()):
        for k, sample in enumerate(frame):
            while (gap := round(sample * 2**31) - levels[k]) >= step or gap <= -step:
                sign = 1 if gap > 0 else -1
                levels[k] += sign * step
                found.append(((i * 10**6 + rate // 2) // rate, 2 * k + (sign < 0)))
    return found


@given(
    st.lists(st.integers(-64, 64), min_size=1, max_size=40),
    st.sampled_from([0.5, 0.1, 0.03]),
    st.sampled_from([1, 8_000, 44_100]),
)
def test_events_are_those_of_the_book(values: list[int], threshold: float, rate: int) -> None:
    sound = np.array([values, values[::-1]]) / 64
    events = SendOnDelta(threshold=threshold).encode(Waveform.of(sound, rate_hz=rate))
    found = list(zip(events.t.tolist(), events.x.tolist(), strict=True))
    assert found == by_the_book(sound, threshold, rate)


def test_a_sound_can_be_rebuilt_to_within_the_threshold() -> None:
    sound = sample_sound()
    events = SendOnDelta(threshold=0.02).encode(sound)
    for k in range(2):
        own = events[events.x // 2 == k]
        sample = np.rint(own.t * 8_000 / 1e6).astype(int)
        moves = np.bincount(sample, np.where(own.x % 2 == 0, 0.02, -0.02), minlength=2_000)
        assert np.abs(np.cumsum(moves) - sound.samples[k]).max() <= 0.02 + 1e-6


@given(st.integers(1, 70))
def test_packets_are_full_but_the_last(packet_events: int) -> None:
    frames = (np.rint(sample_sound().samples.T[:60] * 2**31)).astype(np.int64)
    step = (1 << 26, 8_000)

    def packets(size: int, cut: int) -> list[tuple[list[int], list[int]]]:
        blocks = [(0, frames[:cut]), (cut, frames[cut:])]
        made = delta_packets(blocks, np.zeros(2, np.int64), step, size)
        return [(p.t.tolist(), p.x.tolist()) for p in made]

    found = packets(packet_events, 30)
    assert all(len(t) == packet_events for t, _ in found[:-1])
    ((t, x),) = packets(1 << 16, 7)
    assert [i for part, _ in found for i in part] == t
    assert [i for _, part in found for i in part] == x


@pytest.mark.parametrize("threshold", [0.0, 2.0, 2.0**-16, float("nan")])
def test_thresholds_without_sense_are_refused(threshold: float) -> None:
    with pytest.raises(InvalidInput, match="threshold"):
        SendOnDelta(threshold=threshold)
