"""The integers of a Xylo network as facts a layer and as arrays by name."""

import numpy as np

from devices.integer_tables import Fact, integer_arrays, integer_facts
from devices.xylo.layer import XyloLayer
from devices.xylo.net import XyloNet


@integer_facts.register
def net_facts(q: XyloNet) -> list[dict[str, Fact]]:
    """Return what the integers of each layer are; of a network without names, of the two halves.

    Args:
        q: the network.
    """
    return [_facts(q, layer) for layer in q.layers or _halves(q)]


@integer_arrays.register
def net_arrays(q: XyloNet) -> dict[str, np.ndarray]:
    """Return every array of a network, its aliases and its shifts, for a file.

    Args:
        q: the network.
    """
    pairs = [(source, target) for source, targets in enumerate(q.aliases) for target in targets]
    shifts = (q.weight_shift_in, q.weight_shift_rec, q.weight_shift_out)
    return {
        **q.arrays,
        "aliases": np.array(pairs, np.int64).reshape(-1, 2),
        "weight_shifts": np.array(shifts),
        "dt": np.array(q.dt),
    }


def _halves(q: XyloNet) -> tuple[XyloLayer, ...]:
    return (
        XyloLayer(name="hidden", spiking_name="hidden", start=0, stop=q.n_hidden),
        XyloLayer(name="output", spiking_name="output", start=0, stop=q.n_out, is_output=True),
    )


def _facts(q: XyloNet, layer: XyloLayer) -> dict[str, Fact]:
    ids = layer.ids
    if layer.is_output:
        weights, threshold = q.w_out[:, ids], q.threshold_out[ids]
        synapses, membranes, bias = q.dash_syn_out[ids], q.dash_mem_out[ids], q.bias_out
    else:
        given = q.w_in[:, ids], q.w_rec[:, ids]
        weights = np.concatenate([table.reshape(-1, layer.n_neurons) for table in given])
        threshold, bias = q.threshold[ids], q.bias_hidden
        synapses, membranes = q.dash_syn[ids], q.dash_mem[ids]
    handed = 0 if layer.is_output else sum(bool(targets) for targets in q.aliases[ids])
    return {
        "layer": layer.name,
        "neurons": layer.n_neurons,
        "synapses": int(np.count_nonzero(weights)),
        "threshold": _range(threshold),
        "bias": "–" if bias is None else _range(bias[ids]),
        "dash_syn": _range(synapses),
        "dash_mem": _range(membranes),
        "aliases": handed,
    }


def _range(values: np.ndarray) -> str:
    low, high = int(values.min()), int(values.max())
    return str(low) if low == high else f"{low}…{high}"
