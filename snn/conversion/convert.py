r"""Convert a trained network of rectifiers into one of integrate-and-fire neurons.

A neuron with reset by subtraction that is driven by a constant current x spikes at the rate
max(x, 0), to within one spike: what a rectifier computes. Weights are scaled such that the largest
rates are about one spike per step (Rueckauer et al. 2017):

$$ w \leftarrow w \, \lambda_{l-1} / \lambda_l, \quad b \leftarrow b / \lambda_l $$

where λ of a layer is a percentile of its activations on data.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.conversion.batch_norm import fold_batch_norm
from snn.conversion.chain import WEIGHTED, WITHOUT_EFFECT, check_expressible, leaves
from snn.conversion.scales import measure_scales
from snn.layers import IAF
from snn.sequential import SpikingSequential
from snn.surrogate import Surrogate

Readout: TypeAlias = Literal["sum", "spikes"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conversion:
    """A converted network, and what became of the one it came from.

    Args:
        model: the spiking network; it takes ``(B, T, …)``.
        folded: the rectifier network with its batch normalisation folded, layers named alike.
        scales: λ of each layer of neurons: the activation that one spike per step stands for.
        input_scale: the input of the rectifier network that 1 in each step stands for.
        output_scale: the output of it that 1 at the output of ``model`` stands for; 1 where the
            last layer is one of currents.
    """

    model: SpikingSequential
    folded: nn.Sequential
    scales: dict[str, float]
    input_scale: float
    output_scale: float


def convert(
    model: nn.Sequential,
    batches: Iterable[Tensor],
    *,
    percentile: float = 99.9,
    input_scale: float = 1.0,
    readout: Readout = "sum",
    max_spikes: int | None = None,
    min_v_mem: float | None = None,
    surrogate: Surrogate | None = None,
) -> Conversion:
    """Return the spiking network whose rates are the activations of a rectifier network.

    Batch normalisation is folded, dropout disappears, each ``ReLU`` becomes `IAF` neurons of
    threshold 1 with reset by subtraction. The result can be trained on, or put on a chip.

    Args:
        model: a chain of Conv1d, Conv2d, Linear, BatchNorm, ReLU, average pooling, Flatten and
            Dropout; it is left as it is.
        batches: inputs ``(B, …)`` of the kind that the network will see; a few hundred samples do.
        percentile: per cent of a layer's activations that shall not exceed one spike per step.
            Lower: more spikes, so fewer steps are needed.
        input_scale: the input of ``model`` that an input of 1 in each step stands for. A network
            that was trained on frames summed over T steps and now sees them one by one: T.
        readout: what a last layer without a ReLU becomes. ``"sum"``: currents, whose mean over
            time is its output. ``"spikes"``: neurons, which chips need; outputs below 0 are lost.
        max_spikes: most spikes of a neuron in one step; 1 cuts activations beyond the percentile.
        min_v_mem: lower bound of potentials. It loses what inhibition came before excitation.
        surrogate: derivative of a spike, for training on.

    Raises:
        InvalidInput: a module cannot be expressed, a layer is never active on the data, or a number
            is out of range.

    Examples:
        >>> net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
        >>> x = torch.rand(32, 2)
        >>> made = convert(net, [x])
        >>> rates = made.model(x.unsqueeze(1).expand(-1, 200, -1)).mean(1)
        >>> bool((rates - net(x)).abs().max() < 0.05)
        True
    """
    _check_numbers(percentile, input_scale, readout)
    folded = _rectifier_chain(model, readout)
    scales = measure_scales(folded, batches, percentile)

    def neurons() -> IAF:
        return IAF(min_v_mem=min_v_mem, max_spikes=max_spikes, surrogate=surrogate)

    layers, output_scale = _spiking(folded, scales, input_scale, neurons)
    return Conversion(
        model=SpikingSequential(layers).eval(),
        folded=folded,
        scales=scales,
        input_scale=input_scale,
        output_scale=output_scale,
    )


def _check_numbers(percentile: float, input_scale: float, readout: str) -> None:
    if not 0 < percentile <= 100:
        message = f"percentile {percentile} is not above 0 and at most 100"
        raise InvalidInput(message, hint="99.9 leaves out the outliers; 100 is the largest")
    if not input_scale > 0:
        message = f"input_scale {input_scale} is not above 0"
        raise InvalidInput(message, hint="1 for inputs alike; T for frames that were summed over T")
    if readout not in {"sum", "spikes"}:
        message = f"unknown readout {readout!r}"
        raise InvalidInput(message, hint="use 'sum' or 'spikes'")


def _rectifier_chain(model: nn.Sequential, readout: Readout) -> nn.Sequential:
    """Return the layers that are converted, without what has no effect."""
    for path, module in leaves(model):
        check_expressible(path, module)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, module in leaves(fold_batch_norm(model)):
        if not isinstance(module, WITHOUT_EFFECT):
            # Rectifiers in place would change what others hold.
            layers[name] = nn.ReLU() if isinstance(module, nn.ReLU) else module
    if not any(isinstance(module, WEIGHTED) for module in layers.values()):
        message = "the network has no layer with weights"
        raise InvalidInput(message, hint="give the whole trained nn.Sequential")
    if readout == "spikes" and not isinstance(next(reversed(layers.values())), nn.ReLU):
        if "neurons" in layers:
            message = "a layer is called 'neurons', as those of the readout would be"
            raise InvalidInput(message, hint="call it otherwise")
        layers["neurons"] = nn.ReLU()
    return nn.Sequential(layers).eval()


def _spiking(
    folded: nn.Sequential,
    scales: dict[str, float],
    input_scale: float,
    neurons: Callable[[], nn.Module],
) -> tuple[OrderedDict[str, nn.Module], float]:
    """Return the layers of the spiking network, and what 1 at its output stands for."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    scale = input_scale
    waiting: list[nn.Linear | nn.Conv1d | nn.Conv2d] = []
    for name, module in folded.named_children():
        if isinstance(module, nn.ReLU):
            layers[name] = neurons()
            # Rectifiers without weights before them keep the scale that comes in.
            scales[name] = scale = _scale(waiting, scale, scales[name])
            waiting = []
        else:
            layers[name] = copied = deepcopy(module)
            if isinstance(copied, WEIGHTED):
                waiting.append(copied)
    return layers, _scale(waiting, scale, 1.0)


@torch.no_grad()
def _scale(layers: list[nn.Linear | nn.Conv1d | nn.Conv2d], before: float, after: float) -> float:
    """Scale the weights between two rectifiers in place; the last of them changes the scale."""
    for i, layer in enumerate(layers, 1):
        to = after if i == len(layers) else before
        layer.weight.mul_(before / to)
        if layer.bias is not None:
            layer.bias.div_(to)
    return after if layers else before
