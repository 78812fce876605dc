"""Graphs without neurons, run in torch: what their nodes mean."""

import torch
from torch import Tensor, nn

from devices.nodes import Conv, Flatten, Graph, Linear, Merge, Node, Pool


def run_graph(graph: Graph, x: Tensor) -> Tensor:
    """Return what a graph makes of frames ``(N, …)``."""
    made: dict[str, Tensor] = {}
    y = x
    for node in graph:
        given = [made[name] for name in graph.sources(node.name)]
        given += [x] if graph.reads_input(node.name) else []
        y = _run_node(node, torch.stack([one.reshape(given[0].shape) for one in given]).sum(0))
        assert tuple(y.shape[1:]) == node.output_shape
        made[node.name] = y
    return y


def _run_node(node: Node, x: Tensor) -> Tensor:
    x = x.reshape(-1, *node.input_shape)
    match node:
        case Conv():
            return nn.functional.conv2d(
                x,
                torch.from_numpy(node.weight),
                None if node.bias is None else torch.from_numpy(node.bias),
                node.stride,
                node.padding,
                node.dilation,
                node.groups,
            )
        case Linear():
            bias = None if node.bias is None else torch.from_numpy(node.bias)
            return nn.functional.linear(x, torch.from_numpy(node.weight), bias)
        case Pool():
            y = nn.functional.avg_pool2d(x, node.kernel, node.stride)
            return y if node.kind == "average" else y * (node.kernel[0] * node.kernel[1])
        case Flatten():
            return x.flatten(1)
        case Merge():
            return x
    raise AssertionError(node)
