"""What one event adds to a layer, as runs: where they begin in weights and states, and how long.

In a row of neurons the windows over one place are neighbours, and each sees that place one stride
further to the left in its kernel. So weights are stored with their columns from right to left,
split by phase, the place within a stride: then one event adds one unbroken run of weights to one
unbroken run of states, for any stride.
"""

import numpy as np
from jaxtyping import Int8, Int64

from devices.results import QuantizedLayer


def weight_runs(layer: QuantizedLayer) -> Int8[np.ndarray, "c ky phase run f"]:
    """Return weights ordered by feature, kernel row, phase, kernel column from the right, output.

    Phases with fewer columns than others have zeros at their end, which no run reaches.
    """
    features, channels, kernel_rows, kernel_columns = layer.weight.shape
    stride = layer.stride[1]
    longest = -(-kernel_columns // stride)
    runs = np.zeros((channels, kernel_rows, stride, longest, features), np.int8)
    for phase in range(min(stride, kernel_columns)):
        columns = np.arange(phase, kernel_columns, stride)[::-1]
        runs[:, :, phase, : len(columns)] = layer.weight[..., columns].transpose(1, 2, 3, 0)
    return runs


def bias_run(layer: QuantizedLayer) -> Int8[np.ndarray, " n"]:
    """Return one bias for each neuron of a row; nothing where all biases are zero."""
    if layer.bias is None or not layer.bias.any():
        return np.zeros(0, np.int8)
    return np.tile(layer.bias, layer.neuron_shape[2])


def reach_across(layer: QuantizedLayer) -> Int64[np.ndarray, "x 3"]:
    """Return for each input column: first state in a row, first weight in a kernel row, length."""
    features, _, columns = layer.neuron_shape
    kernel, stride = layer.weight.shape[3], layer.stride[1]
    longest = -(-kernel // stride)
    last, phase = np.divmod(np.arange(layer.input_shape[2]) + layer.padding[1], stride)
    first = last + 1 - np.maximum(0, -(-(kernel - phase) // stride))
    begin, end = np.maximum(0, first), np.minimum(columns, last + 1)
    reach = np.stack([begin, phase * longest + begin - first, np.maximum(0, end - begin)], axis=1)
    return reach.astype(np.int64) * features


def reach_down(layer: QuantizedLayer) -> Int64[np.ndarray, "y 3"]:
    """Return for each input row: first row of neurons, how many, kernel row that the first sees."""
    rows, kernel, stride = layer.neuron_shape[1], layer.weight.shape[2], layer.stride[0]
    place = np.arange(layer.input_shape[1]) + layer.padding[0]
    begin = np.maximum(0, -((kernel - 1 - place) // stride))
    end = np.minimum(rows, place // stride + 1)
    reach = np.stack([begin, np.maximum(0, end - begin), place - begin * stride], axis=1)
    return reach.astype(np.int64)
