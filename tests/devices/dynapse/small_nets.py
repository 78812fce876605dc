"""Networks of mixed-signal neurons for tests, that fire."""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from torch import nn

from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.coded import CodedNet
from devices.dynapse.net import DynapseNet, Population
from devices.dynapse.quantize import quantize_net
from devices.graph import graph_from_model
from devices.nodes import Graph
from snn.dpi.circuit import BiasCurrents, Circuit
from snn.dpi.inhibition import InhibitionCurrents
from snn.dpi.layer import DPI
from snn.dpi.signed_linear import SignedLinear
from snn.sequential import SpikingSequential

WIDTHS = (8, 12, 3)


def small_model(*, recurrent: bool = True) -> SpikingSequential:
    """Return a network of two layers, the first of which feeds itself."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        n_in, n, n_out = WIDTHS
        first = DPI(n_recurrent=n if recurrent else None)
        model = SpikingSequential(
            *(nn.Linear(n_in, n, bias=False), first),
            *(nn.Linear(n, n_out, bias=False), DPI()),
        )
        with torch.no_grad():
            linear_of(model, 0).weight.mul_(60)
            linear_of(model, 2).weight.mul_(15)
            if first.weight is not None:
                first.weight.mul_(20)
    return model


def linear_of(model: SpikingSequential, at: int) -> nn.Linear:
    """Return a linear layer of a model."""
    module = model[at]
    assert isinstance(module, nn.Linear)
    return module


def small_dpi_graph() -> Graph:
    """Return its graph."""
    return graph_from_model(small_model(), (WIDTHS[0],))


def inhibited_model() -> SpikingSequential:
    """Return a network of two layers whose inhibition has synapses of its own."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        n_in, n, n_out = WIDTHS
        neurons = [DPI(inhibition=InhibitionCurrents.from_times(tau_inh=t)) for t in (0.02, 0.005)]
        layers = SignedLinear(n_in, n), SignedLinear(n, n_out)
        with torch.no_grad():
            layers[0].weight.add_(0.2).mul_(30)
            layers[1].weight.add_(0.1).mul_(15)
    return SpikingSequential(layers[0], neurons[0], layers[1], neurons[1])


def currents_of(n: int, *, inhibited: bool = False, **given: Any) -> np.ndarray:
    """Return bias currents of n neurons that are alike."""
    alike = BiasCurrents.from_times(**given).to_dict()
    alike |= InhibitionCurrents.from_times(tau_inh=0.03).to_dict() if inhibited else {}
    return np.array([[value] * n for value in alike.values()])


def drawn_net(
    widths: tuple[int, ...],
    seed: int,
    *,
    recurrent: bool = False,
    inhibited: bool = False,
    density: float = 1.0,
) -> DynapseNet:
    """Return a network of so many inputs and neurons; some of the weights are 0."""
    rng = np.random.default_rng(seed)

    def weights(before: int, n: int) -> np.ndarray:
        drawn = rng.normal(0.5, 4.0, (before, n)) * (rng.random((before, n)) < density)
        return drawn.astype(np.float32)

    populations = tuple(
        Population(
            name=str(2 * at),
            spiking_name=str(2 * at + 1),
            weight=weights(before, n),
            recurrent=weights(n, n) if recurrent else None,
            currents=currents_of(n, inhibited=inhibited, tau_mem=0.01 * (at + 1)),
        )
        for at, (before, n) in enumerate(pairwise(widths))
    )
    return DynapseNet(dt=1e-3, i_scale=1e-8, circuit=Circuit(), populations=populations)


@st.composite
def coded_nets(draw: st.DrawFn) -> CodedNet:
    """Draw networks that fit, as the chip holds them."""
    n_layers = draw(st.integers(1, 3))
    widths = tuple(draw(st.integers(1, 9)) for _ in range(n_layers + 1))
    inhibited = draw(st.booleans())
    net = drawn_net(
        widths,
        draw(st.integers(0, 2**31)),
        recurrent=not inhibited and draw(st.booleans()),
        inhibited=inhibited,
        density=draw(st.sampled_from((0.3, 1.0))),
    )
    return quantize_net(net, DYNAPSE2)
