"""What NIR has no word for, kept beside nodes: options of our layers, and their exact constants.

A reader that ignores it runs the node as NIR defines it; ours makes the same layer again. It lies
in a node's metadata under ``spikelake``, as JSON, and ``spikelake_NAME``, an array for a constant.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor

import snn.layers
from eventstore.errors import InvalidInput
from snn.layers import AxonalDelay, CubaLIF, SpikingLayer
from snn.nir.nodes import Array, Metadata, Node
from snn.surrogate import SURROGATES, Surrogate

KEY = "spikelake"
FORMAT = 1

_SPIKING = ("max_spikes", "reset", "v_reset", "detach_reset", "min_v_mem")
_LEAKY = ("norm_input", "bit_shift")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "IAF": _SPIKING,
    "LIF": _SPIKING + _LEAKY,
    "CubaLIF": _SPIKING + _LEAKY,
    "ALIF": _SPIKING + _LEAKY,
    "ExpLeak": ("min_v_mem", *_LEAKY),
    "ParallelLIF": ("max_spikes", "norm_input"),
}
"""Options of each layer kind beside its constants, its dt and its surrogate."""


def keep_layer(layer: SpikingLayer) -> dict[str, str | Array]:
    """Return what makes a layer again, apart from recurrent weights.

    Examples:
        >>> sorted(keep_layer(snn.layers.IAF()))
        ['spikelake', 'spikelake_spike_threshold']
    """
    name = type(layer).__name__
    options = {
        option: getattr(layer, option) if option in _LEAKY else getattr(layer.neuron, option)
        for option in OPTIONS[name]
    }
    said: dict[str, Any] = {"layer": name, "dt": layer.dt, "options": options}
    if layer.neuron.spiking:
        said["surrogate"] = _surrogate_to_dict(layer.neuron.surrogate)
    constants = layer.constants
    said["train"] = sorted(constants.trained)
    kept = {f"{KEY}_{key}": as_array(value) for key, value in constants.state_dict().items()}
    if isinstance(layer, CubaLIF) and layer.bias is not None:
        kept[f"{KEY}_bias"] = as_array(layer.bias)
    return kept | keep(said)


def keep(said: Mapping[str, Any]) -> dict[str, str | Array]:
    """Return plain values as metadata."""
    return {KEY: json.dumps({"format": FORMAT, **said}, sort_keys=True)}


def kept_in(node: Node, where: str) -> dict[str, Any] | None:
    """Return the plain values kept beside a node; None: another program wrote it.

    Raises:
        InvalidInput: a newer version of ours wrote it, or it is damaged.
    """
    text = node.metadata.get(KEY)
    if text is None:
        return None
    try:
        said = json.loads(str(text))
        found = said["format"]
    except (ValueError, TypeError, KeyError) as error:
        message = f"{where}: its metadata {KEY!r} is damaged"
        raise InvalidInput(message, hint=f"delete the metadata {KEY!r} of this node") from error
    if found != FORMAT:
        message = f"{where}: metadata of format {found}, and this version reads {FORMAT}"
        raise InvalidInput(message, hint="use the version of spikelake that wrote it")
    return dict(said)


def layer_again(metadata: Metadata, said: Mapping[str, Any]) -> SpikingLayer:
    """Return the layer that was kept, with its constants bit by bit.

    Raises:
        InvalidInput: what was kept is incomplete or makes no layer.
    """
    try:
        name, trained = said["layer"], said["train"]
        values = {
            key.removeprefix(f"{KEY}_"): torch.from_numpy(np.array(value))
            for key, value in metadata.items()
            if key.startswith(f"{KEY}_")
        }
        bias = values.pop("bias", None)
        options = {option: said["options"][option] for option in OPTIONS[name]}
        if said["dt"] is not None:
            options["dt"] = said["dt"]
        if bias is not None:
            options["bias"] = bias
        if "surrogate" in said:
            options["surrogate"] = _surrogate_from_dict(said["surrogate"])
        layer: SpikingLayer = getattr(snn.layers, name)(**options, **_plain(values), train=trained)
        layer.to(next(value.dtype for value in values.values()))
        layer.constants.load_state_dict(values)
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RuntimeError,
        StopIteration,
    ) as error:
        message = f"what is kept of its layer makes none ({type(error).__name__}: {error})"
        raise InvalidInput(message, hint=f"delete the metadata {KEY!r} of this node") from error
    return layer


def _plain(values: Mapping[str, Tensor]) -> dict[str, Any]:
    """Return constants as constructors take them: no logarithms, synapses in a list."""
    found: dict[str, Any] = {
        name.removeprefix("log_"): value.exp() if name.startswith("log_") else value
        for name, value in values.items()
    }
    if "tau_syn" in found:
        found["tau_syn"] = list(found["tau_syn"].unbind(0))
    return found


def keep_delay(layer: AxonalDelay) -> dict[str, str | Array]:
    """Return what makes a delay again, apart from the delays."""
    said = {"layer": "AxonalDelay", "dt": layer.dt, "max_delay": layer.max_delay}
    return keep(said | {"train": layer.train_delay})


def _surrogate_to_dict(surrogate: Surrogate) -> dict[str, Any]:
    names = {kind: name for name, kind in SURROGATES.items()}
    if type(surrogate) not in names:
        message = f"{type(surrogate).__name__} is none of our surrogates, so no file can name it"
        raise InvalidInput(message, hint=f"use one of {', '.join(sorted(SURROGATES))}")
    return {"name": names[type(surrogate)], **asdict(surrogate)}


def _surrogate_from_dict(said: Mapping[str, Any]) -> Surrogate:
    return SURROGATES[said["name"]](**{k: v for k, v in said.items() if k != "name"})


def as_array(value: Tensor) -> Array:
    """Return a tensor's numbers.

    Raises:
        InvalidInput: files have no such numbers.
    """
    if value.dtype == torch.bfloat16:
        message = "numbers of 16 bits, bfloat16, are none that a file can hold"
        raise InvalidInput(message, hint="export net.float(), which holds them exactly")
    found: Array = value.detach().cpu().numpy().copy()
    return found
