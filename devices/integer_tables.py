"""Networks in integers as tables, whatever the family: each registers how its own are told."""

from collections.abc import Sequence
from functools import singledispatch
from typing import TypeAlias

import numpy as np

from devices.results import QuantizedGraph
from eventstore.errors import InvalidInput

Fact: TypeAlias = str | int | float


@singledispatch
def integer_facts(q: object) -> list[dict[str, Fact]]:
    """Return what the integers of each layer are, by name.

    Args:
        q: what a chip's ``quantize`` returned.

    Raises:
        InvalidInput: its family has no table of integers.
    """
    raise _unknown(q)


@singledispatch
def integer_arrays(q: object) -> dict[str, np.ndarray]:
    """Return all integers of a network as arrays by name.

    Args:
        q: what a chip's ``quantize`` returned.

    Raises:
        InvalidInput: its family has no table of integers.
    """
    raise _unknown(q)


@integer_facts.register
def graph_facts(q: QuantizedGraph) -> list[dict[str, Fact]]:
    """Return what the integers of each layer are, of a chip of several cores.

    Args:
        q: the network.
    """
    return [
        {
            "layer": layer.name,
            "weights": "×".join(map(str, layer.weight.shape)),
            "scale": round(layer.scale, 4),
            "threshold": layer.threshold,
            "lower_bound": layer.lower_bound,
            "zero_weights": round(float((layer.weight == 0).mean()), 4),
        }
        for layer in q.layers
    ]


@integer_arrays.register
def graph_arrays(q: QuantizedGraph) -> dict[str, np.ndarray]:
    """Return all integers of a network of several cores.

    Args:
        q: the network.
    """
    arrays = {}
    for layer in q.layers:
        arrays[f"{layer.name}/weight"] = layer.weight
        arrays[f"{layer.name}/threshold"] = np.array(layer.threshold)
        arrays[f"{layer.name}/lower_bound"] = np.array(layer.lower_bound)
        if layer.bias is not None:
            arrays[f"{layer.name}/bias"] = layer.bias
    return arrays


def fact_rows(facts: Sequence[dict[str, Fact]]) -> list[tuple[str, ...]]:
    """Return a head and one row a layer.

    Examples:
        >>> fact_rows([{"layer": "0", "lower_bound": -32768, "zero_weights": 0.25}])
        [('layer', 'lower bound', 'zero weights'), ('0', '-32,768', '25.0%')]
    """
    head = tuple(name.replace("_", " ") for name in facts[0]) if facts else ("layer",)
    return [head, *(tuple(_said(name, fact) for name, fact in row.items()) for row in facts)]


def _said(name: str, fact: Fact) -> str:
    if isinstance(fact, str):
        return fact
    if name.endswith("_weights"):
        return f"{fact:.1%}"
    return f"{fact:,}" if isinstance(fact, int) else f"{fact:,.1f}"


def _unknown(q: object) -> InvalidInput:
    message = f"there is no table of a {type(q).__name__}"
    return InvalidInput(message, hint="register integer_facts and integer_arrays for its type")
