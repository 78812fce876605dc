"""Branched networks: the rules accept just what a definition by the letter accepts."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.nodes import INPUT, Conv, Graph, Merge, Node, Pool, Spiking
from devices.speck.chip import SPECK2C_MINI, SPECK2F, SpeckSpec
from devices.speck.rules import check_graph


@dataclass(frozen=True)
class Drawn:
    """A layer: numbers of the layers that feed it (-1: the input), each with its pooling."""

    size: int
    features: int
    sources: tuple[tuple[int, str], ...]
    biased: bool
    kind: str


def reads(layer: Drawn) -> set[int]:
    return {at for at, _ in layer.sources}


def size_of(layers: list[Drawn], at: int) -> int:
    return 16 if at < 0 else layers[at].size


def features_of(layers: list[Drawn], at: int) -> int:
    return 2 if at < 0 else layers[at].features


@st.composite
def drawn_nets(draw: st.DrawFn) -> list[Drawn]:
    layers: list[Drawn] = []
    for number in range(draw(st.integers(1, 9))):
        unread = [at for at in range(number) if all(at not in reads(layer) for layer in layers)]
        astray = number == 0 or draw(st.integers(0, 5)) == 0
        pick = st.sampled_from([-1, *range(number)] if astray else unread)
        chosen = draw(st.lists(pick, min_size=1, max_size=2, unique=True))
        if -1 in chosen:
            chosen = [-1]
        smallest = min(size_of(layers, at) for at in chosen)
        possible = [size for size in (16, 8, 4) if size <= smallest]
        keep = -1 in chosen and draw(st.integers(0, 9)) > 0
        size = 16 if keep else draw(st.sampled_from(possible))
        alike = draw(st.sampled_from([("sum",), ("average",), ("average", "sum")]))
        layers.append(
            Drawn(
                size=size,
                features=draw(st.sampled_from([4, 4, 64])),
                sources=tuple((at, draw(st.sampled_from(alike))) for at in chosen),
                biased=draw(st.integers(0, 5)) == 0,
                kind=draw(st.sampled_from(["IAF"] * 30 + ["LIF"])),
            )
        )
    widths = {at: layer.features for at, layer in enumerate(layers)}
    return [
        layer
        if len({widths.get(at, 2) for at, _ in layer.sources}) == 1
        else Drawn(layer.size, layer.features, layer.sources[:1], layer.biased, layer.kind)
        for layer in layers
    ]


def graph_of(layers: list[Drawn]) -> Graph:
    nodes: list[Node] = []
    edges: list[tuple[str, str]] = []
    for number, layer in enumerate(layers):
        inputs = features_of(layers, layer.sources[0][0])
        shape = (inputs, layer.size, layer.size)
        ends = []
        for at, kind in layer.sources:
            end, edge = INPUT if at < 0 else f"n{at}", size_of(layers, at) // layer.size
            if edge > 1:
                name = f"p{number}.{at}"
                before = (inputs, size_of(layers, at), size_of(layers, at))
                nodes.append(
                    Pool(
                        name=name,
                        input_shape=before,
                        output_shape=shape,
                        kind="sum" if kind == "sum" else "average",
                        kernel=(edge, edge),
                        stride=(edge, edge),
                    )
                )
                edges += [(end, name)] if at >= 0 else []
                end = name
            ends.append(end)
        if len(ends) > 1:
            nodes.append(Merge(name=f"m{number}", input_shape=shape, output_shape=shape))
            edges += [(end, f"m{number}") for end in ends]
            ends = [f"m{number}"]
        out = (layer.features, layer.size, layer.size)
        weight = np.full((layer.features, inputs, 3, 3), 0.5, np.float32)
        bias = np.ones(layer.features, np.float32) if layer.biased else None
        conv = Conv(
            name=f"c{number}",
            input_shape=shape,
            output_shape=out,
            weight=weight,
            bias=bias,
            padding=(1, 1),
        )
        neurons = Spiking(
            name=f"n{number}",
            input_shape=out,
            output_shape=out,
            kind=layer.kind,
            spike_threshold=1.0,
        )
        edges += [(end, conv.name) for end in ends if end != INPUT]
        edges.append((conv.name, neurons.name))
        nodes += [conv, neurons]
    return Graph(input_shape=(2, 16, 16), nodes=tuple(nodes), edges=tuple(edges))


def literally_fits(layers: list[Drawn], spec: SpeckSpec) -> bool:
    """Return whether a network fits, by the letter of the limits and by trying every core."""
    sent = [at for layer in layers for at, _ in layer.sources]
    outputs = [at for at in range(len(layers)) if at not in sent]
    if any(sent.count(at) > 2 for at in sent) or len(outputs) != 1:
        return False
    for layer in layers:
        edges = [size_of(layers, at) // layer.size for at, _ in layer.sources]
        pooled_input = any(
            edge > 1 and at < 0 for edge, (at, _) in zip(edges, layer.sources, strict=True)
        )
        if layer.kind != "IAF" or max(edges) > 4 or pooled_input:
            return False
    return every_layer_finds_a_core(layers, spec, 0, frozenset())


def copies_of_weights(layers: list[Drawn], layer: Drawn) -> int:
    """Return over how many different windows what meets in a layer is averaged."""
    edges = [size_of(layers, at) // layer.size for at, _ in layer.sources]
    pairs = zip(edges, layer.sources, strict=True)
    return len({1 if kind == "sum" else edge * edge for edge, (_, kind) in pairs})


def every_layer_finds_a_core(
    layers: list[Drawn], spec: SpeckSpec, number: int, taken: frozenset[int]
) -> bool:
    if number == len(layers):
        return True
    layer = layers[number]
    inputs = features_of(layers, layer.sources[0][0]) * copies_of_weights(layers, layer)
    kernel = inputs * 16 * layer.features
    neuron = layer.features * layer.size * layer.size
    for at, core in enumerate(spec.cores):
        enough = kernel <= core.kernel_words and neuron <= core.neuron_words
        enough = enough and (not layer.biased or layer.features <= core.bias_words)
        free = enough and at not in taken
        if free and every_layer_finds_a_core(layers, spec, number + 1, taken | {at}):
            return True
    return False


@given(layers=drawn_nets(), spec=st.sampled_from([SPECK2F, SPECK2F, SPECK2C_MINI]))
def test_rules_accept_just_what_fits(layers: list[Drawn], spec: SpeckSpec) -> None:
    errors = [f for f in check_graph(graph_of(layers), spec) if f.is_error]
    assert (not errors) == literally_fits(layers, spec), [f.message for f in errors]
    assert all(f.fix and f.where for f in errors)
