"""Random quantised networks that branch and meet, of one to nine layers."""

import numpy as np
from hypothesis import strategies as st

from devices.results import Link, QuantizedGraph, QuantizedLayer

Shape = tuple[int, int, int]


@st.composite
def quantized_nets(draw: st.DrawFn, max_layers: int = 9) -> QuantizedGraph:
    """Draw a network in which each layer feeds up to two others, and several may feed one."""
    return random_net(np.random.default_rng(draw(st.integers(0, 2**32 - 1))), max_layers)


def random_net(rng: np.random.Generator, max_layers: int = 9) -> QuantizedGraph:
    n_layers = int(rng.integers(1, max_layers + 1))
    shape = (int(rng.integers(1, 3)), int(rng.integers(4, 9)), int(rng.integers(4, 9)))
    shapes: dict[str | None, Shape] = {None: shape}
    links: list[Link] = []
    layers = []
    for index in range(n_layers):
        name = f"layer{index}"
        sources = _sources(rng, shapes, links)
        links += [Link(source=s, target=name, pool=pool) for s, pool in sources]
        source, pool = sources[0]
        c, h, w = shapes[source]
        layer = _layer(rng, name, (c, max(1, h // pool), max(1, w // pool)))
        layers.append(layer)
        shapes[name] = layer.neuron_shape
    return QuantizedGraph(chip="any", input_shape=shape, layers=tuple(layers), links=tuple(links))


def _sources(
    rng: np.random.Generator, shapes: dict[str | None, Shape], links: list[Link]
) -> list[tuple[str | None, int]]:
    """Choose what feeds the next layer: one or two that have a destination left, of one shape."""
    free = [s for s in shapes if sum(link.source == s for link in links) < 2]
    first = free[-1] if rng.random() < 0.7 else free[rng.integers(len(free))]
    pool = int(rng.choice([1, 1, 2])) if min(shapes[first][1:]) > 1 else 1
    chosen = [(first, pool)]
    for other in free:
        for edge in (1, 2):
            same = _pooled(shapes[other], edge) == _pooled(shapes[first], pool)
            if other != first and same and len(chosen) < 2 and rng.random() < 0.7:
                chosen.append((other, edge))
    return chosen


def _pooled(shape: Shape, edge: int) -> Shape:
    return (shape[0], shape[1] // edge, shape[2] // edge)


def _layer(rng: np.random.Generator, name: str, shape: Shape) -> QuantizedLayer:
    """Return a layer on a map; half of them keep its shape, so that branches can meet again."""
    kernel = [int(rng.integers(1, min(3, size) + 1)) for size in shape[1:]]
    stride = (int(rng.choice([1, 1, 2, 3])), int(rng.choice([1, 1, 2, 3])))
    padding = (int(rng.integers(0, 3)), int(rng.integers(0, 3)))
    features = int(rng.integers(1, 4))
    if rng.random() < 0.5:
        kernel, stride, padding, features = [3, 3], (1, 1), (1, 1), shape[0]
    bias = rng.integers(-4, 9, features).astype(np.int8) if rng.random() < 0.3 else None
    return QuantizedLayer(
        name=name,
        spiking_name=f"{name}.neurons",
        input_shape=shape,
        weight=rng.integers(-9, 14, (features, shape[0], *kernel)).astype(np.int8),
        bias=bias,
        stride=stride,
        padding=padding,
        threshold=int(rng.integers(6, 30)),
        lower_bound=-int(rng.integers(0, 20)),
        reset="zero" if rng.random() < 0.3 else "subtract",
        scale=1.0,
        rescale=1.0,
    )


def random_events(q: QuantizedGraph, seed: int, n: int, duration: int) -> np.ndarray:
    """Return rows (t, feature, y, x) of events all over the input map, several at one time."""
    rng = np.random.default_rng(seed)
    columns = [np.sort(rng.integers(0, duration, n))]
    columns += [rng.integers(0, size, n) for size in q.input_map]
    return np.stack(columns, axis=1).astype(np.int64)
