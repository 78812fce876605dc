"""Layers of neurons as nodes: thresholds, time constants, synapses and weights back to them."""

import numpy as np
import torch
from torch import Tensor

from devices.nodes import Dynamics, Shape, Spiking, size_of
from devices.refusal import refused
from snn.layers import ALIF, LIF, CubaLIF, ExpLeak, Recurrent, SpikingLayer


def spiking_node(path: str, module: SpikingLayer, shape: Shape) -> Spiking:
    """Return a layer of neurons as a node; those with several synapses take synapse × neuron.

    Args:
        path: name of the node.
        module: the layer; one that is recurrent is named by the neurons in it.
        shape: shape of one time step going in.

    Raises:
        InvalidInput: constants or weights have not one number for each neuron.

    Examples:
        >>> from snn.layers import CubaLIF
        >>> node = spiking_node("a", CubaLIF(tau_mem=0.02, tau_syn=[0.01, 0.04]), (2, 5))
        >>> node.kind, node.output_shape, node.dynamics.tau_syn.shape
        ('CubaLIF', (5,), (2, 5))
    """
    within = module.layer if isinstance(module, Recurrent) else module
    neuron, out = module.neuron, _neurons(path, module, shape)
    thresholds = _thresholds(path, module, out)
    differ = thresholds is not None and bool((thresholds != thresholds.flat[0]).any())
    return Spiking(
        name=path,
        input_shape=shape,
        output_shape=out,
        kind=type(within).__name__,
        spike_threshold=None if thresholds is None else float(thresholds.min()),
        min_v_mem=neuron.min_v_mem,
        reset=neuron.reset,
        v_reset=neuron.v_reset,
        max_spikes=neuron.max_spikes,
        thresholds=thresholds if differ else None,
        dynamics=_dynamics(path, within, out),
        recurrent=_recurrent(path, module, out),
    )


def _neurons(path: str, module: SpikingLayer, shape: Shape) -> Shape:
    """Return the shape of the neurons, without the axis of synapses."""
    count = module.neuron.n_synapses
    if count <= 1:
        return shape
    if len(shape) < 2 or shape[0] != count:
        why = f"its neurons have {count} synapses, what comes in is {shape}"
        n = size_of(shape) // count
        hint = f"give each synapse its input: nn.Unflatten(1, ({count}, {n})) before it"
        raise refused(path, module, hint, why)
    return shape[1:]


def _thresholds(path: str, module: SpikingLayer, shape: Shape) -> np.ndarray | None:
    value = module.spike_threshold
    return None if value is None else _expanded(path, module, value, shape)


def _dynamics(path: str, layer: SpikingLayer, shape: Shape) -> Dynamics | None:
    if layer.dt is None:
        return None
    names, rows = layer.constants.names, layer.rows()
    synapses = list(layer.constants["tau_syn"].unbind(0)) if "tau_syn" in names else []
    bias = rows.get("bias")
    return Dynamics(
        dt=float(layer.dt),
        tau_mem=_expanded(path, layer, layer.constants["tau_mem"], shape),
        tau_syn=np.stack([_expanded(path, layer, tau, shape) for tau in synapses])
        if synapses
        else None,
        bias=None if bias is None else _expanded(path, layer, bias, shape),
        norm_input="gain" in rows,
        bit_shift=isinstance(layer, LIF | CubaLIF | ALIF | ExpLeak) and layer.bit_shift,
    )


def _recurrent(path: str, module: SpikingLayer, shape: Shape) -> np.ndarray | None:
    weight = module.recurrent_weight()
    if weight is None:
        return None
    n, inputs = size_of(shape), size_of(shape) * module.neuron.n_inputs
    if tuple(weight.shape) != (n, inputs):
        why = f"its recurrent weight is {tuple(weight.shape)}, there are {n} neurons"
        raise refused(path, module, f"make it with n_neurons={n}", why)
    return _array(weight)


def _expanded(path: str, module: SpikingLayer, value: Tensor, shape: Shape) -> np.ndarray:
    """Return a constant with one number for each neuron."""
    try:
        whole = torch.broadcast_to(value, shape)
    except RuntimeError as error:
        why = f"it has constants of shape {tuple(value.shape)}, its neurons have {shape}"
        hint = "give one number, or one for each neuron"
        raise refused(path, module, hint, why) from error
    return _array(whole.reshape(-1))


def _array(tensor: Tensor) -> np.ndarray:
    return np.array(tensor.detach().float().cpu().numpy())
