"""Neurons of differential-pair integrators in a graph: bias currents in place of time constants."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from devices.nodes import Shape, Spiking
from devices.refusal import refused
from snn.dpi.circuit import CURRENTS, Circuit
from snn.dpi.layer import DPI


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DpiNeurons(Spiking):
    """A layer of mixed-signal neurons.

    Args:
        dt: length of a time step in seconds.
        i_scale: amperes that a weight of 1 stands for.
        circuit: what the process of the chip fixes.
        currents: bias currents in amperes, one row for each of `snn.dpi.circuit.CURRENTS`.
    """

    dt: float
    i_scale: float
    circuit: Circuit
    currents: Float64[np.ndarray, "p n"]


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
    lengths = {layer.constants[name].numel() for name in CURRENTS} - {1}
    if layer.weight is not None:
        lengths.add(len(layer.weight))
    if len(shape) != 1 or lengths - {shape[0]}:
        wanted = " or ".join(str(one) for one in sorted(lengths)) or "n"
        why = f"it takes ({wanted},), what comes in is {shape}"
        raise refused(path, layer, "put nn.Linear(…) before the neurons", why)
    rows = [layer.constants[name].detach().double().cpu().expand(shape) for name in CURRENTS]
    weight = layer.weight
    recurrent = None if weight is None else weight.detach().float().cpu().numpy().copy()
    return DpiNeurons(
        name=path,
        input_shape=shape,
        output_shape=shape,
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
