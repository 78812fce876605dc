"""Networks from NIR graphs: our own come back spike by spike, others as their writer means them."""

from collections import OrderedDict
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import IAF, LIF, AxonalDelay, CubaLIF, ExpLeak, ParallelLIF, Recurrent, SpikingLayer
from snn.nir.chain import INTEGRATORS, SPIKING, Link, chain_of
from snn.nir.kept import kept_in, layer_again
from snn.nir.neurons import neuron_nodes
from snn.nir.nodes import Affine, Array, Delay, Linear, NIRGraph, Node
from snn.nir.nodes import Scale as ScaleNode
from snn.nir.scale import Scale
from snn.nir.stateless import MAKERS, module_of
from snn.nir.writers import Meaning, Writer, meaning_of, share_goes, writer_named
from snn.sequential import SpikingSequential


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
        InvalidInput: the graph is no chain, or a node cannot be run as meant; the message says
            which and why.
        NotFound: the writer is unknown.

    Examples:
        >>> from snn.nir import to_nir
        >>> net = SpikingSequential(nn.Linear(3, 2), LIF(tau_mem=0.02))
        >>> from_nir(to_nir(net, (3,)))[1].constants["tau_mem"].item() == torch.tensor(0.02).item()
        True
    """
    writer = writer_named(written_by)
    trust_metadata = trust_metadata and written_by is None
    kept = (kept_in(graph, "the graph") or {}) if trust_metadata else {}
    step = _positive(dt or kept.get("dt") or writer.dt)
    if dt is not None and kept.get("dt") not in (None, dt):
        message = f"dt {dt:g} s, and the graph was exported at {kept['dt']:g} s"
        hint = "leave dt out, or pass trust_metadata=False to run NIR's equations at another"
        raise InvalidInput(message, hint=hint)
    modules: OrderedDict[str, nn.Module] = OrderedDict()
    for link in chain_of(graph):
        for name, module in _modules_of(link, writer, step, trust=trust_metadata):
            modules[_free_name(name, modules)] = module
    if not modules:
        message = "the graph has no layers"
        raise InvalidInput(message, hint="put nodes between its input and its output")
    return SpikingSequential(modules)


def _positive(dt: Any) -> float:  # noqa: ANN401 # from a file
    if not (isinstance(dt, int | float) and dt > 0):
        message = f"dt {dt} s is not positive"
        raise InvalidInput(message, hint="times are in seconds: 1 ms is 0.001")
    return float(dt)


def _free_name(name: str, taken: OrderedDict[str, nn.Module]) -> str:
    """Return a name that a module may have, and none has yet."""
    name = name.removesuffix(".neurons").replace(".", "_")
    while name in taken:
        name += "_"
    return name


def _modules_of(
    link: Link, writer: Writer, dt: float, *, trust: bool
) -> list[tuple[str, nn.Module]]:
    node, where = link.node, f"node {link.name!r} ({link.node.kind})"
    if node.kind in (*SPIKING, *INTEGRATORS):
        kept = kept_in(node, where) if trust else None
        if kept is not None:
            return [(link.name, _own_layer(link, kept, dt, where))]
        try:
            return _foreign_layer(link, writer, dt)
        except InvalidInput as error:
            raise InvalidInput(f"{where}: {error.message}", hint=error.hint) from error
    if isinstance(node, Delay):
        return [(link.name, _delay(node, dt, where, trust=trust))]
    if isinstance(node, ScaleNode):
        kept = (kept_in(node, where) or {}) if trust else {}
        scale = _tensor(node.scale)
        return [(link.name, Scale(_first(scale, kept["shape"]) if "shape" in kept else scale))]
    if node.kind not in MAKERS:
        message = f"{where}: no layer of ours is this"
        raise InvalidInput(message, hint="take it out of the graph")
    return [(link.name, module_of(link.name, node))]


def _own_layer(link: Link, kept: dict[str, Any], dt: float, where: str) -> SpikingLayer:
    """Return a layer of ours, if what is kept of it still fits what the node says."""
    layer = layer_again(link.node.metadata, kept, where)
    shape = next(iter(_arrays(link.node).values())).shape
    said = [link.node, *([link.threshold] if link.threshold is not None else [])]
    again = neuron_nodes(layer, shape, dt)
    if [node.kind for node in said] != [node.kind for node in again]:
        message = f"{where}: its metadata make {' and '.join(n.kind for n in again)} of it"
        raise InvalidInput(message, hint="pass trust_metadata=False to run what NIR says")
    for node, other in zip(said, again, strict=True):
        for name, array in _arrays(node).items():
            if not np.allclose(array, _arrays(other).get(name, np.zeros(())), rtol=1e-5):
                message = f"{where}: {name} was changed, and its metadata say what it was before"
                raise InvalidInput(message, hint="pass trust_metadata=False to run what NIR says")
    if link.feedback is None:
        return layer
    n = shape[-1] if shape else 1
    return _recurrent(layer, link.feedback, n, np.ones(()))


def _arrays(node: Node) -> dict[str, Array]:
    return {
        one.name: value
        for one in fields(node)
        if isinstance(value := getattr(node, one.name), np.ndarray)
    }


def _recurrent(layer: SpikingLayer, way: Node, n: int, scale: Array) -> Recurrent:
    """Return recurrent neurons; what scales their inputs scales what comes back, too."""
    if isinstance(way, ScaleNode):
        weight: Array = np.diag(np.broadcast_to(way.scale, (n,)))
    else:
        assert isinstance(way, Linear | Affine)
        weight = way.weight
    if isinstance(way, Affine) and way.bias.any():
        message = "the way back adds a bias"
        raise InvalidInput(message, hint="add it to the bias of the layer before")
    wanted = (n * layer.neuron.n_inputs, n)
    if weight.shape != wanted:
        message = f"the weight of the way back is {weight.shape}, for {n} neurons {wanted}"
        raise InvalidInput(message, hint="neurons of a recurrent layer lie along one axis")
    found = Recurrent(layer, n)
    weight = weight if bool((scale == 1).all()) else weight * np.reshape(scale, (-1, 1))
    dtype = layer.constants["spike_threshold"].dtype
    found.weight = nn.Parameter(_tensor(weight.T).to(dtype))
    return found


def _foreign_layer(link: Link, writer: Writer, dt: float) -> list[tuple[str, nn.Module]]:
    """Return neurons as NIR, or their writer, means them; what scales their inputs before them."""
    node = link.node
    means = meaning_of(node, writer, dt)
    layer, scale = _layer_and_scale(link, means, writer, dt)
    if link.feedback is not None:
        shape = means.scale.shape
        if len(shape) > 1:
            message = f"recurrent neurons of shape {shape}"
            raise InvalidInput(message, hint="neurons of a recurrent layer lie along one axis")
        layer = _recurrent(layer, link.feedback, shape[0] if shape else 1, scale)
    if bool((scale == 1).all()):
        return [(link.name, layer)]
    factor = Scale(_constant(scale, torch.get_default_dtype()))
    return [(f"{link.name}_scale", factor), (link.name, layer)]


def _layer_and_scale(
    link: Link, means: Meaning, writer: Writer, dt: float
) -> tuple[SpikingLayer, Array]:
    """Return the layer whose own gain comes nearest, and what is left to scale."""
    options: dict[str, Any] = _spike_options(link, writer)
    if means.tau is None:
        return _without_leak(link, options), _near_one(means.scale)
    gain = share_goes(means.tau, dt)
    norm = not np.allclose(means.scale, 1, rtol=1e-6)
    scale = _near_one(means.scale / gain if norm else means.scale)
    options |= {"tau_mem": _constant(means.tau), "dt": dt, "norm_input": norm}
    if means.tau_syn is not None:
        if "spike_threshold" not in options:
            message = "no layer of ours has a synapse and never spikes"
            raise InvalidInput(message, hint="use an LI twice, one for the synapse")
        return CubaLIF(tau_syn=[_constant(means.tau_syn)], **options), scale
    if "spike_threshold" not in options:
        return ExpLeak(**options), scale
    if options.pop("reset") == "none":
        options.pop("v_reset")
        return ParallelLIF(**options), scale
    return LIF(**options, reset="subtract" if writer.subtracts else "set"), scale


def _without_leak(link: Link, options: dict[str, Any]) -> SpikingLayer:
    if "spike_threshold" not in options:
        message = "no layer of ours integrates without a leak or spikes"
        raise InvalidInput(message, hint="give it a threshold, or a long time constant as an LI")
    return IAF(**options)


def _spike_options(link: Link, writer: Writer) -> dict[str, Any]:
    """Return threshold and reset, counted from the potential at rest."""
    node = link.node
    arrays = _arrays(node)
    leak = arrays.get("v_leak", np.zeros(()))
    threshold = arrays.get("v_threshold")
    if link.threshold is not None:
        threshold = link.threshold.threshold
    if threshold is None:
        if leak.any():
            message = f"v_leak is {leak.flat[0]:g}, and integrators of ours rest at 0"
            raise InvalidInput(message, hint="add it after the node, as the bias of an Affine")
        return {}
    after = np.broadcast_to(arrays.get("v_reset", np.zeros(())), threshold.shape)
    if writer.subtracts and after.any():
        message = f"v_reset is {after.flat[0]:g}, and its writer subtracts thresholds"
        raise InvalidInput(message, hint="was it written by another program?")
    v_reset = after - leak
    if not np.allclose(v_reset, v_reset.flat[0]):
        said = f"{v_reset.min():g} … {v_reset.max():g}"
        message = f"neurons are reset to {said} above rest, and a layer of ours to one potential"
        raise InvalidInput(message, hint="split the layer, or give all the same v_reset − v_leak")
    reset = "set" if link.threshold is None else "none"
    if writer.subtracts and reset == "set":
        reset = "subtract"
    return {
        "spike_threshold": _constant(threshold - leak),
        "reset": reset,
        "v_reset": float(v_reset.flat[0]) if reset == "set" else 0.0,
        "max_spikes": None if writer.subtracts else 1,
    }


def _near_one(scale: Array) -> Array:
    """Return factors, those that rounding alone keeps from being 1 as 1."""
    return np.ones(scale.shape) if np.allclose(scale, 1, rtol=1e-6, atol=0) else scale


def _constant(array: Array, dtype: torch.dtype | None = None) -> Tensor:
    """Return a constant of neurons: one number if all share it."""
    tensor = _tensor(array)
    if tensor.numel() and bool((tensor == tensor.flatten()[0]).all()):
        tensor = tensor.flatten()[0]
    return tensor.to(dtype or torch.get_default_dtype())


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(np.array(array, order="C"))


def _first(tensor: Tensor, shape: list[int]) -> Tensor:
    """Return a tensor of this shape whose numbers, repeated, are those given."""
    while tensor.ndim > len(shape):
        tensor = tensor[0]
    for axis, size in enumerate(shape):
        tensor = tensor.narrow(axis, 0, size)
    return tensor.clone()


def _delay(node: Delay, dt: float, where: str, *, trust: bool) -> AxonalDelay:
    delay = _tensor(node.delay)
    if delay.ndim != 1:
        message = f"{where}: delays of shape {tuple(delay.shape)}"
        raise InvalidInput(message, hint="delayed neurons lie along one axis: flatten first")
    kept = (kept_in(node, where) or {}) if trust else {}
    longest = kept.get("max_delay", float(delay.max()) if len(delay) else 0.0)
    layer = AxonalDelay(
        delay,
        len(delay),
        max_delay=longest,
        dt=kept.get("dt", dt),
        train=kept.get("train", False),
    )
    with torch.no_grad():
        layer.to(delay.dtype).delay.copy_(delay)
    return layer
