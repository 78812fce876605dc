"""From a torch model to a `Graph`: where chips meet torch modules.

Chains (`snn.SpikingSequential`, `nn.Sequential`) and `snn.Branching` are read by their structure,
modules of one's own by running them once on shapes (`devices.tracing`). Batch normalisation is
folded into weights, dropout and axes of size 1 disappear. A module that has no counterpart is
refused by name, before any chip is asked, and so is one with forward hooks.
"""

from torch import nn

from devices.graph_builder import GraphBuilder, Value
from devices.module_nodes import has_node, is_foreign_leaf
from devices.nodes import Graph, Shape
from devices.own_forward import has_own_forward, refuse_hooks, refuse_own_forward
from devices.tracing import trace
from snn.branching import INPUT as BRANCHING_INPUT
from snn.branching import Branching
from snn.sequential import modules_in_order


def graph_from_model(model: nn.Module, input_shape: Shape) -> Graph:
    """Return the graph of a model; branches may part and meet in sums.

    A module of one's own takes ``(B, T, …)`` where it holds layers with memory, else frames
    ``(N, …)``. It may call modules, add what they return, flatten, reshape and squeeze.

    Args:
        model: ``snn.SpikingSequential``, a torch ``Sequential`` or any module made of
            convolutions, pooling, flatten, linear and spiking layers.
        input_shape: shape of one time step of one sample, such as ``(2, 34, 34)``.

    Raises:
        InvalidInput: a module or an operation has no counterpart in a graph, or shapes do not fit
            together; says which, and where in the source.

    Examples:
        >>> import snn
        >>> from torch import nn
        >>> net = snn.SpikingSequential(nn.Conv2d(2, 4, 3), snn.IAF(), nn.AvgPool2d(2))
        >>> [type(node).__name__ for node in graph_from_model(net, (2, 10, 10))]
        ['Conv', 'Spiking', 'Pool']
    """
    builder = GraphBuilder(tuple(int(size) for size in input_shape))
    return builder.graph(_convert(builder, "", model, builder.input))


def _convert(builder: GraphBuilder, path: str, module: nn.Module, x: Value) -> Value:
    refuse_hooks(path or "model", module)
    if isinstance(module, nn.Sequential) and not has_own_forward(module):
        for name, child in modules_in_order(module):
            x = _convert(builder, _joined(path, name), child, x)
        return x
    if isinstance(module, Branching):
        refuse_own_forward(path or "model", module)
        return _convert_branching(builder, path, module, x)
    if has_node(module) or is_foreign_leaf(module):
        refuse_own_forward(path or "model", module)
        return builder.module(path or "model", module, x)
    return trace(builder, path, module, x, _convert)


def _convert_branching(builder: GraphBuilder, path: str, module: Branching, x: Value) -> Value:
    made = {BRANCHING_INPUT: x}
    for name, sources in module.sources.items():
        inner = _joined(path, name)
        given = builder.merge(f"{inner}.merge", [made[source] for source in sources])
        made[name] = _convert(builder, inner, module.get_submodule(name), given)
    return builder.merge(_joined(path, "merge"), [made[name] for name in module.outputs])


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
