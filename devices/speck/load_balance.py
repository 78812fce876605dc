"""Balance synaptic operations over cores: split the busiest layer while that helps.

All cores are equally fast as far as is published, and how many operations a layer does depends on
its spikes, not on its core. So no assignment of whole layers balances them better than another.
What does is to split the busiest layer over two cores (`devices.speck.layer_split`): a core that is
asked for more than it can do stalls the whole chip, so the busiest one bounds the rate of events.

Operations come from a simulation on samples of the task, since activity decides them: the same
layer is busy for one data set and idle for another.
"""

from collections.abc import Mapping as Table

import numpy as np

from devices.results import QuantizedGraph, SimResult
from devices.speck.chip import SpeckSpec
from devices.speck.layer_split import split_layer, unsplittable
from devices.speck.mapping import map_layers
from eventstore.errors import DoesNotFit, InvalidInput
from eventstore.findings import Finding, Severity, finding_at

CHECK = "synops-balance"


def layer_loads(q: QuantizedGraph, result: SimResult) -> dict[str, float]:
    """Return the synaptic operations a sample of each layer in a simulation.

    Args:
        q: the network that was simulated.
        result: what it did.

    Raises:
        InvalidInput: the result is of another network.
    """
    names = [layer.name for layer in q.layers]
    found = {activity.name: float(activity.synops.mean()) for activity in result.layers}
    if list(found) != names:
        message = f"the simulation is of layers {', '.join(found)}, the network has "
        message += ", ".join(names)
        raise InvalidInput(message, hint="simulate the network that is balanced")
    return found


def balance_load(
    q: QuantizedGraph, loads: Table[str, float], spec: SpeckSpec
) -> tuple[QuantizedGraph, dict[str, float]]:
    """Split the busiest layer in two, then the busiest then, as long as it can be split and mapped.

    Where the on-chip readout had room before, it has it afterwards.

    Args:
        q: the network.
        loads: synaptic operations of each layer, in any unit: see `layer_loads`.
        spec: the chip.

    Returns: the network with its parts, and the operations of each layer and part.

    Raises:
        InvalidInput: a layer without a load, or a load that is negative or no number.

    Examples:
        >>> from devices.conformance import small_graph
        >>> from devices.speck.chip import SPECK2F
        >>> from devices.speck.quantize import quantize_graph
        >>> q = quantize_graph(small_graph(), SPECK2F)
        >>> balance_load(q, {"0": 900.0, "4": 500.0}, SPECK2F)[1]
        {'0[0:2]': 450.0, '0[2:4]': 450.0, '4': 500.0}
    """
    now = _checked(q, loads)
    best, readout = (q, now), True if _can_map(q, spec, readout=True) else None
    while now:
        busiest = max(now, key=lambda name: now[name])
        if now[busiest] == 0 or unsplittable(q, busiest, spec) is not None:
            break
        halves = split_layer(q, busiest, spec)
        if not _can_map(halves, spec, readout=readout):
            break
        q, now = halves, _shared(q, halves, now, busiest)
        if max(now.values()) < max(best[1].values()):  # not so where another was as busy
            best = q, now
    return best


def check_load(q: QuantizedGraph, loads: Table[str, float], spec: SpeckSpec) -> list[Finding]:
    """Return one finding: which layer does most operations, and what splitting it would change.

    Args:
        q: the network.
        loads: synaptic operations of each layer.
        spec: the chip.
    """
    now = _checked(q, loads)
    total = sum(now.values())
    if not total:
        return []
    busiest = max(now, key=lambda name: now[name])
    balanced, after = balance_load(q, now, spec)
    least = max(after.values()) / total
    if balanced is q:
        reason = unsplittable(q, busiest, spec) or "there is no room for its halves"
        fix = f"cannot be split: {reason}; use fewer features, or a loss on synaptic operations"
    else:
        extra = len(balanced.layers) - len(q.layers)
        cores = "1 core" if extra == 1 else f"{extra} cores"
        fix = f"split it: spikelake chip config --split-layer {busiest}; balance() takes {cores} "
        fix += f"more, and leaves the busiest core {least:.0%}"
    return busiest_layer(now, fix)


def busiest_layer(loads: Table[str, float], fix: str) -> list[Finding]:
    """Return a finding on the layer that does most operations, if there is more than one layer.

    Args:
        loads: synaptic operations of each layer.
        fix: what to do about it.

    Examples:
        >>> busiest_layer({"conv1": 1.0, "conv2": 3.0}, "split it")[0].where
        'conv2'
    """
    total = sum(loads.values())
    if len(loads) < 2 or not total:
        return []
    busiest = max(loads, key=lambda name: loads[name])
    share = loads[busiest] / total
    message = (
        f"does {share:.0%} of all synaptic operations, an even share is {1 / len(loads):.0%}: "
        "its core bounds the rate of events, whichever core that is"
    )
    return [finding_at(Severity.INFO, busiest, message, CHECK, fix)]


def _can_map(q: QuantizedGraph, spec: SpeckSpec, *, readout: bool | None) -> bool:
    try:
        map_layers(q, spec, readout=readout)
    except DoesNotFit:
        return False
    return True


def _shared(
    before: QuantizedGraph, after: QuantizedGraph, loads: dict[str, float], name: str
) -> dict[str, float]:
    """Return loads after a split: each part does as many operations as it has features."""
    features = next(len(layer.weight) for layer in before.layers if layer.name == name)
    return {
        layer.name: loads.get(layer.name, loads[name] * len(layer.weight) / features)
        for layer in after.layers
    }


def _checked(q: QuantizedGraph, loads: Table[str, float]) -> dict[str, float]:
    found = {layer.name: loads.get(layer.name, np.nan) for layer in q.layers}
    for name, load in found.items():
        if not (np.isfinite(load) and load >= 0):
            message = f"layer {name!r} has {load} synaptic operations"
            hint = "give each layer what it does a sample: layer_loads(q, chip.simulate(q, frames))"
            raise InvalidInput(message, hint=hint)
    return found
