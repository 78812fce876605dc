"""The graph of a model: frozen nodes with numpy parameters, read by every chip.

A graph knows nothing of torch and nothing of a chip. Shapes are those of one time step of one
sample, ``(C, H, W)`` or ``(C,)``; pairs are ``(y, x)``, as torch orders them.

    Node ── Weighted ── Conv, Linear
         ├─ Pool                         average or sum over windows
         ├─ Spiking                      a layer of neurons, and what their Dynamics are
         ├─ Merge                        the sum of what feeds it
         ├─ Flatten
         └─ Unflatten                    one axis laid out in two, synapse × neuron
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32

from eventstore.errors import InvalidInput, NotFound

Shape: TypeAlias = tuple[int, ...]
Pair: TypeAlias = tuple[int, int]

INPUT = "<input>"
"""Source of an edge from the network's input into a node that others feed as well."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """What all nodes have.

    Args:
        name: path of the module in the model, such as ``"3"`` or ``"features.conv1"``.
        input_shape: shape of one time step going in.
        output_shape: shape of one time step coming out.
    """

    name: str
    input_shape: Shape
    output_shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conv(Node):
    """A two-dimensional convolution (cross-correlation, as torch has it).

    Args:
        weight: float32, output × input-per-group × kernel y × kernel x.
        bias: one value an output feature, or None.
        stride: step in y and x.
        padding: zeros added on either side in y and x.
        dilation: spacing of kernel points in y and x.
        groups: number of blocks of features that do not see each other.
    """

    weight: Float32[np.ndarray, "o i ky kx"]
    bias: Float32[np.ndarray, " o"] | None
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linear(Node):
    """A fully connected layer.

    Args:
        weight: float32, output × input.
        bias: one value an output, or None.
    """

    weight: Float32[np.ndarray, "o i"]
    bias: Float32[np.ndarray, " o"] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool(Node):
    """Pooling over windows; a border that fills no window is dropped.

    Args:
        kind: whether a window is averaged or summed.
        kernel: window in y and x.
        stride: step in y and x.
    """

    kind: Literal["average", "sum"]
    kernel: Pair
    stride: Pair


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dynamics:
    """How the state of neurons decays and what drives it, of neurons with a notion of time.

    Args:
        dt: length of a time step in seconds.
        tau_mem: time constant of each membrane in seconds.
        tau_syn: time constant of each synapse in seconds, synapse × neuron; None: there are none.
        bias: added to each membrane in every step, or None.
        norm_input: whether inputs are weighed with one less the membrane's decay.
        bit_shift: whether decays are rounded to what a chip computes by shifting, as in training.
    """

    dt: float
    tau_mem: Float32[np.ndarray, " n"]
    tau_syn: Float32[np.ndarray, "s n"] | None = None
    bias: Float32[np.ndarray, " n"] | None = None
    norm_input: bool = False
    bit_shift: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spiking(Node):
    """A layer of neurons; of those with several synapses the input is synapse × neuron.

    Args:
        kind: class of the neuron: ``"IAF"``, ``"LIF"``, …
        spike_threshold: membrane value at which a neuron fires, the lowest where they differ;
            None: it never does.
        min_v_mem: value below which the membrane cannot fall, or None.
        reset: whether a spike subtracts the threshold, sets the membrane, or leaves it alone.
        v_reset: membrane value after a spike, where it is set.
        max_spikes: most spikes of a neuron in one time step; None: no limit.
        thresholds: one a neuron, where they differ.
        dynamics: time constants; None: nothing depends on time.
        recurrent: weight from the spikes of the step before to the inputs, neuron × input, the
            inputs of several synapses one after the other; None: spikes do not go back.
    """

    kind: str
    spike_threshold: float | None
    min_v_mem: float | None = None
    reset: Literal["subtract", "set", "none"] = "subtract"
    v_reset: float = 0.0
    max_spikes: int | None = None
    thresholds: Float32[np.ndarray, " n"] | None = None
    dynamics: Dynamics | None = None
    recurrent: Float32[np.ndarray, "n m"] | None = None

    @property
    def n_neurons(self) -> int:
        """How many neurons there are."""
        return size_of(self.output_shape)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flatten(Node):
    """Features, rows and columns laid out in one axis, in that order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unflatten(Node):
    """Features laid out in two axes, synapse × neuron: what neurons with several synapses take."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Merge(Node):
    """The sum, element by element, of all that feeds it: branches that meet."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """Nodes in topological order, and which feeds which.

    A node that no other feeds takes the network's input; several may. Only a `Merge` takes more
    than one source.

    Args:
        input_shape: shape of one time step of input.
        nodes: in an order in which every node comes after those that feed it.
        edges: pairs of node names (from, to); `INPUT` for what a merge takes of the network's
            input beside other nodes.

    Raises:
        InvalidInput: two nodes of one name, or an edge that names no node, runs backwards or is
            there twice.

    Examples:
        >>> graph = Graph.chain((2, 4, 4), ())
        >>> len(graph), graph.is_chain
        (0, True)
    """

    input_shape: Shape
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        place = {node.name: index for index, node in enumerate(self.nodes)}
        if len(place) != len(self.nodes):
            message = f"{len(self.nodes)} nodes have only {len(place)} names"
            raise InvalidInput(message, hint="give each node the path of its module")
        place[INPUT] = -1
        for source, target in self.edges:
            if source not in place or target not in place or place[source] >= place[target]:
                message = f"edge {source} → {target} does not run forward between two nodes"
                raise InvalidInput(message, hint="list nodes in topological order; no recurrence")
        if len(set(self.edges)) < len(self.edges):
            message = f"{len(self.edges)} edges are only {len(set(self.edges))} different ones"
            raise InvalidInput(message, hint="keep one of each")

    @classmethod
    def chain(cls, input_shape: Shape, nodes: tuple[Node, ...]) -> "Graph":
        """Return the graph in which each node feeds the next."""
        edges = tuple((a.name, b.name) for a, b in itertools.pairwise(nodes))
        return cls(input_shape=input_shape, nodes=nodes, edges=edges)

    @property
    def is_chain(self) -> bool:
        """Whether each node feeds just the next one."""
        names = [node.name for node in self.nodes]
        return set(self.edges) == set(itertools.pairwise(names))

    def sources(self, name: str) -> tuple[str, ...]:
        """Return the nodes that feed a node; none: it takes the network's input alone.

        Examples:
            >>> nodes = (Flatten(name=n, input_shape=(1,), output_shape=(1,)) for n in "ab")
            >>> graph = Graph.chain((1,), tuple(nodes))
            >>> graph.sources("a"), graph.sources("b"), graph.targets("a")
            ((), ('a',), ('b',))
        """
        return tuple(a for a, b in self.edges if b == name and a != INPUT)

    def targets(self, name: str) -> tuple[str, ...]:
        """Return the nodes that a node feeds; none: what it makes leaves the network."""
        return tuple(b for a, b in self.edges if a == name)

    def reads_input(self, name: str) -> bool:
        """Say whether a node takes the network's input, alone or beside other nodes."""
        return (INPUT, name) in self.edges or not self.sources(name)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the nodes that feed no other."""
        feeding = {source for source, _ in self.edges}
        return tuple(node.name for node in self.nodes if node.name not in feeding)

    @property
    def output_shape(self) -> Shape:
        """Shape of one time step of output."""
        return self.nodes[-1].output_shape if self.nodes else self.input_shape

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        """Iterate over the nodes in topological order."""
        return iter(self.nodes)

    def __getitem__(self, name: str) -> Node:
        """Return the node of that name."""
        found = {node.name: node for node in self.nodes}
        if name not in found:
            raise NotFound.among("node", name, found)  # noqa: EM101 (a word of the message)
        return found[name]


def window_count(
    size: int, *, kernel: int, stride: int, padding: int = 0, dilation: int = 1
) -> int:
    """Return how many windows fit along one axis; zero or less where the window is too large.

    Examples:
        >>> window_count(34, kernel=3, stride=2, padding=1)
        17
    """
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def size_of(shape: Shape) -> int:
    """Return the number of values of a shape."""
    return math.prod(shape)
