"""Integers are those of the rules written out plainly, and of the chip's own simulator."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snn.robustness.shift_leak import Integers, ShiftLeak, Trace, run_shift_leak

ORACLES = ("syns61201_ff", "syns61201_rec", "syns63300_ff", "syns65302_ff")


def decay(value: int, bits: int) -> int:
    shifted: int = value // 2**bits  # rounds down, as an arithmetic shift
    return shifted or int(value > 0)


def sat(value: int) -> int:
    return max(-32768, min(32767, value))


def plainly(x: np.ndarray, c: ShiftLeak) -> tuple[np.ndarray, np.ndarray]:
    """Return spikes and the last potentials of one sample, ``(T, S, N)``: one neuron at a time."""
    n_steps, n_syn, n_neurons = x.shape
    spikes = np.zeros((n_steps, n_neurons), int)
    v = [0] * n_neurons
    currents = [[0] * n_syn for _ in v]
    for t in range(n_steps):
        for n in range(n_neurons):
            total = 0
            for k in range(n_syn):
                arrived = int(x[t, k, n])
                if c.weight.size and t:
                    for m in range(n_neurons):
                        arrived += int(spikes[t - 1, m]) * int(c.weight[m, k * n_neurons + n])
                current = sat(currents[n][k] + arrived)
                currents[n][k] = current - decay(current, int(c.leak_syn[k, n]))
                total += currents[n][k]
            change = sat(sat(-decay(v[n], int(c.leak[n])) + total) + int(c.bias[n]))
            v[n] = sat(v[n] + change)
            while v[n] >= c.threshold[n] and spikes[t, n] < c.max_spikes:
                v[n] -= int(c.threshold[n])
                spikes[t, n] += 1
    return spikes, np.array(v)


def rest(n_batch: int, n_syn: int, n: int) -> tuple[Integers, Integers, Integers]:
    return (
        np.zeros((n_batch, n), np.int64),
        np.zeros((n_batch, n_syn, n), np.int64),
        np.zeros((n_batch, n), np.int64),
    )


def drawn(seed: int, n: int, n_syn: int, *, recurrent: bool, largest: int) -> ShiftLeak:
    rng = np.random.default_rng(seed)
    weight = rng.integers(-20, 21, (n, n_syn * n)) if recurrent else np.empty((0, 0), np.int64)
    return ShiftLeak(
        threshold=rng.integers(1, largest, n),
        bias=rng.integers(-9, 10, n),
        leak=rng.integers(1, 16, n),
        leak_syn=rng.integers(1, 16, (n_syn, n)),
        weight=weight,
        max_spikes=int(rng.choice([1, 31])),
    )


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    n_syn=st.integers(1, 2),
    recurrent=st.booleans(),
    scale=st.sampled_from([3, 60, 9000]),
)
def test_integers_are_those_of_the_rules(
    seed: int, n_syn: int, recurrent: bool, scale: int
) -> None:
    c = drawn(seed, 4, n_syn, recurrent=recurrent, largest=20 * scale)
    x = np.random.default_rng(seed).integers(-scale, scale + 1, (2, 30, n_syn, 4)).astype(float)
    trace = run_shift_leak(x, c, *rest(2, n_syn, 4))
    for b in range(2):
        spikes, v = plainly(x[b], c)
        np.testing.assert_array_equal(trace.spikes[b], spikes)
        np.testing.assert_array_equal(trace.v_mem[b], v)


@given(seed=st.integers(0, 500), recurrent=st.booleans(), cut=st.integers(1, 19))
def test_pieces_are_the_whole(seed: int, recurrent: bool, cut: int) -> None:
    c = drawn(seed, 3, 2, recurrent=recurrent, largest=100)
    x = np.random.default_rng(seed).integers(-40, 60, (2, 20, 2, 3)).astype(float)
    whole = run_shift_leak(x, c, *rest(2, 2, 3))
    first = run_shift_leak(x[:, :cut], c, *rest(2, 2, 3))
    before = first.spikes[:, -1].astype(np.int64)
    then = run_shift_leak(x[:, cut:], c, first.v_mem, first.i_syn, before)
    np.testing.assert_array_equal(np.concatenate([first.spikes, then.spikes], 1), whole.spikes)
    np.testing.assert_array_equal(then.i_syn, whole.i_syn)


def test_what_it_begins_with_is_left_alone() -> None:
    c = drawn(0, 3, 1, recurrent=True, largest=50)
    begin = tuple(part + 7 for part in rest(2, 1, 3))
    run_shift_leak(np.ones((2, 5, 1, 3)), c, *begin)
    assert all((part == 7).all() for part in begin)


@pytest.mark.parametrize("start", [-5, 5, 30_000, -30_000])
def test_every_leak_ends_at_zero(start: int) -> None:
    none = np.empty((0, 0), np.int64)
    one = np.array([1])
    c = ShiftLeak(np.array([32_767]), np.array([0]), 4 * one, np.array([[4]]), none, 31)
    trace = run_shift_leak(
        np.zeros((1, 400, 1, 1)), c, start * np.ones((1, 1), int), *rest(1, 1, 1)[1:]
    )
    assert trace.v_mem.item() == 0


def test_a_guide_of_nothing_where_nothing_is_dropped() -> None:
    none = np.empty((0, 0), np.int64)
    c = ShiftLeak(np.array([9]), np.array([0]), np.array([1]), np.array([[1]]), none, 31)
    x = np.array([8.0, 0.0, 0.0])[None, :, None, None]
    trace = run_shift_leak(x, c, *rest(1, 1, 1))
    # Currents 4, 2, 1 halve without a rest, and so do potentials 4 → 2+2, 4 → 2+1.
    np.testing.assert_allclose(trace.guide.ravel(), [0.125, 0.125, 0.125])


@pytest.fixture(params=ORACLES)
def oracle(request: pytest.FixtureRequest, shared_oracles: Path) -> dict[str, Any]:
    with np.load(shared_oracles / f"xylo_{request.param}.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.mark.parametrize("kind", ["global", "channel"])
def test_hidden_neurons_are_those_of_the_simulator(oracle: dict[str, Any], kind: str) -> None:
    """Traces of xylosim, with its own quantised numbers; outputs see spikes of a step ago."""
    if f"{kind}/sim_Spikes" not in oracle:
        pytest.skip(f"this file holds no {kind} trace")
    q = {name.removeprefix(f"{kind}/"): v for name, v in oracle.items() if name.startswith(kind)}
    trace = hidden(q, oracle["x"])
    np.testing.assert_array_equal(trace.spikes[0], q["sim_Spikes"])
    np.testing.assert_array_equal(trace.v_mem[0], q["sim_Vmem"][-1])
    np.testing.assert_array_equal(trace.i_syn[0, 0], q["sim_Isyn"][-1])
    late = np.concatenate([np.zeros_like(trace.spikes[0, :1]), trace.spikes[0, :-1]])
    n_out = len(q["threshold_out"])
    constants = ShiftLeak(
        threshold=q["threshold_out"],
        bias=q["bias_out"],
        leak=q["dash_mem_out"],
        leak_syn=q["dash_syn_out"][None],
        weight=np.empty((0, 0), np.int64),
        max_spikes=1,
    )
    feeding = late[:, -len(q["weights_out"]) :]  # the last neurons, on chips that say so
    x = (feeding @ q["weights_out"])[None, :, None]
    out = run_shift_leak(x.astype(float), constants, *rest(1, 1, n_out))
    np.testing.assert_array_equal(out.spikes[0], q["sim_out"])
    np.testing.assert_array_equal(out.v_mem[0], q["sim_Vmem_out"][-1])


def hidden(q: dict[str, Any], x: np.ndarray) -> Trace:
    """Run the hidden neurons of a specification; inputs reach the first ones."""
    n = len(q["threshold"])
    weights_in = np.zeros((x.shape[1], n), np.int64)
    weights_in[:, : q["weights_in"].shape[1]] = q["weights_in"][..., 0]
    constants = ShiftLeak(
        threshold=q["threshold"],
        bias=q["bias"],
        leak=q["dash_mem"],
        leak_syn=q["dash_syn"][None],
        weight=np.ascontiguousarray(q["weights_rec"][..., 0]),
        max_spikes=31,
    )
    arriving = (np.minimum(x, 15) @ weights_in)[None, :, None].astype(float)
    return run_shift_leak(arriving, constants, *rest(1, 1, n))
