"""Neurons that spike as a chip's integers with leaks by shifting do, with gradients."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from snn.layers import SpikingLayer, State
from snn.layers.layout import Layout
from snn.layers.stateful import StatefulLayer, check_time_axis
from snn.robustness.shift_leak import ABOVE, Integers, ShiftLeak, Trace, run_shift_leak


class ShiftingNeurons(StatefulLayer):
    """Neurons with synapses, in a chip's integers forwards and as floats backwards.

    Integers are run first. Then floats run, with one more current that takes them to the integers'
    potential in each step, but for a quarter. So they spike alike, and gradients are exact for the
    potentials that the chip has; the bits that it drops count as if they came from outside.

    Args:
        rounded: neurons whose thresholds, biases and recurrent weights are integers.
        max_spikes: most spikes in one step that the chip has; None: any number.
    """

    def __init__(self, rounded: SpikingLayer, max_spikes: int | None) -> None:
        super().__init__()
        most = [m for m in (max_spikes, rounded.neuron.max_spikes) if m is not None]
        self.rounded = rounded
        self.max_spikes = min(most, default=None)
        self.guided = _Guided(rounded, self.max_spikes)

    def run(
        self, x: Float[Tensor, "b t *n"], state: State | None = None
    ) -> tuple[Float[Tensor, "b t *m"], State]:
        """Return the spikes, and the state after the last step, in integers.

        Args:
            x: sums of weights that spiked, whole numbers; as `CubaLIF` takes them.
            state: where an earlier ``run`` ended; None: at rest.
        """
        several = self.rounded.neuron.n_synapses > 1
        check_time_axis(self, x, 4 if several else 3)
        given = (x if several else x.unsqueeze(2)).double()
        layout = Layout.of(given)
        begin = self._at_rest(given) if state is None else state
        trace = self._integers(given, begin, layout)
        led = layout.unflatten(_through_half(torch.from_numpy(trace.guide))).to(given)
        y, _ = self.guided.run(torch.cat([given, led.unsqueeze(2)], 2), _led(begin))
        return y.to(x.dtype), self._after(trace, layout, x)

    def _at_rest(self, given: Tensor) -> State:
        rest = given.new_zeros(given.shape[0], *given.shape[3:])
        none = rest if self.rounded.neuron.recurrent else None
        return State(rest, given.new_zeros(given.shape[0], *given.shape[2:]), None, none)

    @torch.no_grad()
    def _integers(self, given: Tensor, begin: State, layout: Layout) -> Trace:
        def flat(values: Tensor | None) -> Integers:
            kept = layout.flatten(begin.v_mem if values is None else values)
            return np.ascontiguousarray(kept.cpu().round().long().numpy())

        constants = _constants(self.rounded, layout, self.max_spikes)
        x = layout.flatten(given).cpu().numpy()
        return run_shift_leak(x, constants, *map(flat, (begin.v_mem, begin.i_syn, begin.spikes)))

    def _after(self, trace: Trace, layout: Layout, x: Tensor) -> State:
        def whole(values: np.ndarray) -> Tensor:
            return layout.unflatten(torch.from_numpy(values)).to(x)

        spikes = whole(trace.spikes[:, -1]) if self.rounded.neuron.recurrent else None
        return State(whole(trace.v_mem), whole(trace.i_syn), None, spikes)


class _Guided(SpikingLayer):
    """The same neurons in double precision, with one more synapse for what guides them."""

    def __init__(self, rounded: SpikingLayer, max_spikes: int | None) -> None:
        neuron = rounded.neuron
        more = replace(neuron, n_synapses=neuron.n_synapses + 1, max_spikes=max_spikes)
        super().__init__(more, None, rounded.dt)
        self.rounded = rounded

    def rows(self) -> Mapping[str, Tensor]:
        rows = {name: value.double() for name, value in self.rounded.rows().items()}
        half = rows["beta"].new_full(rows["beta"].shape[1:], 0.5).unsqueeze(0)
        return {**rows, "beta": torch.cat([rows["beta"], half])}

    def recurrent_weight(self) -> Tensor | None:
        weight = self.rounded.recurrent_weight()
        if weight is None:
            return None
        weight = weight.double()
        return torch.cat([weight, weight.new_zeros(len(weight), len(weight))], 1)


def _through_half(guide: Tensor) -> Tensor:
    """Return the input of a synapse that keeps half of its current, for it to have these."""
    before = torch.nn.functional.pad(guide, (0, 0, 1, -1))
    return 2 * guide - before


def _led(begin: State) -> State:
    i_syn = begin.i_syn
    if i_syn is not None:
        i_syn = torch.cat([i_syn, torch.zeros_like(i_syn[:, :1])], 1)
    return begin._replace(v_mem=begin.v_mem + ABOVE, i_syn=i_syn)


def _constants(rounded: SpikingLayer, layout: Layout, max_spikes: int | None) -> ShiftLeak:
    rows = rounded.rows()
    zero = rows["alpha"].new_zeros(())

    def whole(values: Tensor, *lead: int) -> Integers:
        each = layout.flatten(values.double().expand(*lead, *layout.shape))
        return np.ascontiguousarray(each.cpu().round().long().numpy())

    beta = rows["beta"]
    each = beta.reshape(len(beta), *[1] * (1 + len(layout.shape) - beta.ndim), *beta.shape[1:])
    weight = rounded.recurrent_weight()
    return ShiftLeak(
        threshold=whole(rows["spike_threshold"]),
        bias=whole(rows.get("bias", zero)),
        leak=whole(_bits(rows["alpha"])),
        leak_syn=whole(_bits(each), len(beta)),
        weight=np.empty((0, 0), np.int64) if weight is None else weight.cpu().long().numpy(),
        max_spikes=np.iinfo(np.int64).max if max_spikes is None else max_spikes,
    )


def _bits(share: Tensor) -> Tensor:
    """Return k of a share of 1 - 2^-k that stays."""
    return -torch.log2(1 - share.double())
