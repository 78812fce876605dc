"""From a NIR file to a `Graph`, by way of the network that it describes."""

from pathlib import Path

from devices.graph import graph_from_model
from devices.nodes import Graph
from eventstore.errors import InvalidInput
from snn.nir.file import read_nir
from snn.nir.importing import from_nir
from snn.nir.nodes import Input, NIRGraph


def graph_from_nir(
    source: NIRGraph | Path | str, *, written_by: str | None = None, dt: float | None = None
) -> Graph:
    """Return the graph of a network in NIR; branches may part and meet in sums.

    Neurons with a leak stay what they are, so that a chip's rules refuse them by name.

    Args:
        source: a file, or a graph from ``snn.read_nir``.
        written_by: program whose meaning of NIR the file has, see ``snn.from_nir``; None: NIR's.
        dt: length of a time step in seconds; None: what is known, see ``snn.from_nir``.

    Raises:
        InvalidInput: the graph has no input with a shape, or a node that has no counterpart.
        NotFound: the writer is unknown.

    Examples:
        >>> import snn
        >>> from torch import nn
        >>> net = snn.SpikingSequential(nn.Conv2d(2, 4, 3), snn.IAF())
        >>> [node.name for node in graph_from_nir(snn.to_nir(net, (2, 8, 8)))]
        ['0', '1']
    """
    graph = source if isinstance(source, NIRGraph) else read_nir(Path(source))
    shapes = [node.shape for node in graph.nodes.values() if isinstance(node, Input)]
    model = from_nir(graph, written_by=written_by, dt=dt)  # refuses several inputs
    if not shapes[0]:
        message = "the input of the NIR graph has no shape"
        raise InvalidInput(message, hint="write it with the shape of one time step, such as 2×8×8")
    return graph_from_model(model, shapes[0])
