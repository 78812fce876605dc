"""Neurons of other programs as layers of ours, and what scales their inputs before them."""

from dataclasses import fields
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import IAF, LIF, CubaLIF, ExpLeak, ParallelLIF, Recurrent, SpikingLayer
from snn.nir.nodes import Affine, Array, Node
from snn.nir.nodes import Scale as ScaleNode
from snn.nir.scale import Scale
from snn.nir.wiring import Link
from snn.nir.writers import Meaning, Writer, meaning_of, share_goes


def foreign_layer(link: Link, writer: Writer, dt: float) -> list[tuple[str, nn.Module]]:
    """Return neurons as NIR, or their writer, means them; what scales their inputs before them."""
    node = link.node
    means = meaning_of(node, writer, dt)
    layer, scale = _layer_and_scale(link, means, writer, dt)
    if link.feedback is not None:
        shape = means.scale.shape
        if len(shape) > 1:
            message = f"recurrent neurons of shape {shape}"
            raise InvalidInput(message, hint="neurons of a recurrent layer lie along one axis")
        layer = recurrent_layer(layer, link.feedback, shape[0] if shape else 1, scale)
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
    arrays = arrays_of(node)
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
    tensor = tensor_of(array)
    if tensor.numel() and bool((tensor == tensor.flatten()[0]).all()):
        tensor = tensor.flatten()[0]
    return tensor.to(dtype or torch.get_default_dtype())


def tensor_of(array: Array) -> Tensor:
    """Return an array's numbers as a tensor of their own."""
    return torch.from_numpy(np.array(array, order="C"))


def recurrent_layer(
    layer: SpikingLayer, way: Node, n: int, scale: Array | None = None
) -> Recurrent:
    """Return recurrent neurons; what scales their inputs scales what comes back, too."""
    if isinstance(way, ScaleNode):
        weight: Array = np.diag(np.broadcast_to(way.scale, (n,)))
    else:
        weight = arrays_of(way)["weight"]
    if isinstance(way, Affine) and way.bias.any():
        message = "the way back adds a bias"
        raise InvalidInput(message, hint="add it to the bias of the layer before")
    wanted = (n * layer.neuron.n_inputs, n)
    if weight.shape != wanted:
        message = f"the weight of the way back is {weight.shape}, for {n} neurons {wanted}"
        raise InvalidInput(message, hint="neurons of a recurrent layer lie along one axis")
    found = Recurrent(layer, n)
    if scale is not None and not bool((scale == 1).all()):
        weight = weight * np.reshape(scale, (-1, 1))
    dtype = layer.constants["spike_threshold"].dtype
    found.weight = nn.Parameter(tensor_of(weight.T).to(dtype))
    return found


def arrays_of(node: Node) -> dict[str, Array]:
    """Return a node's numbers by name."""
    return {
        one.name: value
        for one in fields(node)
        if isinstance(value := getattr(node, one.name), np.ndarray)
    }
