"""Split a layer over several cores: each computes some of its output features.

A core adds a number to the features that it sends, so that the parts lie side by side in the next
layer as if they were one. Each part takes the same spikes, does its share of the synaptic
operations and needs its share of the weight and state words. What feeds the layer must send to
one core more for each part, of which a core has two.

Time step by time step the parts compute what the whole did. Event by event one part is followed to
the end before the other, so that the order of the spikes that reach the next layer differs.
"""

import re
from dataclasses import replace

from devices.results import Link, QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec
from eventstore.errors import DoesNotFit, NotFound

PART = re.compile(r"^(?P<whole>.*)\[(?P<first>\d+):\d+\]$")
"""Name of a part: that of the layer, and its first feature and the one after its last."""


def split_layer(q: QuantizedGraph, name: str, spec: SpeckSpec) -> QuantizedGraph:
    """Return a network with a layer cut in two halves, of which one is a feature larger.

    A half may be split again.

    Args:
        q: the network.
        name: the layer, or a part of one.
        spec: the chip.

    Raises:
        NotFound: there is no such layer.
        DoesNotFit: the layer cannot be split; says why.

    Examples:
        >>> from devices.conformance import small_graph
        >>> from devices.speck.chip import SPECK2F
        >>> from devices.speck.quantize import quantize_graph
        >>> halves = split_layer(quantize_graph(small_graph(), SPECK2F), "0", SPECK2F)
        >>> [(link.source, link.target, link.feature_shift) for link in halves.links[2:]]
        [('0[0:2]', '4', 0), ('0[2:4]', '4', 2)]
    """
    names = [layer.name for layer in q.layers]
    if name not in names:
        raise NotFound.among("layer", name, names)  # noqa: EM101 (a word of the message)
    if (message := unsplittable(q, name, spec)) is not None:
        raise DoesNotFit(message, hint="split another layer, or make this one smaller")
    at = names.index(name)
    cut = (len(q.layers[at].weight) + 1) // 2
    halves = (_part(q.layers[at], 0, cut), _part(q.layers[at], cut, len(q.layers[at].weight)))
    links: list[Link] = []
    for link in q.links:
        if link.target == name:
            links += [replace(link, target=half.name) for half in halves]
        elif link.source == name:
            first, second = (replace(link, source=half.name) for half in halves)
            links += [first, replace(second, feature_shift=link.feature_shift + cut)]
        else:
            links.append(link)
    layers = (*q.layers[:at], *halves, *q.layers[at + 1 :])
    return replace(q, layers=layers, links=tuple(links))


def unsplittable(q: QuantizedGraph, name: str, spec: SpeckSpec) -> str | None:
    """Say why a layer cannot be split; None: it can."""
    if name in q.output_names:
        return f"layer {name!r} is the network's output, which one core must hold"
    layer = next(layer for layer in q.layers if layer.name == name)
    if len(layer.weight) < 2:
        return f"layer {name!r} has a single feature"
    if len(q.layers) >= spec.n_cores:
        return f"all {spec.n_cores} cores of {spec.name} are taken: there is none for a half"
    for link in q.into(name):
        if len(q.out_of(link.source)) >= spec.max_destinations:
            sender = "the input" if link.source is None else repr(link.source)
            message = f"{sender} feeds {len(q.out_of(link.source))} layers already, one of them "
            return message + f"{name!r}: {spec.name} sends to no more than {spec.max_destinations}"
    return None


def _part(layer: QuantizedLayer, begin: int, end: int) -> QuantizedLayer:
    found = PART.match(layer.name)
    whole, first = (found["whole"], int(found["first"])) if found else (layer.name, 0)
    return replace(
        layer,
        name=f"{whole}[{first + begin}:{first + end}]",
        weight=layer.weight[begin:end],
        bias=None if layer.bias is None else layer.bias[begin:end],
    )
