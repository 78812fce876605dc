"""Xylo bit by bit: a time step of one recording, and of a batch, against the vendor's simulator."""

import importlib
from collections.abc import Callable

import numpy as np

from bench_data import Bench
from bench_rows import Row, Target
from bench_timing import LEAD_S, Spread, take_turns
from devices.xylo.net import XyloNet
from devices.xylo.program import compile_net
from devices.xylo.simulate import run_net

Judge = importlib.import_module("tests.devices.xylo.xylo_judge").Judge
BATCH, BATCH_STEPS, STEPS = 64, 100, 500
NOTE = (
    "16 inputs with 0.15 spikes each a step, 8 outputs; three hidden layers, each driven by the "
    "one before (a SynNet), or one of all-to-all neurons; random weights. Both keep membranes, "
    "currents and spikes of each step; xylosim is given lists, its own form, made before. It runs "
    "one recording at a time, thus a batch one after the other on one core."
)


def measure(bench: Bench) -> list[Row]:
    """Run networks of several sizes, step by step the same as xylosim."""
    rows: list[Row] = []
    for what, net in (
        ("60 neurons in 3 layers", layered(60)),
        ("60 neurons, all to all", dense(60)),
        ("999 neurons in 3 layers", layered(999)),
    ):
        rows += _compare(what, net, bench.rounds)
    return rows


def layered(n_hidden: int) -> XyloNet:
    """Return a network of three layers, of which each drives the next."""
    rng, n = np.random.default_rng(0), n_hidden // 3
    w_in, w_rec, w_out = (np.zeros(shape, np.int8) for shape in _shapes(n_hidden))
    w_in[:, :n, 0] = rng.integers(-60, 90, (16, n))
    scale = 60 * 20 // n + 8
    for begin in (0, n):
        drive = rng.integers(-scale, scale + 4, (n, n))
        w_rec[begin : begin + n, begin + n : begin + 2 * n, 0] = drive
    w_out[2 * n :] = rng.integers(-scale, scale + 4, (n_hidden - 2 * n, 8))
    return _net(rng, w_in, w_rec, w_out)


def dense(n_hidden: int) -> XyloNet:
    """Return a network of neurons that all reach each other."""
    rng = np.random.default_rng(1)
    shapes = _shapes(n_hidden)
    w_in, w_rec, w_out = (rng.integers(-20, 22, shape).astype(np.int8) for shape in shapes)
    return _net(rng, 3 * w_in, w_rec, w_out)


def _shapes(n_hidden: int) -> tuple[tuple[int, ...], ...]:
    return (16, n_hidden, 1), (n_hidden, n_hidden, 1), (n_hidden, 8)


def _net(
    rng: np.random.Generator, w_in: np.ndarray, w_rec: np.ndarray, w_out: np.ndarray
) -> XyloNet:
    hidden, out = w_out.shape
    return XyloNet(
        chip="xylo_audio2",
        dt=0.01,
        w_in=w_in,
        w_rec=w_rec,
        w_out=w_out,
        dash_mem=np.full(hidden, 3, np.int8),
        dash_syn=rng.integers(1, 5, (hidden, 1)).astype(np.int8),
        dash_mem_out=np.full(out, 3, np.int8),
        dash_syn_out=np.full(out, 2, np.int8),
        threshold=np.full(hidden, 900, np.int16),
        threshold_out=np.full(out, 900, np.int16),
        aliases=((),) * hidden,
    )


def _compare(what: str, net: XyloNet, rounds: int) -> list[Row]:
    rng = np.random.default_rng(2)
    rasters = rng.poisson(0.15, (BATCH, STEPS, 16)).astype(np.uint8)
    program, judge = compile_net(net), Judge(net)
    found = run_net(program, rasters[:1], record=True)
    said = judge.run(rasters[0])
    assert np.array_equal(said["output"], found.output[0]), "not the same spikes: nothing to time"
    rate = found.spikes[:, : net.n_hidden].mean() / STEPS
    short, lists = np.ascontiguousarray(rasters[:, :BATCH_STEPS]), rasters[0].tolist()
    short_lists = short.tolist()
    seconds = take_turns(
        {
            "one": lambda: run_net(program, rasters[:1], record=True),
            "peer one": _evolving(judge, [lists]),
            "batch": lambda: run_net(program, short, record=True),
            "peer batch": _evolving(judge, short_lists),
        },
        rounds=2 * rounds,
        lead_s=LEAD_S,
    )
    note = f"{NOTE} Here {what}, {rate:.2f} spikes a hidden neuron and step."
    one, peer_one = (seconds[k].scaled(1e6 / STEPS) for k in ("one", "peer one"))
    steps = BATCH * BATCH_STEPS
    batch, peer_batch = (seconds[k].scaled(1e6 / steps) for k in ("batch", "peer batch"))
    return [
        _row(f"Xylo, {what}: a step of one recording", (one, peer_one), 1, note),
        _row(f"Xylo, {what}: a step in a batch of {BATCH}, 2 cores", (batch, peer_batch), 5, note),
    ]


def _evolving(judge: "Judge", recordings: list[list[list[int]]]) -> Callable[[], None]:  # type: ignore[valid-type] # loaded by name
    def run() -> None:
        for raster in recordings:
            judge.layer.reset_all()  # type: ignore[attr-defined]
            judge.layer.evolve(raster)  # type: ignore[attr-defined]

    return run


def _row(quantity: str, spreads: tuple[Spread, Spread], bound: float, note: str) -> Row:
    ours, peer = spreads
    return Row(
        name="xylo-simulator",
        quantity=quantity,
        unit="µs",
        better="lower",
        ours=ours,
        peer=peer,
        peer_name="xylosim 0.1.3 (C++)",
        target=Target(of="ratio", bound=bound),
        note=note,
    )
