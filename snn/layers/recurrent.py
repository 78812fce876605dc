"""Layers whose spikes go back to their inputs."""

import math
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers.constants import Constants
from snn.layers.spiking import SpikingLayer


class Recurrent(SpikingLayer):
    r"""Neurons that receive their own spikes of the step before, weighted.

    $$ x_t \leftarrow x_t + W^T s_{t-1} $$

    Args:
        layer: the neurons; any kind that spikes.
        n_neurons: how many there are.

    Attributes:
        weight: W, ``(n, s·n)``: row j holds what a spike of neuron j adds to each input, of several
            synapses one after the other. It starts as normal numbers of deviation 0.5 / √n.

    Raises:
        InvalidInput: the neurons never spike, or are recurrent already.

    Examples:
        >>> from snn.layers import LIF
        >>> layer = Recurrent(LIF(tau_mem=0.02), 16)
        >>> layer(torch.ones(2, 10, 16)).shape
        torch.Size([2, 10, 16])
    """

    def __init__(self, layer: SpikingLayer, n_neurons: int) -> None:
        if layer.neuron.recurrent:
            message = f"{type(layer).__name__} is recurrent already"
            raise InvalidInput(message, hint="wrap the neurons once")
        super().__init__(replace(layer.neuron, recurrent=True), None, layer.dt)
        self.layer = layer
        n_inputs = n_neurons * layer.neuron.n_inputs
        self.weight = nn.Parameter(torch.randn(n_neurons, n_inputs) * 0.5 / math.sqrt(n_neurons))

    @property
    def constants(self) -> Constants:  # type: ignore[override]  # one module, not two of the same
        """Those of the neurons."""
        return self.layer.constants

    def rows(self) -> Mapping[str, Tensor]:
        """Return the constants of the recurrence."""
        return self.layer.rows()

    def recurrent_weight(self) -> Tensor:
        """Return the weight from spikes to inputs."""
        return self.weight
