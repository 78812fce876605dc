"""Models of every kind that goes on Xylo, and a plain reading of their specification in floats."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Graph
from devices.xylo.specification import XyloSpecification
from snn.branching import Branching
from snn.layers import CubaLIF, Recurrent

DT = 0.01


def neurons(n: int, *, n_syn: int = 1, bias: bool = False, most: int | None = None) -> CubaLIF:
    """Return neurons with a time constant each, decaying as the chip does."""
    taus = [
        DT * torch.tensor([2.0, 3.0, 5.0, 9.0, 17.0])[torch.arange(n) % 5 * (k + 1) % 5]
        for k in range(n_syn)
    ]
    return CubaLIF(
        DT * (2.0 + torch.arange(n) % 4 * 3),
        taus,
        DT,
        spike_threshold=0.5 + 0.1 * (torch.arange(n) % 3),
        bias=torch.linspace(-0.05, 0.05, n) if bias else None,
        bit_shift=True,
        max_spikes=most,
    )


def linear(inputs: int, outputs: int) -> nn.Linear:
    return nn.Linear(inputs, outputs, bias=False)


def feed_forward(*, bias: bool = False) -> snn.SpikingSequential:
    return snn.SpikingSequential(
        *(linear(6, 7), neurons(7, bias=bias)),
        *(linear(7, 5), neurons(5, bias=bias)),
        *(linear(5, 3), neurons(3, bias=bias, most=1)),
    )


def recurrent() -> snn.SpikingSequential:
    return snn.SpikingSequential(
        *(linear(6, 8), Recurrent(neurons(8), 8)), *(linear(8, 3), neurons(3, most=1))
    )


def two_synapses() -> snn.SpikingSequential:
    return snn.SpikingSequential(
        *(linear(6, 10), nn.Unflatten(1, (2, 5)), Recurrent(neurons(5, n_syn=2), 5)),
        *(linear(5, 4), neurons(4)),
        *(linear(4, 3), neurons(3, most=1)),
    )


def residual() -> snn.SpikingSequential:
    block = Branching({"fc": linear(6, 6), "neurons": neurons(6)}, outputs=("input", "neurons"))
    return snn.SpikingSequential(
        *(linear(6, 6), neurons(6), block), *(linear(6, 3), neurons(3, most=1))
    )


def skipped() -> snn.SpikingSequential:
    """Return a network whose middle layer feeds two sums, only one of which it may fire for."""
    block = Branching(
        {
            "fc": linear(5, 5),
            "a": neurons(5),
            "fc2": linear(5, 5),
            "b": neurons(5),
            "fc3": linear(5, 5),
            "c": neurons(5),
        },
        sources={"fc2": ("input", "a"), "fc3": ("a", "b")},
        outputs=("a", "c"),
    )
    return snn.SpikingSequential(
        *(linear(6, 5), neurons(5), block), *(linear(5, 3), neurons(3, most=1))
    )


def wave() -> snn.SpikingSequential:
    from snn.models.wavesense import wavesense

    return wavesense(3, (6,), dilations=(2, 4), channels=4, skip_channels=5, hidden=6)


KINDS: dict[str, Callable[[], snn.SpikingSequential]] = {
    "feed-forward": feed_forward,
    "biased": lambda: feed_forward(bias=True),
    "recurrent": recurrent,
    "two synapses": two_synapses,
    "residual": residual,
    "skipped": skipped,
    "wave": wave,
}


def graph_of(model: nn.Module) -> Graph:
    return graph_from_model(model, (6,))


def made(kind: str, seed: int = 0) -> snn.SpikingSequential:
    """Return a model of a kind whose neurons fire."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = KINDS[kind]()
        for module in model.modules():
            if isinstance(module, Recurrent):
                module.weight.data *= 0.3  # else spikes make ever more spikes
    return model.eval()


def run_floats(floats: XyloSpecification, raster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return spikes of hidden and of output neurons, step by step as the chip, without its caps."""
    n, n_out = floats.w_out.shape
    keep_syn, keep_mem = _kept(floats.dash_syn), _kept(floats.dash_mem)
    keep_syn_out, keep_mem_out = _kept(floats.dash_syn_out), _kept(floats.dash_mem_out)
    bias = 0 if floats.bias_hidden is None else floats.bias_hidden
    bias_out = 0 if floats.bias_out is None else floats.bias_out
    i_syn, v, spikes = np.zeros(floats.dash_syn.shape), np.zeros(n), np.zeros(n)
    i_out, v_out = np.zeros(n_out), np.zeros(n_out)
    hidden, output = [], []
    for x in raster:
        i_syn = keep_syn * (
            i_syn + np.tensordot(x, floats.w_in, 1) + np.tensordot(spikes, floats.w_rec, 1)
        )
        i_out = keep_syn_out * (i_out + spikes @ floats.w_out)
        v = keep_mem * v + i_syn.sum(axis=1) + bias
        v_out = keep_mem_out * v_out + i_out + bias_out
        spikes = np.maximum(np.floor(v / floats.threshold), 0)
        v -= spikes * floats.threshold
        for source, targets in enumerate(floats.aliases):
            for target in targets:
                spikes[target] += spikes[source]
        fired = np.clip(np.floor(v_out / floats.threshold_out), 0, 1)
        v_out -= fired * floats.threshold_out
        hidden.append(spikes.copy())
        output.append(fired)
    return np.array(hidden), np.array(output)


def _kept(shift: np.ndarray) -> np.ndarray:
    kept: np.ndarray = 1 - np.exp2(-np.maximum(np.round(shift), 1))
    return kept
