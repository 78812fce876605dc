"""Run a Xylo network in integers, bit by bit as the chip, many recordings at once.

``run_net`` is the whole: rasters in; spikes, states, operations and what was held back out. The
state that it ends in is where the next call may go on, so that a recording in pieces gives what the
whole gives. ``simulate`` is the same in the words that all chips share.
"""

from dataclasses import fields
from typing import TypeAlias, TypeVar

import numpy as np
from jaxtyping import Int64, Shaped, UInt8

from devices.results import LayerActivity, SimResult
from devices.xylo import kernels
from devices.xylo.activity import XyloRun, XyloState, XyloSteps, XyloTally, XyloTraces
from devices.xylo.layer_activity import layer_activities
from devices.xylo.net import XyloNet
from devices.xylo.program import MAX_INPUT_SPIKES, XyloProgram, compile_net
from eventstore.errors import InvalidInput
from snn.kernels.threads import run_parts

COST = 8
"""Nanoseconds that a neuron takes for a step, with what arrives at it: what a thread is worth."""

Arrays: TypeAlias = tuple[np.ndarray, ...]
Counted = TypeVar("Counted", XyloSteps, XyloTally)


def run_net(
    net: XyloNet | XyloProgram,
    rasters: Shaped[np.ndarray, "b t i"],
    lengths: Int64[np.ndarray, " b"] | None = None,
    *,
    state: XyloState | None = None,
    record: bool = False,
) -> XyloRun:
    """Run a batch of recordings through a network.

    Args:
        net: the network; compile it once where many batches follow.
        rasters: spikes of each input in each time step; whole numbers in any dtype. The chip takes
            15 in a step at most, more are cut and counted.
        lengths: time steps of each recording, the rest is padding; None: all.
        state: where to start; None: at zero.
        record: keep states and spikes of each time step.

    Raises:
        InvalidInput: rasters or a state of another shape, or rasters not of counts.

    Examples:
        >>> ones = np.ones((2, 1), np.int8)
        >>> net = XyloNet(
        ...     chip="xylo_audio3", dt=0.01, w_in=100 * ones[:1, :, None],
        ...     w_rec=np.zeros((1, 1, 1), np.int8), w_out=90 * ones[:1], dash_mem=4 * ones[0],
        ...     dash_syn=2 * ones[:1], dash_mem_out=4 * ones[0], dash_syn_out=2 * ones[0],
        ...     threshold=np.full(1, 64, np.int16), threshold_out=np.full(1, 64, np.int16),
        ...     aliases=((),),
        ... )
        >>> run = run_net(net, np.array([[[1], [0], [0]]]), record=True)
        >>> run.traces.spikes.ravel().tolist(), run.output.ravel().tolist()
        ([1, 1, 0], [0, 1, 1])
    """
    program = net if isinstance(net, XyloProgram) else compile_net(net)
    counts, input_caps = checked_rasters(program.net, rasters)
    steps = _steps(counts, lengths)
    end = _start(program, len(counts), state)
    kept = _room(program, counts.shape[:2], record=record)
    found = (
        np.zeros((*counts.shape[:2], len(fields(XyloSteps))), np.int64),
        np.zeros((len(counts), len(fields(XyloTally)) - 1), np.int64),
        np.zeros(end.v_mem.shape, np.int64),
    )
    tables = (tuple(program.wiring), tuple(program.neurons), program.sizes)
    arrays = (end.i_syn.reshape(len(counts), -1), end.v_mem, end.spikes)

    def work(part: tuple[int, int, int, int]) -> None:
        kernels.run_recordings(counts, steps, tables, arrays, kept, found, part[:2])

    run_parts((*counts.shape[:2], program.n_neurons * COST), work, whole_rows=True)
    input_caps[np.arange(counts.shape[1]) >= steps[:, None]] = 0
    return XyloRun(
        output=kept[0],
        lengths=steps,
        spikes=found[2],
        steps=_counted(XyloSteps, found[0]),
        tally=_counted(XyloTally, np.column_stack([found[1], input_caps.sum(axis=1)])),
        state=end,
        traces=_traces(program, kept) if record else None,
    )


def simulate(
    net: XyloNet | XyloProgram,
    frames: Shaped[np.ndarray, "b t *n"],
    lengths: Int64[np.ndarray, " b"] | None = None,
) -> SimResult:
    """Run a batch of samples and tell of it as of every chip, by the layers of the network.

    Of a network that names none, a hidden and an output layer.

    Args:
        net: the network.
        frames: spikes of each input in each time step; several axes after time are laid out in one.
        lengths: time steps of each sample; None: all.

    Raises:
        InvalidInput: frames of another shape, or not of counts.
    """
    if frames.ndim < 3:
        message = f"frames of shape {frames.shape} are not (batch, time, inputs)"
        raise InvalidInput(message, hint="use the pipeline that the model was trained with")
    program = net if isinstance(net, XyloProgram) else compile_net(net)
    rasters = frames.reshape(*frames.shape[:2], -1)
    return result_of(program, run_net(program, rasters, lengths), rasters)


def result_of(
    program: XyloProgram, run: XyloRun, rasters: Shaped[np.ndarray, "b t i"]
) -> SimResult:
    """Return a run in the words that all chips share: by layer, or by halves without names.

    Args:
        program: the network.
        run: what it did, from a state without spikes.
        rasters: what it was given.
    """
    layers = layer_activities(program.net, run, rasters) or _halves(program.net, run)
    return SimResult(layers=layers, output=run.output.astype(np.int64))


def _halves(net: XyloNet, run: XyloRun) -> tuple[LayerActivity, ...]:
    steps = run.steps
    sent, into = steps.spikes_rec, steps.synops_in + steps.synops_rec
    arrivals = steps.spikes_in + (sent if net.w_rec.any() else 0)
    return (
        _activity("hidden", run.spikes[:, : net.n_hidden], arrivals, into, run),
        _activity("output", run.counts, sent, steps.synops_out, run),
    )


def checked_rasters(
    net: XyloNet, rasters: Shaped[np.ndarray, "b t i"]
) -> tuple[UInt8[np.ndarray, "b t i"], Int64[np.ndarray, "b t"]]:
    """Return rasters as the chip takes them, and how many entries of each step are cut.

    Raises:
        InvalidInput: another shape than the network has inputs, or no whole numbers from zero.
    """
    if rasters.ndim != 3 or rasters.shape[2] != net.n_in:
        message = f"rasters of shape {rasters.shape} are not (batch, time, {net.n_in} inputs)"
        raise InvalidInput(message, hint="one recording is rasters[None]")
    if rasters.shape[0] == 0 or rasters.shape[1] == 0:
        message = f"rasters of shape {rasters.shape} hold no recording or no time step"
        raise InvalidInput(message, hint="leave empty batches out")
    if not _is_whole(rasters) or rasters.min() < 0:
        message = "rasters are not counts of spikes: they hold fractions, negatives or infinities"
        raise InvalidInput(message, hint="give the chip spikes of its front end, not a signal")
    over = np.zeros(rasters.shape[:2], np.int64)
    if rasters.max() > MAX_INPUT_SPIKES:
        over = (rasters > MAX_INPUT_SPIKES).sum(axis=2)
        rasters = np.minimum(rasters, MAX_INPUT_SPIKES)
    return np.ascontiguousarray(rasters, np.uint8), over


def _is_whole(values: np.ndarray) -> bool:
    if values.dtype.kind != "f":
        return values.dtype.kind in {"b", "u", "i"}
    return bool(np.isfinite(values).all()) and np.array_equal(values, np.rint(values))


def _steps(rasters: np.ndarray, lengths: np.ndarray | None) -> Int64[np.ndarray, " b"]:
    batch, longest = rasters.shape[:2]
    if lengths is None:
        return np.full(batch, longest, np.int64)
    if lengths.shape != (batch,) or lengths.min() < 0 or lengths.max() > longest:
        message = f"lengths {lengths.tolist()} do not fit {batch} recordings of {longest} steps"
        raise InvalidInput(message, hint="give the number of valid steps of each recording")
    return lengths.astype(np.int64)


def _start(program: XyloProgram, batch: int, state: XyloState | None) -> XyloState:
    """Return a state to change: a copy of the one given, or zeros."""
    shape = (batch, program.n_neurons)
    if state is None:
        return XyloState(
            i_syn=np.zeros((batch, program.net.n_syn, program.n_neurons), np.int16),
            v_mem=np.zeros(shape, np.int16),
            spikes=np.zeros(shape, np.uint8),
        )
    expected = (batch, program.net.n_syn, program.n_neurons)
    if state.i_syn.shape != expected or state.v_mem.shape != shape or state.spikes.shape != shape:
        message = f"a state with currents of shape {state.i_syn.shape}, expected {expected}"
        raise InvalidInput(message, hint="go on with as many recordings of the same network")
    return XyloState(
        i_syn=np.array(state.i_syn, np.int16, order="C"),
        v_mem=np.array(state.v_mem, np.int16, order="C"),
        spikes=np.array(state.spikes, np.uint8, order="C"),
    )


def _room(program: XyloProgram, shape: tuple[int, int], *, record: bool) -> Arrays:
    """Return arrays for outputs, and for currents, membranes and spikes of each step."""
    (batch, n_steps), n = shape, program.n_neurons
    kept = n_steps if record else 0
    return (
        np.zeros((batch, n_steps, program.net.n_out), np.uint8),
        np.zeros((batch, kept, program.net.n_syn * n), np.int16),
        np.zeros((batch, kept, n), np.int16),
        np.zeros((batch, kept, n), np.uint8),
    )


def _traces(program: XyloProgram, kept: Arrays) -> XyloTraces:
    _, currents, membranes, spikes = kept
    h = program.net.n_hidden
    i_syn = currents.reshape(*membranes.shape[:2], program.net.n_syn, program.n_neurons)
    return XyloTraces(
        v_mem=membranes[:, :, :h],
        i_syn=i_syn[:, :, :, :h],
        spikes=spikes[:, :, :h],
        v_mem_out=membranes[:, :, h:],
        i_syn_out=i_syn[:, :, 0, h:],
    )


def _counted(kind: type[Counted], columns: Int64[np.ndarray, "... n"]) -> Counted:
    names = (field.name for field in fields(kind))
    return kind(**dict(zip(names, np.moveaxis(columns, -1, 0), strict=True)))


def _activity(
    name: str, spikes: np.ndarray, arrivals: np.ndarray, synops: np.ndarray, run: XyloRun
) -> LayerActivity:
    return LayerActivity(
        name=name,
        spiking_name=name,
        spikes=spikes.sum(axis=1),
        input_spikes=arrivals.sum(axis=1),
        synops=synops.sum(axis=1),
        neuron_spikes=spikes.sum(axis=0)[:, None, None],
        n_steps=int(run.lengths.sum()),
    )
