"""Lay a Xylo network out as tables that the simulator's kernels run through.

Hidden and output neurons are one population here, hidden ones first: they differ in how often they
may fire in a time step and in what reaches them. Sources are the inputs and then the hidden
neurons. What a source reaches lies as *runs* of neighbouring states, which are added with vector
instructions, and as *lone* states, listed one by one, where runs would be mostly zeros.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Int16, Int32, Int64

from devices.xylo.net import XyloNet

MAX_INPUT_SPIKES = 15
"""Most spikes of an input in one time step that the chip takes."""

MAX_HIDDEN_SPIKES = 31
"""Most spikes of a hidden neuron in one time step."""

MAX_OUTPUT_SPIKES = 1
"""Most spikes of an output neuron in one time step."""

GAP = 16
"""States between two that a source reaches, from which on a run ends."""

WORTH_A_RUN = 4
"""States that a run must reach at least, and one of so many of its states."""


class Wiring(NamedTuple):
    """What each source reaches; a tuple of arrays, as kernels take it.

    Args:
        run_rows: where the runs of each source begin in ``runs``.
        runs: first state, first weight and length of each run.
        run_weights: weights of all runs, shifted.
        lone_rows: where the lone states of each source begin in ``lone_states``.
        lone_states: states reached one by one.
        lone_weights: their weights, shifted.
        heaviest: largest absolute weight of each source.
        reach: synapses of each source with a weight, onto hidden and onto output neurons; and
            hidden neurons that it reaches, over one synapse or two.
    """

    run_rows: Int64[np.ndarray, " n_plus_1"]
    runs: Int32[np.ndarray, "k 3"]
    run_weights: Int16[np.ndarray, " w"]
    lone_rows: Int64[np.ndarray, " n_plus_1"]
    lone_states: Int32[np.ndarray, " l"]
    lone_weights: Int16[np.ndarray, " l"]
    heaviest: Int64[np.ndarray, " n"]
    reach: Int64[np.ndarray, "n 3"]


class Neurons(NamedTuple):
    """Parameters of all neurons, hidden ones first; a tuple of arrays, as kernels take it.

    Args:
        dash_syn: decay of each state of a synapse, synapse × neuron.
        dash_mem: decay of each membrane.
        bias: added to each membrane in each time step; zero where there is none.
        threshold: membrane state at which each fires.
        cap: most spikes of each in a time step.
        alias_rows: where the aliases of each hidden neuron begin in ``aliases``.
        aliases: neurons that spikes are handed on to.
    """

    dash_syn: Int32[np.ndarray, "s m"]
    dash_mem: Int32[np.ndarray, " m"]
    bias: Int32[np.ndarray, " m"]
    threshold: Int32[np.ndarray, " m"]
    cap: Int64[np.ndarray, " m"]
    alias_rows: Int64[np.ndarray, " h_plus_1"]
    aliases: Int64[np.ndarray, " a"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloProgram:
    """A network ready to run.

    Args:
        net: the network.
        wiring: what each source reaches.
        neurons: parameters of all neurons.
    """

    net: XyloNet
    wiring: Wiring
    neurons: Neurons

    @property
    def n_neurons(self) -> int:
        """Number of hidden and output neurons."""
        return self.net.n_hidden + self.net.n_out

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Number of inputs, of hidden neurons, and of all neurons."""
        return self.net.n_in, self.net.n_hidden, self.n_neurons


def compile_net(net: XyloNet) -> XyloProgram:
    """Return the tables of a network; make them once to run many recordings."""
    matrix = _weights_of_sources(net)
    reaches = (matrix != 0).reshape(len(matrix), net.n_syn, -1)
    hidden, out = reaches[:, :, : net.n_hidden], reaches[:, :, net.n_hidden :]
    reach = np.stack([hidden.sum((1, 2)), out.sum((1, 2)), hidden.any(1).sum(1)], axis=1)
    return XyloProgram(net=net, wiring=_wiring(matrix, reach), neurons=_neurons(net))


def _weights_of_sources(net: XyloNet) -> Int16[np.ndarray, "n sm"]:
    """Return the shifted weight from each source to each state, synapse after synapse."""
    n_neurons = net.n_hidden + net.n_out
    matrix = np.zeros((net.n_in + net.n_hidden, net.n_syn, n_neurons), np.int16)
    into = matrix[:, :, : net.n_hidden]
    into[: net.n_in] = net.w_in.transpose(0, 2, 1).astype(np.int16) << net.weight_shift_in
    into[net.n_in :] = net.w_rec.transpose(0, 2, 1).astype(np.int16) << net.weight_shift_rec
    matrix[net.n_in :, 0, net.n_hidden :] = net.w_out.astype(np.int16) << net.weight_shift_out
    return matrix.reshape(len(matrix), -1)


def _wiring(matrix: Int16[np.ndarray, "n sm"], reach: np.ndarray) -> Wiring:
    source, state = np.nonzero(matrix)
    starts = np.ones(len(state), bool)
    starts[1:] = (np.diff(source) != 0) | (np.diff(state) > GAP)
    first = np.flatnonzero(starts)
    count = np.diff(np.append(first, len(state)))
    last = first + count - 1
    length = state[last] - state[first] + 1 if len(first) else count
    is_run = (count >= WORTH_A_RUN) & (count * WORTH_A_RUN >= length)
    lone = ~np.repeat(is_run, count)
    run_source, run_begin, run_length = source[first[is_run]], state[first[is_run]], length[is_run]
    weight_begin = np.cumsum(run_length) - run_length
    at = np.arange(run_length.sum()) - np.repeat(weight_begin - run_begin, run_length)
    rows = np.arange(len(matrix) + 1)
    return Wiring(
        run_rows=np.searchsorted(run_source, rows).astype(np.int64),
        runs=np.stack([run_begin, weight_begin, run_length], 1).astype(np.int32),
        run_weights=np.ascontiguousarray(matrix[np.repeat(run_source, run_length), at]),
        lone_rows=np.searchsorted(source[lone], rows).astype(np.int64),
        lone_states=state[lone].astype(np.int32),
        lone_weights=np.ascontiguousarray(matrix[source[lone], state[lone]]),
        heaviest=np.abs(matrix.astype(np.int64)).max(axis=1, initial=0),
        reach=reach.astype(np.int64),
    )


def _neurons(net: XyloNet) -> Neurons:
    hidden, out = net.n_hidden, net.n_out
    dash_syn = np.zeros((net.n_syn, hidden + out), np.int32)
    dash_syn[:, :hidden] = net.dash_syn.T
    dash_syn[0, hidden:] = net.dash_syn_out
    bias = np.zeros(hidden + out, np.int32)
    bias[:hidden] = 0 if net.bias_hidden is None else net.bias_hidden
    bias[hidden:] = 0 if net.bias_out is None else net.bias_out
    n_aliases = [len(targets) for targets in net.aliases]
    return Neurons(
        dash_syn=dash_syn,
        dash_mem=np.concatenate([net.dash_mem, net.dash_mem_out]).astype(np.int32),
        bias=bias,
        threshold=np.concatenate([net.threshold, net.threshold_out]).astype(np.int32),
        cap=np.repeat([MAX_HIDDEN_SPIKES, MAX_OUTPUT_SPIKES], [hidden, out]).astype(np.int64),
        alias_rows=np.cumsum([0, *n_aliases]).astype(np.int64),
        aliases=np.array([t for targets in net.aliases for t in targets], np.int64),
    )
