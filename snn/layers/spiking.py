"""Layers of neurons: from constants and options to the recurrence, and back to shapes."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from eventstore.errors import InvalidInput
from snn.dynamics import Neuron
from snn.kernels.convolved import run_convolved
from snn.kernels.pooled import can_pool, run_pooled
from snn.kernels.pooling import Pool
from snn.kernels.sparse_convolution import Convolution
from snn.layers.constants import Constants
from snn.layers.layout import Layout
from snn.layers.stateful import StatefulLayer, check_time_axis
from snn.scan import run_dynamics

CHANNELS_LAST = (1, 2, 0)
"""Axes (C, H, W) in the order in which they lie in memory."""


class State(NamedTuple):
    """What a layer of neurons remembers between two time steps.

    Args:
        v_mem: membrane potential, ``(B, …)``.
        i_syn: synaptic currents, ``(B, S, …)``, of neurons with synapses.
        adaptation: share of the last steps that spiked, ``(B, …)``, of adaptive neurons.
        spikes: spikes of the last step, ``(B, …)``, of recurrent neurons.

    Examples:
        >>> import torch
        >>> from snn.layers import LIF
        >>> spikes, state = LIF(tau_mem=0.02).run(torch.ones(1, 50, 3))
        >>> state.v_mem.shape, state.i_syn is None
        (torch.Size([1, 3]), True)
    """

    v_mem: Tensor
    i_syn: Tensor | None = None
    adaptation: Tensor | None = None
    spikes: Tensor | None = None


class SpikingLayer(StatefulLayer):
    """A layer of neurons with memory: subclasses say what their constants are.

    Args:
        neuron: what one step consists of.
        constants: thresholds and time constants, fixed or trained; None: a subclass finds them.
        dt: length of a time step in seconds; None: nothing depends on it.
    """

    constants: Constants

    def __init__(
        self, neuron: Neuron, constants: Constants | None, dt: float | None = None
    ) -> None:
        super().__init__()
        self.neuron = neuron
        self.dt = dt
        if constants is not None:
            self.constants = constants

    @abstractmethod
    def rows(self) -> Mapping[str, Tensor]:
        """Return alpha, gain and whatever else the recurrence has, as they stand now.

        Names are those of `snn.dynamics`; what is missing is that of the simplest neuron. ``beta``
        has an axis of synapses before those of neurons.
        """

    def recurrent_weight(self) -> Tensor | None:
        """Return the weight from spikes to inputs, ``(n, s·n)``; None: they do not go back."""
        return None

    @property
    def spike_threshold(self) -> Tensor | None:
        """Potential at which neurons spike; None: they never do."""
        return self.constants["spike_threshold"] if self.neuron.spiking else None

    def run(
        self, x: Float[Tensor, "b t *n"], state: State | None = None
    ) -> tuple[Float[Tensor, "b t *m"], State]:
        """Return the output and the state after the last step.

        Args:
            x: input of each time step, ``(B, T, …)``; of neurons with several synapses
                ``(B, T, S, …)``.
            state: where an earlier ``run`` ended; None: at rest.

        Raises:
            InvalidInput: the state is of another batch size or shape.
        """
        given = self._with_synapses(x)
        layout = Layout.of(given)
        parts = self._flat(given, layout, state)
        y, after = run_dynamics(*parts, self.neuron, self.recurrent_weight())
        return layout.unflatten(y), _unpack(self.neuron, layout.unflatten(after))

    def run_pooled(
        self, x: Float[Tensor, "b t c h w"], kernel: tuple[int, int], state: State | None = None
    ) -> tuple[Float[Tensor, "b t c i j"], State]:
        """Return the output averaged over windows, as by ``nn.AvgPool2d(kernel)``, and the state.

        Where neurons lie channels-last on a CPU the spikes never go to memory, which takes about
        half the time; elsewhere this is `run` and then a pool. The numbers are the same.

        Args:
            x: input of each time step.
            kernel: rows and columns of a window; what is over is left out.
            state: where an earlier ``run`` ended; None: at rest.

        Raises:
            InvalidInput: the state is of another batch size or shape.
        """
        neuron, pool = self.neuron, Pool(kernel, (*x.shape[3:], x.shape[2]))
        given = self._with_synapses(x)
        layout = Layout.of(given)
        if layout.order != CHANNELS_LAST or not can_pool(given, neuron) or not pool.n_out:
            spikes, after = self.run(x, state)
            averages = functional.avg_pool2d(spikes.flatten(0, 1), kernel)
            return averages.view(*spikes.shape[:2], *averages.shape[1:]), after
        y, last = run_pooled(*self._flat(given, layout, state), neuron, pool)
        return _averaged(y, pool), _unpack(neuron, layout.unflatten(last))

    def run_convolved(
        self,
        x: Float[Tensor, "b t c h w"],
        convolution: Convolution,
        kernel: tuple[int, int],
        state: State | None = None,
    ) -> tuple[Float[Tensor, "b t o i j"], State]:
        """Return what `run_pooled` returns of the convolution of maps, which skips their zeros.

        Sample by sample in the cache: what is convolved never comes back from memory, and its
        gradient never goes there. Only where `snn.kernels.convolved.can_convolve` says so.

        Args:
            x: maps of each time step; no gradient goes back to them.
            convolution: what they go through.
            kernel: rows and columns of a window; what is over is left out.
            state: where an earlier ``run`` ended; None: at rest.

        Raises:
            InvalidInput: the state is of another batch size or shape.
        """
        sizes = convolution.geometry(x.shape[2:])
        shape = (sizes.outputs, sizes.out_height, sizes.out_width)
        layout = Layout(shape, CHANNELS_LAST)
        inputs = x.new_zeros(()).expand(
            *x.shape[:2], 1, *shape
        )  # of the neurons: their shape alone
        first = _first(self, state, inputs, layout)
        rows = pack_constants(self.rows(), self.neuron, layout)
        y, last = run_convolved(x, convolution, first, rows, self.neuron, window=kernel)
        pool = Pool(kernel, (*shape[1:], shape[0]))
        return _averaged(y, pool), _unpack(self.neuron, layout.unflatten(last))

    def _with_synapses(self, x: Tensor) -> Tensor:
        """Return inputs with an axis of synapses, ``(B, T, S, …)``."""
        n_synapses = self.neuron.n_synapses
        check_time_axis(self, x, 4 if n_synapses > 1 else 3)
        if n_synapses > 1 and x.shape[2] != n_synapses:
            message = f"input {tuple(x.shape)} is not (batch, time, {n_synapses}, …)"
            raise InvalidInput(message, hint="give each synapse its input: x.unflatten(2, (s, n))")
        return x if n_synapses > 1 else x.unsqueeze(2)

    def _flat(
        self, given: Tensor, layout: Layout, state: State | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return inputs, state and constants as the recurrence takes them."""
        return (
            layout.flatten(given),
            _first(self, state, given, layout),
            pack_constants(self.rows(), self.neuron, layout),
        )

    def extra_repr(self) -> str:
        """Return the options that differ from the simplest neuron."""
        neuron, plain = self.neuron, Neuron()
        names = ("max_spikes", "reset", "min_v_mem", "detach_reset")
        said = [
            f"{name}={getattr(neuron, name)!r}"
            for name in names
            if neuron.spiking and getattr(neuron, name) != getattr(plain, name)
        ]
        return ", ".join(said)


def _averaged(y: Tensor, pool: Pool) -> Tensor:
    """Return averages of windows as frames, which lie channels-last."""
    rows, columns, channels = pool.out_size
    return Layout((channels, rows, columns), CHANNELS_LAST).unflatten(y)


def pack_constants(
    rows: Mapping[str, Tensor], neuron: Neuron, layout: Layout
) -> Float[Tensor, "p n"]:
    """Return constants as the recurrence takes them: one column for all neurons, or one each.

    Raises:
        InvalidInput: a constant has not one number for each neuron.
    """
    one, zero = rows["alpha"].new_ones(()), rows["alpha"].new_zeros(())
    defaults = {"gain": one, "spike_threshold": one}
    names = ("alpha", "gain", "spike_threshold", "bias", "rho", "adapt_scale")
    found = [rows.get(name, defaults.get(name, zero)) for name in names]
    if neuron.n_synapses:
        found.extend(rows["beta"].unbind(0))
    if all(value.ndim == 0 for value in found):
        return torch.stack(found).unsqueeze(1)
    try:
        whole = torch.stack([value.expand(layout.shape) for value in found])
    except RuntimeError as error:
        shapes = [tuple(value.shape) for value in found if value.ndim]
        message = f"constants of shape {shapes[0]} do not fit neurons of shape {layout.shape}"
        raise InvalidInput(message, hint="give one number, or one for each neuron") from error
    return layout.flatten(whole)


def _first(layer: SpikingLayer, state: State | None, x: Tensor, layout: Layout) -> Tensor:
    """Return the state before the first step, ``(B, K, N)``, neurons in the order of memory."""
    precise = x.dtype if x.dtype == torch.float64 else torch.float32
    if state is None:
        n_neurons = math.prod(layout.shape)
        return x.new_zeros(x.shape[0], layer.neuron.n_states, n_neurons, dtype=precise)
    return layout.flatten(_pack(layer, layer.neuron, state, x)).to(precise)


def _pack(layer: SpikingLayer, neuron: Neuron, state: State, x: Tensor) -> Tensor:
    """Return a state as one tensor, ``(B, K, …)``."""
    shape = (x.shape[0], *x.shape[3:])
    parts = [state.v_mem.unsqueeze(1)]
    if neuron.n_synapses:
        parts.append(_part(layer, "i_syn", state.i_syn))
    if neuron.adaptive:
        parts.append(_part(layer, "adaptation", state.adaptation).unsqueeze(1))
    if neuron.recurrent:
        parts.append(_part(layer, "spikes", state.spikes).unsqueeze(1))
    for name, part in zip(State._fields, parts, strict=False):
        if part.shape[0] != shape[0] or part.shape[2:] != shape[1:]:
            message = f"{name} of shape {tuple(part.shape)} does not fit input {tuple(x.shape)}"
            raise InvalidInput(message, hint="start a new batch with state=None")
    return torch.cat(parts, 1)


def _part(layer: SpikingLayer, name: str, value: Tensor | None) -> Tensor:
    if value is None:
        message = f"the state lacks {name}, which {type(layer).__name__} has"
        raise InvalidInput(message, hint="pass the state that run() of this layer returned")
    return value


def _unpack(neuron: Neuron, whole: Tensor) -> State:
    n = neuron.n_synapses
    return State(
        v_mem=whole.select(1, 0),
        i_syn=whole[:, 1 : n + 1] if n else None,
        adaptation=whole.select(1, n + 1) if neuron.adaptive else None,
        spikes=whole.select(1, -1) if neuron.recurrent else None,
    )
