"""Networks as NIR graphs: a node for each layer, in seconds and with shapes said."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.layers import AxonalDelay, Recurrent, SpikingLayer
from snn.nir.kept import OPTIONS, as_array, keep, keep_delay
from snn.nir.neurons import filled, neuron_nodes, why_private
from snn.nir.nodes import Delay, Input, Linear, NIRGraph, Node, Output, Shape
from snn.nir.nodes import Scale as ScaleNode
from snn.nir.scale import Scale
from snn.nir.stateless import STATELESS, stateless_node
from snn.sequential import SpikingSequential, modules_in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_DT = 0.001
LEFT_OUT = (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout)
"""Modules that do nothing once training is over."""


def to_nir(
    net: SpikingSequential,
    input_shape: Sequence[int],
    *,
    dt: float | None = None,
    private: bool = False,
) -> NIRGraph:
    """Return a network as a graph that our `from_nir` makes the same network of, spike by spike.

    What NIR has no word for (how spikes are subtracted, how many there may be, the lower bound, the
    surrogate, dt) is kept in metadata; `check_nir` says what other readers make of it. Dropout is
    left out, and named in the graph's metadata.

    Args:
        net: the network.
        input_shape: shape of one input frame, without batch and time.
        dt: length of a step in seconds of a network whose layers name none; None: 1 ms.
        private: also write layers that NIR has nothing near to (adaptive thresholds, several
            synapses), as the nearest node and metadata that only we understand.

    Raises:
        InvalidInput: a module cannot be expressed, layers differ in dt, or the shape does not fit.

    Examples:
        >>> from snn.layers import LIF
        >>> net = SpikingSequential(nn.Linear(3, 2), LIF(tau_mem=0.02))
        >>> graph = to_nir(net, (3,))
        >>> [node.kind for node in graph.nodes.values()]
        ['Input', 'Affine', 'LIF', 'Output']
    """
    step = _one_dt(net, dt)
    for name, module in modules_in_order(net):
        _refuse(name, module, private=private)
    shape = tuple(int(n) for n in input_shape)
    nodes: dict[str, Node] = {"input": Input(shape=shape)}
    left_out = []
    for name, module, before, after in _shapes(net, shape):
        shape = after
        if isinstance(module, LEFT_OUT):
            left_out.append(name)
            continue
        nodes |= _nodes_of(name, module, (before, after), step)
    nodes["output"] = Output(shape=shape)
    names = list(nodes)
    said = {"layer": "SpikingSequential", "dt": step, "left_out": left_out}
    edges = tuple(zip(names[:-1], names[1:], strict=True))
    return NIRGraph(nodes=nodes, edges=edges, metadata=keep(said))


def _one_dt(net: SpikingSequential, dt: float | None) -> float:
    found: dict[float, str] = {}
    for name, module in modules_in_order(net):
        if isinstance(module, SpikingLayer | AxonalDelay) and module.dt is not None:
            found.setdefault(module.dt, name)
    if dt is not None:
        found.setdefault(dt, "the argument dt")
    if len(found) > 1:
        said = ", ".join(f"{name}: {step:g} s" for step, name in found.items())
        message = f"layers differ in the length of a time step: {said}"
        raise InvalidInput(message, hint="a graph runs at one dt: give all layers the same")
    step = next(iter(found), DEFAULT_DT)
    if not step > 0:
        message = f"dt {step} s is not positive"
        raise InvalidInput(message, hint="times are in seconds: 1 ms is 0.001")
    return step


def _refuse(name: str, module: nn.Module, *, private: bool) -> None:
    """Refuse a module that no node says, with the reason."""
    if name in ("input", "output"):
        message = f"a module is called {name!r}, as the graph's own end is"
        raise InvalidInput(message, hint="rename it")
    if isinstance(module, LEFT_OUT) or type(module) in (AxonalDelay, Scale, *STATELESS):
        return
    kind = type(module).__name__
    inner = module.layer if isinstance(module, Recurrent) else module
    if not isinstance(inner, SpikingLayer) or type(inner).__name__ not in OPTIONS:
        message = f"module {name!r} ({kind}): NIR has no node for it"
        hint = "fold batch norms into the layer before" if "Norm" in kind else "replace it"
        raise InvalidInput(message, hint=hint)
    why = why_private(inner)
    if why and not private:
        message = f"module {name!r} ({kind}): {why}, which NIR cannot say"
        hint = "private=True keeps it for our own reader; others would run another neuron"
        raise InvalidInput(message, hint=hint)


def _shapes(net: SpikingSequential, shape: Shape) -> Iterator[tuple[str, nn.Module, Shape, Shape]]:
    """Walk a network with one empty frame, for the shapes between its modules."""
    like = next(net.parameters(), torch.zeros(()))
    frame = torch.zeros(1, 1, *shape, dtype=like.dtype, device=like.device)
    trains = {module: module.training for module in net.modules()}
    net.eval()
    try:
        with torch.no_grad():
            for passage in net.walk(frame):
                before, after = tuple(passage.x.shape[2:]), tuple(passage.y.shape[2:])
                yield passage.name, passage.module, before, after
    except RuntimeError as error:
        message = f"frames of shape {shape} do not fit the network ({error})"
        raise InvalidInput(
            message, hint="give the shape of one frame: no batch, no time"
        ) from error
    finally:
        for module, was in trains.items():
            module.training = was


def _nodes_of(
    name: str, module: nn.Module, shapes: tuple[Shape, Shape], dt: float
) -> "Mapping[str, Node]":
    before, after = shapes
    if isinstance(module, Recurrent):
        return {name: _recurrent(module, after, dt)}
    if isinstance(module, SpikingLayer):
        first, *rest = neuron_nodes(module, after, dt)
        return {name: first} | {f"{name}_spikes": one for one in rest}
    if isinstance(module, AxonalDelay):
        return {name: Delay(delay=as_array(module.delay), metadata=keep_delay(module))}
    if isinstance(module, Scale):
        scale = as_array(module.scale)
        said = keep({"layer": "Scale", "shape": list(scale.shape)})
        return {name: ScaleNode(scale=filled(scale, before, scale.dtype), metadata=said)}
    return {name: stateless_node(name, module, before)}


def _recurrent(module: Recurrent, shape: Shape, dt: float) -> NIRGraph:
    """Return recurrent neurons as a graph of their own, with edges back; these take one step."""
    nodes: dict[str, Node] = {"input": Input(shape=shape), "output": Output(shape=shape)}
    first, *rest = neuron_nodes(module.layer, shape, dt)
    nodes["neurons"] = first
    last = "neurons"
    edges = [("input", "neurons")]
    if rest:
        nodes["spikes"] = rest[0]
        edges.append(("neurons", "spikes"))
        last = "spikes"
    weight = np.ascontiguousarray(as_array(module.weight).T)
    nodes["weight"] = Linear(weight=weight)
    edges += [(last, "weight"), ("weight", "neurons"), (last, "output")]
    return NIRGraph(nodes=nodes, edges=tuple(edges))
