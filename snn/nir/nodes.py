r"""The node kinds of NIR (Pedersen et al. 2024), as frozen values named and laid out as in files.

Neurons are differential equations there, times in seconds; each has one number for every neuron:

$$
\text{LIF:}\; \tau \dot v = (v_{leak} - v) + R I \quad
\text{LI: the same, without spikes} \quad
\text{IF, I:}\; \dot v = R I \\
\text{CubaLIF, CubaLI:}\; \tau_{mem} \dot v = (v_{leak} - v) + R I, \;
\tau_{syn} \dot I = -I + w_{in} S
$$

A neuron whose potential exceeds ``v_threshold`` spikes, and its potential becomes ``v_reset``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, TypeAlias

import numpy as np

from eventstore.errors import InvalidInput

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Shape: TypeAlias = tuple[int, ...]
Metadata: TypeAlias = Mapping[str, str | Array]

SHAPES = frozenset(
    {"shape", "input_shape", "input_type", "kernel_size", "stride", "padding", "dilation"}
)
COUNTS = frozenset({"groups", "start_dim", "end_dim"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One node: its fields are what its group in a file holds.

    Args:
        metadata: text and arrays that NIR has no word for; readers may ignore them.

    Raises:
        InvalidInput: a number is not finite, or arrays of neurons differ in shape.
    """

    per_neuron: ClassVar[tuple[str, ...]] = ()

    metadata: Metadata = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name in ("metadata", "nodes", "edges") or value is None:
                continue
            object.__setattr__(self, one.name, _settled(type(self).__name__, one.name, value))
        self._share_shape()

    def _share_shape(self) -> None:
        names = [name for name in self.per_neuron if getattr(self, name) is not None]
        arrays = [getattr(self, name) for name in names]
        try:
            same = np.broadcast_arrays(*arrays)
        except ValueError as error:
            said = ", ".join(f"{n} {a.shape}" for n, a in zip(names, arrays, strict=True))
            message = f"{type(self).__name__}: arrays of one neuron each differ in shape: {said}"
            raise InvalidInput(message, hint="give all of them the shape of the neurons") from error
        for name, array in zip(names, same, strict=True):
            object.__setattr__(self, name, array)

    @property
    def kind(self) -> str:
        """Name of the kind, as in files."""
        return type(self).__name__


def _settled(kind: str, name: str, value: Any) -> Any:  # noqa: ANN401 # each field has its own
    """Return a field's value in its one form, whatever a file or caller had."""
    if isinstance(value, bytes):
        value = value.decode()
    if name == "padding" and isinstance(value, str):
        if value not in ("same", "valid"):
            message = f"{kind}: unknown padding {value!r}"
            raise InvalidInput(message, hint="use 'same', 'valid' or numbers")
        return value
    try:
        array = np.asarray(value)
        if name in SHAPES:
            return tuple(int(n) for n in array.reshape(-1))
        if name in COUNTS:
            return int(array.reshape(()))
        array = array if array.dtype.kind == "f" else array.astype(np.float32)
    except (TypeError, ValueError) as error:
        message = f"{kind}: {name} is {value!r}, not numbers"
        raise InvalidInput(message, hint="see snn.nir.nodes for what each node holds") from error
    if not np.isfinite(array).all():
        message = f"{kind}: {name} holds numbers that are not finite"
        raise InvalidInput(message, hint="look for NaN in the network that was exported")
    return array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Input(Node):
    """Where data come in; ``shape`` is that of one frame, without batch and time."""

    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Output(Node):
    """Where data go out."""

    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Affine(Node):
    """y = W x + b."""

    weight: Array
    bias: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linear(Node):
    """y = W x."""

    weight: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale(Node):
    """y = s x, number by number."""

    scale: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conv1d(Node):
    """Convolution along one axis; ``weight`` is (out, in / groups, n)."""

    input_shape: Shape | None = None
    weight: Array
    stride: Shape
    padding: Shape | str
    dilation: Shape
    groups: int
    bias: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conv2d(Node):
    """Convolution along two axes; ``weight`` is (out, in / groups, height, width)."""

    input_shape: Shape | None = None
    weight: Array
    stride: Shape
    padding: Shape | str
    dilation: Shape
    groups: int
    bias: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SumPool2d(Node):
    """Sum over windows."""

    kernel_size: Shape
    stride: Shape
    padding: Shape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AvgPool2d(Node):
    """Mean over windows."""

    kernel_size: Shape
    stride: Shape
    padding: Shape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flatten(Node):
    """Join axes; they are counted without batch and time."""

    input_type: Shape | None = None
    start_dim: int
    end_dim: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delay(Node):
    """Hold each number back by a time of its own, in seconds."""

    delay: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Threshold(Node):
    """1 where the input exceeds a threshold, else 0."""

    threshold: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class I(Node):  # noqa: E742 # NIR's own name
    """Integrator."""

    r: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IF(Node):
    """Integrate-and-fire."""

    per_neuron: ClassVar[tuple[str, ...]] = ("r", "v_threshold", "v_reset")

    r: Array
    v_threshold: Array
    v_reset: Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LI(Node):
    """Leaky integrator."""

    per_neuron: ClassVar[tuple[str, ...]] = ("tau", "r", "v_leak")

    tau: Array
    r: Array
    v_leak: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LIF(Node):
    """Leaky integrate-and-fire."""

    per_neuron: ClassVar[tuple[str, ...]] = ("tau", "r", "v_leak", "v_threshold", "v_reset")

    tau: Array
    r: Array
    v_leak: Array
    v_threshold: Array
    v_reset: Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CubaLI(Node):
    """Leaky integrator behind a synapse."""

    per_neuron: ClassVar[tuple[str, ...]] = ("tau_syn", "tau_mem", "r", "v_leak", "w_in")

    tau_syn: Array
    tau_mem: Array
    r: Array
    v_leak: Array
    w_in: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CubaLIF(Node):
    """Leaky integrate-and-fire behind a synapse."""

    per_neuron: ClassVar[tuple[str, ...]] = (
        "tau_syn",
        "tau_mem",
        "r",
        "v_leak",
        "v_threshold",
        "v_reset",
        "w_in",
    )

    tau_syn: Array
    tau_mem: Array
    r: Array
    v_leak: Array
    v_threshold: Array
    v_reset: Array | None = None
    w_in: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NIRGraph(Node):
    """Nodes by name, and edges from one's output to another's input.

    Raises:
        InvalidInput: an edge names no node, or is there twice.

    Examples:
        >>> nodes = {"input": Input(shape=(2,)), "output": Output(shape=(2,))}
        >>> NIRGraph(nodes=nodes, edges=(("input", "output"),)).kind
        'NIRGraph'
    """

    nodes: Mapping[str, Node]
    edges: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        for edge in self.edges:
            for end in edge:
                if end not in self.nodes:
                    message = f"edge {edge[0]} → {edge[1]}: there is no node {end!r}"
                    raise InvalidInput(message, hint=f"nodes are {', '.join(self.nodes)}")
        if len(set(self.edges)) < len(self.edges):
            twice = next(edge for edge in self.edges if self.edges.count(edge) > 1)
            message = f"edge {twice[0]} → {twice[1]} is there twice"
            raise InvalidInput(message, hint="keep one of the two")


NODES: dict[str, type[Node]] = {
    kind.__name__: kind
    for kind in (
        Input,
        Output,
        Affine,
        Linear,
        Scale,
        Conv1d,
        Conv2d,
        SumPool2d,
        AvgPool2d,
        Flatten,
        Delay,
        Threshold,
        I,
        IF,
        LI,
        LIF,
        CubaLI,
        CubaLIF,
        NIRGraph,
    )
}
"""Kinds by the names that files use."""
