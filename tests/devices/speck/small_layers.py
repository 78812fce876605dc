"""Layers small enough to reckon with by hand."""

import numpy as np

from devices.results import QuantizedLayer


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
