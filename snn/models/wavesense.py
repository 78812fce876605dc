"""WaveSense: what WaveNet does with dilated convolutions, done with synapses of two speeds."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.branching import INPUT, Branching
from snn.layers import CubaLIF
from snn.models.inputs import check_input, check_positive
from snn.models.weights import scaled_linear
from snn.sequential import SpikingSequential
from snn.surrogate import Surrogate, surrogate_named


def wavesense(
    n_classes: int,
    input_shape: tuple[int, ...],
    *,
    dilations: Sequence[int] = (2, 4, 8, 16, 32),
    channels: int = 16,
    skip_channels: int = 32,
    hidden: int = 32,
    n_synapses: int = 2,
    dt: float = 0.01,
    tau: float = 0.02,
    bit_shift: bool = False,
    dropout: float = 0.0,
    surrogate: str = "periodic-exponential",
    surrogate_width: float = 0.5,
) -> SpikingSequential:
    r"""Return a stack of blocks with residual and skip paths (Weidel and Sheik, 2021).

    Where WaveNet looks at a sample and one d steps before, a neuron of a block of dilation d has
    two synapses, which remember for τ and for d τ; synapse k of more of them remembers for k d τ. A
    block's spikes go on by two ways: through weights and neurons, added to what came in, to the
    next block; and through others to the sum of all blocks, which drives a hidden layer and the
    outputs.

    Args:
        n_classes: number of outputs, which spike.
        input_shape: shape ``(C,)`` of a time step of a raster.
        dilations: one for each block.
        channels: neurons of a block, and of the path from block to block.
        skip_channels: neurons of the path from each block to the sum.
        hidden: neurons between the sum and the outputs.
        n_synapses: synapses of a block's neurons, from 2.
        dt: length of a time step in seconds: the window of the pipeline's frames.
        tau: time constant of all membranes and synapses but those of the blocks; membranes of a
            block are as slow as its slowest synapse.
        bit_shift: round decays to what a chip computes by shifting.
        dropout: share of the hidden spikes dropped in training, in each time step anew.
        surrogate: name of the surrogate gradient.
        surrogate_width: its width, in thresholds.

    Raises:
        InvalidInput: the input is no raster, or a number is out of range.

    Examples:
        >>> net = wavesense(4, (16,), dilations=(2, 4))
        >>> net.blocks.outputs
        ('block1_skip', 'block2_skip')
        >>> net.blocks.get_submodule("block2_neurons").constants["tau_syn"].flatten()
        tensor([0.0200, 0.0800])
    """
    check_input("wavesense", input_shape, "C")
    sizes = {"channels": channels, "skip_channels": skip_channels, "hidden": hidden}
    steps = {f"dilations[{i}]": d for i, d in enumerate(dilations)}
    check_positive("wavesense", dt=dt, tau=tau, **sizes, **steps)
    if n_synapses < 2 or not dilations:
        message = f"wavesense with {n_synapses=} and dilations={list(dilations)}"
        raise InvalidInput(message, hint="it needs a block or more, with two synapses or more")
    slope = surrogate_named(surrogate, width=surrogate_width)
    make = _Parts(dt, tau, slope, bit_shift=bit_shift)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["linear_in"] = make.linear(input_shape[0], channels)
    layers["neurons_in"] = make.neurons()
    layers["blocks"] = _blocks(make, dilations, n_synapses, channels, skip_channels)
    layers["linear_hidden"] = make.linear(skip_channels, hidden)
    layers["neurons_hidden"] = make.neurons()
    if dropout > 0:
        layers["dropout"] = nn.Dropout(dropout)
    layers["linear"] = make.linear(hidden, n_classes)
    layers["readout"] = make.neurons()
    return SpikingSequential(layers)


class _Parts:
    """Makes weights and neurons of one time step, time constant and surrogate."""

    def __init__(self, dt: float, tau: float, slope: Surrogate, *, bit_shift: bool) -> None:
        self.dt, self.tau, self.slope, self.bit_shift = dt, tau, slope, bit_shift

    def linear(self, inputs: int, outputs: int, scale: Tensor | None = None) -> nn.Linear:
        """Return weights, scaled down by how much a synapse sums its input up."""
        return scaled_linear(inputs, outputs, self.dt / self.tau if scale is None else scale)

    def neurons(self, taus: Sequence[float] = ()) -> CubaLIF:
        """Return neurons with one synapse, or with one for each time constant."""
        slowest = max(taus, default=self.tau)
        return CubaLIF(
            slowest,
            list(taus) or self.tau,
            self.dt,
            surrogate=self.slope,
            bit_shift=self.bit_shift,
        )


def _blocks(
    make: _Parts, dilations: Sequence[int], n_synapses: int, channels: int, skip_channels: int
) -> Branching:
    modules: dict[str, nn.Module] = {}
    sources: dict[str, tuple[str, ...]] = {}
    given: tuple[str, ...] = (INPUT,)
    for i, dilation in enumerate(dilations, 1):
        name = f"block{i}"
        taus = [max(1, k * dilation) * make.tau for k in range(n_synapses)]
        scale = (make.dt / torch.tensor(taus)).repeat_interleave(channels)
        modules[f"{name}_linear"] = make.linear(channels, n_synapses * channels, scale)
        modules[f"{name}_synapses"] = nn.Unflatten(1, (n_synapses, channels))
        modules[f"{name}_neurons"] = make.neurons(taus)
        modules[f"{name}_skip_linear"] = make.linear(channels, skip_channels)
        modules[f"{name}_skip"] = make.neurons()
        sources[f"{name}_linear"] = given
        sources[f"{name}_skip_linear"] = (f"{name}_neurons",)
        if i < len(dilations):  # the last block's way on would lead nowhere
            modules[f"{name}_linear_on"] = make.linear(channels, channels)
            modules[f"{name}_on"] = make.neurons()
            sources[f"{name}_linear_on"] = (f"{name}_neurons",)
            given = (*given, f"{name}_on")
    skips = [name for name in modules if name.endswith("_skip")]
    return Branching(modules, sources=sources, outputs=skips)
