"""Networks from NIR graphs: our own come back spike by spike, others as their writer means them."""

import math
from collections import OrderedDict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.branching import Branching
from snn.layers import AxonalDelay, SpikingLayer
from snn.nir.foreign import arrays_of, foreign_layer, recurrent_layer, tensor_of
from snn.nir.kept import kept_in, layer_again
from snn.nir.neurons import neuron_nodes
from snn.nir.nodes import Delay, NIRGraph, Node
from snn.nir.nodes import Scale as ScaleNode
from snn.nir.scale import Scale
from snn.nir.stateless import MAKERS, module_of
from snn.nir.wiring import INPUT, INTEGRATORS, SPIKING, Fork, Link, layers_of
from snn.nir.writers import Writer, writer_named
from snn.sequential import SpikingSequential

SHORTEST_S, LONGEST_S = 1e-9, 1e3
"""Of a step: beyond, ratios of times leave single precision."""


def from_nir(
    graph: NIRGraph,
    *,
    written_by: str | None = None,
    dt: float | None = None,
    trust_metadata: bool = True,
) -> SpikingSequential:
    """Return the network of a graph.

    A graph of ours gives the network that was exported, spike by spike, from what is kept in its
    metadata. Any other runs as NIR defines it: inputs held for a step, exact decays, at most one
    spike a step, potentials set to ``v_reset``; or, with ``written_by``, as the program that wrote
    it runs it, see `snn.nir.writers`. A constant that all neurons share becomes one number.

    Args:
        graph: the graph, from `read_nir`.
        written_by: ``"sinabs"``, ``"norse"``, ``"spikingjelly"`` or ``"rockpool"``.
        dt: length of a step in seconds; None: what our metadata say, or what the writer exports
            with, 1 ms unless known.
        trust_metadata: use our metadata where there are some; False: only what NIR says.

    Raises:
        InvalidInput: a node, or how nodes are connected, cannot be run as meant; the message
            says which and why.
        NotFound: the writer is unknown.

    Examples:
        >>> from snn.layers import LIF
        >>> from snn.nir import to_nir
        >>> net = SpikingSequential(nn.Linear(3, 2), LIF(tau_mem=0.02))
        >>> from_nir(to_nir(net, (3,)))[1].constants["tau_mem"].item() == torch.tensor(0.02).item()
        True
    """
    writer = writer_named(written_by)
    trust_metadata = trust_metadata and written_by is None
    kept = (kept_in(graph, "the graph") or {}) if trust_metadata else {}
    step = _step(dt, kept.get("dt"), writer.dt)
    reader = _Reader(writer=writer, dt=step, trust=trust_metadata)
    modules: OrderedDict[str, nn.Module] = OrderedDict()
    for layer in layers_of(graph, trust=trust_metadata):
        if isinstance(layer, Fork):
            modules[_free_name(layer.name, modules)] = _branching(layer, reader)
            continue
        for name, module in _modules_of(layer, reader):
            modules[_free_name(name, modules)] = module
    if not modules:
        message = "the graph has no layers"
        raise InvalidInput(message, hint="put nodes between its input and its output")
    return SpikingSequential(modules)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """How nodes are read: as whose, at which step, and whether with what we keep beside them."""

    writer: Writer
    dt: float
    trust: bool

    def kept(self, node: Node, where: str) -> dict[str, Any]:
        return (kept_in(node, where) or {}) if self.trust else {}


def _step(given: float | None, kept: object, usual: float) -> float:
    """Return the length of a step: what was asked for, if what was kept does not differ."""
    found = next(dt for dt in (given, kept, usual) if dt is not None)
    if isinstance(found, bool) or not (isinstance(found, int | float) and 0 < found < math.inf):
        message = f"dt {found} s is not positive"
        raise InvalidInput(message, hint="times are in seconds: 1 ms is 0.001")
    if not SHORTEST_S <= found <= LONGEST_S:
        message = f"dt {found:g} s is not between {SHORTEST_S:g} and {LONGEST_S:g} s"
        raise InvalidInput(message, hint="times are in seconds: 1 ms is 0.001")
    if kept not in (None, found):
        message = f"dt {found:g} s, and the graph was exported at {kept} s"
        hint = "leave dt out, or pass trust_metadata=False to run NIR's equations at another"
        raise InvalidInput(message, hint=hint)
    return float(found)


def _free_name(name: str, taken: Container[str]) -> str:
    """Return a name that a module may have, and none has yet."""
    name = name.removesuffix(".neurons").replace(".", "_")
    while name in taken:
        name += "_"
    return name


def _branching(fork: Fork, reader: _Reader) -> Branching:
    modules: dict[str, nn.Module] = {}
    sources: dict[str, tuple[str, ...]] = {}
    made = {INPUT: INPUT}
    for link in fork.links:
        given = tuple(made[source] for source in fork.sources[link.name])
        for name, module in _modules_of(link, reader):
            free = _free_name(name, {INPUT, *modules})
            modules[free] = module
            sources[free] = given
            given = (free,)
        made[link.name] = given[0]
    return Branching(modules, sources=sources, outputs=tuple(made[o] for o in fork.outputs))


def _modules_of(link: Link, reader: _Reader) -> list[tuple[str, nn.Module]]:
    node, where = link.node, f"node {link.name!r} ({link.node.kind})"
    if node.kind in MAKERS:
        return [(link.name, module_of(link.name, node))]
    kept = reader.kept(node, where)
    try:
        if node.kind in (*SPIKING, *INTEGRATORS):
            if kept:
                return [(link.name, _own_layer(link, kept, reader.dt))]
            return foreign_layer(link, reader.writer, reader.dt)
        if isinstance(node, Delay):
            return [(link.name, _delay(node, kept, reader.dt))]
        if isinstance(node, ScaleNode):
            return [(link.name, _scale(node, kept))]
    except InvalidInput as error:
        message = f"{where}: {error.message}"
        raise InvalidInput(message, hint=error.hint) from error
    except (LookupError, TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        message = f"{where}: what is kept of it makes no layer ({error})"
        raise InvalidInput(message, hint="delete the metadata 'spikelake' of this node") from error
    message = f"{where}: no layer of ours is this"
    raise InvalidInput(message, hint="take it out of the graph")


def _own_layer(link: Link, kept: Mapping[str, Any], dt: float) -> SpikingLayer:
    """Return a layer of ours, if what is kept of it still fits what the node says."""
    layer = layer_again(link.node.metadata, kept)
    shape = next(iter(arrays_of(link.node).values())).shape
    said = [link.node, *([link.threshold] if link.threshold is not None else [])]
    with np.errstate(over="raise", divide="raise", invalid="raise"):  # of constants out of bounds
        again = neuron_nodes(layer, shape, dt)
    hint = "pass trust_metadata=False to run what NIR says"
    if [node.kind for node in said] != [node.kind for node in again]:
        message = f"its metadata make {' and '.join(node.kind for node in again)} of it"
        raise InvalidInput(message, hint=hint)
    for node, other in zip(said, again, strict=True):
        for name, array in arrays_of(node).items():
            if not np.allclose(array, arrays_of(other).get(name, np.zeros(())), rtol=1e-5):
                message = f"{name} was changed, and its metadata say what it was before"
                raise InvalidInput(message, hint=hint)
    if link.feedback is None:
        return layer
    return recurrent_layer(layer, link.feedback, shape[-1] if shape else 1)


def _scale(node: ScaleNode, kept: Mapping[str, Any]) -> Scale:
    """Return factors, of the shape that was kept: what they repeat along was not."""
    scale = tensor_of(node.scale)
    if "shape" in kept:
        while scale.ndim > len(kept["shape"]):
            scale = scale[0]
        for axis, size in enumerate(kept["shape"]):
            scale = scale.narrow(axis, 0, size)
    return Scale(scale)


def _delay(node: Delay, kept: Mapping[str, Any], dt: float) -> AxonalDelay:
    delay = tensor_of(node.delay)
    if delay.ndim != 1:
        message = f"delays of shape {tuple(delay.shape)}"
        raise InvalidInput(message, hint="delayed neurons lie along one axis: flatten first")
    layer = AxonalDelay(
        delay,
        len(delay),
        max_delay=kept.get("max_delay", float(delay.max()) if len(delay) else 0.0),
        dt=kept.get("dt", dt),
        train=kept.get("train", False),
    )
    with torch.no_grad():
        layer.to(delay.dtype).delay.copy_(delay)
    return layer
