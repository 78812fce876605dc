"""A network in the integers of a Xylo chip: what simulators, configurations and exports read.

The chip is one recurrent layer of *hidden* neurons between inputs and *output* neurons:

    inputs ──w_in──▶ hidden ──w_out──▶ outputs
                      │  ▲
                      └──┘ w_rec, aliases

A hidden neuron has one or two synapses, an output neuron one. An alias hands the spikes of one
hidden neuron on as those of another, without a weight.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int8, Int16

from devices.xylo.layer import XyloLayer
from eventstore.errors import InvalidInput

DASH_BITS = 4
"""Width of a bit-shift decay: a state loses ``state >> dash`` a time step."""

MAX_SHIFT = 7
"""Most places that weights are shifted left: int8 shifted by 7 fills the int16 it is added to."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloNet:
    """A network in the integers of a Xylo chip.

    Args:
        chip: name of the chip it was made for.
        dt: time step in seconds.
        w_in: int8, input × hidden × synapse.
        w_rec: int8, hidden × hidden × synapse: from the neuron of the row to that of the column.
        w_out: int8, hidden × output.
        weight_shift_in: places by which ``w_in`` is shifted left before it is added.
        weight_shift_rec: the same of ``w_rec``.
        weight_shift_out: the same of ``w_out``.
        dash_mem: decay of hidden membranes.
        dash_syn: decay of hidden synapses, hidden × synapse.
        dash_mem_out: decay of output membranes.
        dash_syn_out: decay of output synapses.
        threshold: membrane state at which a hidden neuron fires.
        threshold_out: the same of an output neuron.
        bias_hidden: added to a hidden membrane each time step, or None.
        bias_out: added to an output membrane each time step, or None.
        aliases: a tuple a hidden neuron: ids of the neurons that its spikes are handed on to.
        layers: which neurons are which layer of the model; empty: not known. They do not matter to
            what the network computes.

    Raises:
        InvalidInput: a field has another type, shape or range than told here; names the field.

    Examples:
        >>> net = XyloNet(
        ...     chip="xylo_audio3", dt=0.01,
        ...     w_in=np.ones((2, 3, 1), np.int8), w_rec=np.zeros((3, 3, 1), np.int8),
        ...     w_out=np.ones((3, 1), np.int8), dash_mem=np.full(3, 4, np.int8),
        ...     dash_syn=np.full((3, 1), 3, np.int8), dash_mem_out=np.full(1, 4, np.int8),
        ...     dash_syn_out=np.full(1, 3, np.int8), threshold=np.full(3, 100, np.int16),
        ...     threshold_out=np.full(1, 100, np.int16), aliases=((), (), ()),
        ... )
        >>> net.n_in, net.n_hidden, net.n_out, net.n_syn
        (2, 3, 1, 1)
    """

    chip: str
    dt: float
    w_in: Int8[np.ndarray, "i h s"]
    w_rec: Int8[np.ndarray, "h h s"]
    w_out: Int8[np.ndarray, "h o"]
    weight_shift_in: int = 0
    weight_shift_rec: int = 0
    weight_shift_out: int = 0
    dash_mem: Int8[np.ndarray, " h"]
    dash_syn: Int8[np.ndarray, "h s"]
    dash_mem_out: Int8[np.ndarray, " o"]
    dash_syn_out: Int8[np.ndarray, " o"]
    threshold: Int16[np.ndarray, " h"]
    threshold_out: Int16[np.ndarray, " o"]
    bias_hidden: Int16[np.ndarray, " h"] | None = None
    bias_out: Int16[np.ndarray, " o"] | None = None
    aliases: tuple[tuple[int, ...], ...]
    layers: tuple[XyloLayer, ...] = ()

    def __post_init__(self) -> None:
        for name, rank in (("w_in", 3), ("w_out", 2)):
            found = np.ndim(getattr(self, name))
            if found != rank:
                message = f"XyloNet.{name} has {found} axes, expected {rank}"
                raise InvalidInput(message, hint="see XyloNet for the order of its axes")
        for name, dtype, shape in self._fields():
            _check_array(name, getattr(self, name), dtype, shape)
        if self.n_syn not in {1, 2}:
            message = f"XyloNet.w_in has {self.n_syn} synapses, a hidden neuron has one or two"
            raise InvalidInput(message, hint="its last axis is the synapse")
        for name in ("dash_mem", "dash_syn", "dash_mem_out", "dash_syn_out"):
            _check_range(name, getattr(self, name), (1 << DASH_BITS) - 1)
        for name in ("weight_shift_in", "weight_shift_rec", "weight_shift_out"):
            _check_range(name, np.array([getattr(self, name)]), MAX_SHIFT)
        if not (np.isfinite(self.dt) and self.dt > 0):
            message = f"XyloNet.dt is {self.dt}, expected a time step in seconds above zero"
            raise InvalidInput(message, hint="take the dt that the neurons were trained with")
        _check_aliases(self.aliases, self.n_hidden)
        for layer in self.layers:
            most = self.n_out if layer.is_output else self.n_hidden
            if not 0 <= layer.start < layer.stop <= most:
                message = f"XyloNet.layers: {layer.name!r} has ids {layer.start} … {layer.stop - 1}"
                raise InvalidInput(message, hint=f"there are {most} neurons, numbered from 0")

    @property
    def n_in(self) -> int:
        """Number of inputs."""
        return len(self.w_in)

    @property
    def n_hidden(self) -> int:
        """Number of hidden neurons."""
        return int(self.w_in.shape[1])

    @property
    def n_syn(self) -> int:
        """Number of synapses of a hidden neuron."""
        return int(self.w_in.shape[2])

    @property
    def n_out(self) -> int:
        """Number of output neurons."""
        return int(self.w_out.shape[1])

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Every array that is there, by the name of its field."""
        found = {name: getattr(self, name) for name, _, _ in self._fields()}
        return {name: value for name, value in found.items() if value is not None}

    def _fields(self) -> Iterator[tuple[str, type[np.generic], tuple[int, ...]]]:
        i, h, s = self.w_in.shape
        o = self.w_out.shape[1]
        yield "w_in", np.int8, (i, h, s)
        yield "w_rec", np.int8, (h, h, s)
        yield "w_out", np.int8, (h, o)
        yield "dash_mem", np.int8, (h,)
        yield "dash_syn", np.int8, (h, s)
        yield "dash_mem_out", np.int8, (o,)
        yield "dash_syn_out", np.int8, (o,)
        yield "threshold", np.int16, (h,)
        yield "threshold_out", np.int16, (o,)
        yield "bias_hidden", np.int16, (h,)
        yield "bias_out", np.int16, (o,)


def _check_array(
    name: str,
    value: Any,  # noqa: ANN401 # checked here
    dtype: type[np.generic],
    shape: tuple[int, ...],
) -> None:
    if value is None and name.startswith("bias"):
        return
    kind = getattr(value, "dtype", type(value).__name__)
    if kind != dtype:
        message = f"XyloNet.{name} is {kind}, expected an array of {np.dtype(dtype)}"
        hint = f"round it, check its range, then .astype(np.{np.dtype(dtype)})"
        raise InvalidInput(message, hint=hint)
    if value.shape != shape:
        message = f"XyloNet.{name} has shape {value.shape}, expected {shape}"
        raise InvalidInput(message, hint="w_in says inputs, neurons and synapses, w_out outputs")


def _check_range(name: str, value: np.ndarray, top: int) -> None:
    wrong = value[(value < 0) | (value > top)]
    if wrong.size:
        message = f"XyloNet.{name} has {int(wrong.flat[0])}, expected 0 … {top}"
        hint = "a time constant is dt · 2^dash; keep weights within int8 without a larger shift"
        raise InvalidInput(message, hint=hint)


def _check_aliases(aliases: tuple[tuple[int, ...], ...], n_hidden: int) -> None:
    if len(aliases) != n_hidden:
        message = f"XyloNet.aliases has {len(aliases)} entries, expected {n_hidden}"
        raise InvalidInput(message, hint="give each hidden neuron a tuple, empty where it has none")
    for source, targets in enumerate(aliases):
        wrong = [t for t in targets if not 0 <= t < n_hidden or t == source]
        if wrong or len(set(targets)) < len(targets):
            message = f"XyloNet.aliases[{source}] is {targets}, expected ids of other neurons"
            raise InvalidInput(message, hint=f"ids are 0 … {n_hidden - 1}, each once")
