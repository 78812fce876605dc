"""Layers small enough to reckon with by hand."""

import itertools
from dataclasses import replace

import numpy as np

from devices.results import QuantizedGraph, QuantizedLayer


def one_weight_layer(
    name: str, weight: int = 10, threshold: int = 10, size: int = 4
) -> QuantizedLayer:
    """Return neurons each of which one pixel excites."""
    return QuantizedLayer(
        name=name,
        spiking_name=f"{name}.neurons",
        input_shape=(1, size, size),
        weight=np.full((1, 1, 1, 1), weight, np.int8),
        bias=None,
        stride=(1, 1),
        padding=(0, 0),
        threshold=threshold,
        lower_bound=-10,
        reset="subtract",
        scale=1.0,
        rescale=1.0,
    )


def chain_of(features: tuple[int, ...], seed: int) -> QuantizedGraph:
    """Return layers "0", "1", … on maps of 4 × 4, of which the last takes the whole map.

    Args:
        features: of the input, then of each layer.
        seed: of weights and biases.
    """
    rng = np.random.default_rng(seed)
    layers = []
    for at, (inputs, outputs) in enumerate(itertools.pairwise(features)):
        edge = 4 if at == len(features) - 2 else 3
        bias = rng.integers(-9, 9, outputs).astype(np.int8) if rng.random() < 0.3 else None
        layers.append(
            replace(
                one_weight_layer(str(at), threshold=60),
                input_shape=(inputs, 4, 4),
                weight=rng.integers(-40, 60, (outputs, inputs, edge, edge)).astype(np.int8),
                bias=bias,
                padding=(edge % 2, edge % 2),
            )
        )
    return QuantizedGraph.chain(
        chip="speck2f", input_shape=layers[0].input_shape, layers=tuple(layers)
    )
