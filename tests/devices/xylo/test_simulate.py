"""Tests of the simulator: bit for bit what the vendor's says, whatever comes in."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.xylo.activity import XyloRun
from devices.xylo.net import XyloNet
from devices.xylo.simulate import run_net, simulate
from eventstore.errors import InvalidInput
from tests.devices.xylo.xylo_judge import STYLES, Judge, drawn_net, drawn_rasters

SYNAPSES = {"xylo_audio2": (1, 2), "xylo_audio3": (1, 2), "xylo_imu": (1,)}


def assert_as_the_judge(net: XyloNet, rasters: np.ndarray) -> XyloRun:
    run = run_net(net, rasters, record=True)
    judge = Judge(net)
    for b, raster in enumerate(rasters):
        for name, expected in judge.run(raster).items():
            found = run.output[b] if name == "output" else getattr(run.traces, name)[b]
            np.testing.assert_array_equal(found, expected, err_msg=f"{name} of recording {b}")
    return run


def check_drawn(seed: int, chip: str) -> XyloRun:
    rng = np.random.default_rng(seed)
    n_syn, style = rng.choice(SYNAPSES[chip]), STYLES[seed % len(STYLES)]
    net = drawn_net(rng, n_syn=int(n_syn), style=style, chip=chip)
    return assert_as_the_judge(net, drawn_rasters(rng, net, batch=2, n_steps=30))


@pytest.mark.parametrize("chip", SYNAPSES)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_equals_the_vendors_simulator(chip: str, seed: int) -> None:
    check_drawn(seed, chip)


@pytest.mark.slow
@pytest.mark.parametrize("chip", SYNAPSES)
@settings(max_examples=1000, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_equals_the_vendors_simulator_a_thousand_times(chip: str, seed: int) -> None:
    check_drawn(seed, chip)


def test_what_is_drawn_meets_every_bound() -> None:
    totals = dict.fromkeys(run_net(*_tiny()).tally.totals, 0)
    for seed in range(20):
        for name, count in check_drawn(seed, "xylo_audio2").tally.totals.items():
            totals[name] += count
    assert all(totals.values()), totals


def test_spikes_are_handed_up_in_the_same_step_and_down_without_a_say() -> None:
    """Neuron 0 drives 1, which drives 2, which drives 0: only upwards do spikes fill the cap."""
    one, zero = np.ones((1, 1), np.int8), np.zeros((3, 3, 1), np.int8)
    w_in = np.array([[[100], [100], [0]]], np.int8)
    net = XyloNet(
        chip="xylo_imu",
        dt=0.01,
        w_in=w_in,
        w_rec=zero,
        w_out=np.repeat(one, 3, axis=0),
        dash_mem=np.full(3, 4, np.int8),
        dash_syn=np.full((3, 1), 1, np.int8),
        dash_mem_out=4 * one[0],
        dash_syn_out=one[0],
        threshold=np.full(3, 20, np.int16),
        threshold_out=np.full(1, 999, np.int16),
        aliases=((1,), (2,), (0,)),
    )
    run = assert_as_the_judge(net, np.array([[[1], [0], [15]]]))
    assert run.traces is not None
    assert run.traces.spikes[0].tolist() == [[6, 4, 4], [3, 2, 2], [31, 31, 31]]
    assert run.traces.v_mem[0, 2].tolist() == [156, 776, 0]
    totals = run.tally.totals
    assert (totals["alias_caps"], totals["hidden_caps"]) == (1, 2)


def test_wide_networks_of_layers_equal_too() -> None:
    rng = np.random.default_rng(5)
    n, w_rec = 90, np.zeros((270, 270, 2), np.int8)
    w_rec[:n, n : 2 * n] = rng.integers(-90, 90, (n, n, 2))
    w_rec[n : 2 * n, 2 * n :] = rng.integers(-90, 90, (n, n, 2))
    w_rec[rng.integers(0, 270, 300), rng.integers(0, 270, 300), 1] = 77
    net = drawn_net(rng, n_syn=2, style="calm", n_hidden=270, w_rec=w_rec)
    run = assert_as_the_judge(net, drawn_rasters(rng, net, batch=1, n_steps=20))
    assert run.spikes.sum() > 1000


@pytest.mark.parametrize("name", ["syns61201_ff", "syns61201_rec", "syns63300_ff", "syns65302_ff"])
@pytest.mark.parametrize("method", ["global", "channel"])
def test_reproduces_the_reference_vectors(name: str, method: str, shared_oracles: Path) -> None:
    with np.load(shared_oracles / f"xylo_{name}.npz") as file:
        vectors = {key.removeprefix(f"{method}/"): file[key] for key in file.files}
    run = run_net(_net_of_vectors(vectors), vectors["x"][None], record=True)
    assert run.traces is not None
    outputs = vectors["sim_out"].shape[1]
    for key, found in {
        "sim_out": run.output,
        "sim_Vmem": run.traces.v_mem,
        "sim_Isyn": run.traces.i_syn[:, :, 0],
        "sim_Isyn2": run.traces.i_syn[:, :, -1],
        "sim_Spikes": run.traces.spikes,
        "sim_Vmem_out": run.traces.v_mem_out,
        "sim_Isyn_out": run.traces.i_syn_out,
    }.items():
        if key in vectors and (key != "sim_Isyn2" or run.traces.i_syn.shape[2] > 1):
            np.testing.assert_array_equal(found[0], vectors[key], err_msg=key)
    assert run.counts.shape == (1, outputs)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(1, 24), max_size=3))
def test_pieces_give_what_the_whole_gives(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    net = drawn_net(rng, n_syn=2, style="wild")
    rasters = drawn_rasters(rng, net, batch=3, n_steps=25)
    whole, state, outputs = run_net(net, rasters), None, []
    for piece in np.split(rasters, sorted(set(cuts)), axis=1):
        run = run_net(net, piece, state=state)
        state = run.state
        outputs.append(run.output)
    np.testing.assert_array_equal(np.concatenate(outputs, axis=1), whole.output)
    assert state is not None
    for name in ("i_syn", "v_mem", "spikes"):
        np.testing.assert_array_equal(getattr(state, name), getattr(whole.state, name))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_padding_and_neighbours_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    net = drawn_net(rng, n_syn=1, style="calm")
    rasters = drawn_rasters(rng, net, batch=4, n_steps=20)
    lengths = rng.integers(0, 21, 4)
    together = run_net(net, rasters, lengths, record=True)
    assert together.traces is not None
    for b, n in enumerate(lengths):
        assert not together.output[b, n:].any()
        assert not together.traces.v_mem[b, n:].any()
        assert not together.steps.synops[b, n:].any()
        if n:
            alone = run_net(net, rasters[b : b + 1, :n])
            np.testing.assert_array_equal(alone.output[0], together.output[b, :n])
            np.testing.assert_array_equal(alone.state.v_mem[0], together.state.v_mem[b])
            assert [v.sum() for v in (alone.spikes, alone.tally.input_caps)] == [
                together.spikes[b].sum(),
                together.tally.input_caps[b],
            ]


def test_counts_operations_step_by_step() -> None:
    rng = np.random.default_rng(3)
    net = drawn_net(rng, n_syn=2, style="dense", n_hidden=20)
    rasters = drawn_rasters(rng, net, batch=2, n_steps=30)
    run = run_net(net, rasters, record=True)
    assert run.traces is not None
    sent = np.zeros((2, 30, 20), np.int64)
    sent[:, 1:] = run.traces.spikes[:, :-1]
    given_spikes, steps = np.minimum(rasters, 15), run.steps
    for found, expected in (
        (steps.spikes_in, given_spikes.sum(2)),
        (steps.spikes_rec, sent.sum(2)),
        (steps.synops_in, given_spikes @ (net.w_in != 0).sum((1, 2))),
        (steps.synops_rec, sent @ (net.w_rec != 0).sum((1, 2))),
        (steps.synops_out, sent @ (net.w_out != 0).sum(1)),
        (steps.active_in, (rasters > 0).sum(2)),
        (steps.active_hidden, (sent > 0).sum(2)),
        (steps.active_reach, (sent > 0) @ (net.w_rec != 0).any(2).sum(1)),
        (steps.firing, (run.traces.spikes > 0).sum(2)),
    ):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(run.spikes[:, :20], run.traces.spikes.sum(1))


def test_tells_of_a_run_as_of_every_chip() -> None:
    net, rasters = _tiny()
    result = simulate(net, rasters.astype(np.float32))
    hidden, output = result.layers
    assert (hidden.name, output.name) == ("hidden", "output")
    assert hidden.spikes.tolist() == [3]
    assert hidden.input_spikes.tolist() == [1]
    assert output.input_spikes.tolist() == [3]
    assert output.synops.tolist() == [3]
    assert result.counts.tolist() == [output.spikes.tolist()] == [[4]]
    assert hidden.neuron_spikes.shape == (1, 1, 1)


@pytest.mark.parametrize(
    ("rasters", "said"),
    [
        (np.zeros((1, 5, 3)), "are not (batch, time, 1 inputs)"),
        (np.zeros((1, 0, 1)), "hold no recording or no time step"),
        (np.full((1, 5, 1), 0.5), "not counts of spikes"),
        (np.full((1, 5, 1), np.nan), "not counts of spikes"),
        (np.full((1, 5, 1), np.inf), "not counts of spikes"),
        (np.full((1, 5, 1), -1), "not counts of spikes"),
        (np.full((1, 5, 1), "x"), "not counts of spikes"),
    ],
)
def test_refuses_what_is_no_raster(rasters: np.ndarray, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        run_net(_tiny()[0], rasters)
    assert said in str(caught.value)


def test_refuses_lengths_and_states_that_do_not_fit() -> None:
    net, rasters = _tiny()
    with pytest.raises(InvalidInput, match="do not fit 1 recordings of 5 steps"):
        run_net(net, rasters, np.array([6]))
    with pytest.raises(InvalidInput, match="a state with currents of shape"):
        run_net(net, np.repeat(rasters, 2, axis=0), state=run_net(net, rasters).state)


def _tiny() -> tuple[XyloNet, np.ndarray]:
    """Return one neuron and one output, and an input that lets the neuron fire three times."""
    one = np.ones((1, 1), np.int8)
    net = XyloNet(
        chip="xylo_imu",
        dt=0.01,
        w_in=100 * one[:, :, None],
        w_rec=np.zeros((1, 1, 1), np.int8),
        w_out=90 * one,
        dash_mem=4 * one[0],
        dash_syn=2 * one,
        dash_mem_out=4 * one[0],
        dash_syn_out=2 * one[0],
        threshold=np.full(1, 64, np.int16),
        threshold_out=np.full(1, 64, np.int16),
        aliases=((),),
    )
    return net, np.array([1, 0, 0, 0, 0])[None, :, None]


def _net_of_vectors(vectors: dict[str, np.ndarray]) -> XyloNet:
    """Return the network of the vectors; weights there reach only some neurons."""
    hidden = len(vectors["threshold"])
    has_two = "sim_Isyn2" in vectors and vectors["weights_in"].shape[2] == 2
    n_syn = 2 if has_two else 1
    fields: dict[str, Any] = {
        "w_in": np.zeros((vectors["weights_in"].shape[0], hidden, n_syn), np.int8),
        "w_rec": np.zeros((hidden, hidden, n_syn), np.int8),
        "w_out": np.zeros((hidden, vectors["weights_out"].shape[1]), np.int8),
    }
    weights_in, weights_rec = vectors["weights_in"], vectors["weights_rec"]
    fields["w_in"][:, : weights_in.shape[1], : weights_in.shape[2]] = weights_in
    fields["w_rec"][:, :, : weights_rec.shape[2]] = weights_rec
    fields["w_out"][hidden - len(vectors["weights_out"]) :] = vectors["weights_out"]
    dash_syn = [vectors[f"dash_syn{suffix}"] for suffix in ("", "_2")[:n_syn]]
    return XyloNet(
        chip="any",
        dt=0.01,
        **fields,
        dash_mem=vectors["dash_mem"].astype(np.int8),
        dash_syn=np.stack(dash_syn, axis=1).astype(np.int8),
        dash_mem_out=vectors["dash_mem_out"].astype(np.int8),
        dash_syn_out=vectors["dash_syn_out"].astype(np.int8),
        threshold=vectors["threshold"].astype(np.int16),
        threshold_out=vectors["threshold_out"].astype(np.int16),
        bias_hidden=vectors["bias"].astype(np.int16),
        bias_out=vectors["bias_out"].astype(np.int16),
        aliases=((),) * hidden,
    )
