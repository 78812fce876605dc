"""Networks as NIR graphs: a node for each layer, in seconds and with shapes said."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.branching import INPUT, Branching
from snn.evaluating import evaluating
from snn.layers import AxonalDelay, Recurrent, SpikingLayer
from snn.nir.kept import OPTIONS, as_array, keep, keep_delay
from snn.nir.neurons import filled, neuron_nodes, why_private
from snn.nir.nodes import Delay, Input, Linear, Metadata, NIRGraph, Node, Output, Shape
from snn.nir.nodes import Scale as ScaleNode
from snn.nir.scale import Scale
from snn.nir.stateless import PRIVATE, STATELESS, stateless_node
from snn.passage import Passage, innermost
from snn.sequential import SpikingSequential, modules_in_order

OUTPUT = "output"
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
    shape = _checked(input_shape)
    for name, module in modules_in_order(net):
        _refuse(name, module, private=private)
    step = _one_dt(net, dt)
    passages = _passages(net, shape)
    if all(isinstance(passage.module, LEFT_OUT) for passage in passages):
        message = "the network has no layers"
        raise InvalidInput(message, hint="give it one that computes something")
    left_out = [p.name for p in innermost(passages) if isinstance(p.module, LEFT_OUT)]
    said = {"layer": "SpikingSequential", "dt": step, "left_out": left_out}
    names = [passage.name for passage in passages]
    sources = {name: (before,) for before, name in pairwise([INPUT, *names])}
    wiring = Wiring(sources=sources, outputs=(names[-1],))
    ends = shape, tuple(passages[-1].y.shape[2:])
    return _graph(passages, wiring, ends, dt=step, metadata=keep(said))


class Wiring(NamedTuple):
    """What modules take the sum of, and whose outputs are summed to that of the whole."""

    sources: Mapping[str, tuple[str, ...]]
    outputs: tuple[str, ...]


def _checked(shape: Sequence[int]) -> Shape:
    found = tuple(int(n) for n in shape)
    if not found or min(found) < 1:
        message = f"frames of shape {found}"
        raise InvalidInput(message, hint="give the shape of one frame: no batch, no time")
    return found


def _one_dt(net: SpikingSequential, dt: float | None) -> float:
    found: dict[float, str] = {}
    for name, module in net.named_modules():
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
    if name.rpartition(".")[2] in (INPUT, OUTPUT):
        message = f"a module is called {name!r}, as an end of a graph is"
        raise InvalidInput(message, hint="rename it")
    if type(module) is Branching:
        for inner, one in module.named_children():
            _refuse(f"{name}.{inner}", one, private=private)
        return
    if isinstance(module, LEFT_OUT) or type(module) in (AxonalDelay, Scale, *STATELESS):
        return
    kind = type(module).__name__
    neurons = module.layer if isinstance(module, Recurrent) else module
    if isinstance(neurons, SpikingLayer) and type(neurons).__name__ in OPTIONS:
        why = why_private(neurons)
    elif type(module) in PRIVATE:
        why = "it splits an axis"
    else:
        message = f"module {name!r} ({kind}): NIR has no node for it"
        hint = "fold batch norms into the layer before" if "Norm" in kind else "replace it"
        raise InvalidInput(message, hint=hint)
    if why and not private:
        message = f"module {name!r} ({kind}): {why}, which NIR cannot say"
        hint = "private=True keeps it for our own reader; others would run another neuron"
        raise InvalidInput(message, hint=hint)


def _passages(net: SpikingSequential, shape: Shape) -> list[Passage]:
    """Walk a network with one empty frame, for the shapes between its modules."""
    like = next(net.parameters(), torch.zeros(()))
    frame = torch.zeros(1, 1, *shape, dtype=like.dtype, device=like.device)
    try:
        with evaluating(net), torch.no_grad():
            return list(net.walk(frame))
    except (RuntimeError, IndexError) as error:
        message = f"frames of shape {shape} do not fit the network ({error})"
        hint = "give the shape of one frame: no batch, no time"
        raise InvalidInput(message, hint=hint) from error


def _graph(
    passages: Sequence[Passage],
    wiring: Wiring,
    ends: tuple[Shape, Shape],
    *,
    dt: float,
    metadata: Metadata,
) -> NIRGraph:
    """Return modules as nodes, and between them the edges of their sources."""
    nodes: dict[str, Node] = {INPUT: Input(shape=ends[0])}
    edges: list[tuple[str, str]] = []
    made: dict[str, tuple[str, ...]] = {INPUT: (INPUT,)}
    names = {passage.name for passage in passages}
    for passage in passages:
        name = passage.name
        given = tuple(node for source in wiring.sources[name] for node in made[source])
        if isinstance(passage.module, LEFT_OUT):
            made[name] = given
            continue
        first, *rest = _nodes_of(passage, dt)
        nodes[name] = first
        edges += [(node, name) for node in given]
        last = name
        for node in rest:
            spikes = f"{last}_spikes"
            while spikes in names:
                spikes += "_"
            names.add(spikes)
            nodes[spikes] = node
            edges.append((last, spikes))
            last = spikes
        made[name] = (last,)
    edges += [(node, OUTPUT) for output in wiring.outputs for node in made[output]]
    nodes[OUTPUT] = Output(shape=ends[1])
    unused = set(nodes) - {a for a, _ in edges} - {OUTPUT}
    if unused:
        message = f"nothing takes what {', '.join(map(repr, sorted(unused)))} puts out"
        raise InvalidInput(message, hint="name it among the outputs, or take it out")
    return NIRGraph(nodes=nodes, edges=tuple(edges), metadata=metadata)


def _nodes_of(passage: Passage, dt: float) -> list[Node]:
    """Return a module as a node; neurons without a reset as two, one after the other."""
    module = passage.module
    before, after = tuple(passage.x.shape[2:]), tuple(passage.y.shape[2:])
    if isinstance(module, Branching):
        wiring = Wiring(sources=module.sources, outputs=module.outputs)
        said = keep({"layer": "Branching"})
        return [_graph(passage.inner, wiring, (before, after), dt=dt, metadata=said)]
    if isinstance(module, Recurrent):
        return [_recurrent(module, before, after, dt)]
    if isinstance(module, SpikingLayer):
        return neuron_nodes(module, after, dt)
    if isinstance(module, AxonalDelay):
        return [Delay(delay=as_array(module.delay), metadata=keep_delay(module))]
    if isinstance(module, Scale):
        scale = as_array(module.scale)
        said = keep({"layer": "Scale", "shape": list(scale.shape)})
        return [ScaleNode(scale=filled(scale, before, scale.dtype), metadata=said)]
    return [stateless_node(passage.name, module, before)]


def _recurrent(module: Recurrent, before: Shape, shape: Shape, dt: float) -> NIRGraph:
    """Return recurrent neurons as a graph of their own, with edges back; these take one step."""
    nodes: dict[str, Node] = {INPUT: Input(shape=before), OUTPUT: Output(shape=shape)}
    first, *rest = neuron_nodes(module.layer, shape, dt)
    nodes["neurons"] = first
    last = "neurons"
    edges = [(INPUT, "neurons")]
    if rest:
        nodes["spikes"] = rest[0]
        edges.append(("neurons", "spikes"))
        last = "spikes"
    weight = np.ascontiguousarray(as_array(module.weight).T)
    nodes["weight"] = Linear(weight=weight)
    edges += [(last, "weight"), ("weight", "neurons"), (last, OUTPUT)]
    return NIRGraph(nodes=nodes, edges=tuple(edges))
