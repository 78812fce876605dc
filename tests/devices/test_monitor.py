"""Channels of monitored neurons: one each, in order, and back again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.monitor import Channels, OutputSpikes
from eventstore.errors import InvalidInput

sizes = st.tuples(*[st.integers(1, 4)] * 3)


@given(shapes=st.dictionaries(st.integers(0, 8), sizes, min_size=1, max_size=3))
def test_every_neuron_has_a_channel_of_its_own(shapes: dict[int, tuple[int, int, int]]) -> None:
    channels = Channels(shapes=shapes)
    rows = [(0, core, *place) for core in sorted(shapes) for place in np.ndindex(*shapes[core])]
    assert channels.of(OutputSpikes.of(rows)).tolist() == list(range(channels.count))
    for facts in channels.facts():
        assert facts["shape"] == list(shapes[facts["core"]])  # type: ignore[index]
        assert facts["first_channel"] == channels.first[facts["core"]]  # type: ignore[index]


def test_spikes_of_other_neurons_are_refused() -> None:
    channels = Channels(shapes={3: (2, 1, 1)})
    for row in [(0, 4, 0, 0, 0), (0, 3, 2, 0, 0), (0, 3, 0, 1, 0), (0, 3, -1, 0, 0)]:
        with pytest.raises(InvalidInput, match=f"a spike of core {row[1]} at"):
            channels.of(OutputSpikes.of([row]))


def test_no_neurons_and_too_many_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no core is monitored"):
        Channels(shapes={})
    with pytest.raises(InvalidInput, match="69,632 neurons are monitored"):
        Channels(shapes={0: (16, 64, 64), 1: (1, 64, 64)})


def test_events_begin_at_their_first() -> None:
    channels = Channels(shapes={1: (4, 1, 1)})
    events = channels.events(OutputSpikes.of([(100, 1, 2, 0, 0), (130, 1, 0, 0, 0)])[:2], 90)
    assert events.t.tolist() == [10, 40]
    assert events.x.tolist() == [2, 0]
