"""Runs of weights hold what each event adds to each neuron."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.results import QuantizedGraph
from devices.speck.run_tables import bias_run, reach_across, reach_down, weight_runs
from tests.devices.speck.random_nets import quantized_nets

NETS = quantized_nets(max_layers=1)


@given(q=NETS, seed=st.integers(0, 1000))
def test_an_event_adds_the_weights_of_the_convolution(q: QuantizedGraph, seed: int) -> None:
    (layer,) = q.layers
    place = np.random.default_rng(seed).integers(0, layer.input_shape)
    features, rows, columns = layer.neuron_shape
    runs, across, down = weight_runs(layer), reach_across(layer), reach_down(layer)
    added = np.zeros((rows, columns * features), np.int64)
    first, weight, length = across[place[2]]
    for step in range(down[place[1], 1]):
        kernel_row = down[place[1], 2] - step * layer.stride[0]
        row = runs[place[0], kernel_row].ravel()[weight : weight + length]
        added[down[place[1], 0] + step, first : first + length] = row
    expected = np.zeros((rows, columns, features), np.int64)
    for y, x, f in np.ndindex(expected.shape):
        ky = place[1] + layer.padding[0] - y * layer.stride[0]
        kx = place[2] + layer.padding[1] - x * layer.stride[1]
        if 0 <= ky < layer.weight.shape[2] and 0 <= kx < layer.weight.shape[3]:
            expected[y, x, f] = layer.weight[f, place[0], ky, kx]
    np.testing.assert_array_equal(added, expected.reshape(rows, -1))


@given(q=NETS)
def test_biases_repeat_along_a_row_or_are_absent(q: QuantizedGraph) -> None:
    (layer,) = q.layers
    run = bias_run(layer)
    if layer.bias is None or not layer.bias.any():
        assert len(run) == 0
    else:
        assert (
            run.reshape(-1, len(layer.bias)).tolist()
            == [layer.bias.tolist()] * layer.neuron_shape[2]
        )
