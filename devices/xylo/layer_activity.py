"""What each layer of the model did in a run of a Xylo network: spikes, and operations into it."""

import numpy as np
from jaxtyping import Int64, Shaped

from devices.results import LayerActivity
from devices.xylo.activity import XyloRun
from devices.xylo.layer import XyloLayer
from devices.xylo.net import XyloNet
from devices.xylo.program import MAX_INPUT_SPIKES


def layer_activities(
    net: XyloNet, run: XyloRun, rasters: Shaped[np.ndarray, "b t i"]
) -> tuple[LayerActivity, ...]:
    """Return the activity of each layer that a network names, in order.

    Operations of a layer are spikes that arrive × the synapses of it that each reaches; those of
    all layers together are those of the run. Spikes of the last step are still on their way.

    Args:
        net: the network, with its layers.
        run: what it did, from a state without spikes.
        rasters: what it was given.
    """
    inputs = _arrived(rasters, run.lengths)
    hidden = (run.spikes - run.state.spikes)[:, : net.n_hidden]
    return tuple(_activity(net, layer, run, (inputs, hidden)) for layer in net.layers)


def _arrived(rasters: np.ndarray, lengths: np.ndarray) -> Int64[np.ndarray, "b i"]:
    """Return how many spikes of each input arrived."""
    steps = np.arange(rasters.shape[1])
    counts = np.minimum(rasters, MAX_INPUT_SPIKES).astype(np.int64)
    valid = (steps < lengths[:, None])[:, :, None]
    arrived: np.ndarray = np.where(valid, counts, 0).sum(axis=1)
    return arrived


def _activity(
    net: XyloNet, layer: XyloLayer, run: XyloRun, arrived: tuple[np.ndarray, np.ndarray]
) -> LayerActivity:
    inputs, hidden = arrived
    ids, first = layer.ids, net.n_hidden if layer.is_output else 0
    spikes = run.spikes[:, first + layer.start : first + layer.stop]
    if layer.is_output:
        fan_in = np.zeros(net.n_in, np.int64)
        fan_hidden = np.count_nonzero(net.w_out[:, ids], axis=1)
    else:
        fan_in = np.count_nonzero(net.w_in[:, ids], axis=(1, 2))
        fan_hidden = np.count_nonzero(net.w_rec[:, ids], axis=(1, 2))
    return LayerActivity(
        name=layer.name,
        spiking_name=layer.spiking_name,
        spikes=spikes.sum(axis=1),
        input_spikes=inputs @ (fan_in > 0) + hidden @ (fan_hidden > 0),
        synops=inputs @ fan_in + hidden @ fan_hidden,
        neuron_spikes=spikes.sum(axis=0)[:, None, None],
        n_steps=int(run.lengths.sum()),
    )
