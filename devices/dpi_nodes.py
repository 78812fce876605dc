"""Neurons of differential-pair integrators in a graph, and weights to their two synapses."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from devices.nodes import Node, Shape, Spiking
from devices.refusal import refused
from snn.dpi.circuit import Circuit
from snn.dpi.inhibition import N_SYNAPSES, ROW_COUNTS, names_of_rows
from snn.dpi.layer import DPI
from snn.dpi.signed_linear import SignedLinear


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DpiNeurons(Spiking):
    """A layer of mixed-signal neurons.

    Args:
        dt: length of a time step in seconds.
        i_scale: amperes that a weight of 1 stands for.
        circuit: what the process of the chip fixes.
        currents: bias currents in amperes, one row for each of `snn.dpi.circuit.CURRENTS`, and
            where inhibition has synapses of its own, for each of `snn.dpi.inhibition.INHIBITION`.
    """

    dt: float
    i_scale: float
    circuit: Circuit
    currents: Float64[np.ndarray, "p n"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignedWeights(Node):
    """Weights whose sign says of which synapse they are; what comes out is synapse × neuron.

    Args:
        weight: float32, neuron × source.
    """

    weight: Float32[np.ndarray, "n i"]


def signed_node(path: str, layer: SignedLinear, shape: Shape) -> SignedWeights:
    """Return weights to two synapses as a node.

    Args:
        path: name of the node.
        layer: the layer.
        shape: shape of one time step going in.

    Raises:
        InvalidInput: the input is no vector, or of another length.

    Examples:
        >>> signed_node("0", SignedLinear(3, 4), (3,)).output_shape
        (2, 4)
    """
    if shape != (layer.in_features,):
        why = f"it takes ({layer.in_features},), what comes in is {shape}"
        hint = "put nn.Flatten() before it" if len(shape) > 1 else "check in_features"
        raise refused(path, layer, hint, why)
    return SignedWeights(
        name=path,
        input_shape=shape,
        output_shape=(N_SYNAPSES, layer.out_features),
        weight=layer.weight.detach().float().cpu().numpy().copy(),
    )


def dpi_node(path: str, layer: DPI, shape: Shape) -> DpiNeurons:
    """Return a layer of such neurons as a node.

    Args:
        path: name of the node.
        layer: the layer.
        shape: shape of one time step going in.

    Raises:
        InvalidInput: the input is no vector, or of another length than weights or currents.

    Examples:
        >>> dpi_node("1", DPI(), (4,)).currents.shape
        (12, 4)
    """
    names = names_of_rows(ROW_COUNTS[layer.inhibited])
    lengths = {layer.constants[name].numel() for name in names} - {1}
    if layer.weight is not None:
        lengths.add(len(layer.weight))
    synapses = (N_SYNAPSES,) if layer.inhibited else ()
    if not shape or shape[:-1] != synapses or lengths - {shape[-1]}:
        wanted = " or ".join(str(one) for one in sorted(lengths)) or "n"
        wanted = f"({N_SYNAPSES}, {wanted})" if layer.inhibited else f"({wanted},)"
        why = f"it takes {wanted}, what comes in is {shape}"
        before = "SignedLinear(…)" if layer.inhibited else "nn.Linear(…)"
        raise refused(path, layer, f"put {before} before the neurons", why)
    each = shape[-1:]
    rows = [layer.constants[name].detach().double().cpu().expand(each) for name in names]
    weight = layer.weight
    recurrent = None if weight is None else weight.detach().float().cpu().numpy().copy()
    return DpiNeurons(
        name=path,
        input_shape=shape,
        output_shape=each,
        kind="DPI",
        spike_threshold=1.0,
        reset="set",
        max_spikes=1,
        recurrent=recurrent,
        dt=layer.dt,
        i_scale=layer.i_scale,
        circuit=layer.circuit,
        currents=np.stack([row.numpy() for row in rows]),
    )
