"""Hand-over values: shapes, activity, joining of batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.results import LayerActivity, QuantizedLayer, SimResult


def activity(spikes: list[int], neurons: list[int], n_steps: int = 4) -> LayerActivity:
    return LayerActivity(
        name="a",
        spiking_name="b",
        spikes=np.array(spikes),
        input_spikes=np.array(spikes) * 2,
        synops=np.array(spikes) * 3,
        neuron_spikes=np.array(neurons).reshape(-1, 1, 1),
        n_steps=n_steps,
    )


def test_silence_saturation_and_rate() -> None:
    some = activity([3, 1], [4, 0])
    assert (some.n_neurons, some.silent_neurons, some.rate) == (2, 1, 0.5)
    assert not some.is_silent
    assert not some.is_saturated
    assert activity([0], [0, 0]).is_silent
    assert activity([8], [4, 4]).is_saturated
    assert activity([], [0], n_steps=0).rate == 0.0


@given(parts=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=1, max_size=4))
def test_activity_adds_up_over_batches(parts: list[list[int]]) -> None:
    joined = LayerActivity.joined([activity(part, [sum(part)], len(part)) for part in parts])
    every = [number for part in parts for number in part]
    assert joined.spikes.tolist() == every
    assert joined.synops.tolist() == [3 * number for number in every]
    assert joined.neuron_spikes.sum() == sum(every)
    assert joined.n_steps == len(every)


def result(output: np.ndarray) -> SimResult:
    return SimResult(layers=(activity([1] * len(output), [len(output)]),), output=output)


def test_the_first_of_equal_counts_is_predicted() -> None:
    found = result(np.array([[[0, 1, 1]], [[0, 0, 0]], [[1, 0, 2]]]))
    assert found.predictions.tolist() == [1, 0, 2]
    assert found.silent_outputs.tolist() == [False, True, False]


def test_batches_of_different_length_are_joined() -> None:
    short, long = np.ones((2, 3, 4), int), np.ones((1, 5, 4), int)
    joined = SimResult.joined([result(short), result(long)])
    assert joined.output.shape == (3, 5, 4)
    assert joined.counts.tolist() == [[3] * 4, [3] * 4, [5] * 4]


@pytest.mark.parametrize(
    ("pool", "neurons", "sent"), [(1, (3, 7, 5), (3, 7, 5)), (2, (3, 7, 5), (3, 3, 2))]
)
def test_shapes_of_a_layer(pool: int, neurons: tuple[int, ...], sent: tuple[int, ...]) -> None:
    layer = QuantizedLayer(
        name="a",
        spiking_name="b",
        input_shape=(2, 14, 8),
        weight=np.zeros((3, 2, 3, 4), np.int8),
        bias=None,
        stride=(2, 1),
        padding=(1, 0),
        threshold=1,
        lower_bound=0,
        reset="zero",
        pool=pool,
        scale=1.0,
        rescale=1.0,
    )
    assert layer.neuron_shape == neurons
    assert layer.output_shape == sent
