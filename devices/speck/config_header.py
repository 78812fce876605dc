"""The header of a configuration: what it was made from, and what the chip need not know."""

import hashlib
from collections.abc import Mapping as Table
from importlib.metadata import version
from typing import Any

import numpy as np

from devices.results import Link, Mapping, QuantizedGraph
from devices.speck.config_fields import FORMAT_VERSION


def header_of(q: QuantizedGraph, mapping: Mapping) -> dict[str, Any]:
    """Return the header; the same network on the same cores has the same one.

    Args:
        q: the network in integers.
        mapping: which core computes which layer.
    """
    core_of = dict(zip((layer.name for layer in q.layers), mapping.cores, strict=True))
    return {
        "format_version": FORMAT_VERSION,
        "chip": q.chip,
        "spikelake": version("spikelake"),
        "model_digest": network_digest(q),
        "input_shape": list(q.input_shape),
        "input_cores": [core_of[link.target] for link in q.out_of(None)],
        "quantisation": [
            {
                "core": core_of[layer.name],
                "layer": layer.name,
                "neurons": layer.spiking_name,
                "scale": float(layer.scale),
                "rescale": float(layer.rescale),
            }
            for layer in q.layers
        ],
    }


def network_digest(q: QuantizedGraph) -> str:
    """Return the sha256 of the integers of a network and of what feeds what, in hex.

    Names of layers and their cores do not matter: the order of the layers stands for them.

    Examples:
        >>> network_digest(QuantizedGraph(chip="c", input_shape=(1,), layers=(), links=()))[:8]
        '4f53cda1'
    """
    digest = hashlib.sha256()
    place = {layer.name: str(at) for at, layer in enumerate(q.layers)}
    said = sorted(
        (place.get(k.source or "", ""), place[k.target], k.pool, *_shift_of(k)) for k in q.links
    )
    digest.update(repr(said).encode())
    for layer in q.layers:
        bias = np.zeros(len(layer.weight), np.int8) if layer.bias is None else layer.bias
        facts = (layer.weight.shape, layer.stride, layer.padding, layer.input_shape)
        neuron = (int(layer.threshold), int(layer.lower_bound), layer.reset)
        digest.update(repr((facts, neuron)).encode())
        digest.update(np.ascontiguousarray(layer.weight).tobytes() + bias.tobytes())
    return digest.hexdigest()


def _shift_of(link: Link) -> tuple[int, ...]:
    """Return a shift that is one, so that digests of networks without any stay as they were."""
    return (link.feature_shift,) if link.feature_shift else ()


def names_of(config: Table[str, Any]) -> dict[int, tuple[str, str, float, float]]:
    """Return name, neurons, scale and rescale of the layer of each core that the header names.

    Examples:
        >>> names_of({})
        {}
    """
    return {
        row["core"]: (row["layer"], row["neurons"], row["scale"], row["rescale"])
        for row in config.get("header", {}).get("quantisation", ())
    }
