"""Tests of the tables that the simulator runs through: they hold every weight, once."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.xylo.net import XyloNet
from devices.xylo.program import GAP, XyloProgram, compile_net
from tests.devices.xylo.xylo_judge import STYLES, drawn_net


def weights_of(program: XyloProgram) -> np.ndarray:
    """Return source × state, read back from runs and lone states."""
    net, wiring = program.net, program.wiring
    found = np.zeros((net.n_in + net.n_hidden, net.n_syn * program.n_neurons), np.int64)
    for source in range(len(found)):
        for row in range(wiring.run_rows[source], wiring.run_rows[source + 1]):
            state, weight, length = wiring.runs[row]
            found[source, state : state + length] += wiring.run_weights[weight : weight + length]
        for row in range(wiring.lone_rows[source], wiring.lone_rows[source + 1]):
            found[source, wiring.lone_states[row]] += wiring.lone_weights[row]
    return found.reshape(len(found), net.n_syn, program.n_neurons)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_syn=st.sampled_from([1, 2]))
def test_tables_hold_every_weight(seed: int, n_syn: int) -> None:
    net = drawn_net(np.random.default_rng(seed), n_syn=n_syn, style=STYLES[seed % 3])
    program = compile_net(net)
    found, h, i = weights_of(program), net.n_hidden, net.n_in
    into, rec = found[:i, :, :h], found[i:, :, :h]
    for part, weights, shift in (
        (into.transpose(0, 2, 1), net.w_in, net.weight_shift_in),
        (rec.transpose(0, 2, 1), net.w_rec, net.weight_shift_rec),
        (found[i:, 0, h:], net.w_out, net.weight_shift_out),
    ):
        np.testing.assert_array_equal(part, weights.astype(np.int64) << shift)
    assert not found[:i, :, h:].any()
    np.testing.assert_array_equal(program.wiring.heaviest, np.abs(found).max(axis=(1, 2)))
    np.testing.assert_array_equal(program.wiring.reach[:, 2], found[:, :, :h].any(1).sum(1))


def test_neighbours_make_runs_and_strangers_are_alone() -> None:
    wiring = compile_net(_net_with([0, 1, 2, 3, 4, 40, 90])).wiring
    assert wiring.runs.tolist() == [[0, 0, 5]]
    assert wiring.lone_states.tolist() == [40, 90]
    near = compile_net(_net_with([0, 4, 8, 12, 12 + GAP + 1])).wiring
    assert near.runs.tolist() == [[0, 0, 13]]
    assert near.lone_states.tolist() == [12 + GAP + 1]


def test_a_network_without_weights_reaches_nothing() -> None:
    wiring = compile_net(_net_with([])).wiring
    assert len(wiring.runs) == len(wiring.lone_states) == 0
    assert not wiring.heaviest.any()


def test_hidden_neurons_come_before_outputs() -> None:
    rng = np.random.default_rng(1)
    net = drawn_net(rng, n_syn=2, style="calm", n_hidden=5)
    program, neurons = compile_net(net), compile_net(net).neurons
    assert program.sizes == (net.n_in, 5, 5 + net.n_out)
    assert neurons.threshold.tolist() == [*net.threshold, *net.threshold_out]
    assert neurons.cap.tolist() == [31] * 5 + [1] * net.n_out
    assert neurons.dash_syn[1, 5:].tolist() == [0] * net.n_out
    rows = neurons.alias_rows
    assert [tuple(neurons.aliases[a:b]) for a, b in itertools.pairwise(rows)] == [*net.aliases]


def _net_with(targets: list[int]) -> XyloNet:
    """Return a network with one input, of weight 7 onto some of 100 neurons."""
    w_in = np.zeros((1, 100, 1), np.int8)
    w_in[0, targets] = 7
    return XyloNet(
        chip="xylo_audio2",
        dt=0.01,
        w_in=w_in,
        w_rec=np.zeros((100, 100, 1), np.int8),
        w_out=np.zeros((100, 1), np.int8),
        dash_mem=np.full(100, 4, np.int8),
        dash_syn=np.full((100, 1), 4, np.int8),
        dash_mem_out=np.full(1, 4, np.int8),
        dash_syn_out=np.full(1, 4, np.int8),
        threshold=np.full(100, 50, np.int16),
        threshold_out=np.full(1, 50, np.int16),
        aliases=((),) * 100,
    )
