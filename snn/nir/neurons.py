r"""Our neurons as NIR's, by one rule: inputs are held for a step, and the equations solved exactly.

Over a step of dt with the input held, NIR's equations have the solutions

$$
v &\leftarrow \alpha v + (1 - \alpha) (v_{leak} + R I), \quad \alpha = \exp(-dt / \tau) \\
v &\leftarrow v + dt\, R I \quad (\text{IF, I}) \\
I &\leftarrow \beta I + (1 - \beta) w_{in} S, \quad \beta = \exp(-dt / \tau_{syn})
$$

so that ours follow with R = 1 where inputs are weighed with (1 − α) and R = 1 / (1 − α) where they
are not, R = 1 / dt without a leak, and $w_{in} = \beta / (1 - \beta)$.
"""

from collections.abc import Sequence

import numpy as np

from eventstore.errors import InvalidInput
from snn.layers import ParallelLIF, SpikingLayer
from snn.nir.kept import as_array, keep_layer
from snn.nir.nodes import IF, LI, LIF, Array, CubaLI, CubaLIF, I, Node, Threshold


def neuron_nodes(layer: SpikingLayer, shape: Sequence[int], dt: float) -> list[Node]:
    """Return a layer's neurons as a node, and a threshold after it where spikes reset nothing.

    Args:
        layer: the neurons, not recurrent.
        shape: their shape, without batch and time.
        dt: length of a step, of layers that have none.

    Examples:
        >>> from snn.layers import LIF
        >>> neuron_nodes(LIF(tau_mem=0.02), (3,), 0.001)[0].r.tolist()
        [1.0, 1.0, 1.0]
    """
    neuron, rows = layer.neuron, layer.rows()
    kept = keep_layer(layer)
    numbers = {name: as_array(value).astype(np.float64) for name, value in rows.items()}
    leaky = "tau_mem" in layer.constants.names
    fields = _leak_fields(layer, numbers, dt) if leaky else {"r": np.asarray(1 / dt)}
    if neuron.n_synapses:
        beta = numbers["beta"][0]
        tau_syn = -dt / np.log(beta) if bit_shifted(layer) else _constant(layer, "tau_syn")[0]
        fields |= {"tau_mem": fields.pop("tau"), "tau_syn": tau_syn, "w_in": beta / (1 - beta)}
    threshold = None
    if neuron.spiking:
        threshold = numbers["spike_threshold"]
        if neuron.reset != "none":
            at = neuron.v_reset if neuron.reset == "set" else 0.0
            fields |= {"v_threshold": threshold, "v_reset": np.asarray(at)}
    precise = as_array(next(iter(rows.values()))).dtype
    full = {name: filled(value, shape, precise) for name, value in fields.items()}
    fires = neuron.spiking and neuron.reset != "none"
    kinds: tuple[type[Node], ...] = (IF, LIF, CubaLIF) if fires else (I, LI, CubaLI)
    kind = kinds[2 if neuron.n_synapses else int(leaky)]
    nodes: list[Node] = [kind(metadata=kept, **full)]
    if threshold is not None and not fires:
        nodes.append(Threshold(threshold=filled(threshold, shape, precise)))
    return nodes


def _leak_fields(layer: SpikingLayer, numbers: dict[str, Array], dt: float) -> dict[str, Array]:
    alpha = numbers["alpha"]
    kept_share = -np.expm1(-dt / _constant(layer, "tau_mem"))
    if bit_shifted(layer):
        kept_share = 1 - alpha
    tau = -dt / np.log(alpha) if bit_shifted(layer) else _constant(layer, "tau_mem")
    r = np.ones(()) if "gain" in numbers else 1 / kept_share
    return {"tau": tau, "r": r, "v_leak": numbers.get("bias", np.zeros(())) / kept_share}


def bit_shifted(layer: SpikingLayer) -> bool:
    """Say whether a layer's decays are those of shifts."""
    return bool(getattr(layer, "bit_shift", False))


def _constant(layer: SpikingLayer, name: str) -> Array:
    return as_array(layer.constants[name]).astype(np.float64)


def filled(value: Array, shape: Sequence[int], dtype: np.dtype[np.generic]) -> Array:
    """Return one number for each neuron.

    Raises:
        InvalidInput: there is another number of them.
    """
    try:
        return np.array(np.broadcast_to(value, tuple(shape)), dtype=dtype)
    except ValueError as error:
        message = f"constants of shape {value.shape} do not fit neurons of shape {tuple(shape)}"
        raise InvalidInput(message, hint="give one number, or one for each neuron") from error


def why_private(layer: SpikingLayer) -> str:
    """Say what of a layer no node of NIR comes near; empty: there is a node for it.

    Examples:
        >>> from snn.layers import ALIF
        >>> why_private(ALIF())
        'its threshold rises with spikes'
    """
    neuron = layer.neuron
    if neuron.adaptive:
        return "its threshold rises with spikes"
    if neuron.n_synapses > 1:
        return f"each neuron has {neuron.n_synapses} synapses"
    if type(layer) is not ParallelLIF and neuron.reset == "none" and neuron.min_v_mem is not None:
        return "its potential has a lower bound and no reset"
    return ""
