"""Run a network of mixed-signal neurons in time steps, as one chip or as it was meant."""

import numpy as np
import torch
from jaxtyping import Int64, Shaped
from torch import Tensor, nn

from devices.dynapse.net import DynapseNet, Population
from devices.results import LayerActivity, SimResult
from eventstore.errors import InvalidInput
from snn.dpi.inhibition import INHIBITION, names_of_rows
from snn.dpi.layer import DPI
from snn.dpi.signed_linear import SignedLinear
from snn.sequential import SpikingSequential


def model_of(net: DynapseNet) -> SpikingSequential:
    """Return a network as a model of torch, to be run, trained or drawn with mismatch.

    Args:
        net: the network.
    """
    layers: list[nn.Module] = []
    for one in net.populations:
        linear = _weights(one)
        rows = torch.from_numpy(one.currents).float()
        currents = dict(zip(names_of_rows(len(rows)), rows, strict=True))
        inhibition = {name: currents.pop(name) for name in INHIBITION if name in currents}
        neurons = DPI(
            currents,
            net.dt,
            inhibition=inhibition or None,
            n_recurrent=None if one.recurrent is None else one.n_neurons,
            circuit=net.circuit,
            i_scale=net.i_scale,
        )
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(one.weight.T.copy()))
            if neurons.weight is not None and one.recurrent is not None:
                neurons.weight.copy_(torch.from_numpy(one.recurrent))
        layers += [linear, neurons]
    return SpikingSequential(*layers)


def _weights(one: Population) -> nn.Linear | SignedLinear:
    if one.inhibited:
        return SignedLinear(len(one.weight), one.n_neurons)
    return nn.Linear(len(one.weight), one.n_neurons, bias=False)


@torch.no_grad()
def simulate(
    net: DynapseNet,
    frames: Shaped[np.ndarray, "b t *n"],
    lengths: Int64[np.ndarray, " b"] | None = None,
) -> SimResult:
    """Run a batch of samples through a network.

    Time is cut into steps of ``net.dt``, as in training; the chip itself runs in real time. Spikes
    of one layer reach the next within the step.

    Args:
        net: the network; of a chip with mismatch see `devices.dynapse.mismatch`.
        frames: counts of events in each time step.
        lengths: valid steps of each sample; those after it are padding. None: all.

    Raises:
        InvalidInput: frames are of another width than the input, or lengths do not fit.
    """
    if frames.ndim < 3 or frames[0, :1].size != net.n_inputs:
        message = f"frames of shape {frames.shape} for {net.n_inputs} inputs"
        raise InvalidInput(message, hint="(samples, time steps, inputs), one sample and more")
    valid = _valid(frames, lengths)
    x = torch.from_numpy(frames.reshape(*frames.shape[:2], -1).astype(np.float32)) * valid
    layers, model = [], model_of(net)
    for one, (linear, neurons) in zip(net.populations, _pairs(model), strict=True):
        y = neurons(linear(x)) * valid
        layers.append(_activity(one, x, y, int(valid.sum())))
        x = y
    return SimResult(layers=tuple(layers), output=x.long().numpy())


def _pairs(model: SpikingSequential) -> list[tuple[nn.Module, nn.Module]]:
    modules = list(model)
    return list(zip(modules[::2], modules[1::2], strict=True))


def _valid(frames: np.ndarray, lengths: np.ndarray | None) -> Tensor:
    """Return 1 for each time step of each sample that is no padding, ``(B, T, 1)``."""
    batch, steps = frames.shape[:2]
    if lengths is None:
        return torch.ones(batch, steps, 1)
    if lengths.shape != (batch,) or lengths.min() < 0 or lengths.max() > steps:
        message = f"lengths {lengths.tolist()} do not fit {batch} samples of {steps} steps"
        raise InvalidInput(message, hint="one a sample, at most as many as there are steps")
    within: np.ndarray = np.arange(steps) < lengths[:, None]
    return torch.from_numpy(within).float().unsqueeze(-1)


def _activity(one: Population, x: Tensor, y: Tensor, n_steps: int) -> LayerActivity:
    incoming, fired = x.double().sum(1).numpy(), y.double().sum(1).numpy()
    synops = incoming @ (one.weight != 0).sum(1)
    if one.recurrent is not None:
        synops = synops + fired @ (one.recurrent != 0).sum(1)
    return LayerActivity(
        name=one.name,
        spiking_name=one.spiking_name,
        spikes=fired.sum(1).astype(np.int64),
        input_spikes=incoming.sum(1).astype(np.int64),
        synops=synops.astype(np.int64),
        neuron_spikes=fired.sum(0).astype(np.int64)[:, None, None],
        n_steps=n_steps,
    )
