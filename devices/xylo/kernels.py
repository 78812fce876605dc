r"""Kernels that take rasters through a Xylo network, bit by bit as the chip does.

In each time step spikes arrive, inputs first, then those of hidden neurons from the step before;
each adds its weight to a synapse, held within 16 bits at every single addition:

$$
I \leftarrow \mathrm{sat}(I + w), \quad
I \leftarrow I - \delta(I, d_{syn}), \quad
V \leftarrow \mathrm{sat}(V + \mathrm{sat}(\mathrm{sat}(\textstyle\sum I - \delta(V, d_{mem})) + b))
$$

where δ(x, d) is x shifted right by d, but at least one towards zero. Neurons then fire in the order
of their ids, as often as the threshold fits, up to a cap; a neuron hands its spikes on to aliases
in the same step, and those with a higher id count them towards their own cap.

Spikes of one source add the same weight, so that n additions with saturation are one of n times the
weight. Over sources the order matters as soon as a state may saturate; whether it may is known
before a step from the largest current and the largest weights, and mostly it may not: then 16-bit
additions do.

All kernels are in this file: machine code is cached by the file of the kernel that is called.
"""

from typing import TypeAlias

import numpy as np

from eventstore.jit import kernel

LOWEST, HIGHEST = -32768, 32767
BLOCK = 64
"""Neurons that are updated before it is looked whether one of them fires."""

SPIKES_IN, SPIKES_REC, SYNOPS_IN, SYNOPS_REC, SYNOPS_OUT = range(5)
ACTIVE_IN, ACTIVE_HIDDEN, ACTIVE_REACH, FIRING = range(5, 9)
"""Columns of what is counted in each time step: the fields of `XyloSteps`, in their order."""

CURRENT, CURRENT_OUT, MEMBRANE, MEMBRANE_OUT, CAP, ALIAS_CAP, CAP_OUT = range(7)
"""Columns of what is counted of each recording: the fields of `XyloTally`, in their order."""

Arrays: TypeAlias = tuple[np.ndarray, ...]


@kernel
def add_run(
    current: np.ndarray, weights: np.ndarray, run: tuple[int, int, int], times: int
) -> None:
    """Add a run of weights so many times, where no sum can leave 16 bits."""
    # Indices without a sign need no look at whether they count from the end: that breaks vectors.
    state, weight, factor = np.uint64(run[0]), np.uint64(run[1]), np.int16(times)
    for i in range(np.uint64(run[2])):
        current[state + i] += np.int16(factor * weights[weight + i])


@kernel
def add_held(
    current: np.ndarray, weights: np.ndarray, run: tuple[int, int, int], times: int
) -> int:
    """Add a run of weights so many times, held within 16 bits; say how many sums were held."""
    state, weight, factor = np.uint64(run[0]), np.uint64(run[1]), np.int32(times)
    held = np.int32(0)
    for i in range(np.uint64(run[2])):
        added = np.int32(factor * np.int32(weights[weight + i]))
        wide = np.int32(np.int32(current[state + i]) + added)
        kept = min(max(wide, np.int32(LOWEST)), np.int32(HIGHEST))
        held += np.int32(kept != wide)
        current[state + i] = np.int16(kept)
    return int(held)


@kernel
def held_run(
    current: np.ndarray,
    weights: np.ndarray,
    run: tuple[int, int, int],
    times: int,
    sizes: tuple[int, int],
) -> tuple[int, int]:
    """Add a run, held within 16 bits; return how many sums of hidden and outputs were held.

    Hidden neurons, outputs, and the second synapses of hidden neurons follow each other.
    """
    n_hidden, n_neurons = sizes
    state, weight, length = run
    before = min(max(n_hidden - state, 0), length)
    past = min(max(n_neurons - state, 0), length)
    held = add_held(current, weights, (state, weight, before), times)
    outputs = (state + before, weight + before, past - before)
    held_out = add_held(current, weights, outputs, times)
    held += add_held(current, weights, (state + past, weight + past, length - past), times)
    return held, held_out


@kernel
def add_lone(current: np.ndarray, state: int, weight: int, times: int) -> bool:
    """Add a weight to one state so many times; say whether the sum was held within 16 bits."""
    wide = int(current[state]) + times * weight
    kept = min(max(wide, LOWEST), HIGHEST)
    current[state] = kept
    return kept != wide


@kernel
def deliver(  # noqa: PLR0917 (arrays in a tuple cost more than the work)
    arriving: np.ndarray,
    n_arriving: int,
    top: int,
    run_rows: np.ndarray,
    runs: np.ndarray,
    run_weights: np.ndarray,
    lone_rows: np.ndarray,
    lone_states: np.ndarray,
    lone_weights: np.ndarray,
    current: np.ndarray,
    sizes: tuple[int, int],
    tally: np.ndarray,
) -> None:
    """Add the spikes of all sources of a step, in their order, to what they reach.

    Args:
        arriving: sources and their spikes.
        n_arriving: how many.
        top: a bound on what any current may come to.
        run_rows: see `devices.xylo.program.Wiring`, as for the next ones.
        runs: likewise.
        run_weights: likewise.
        lone_rows: likewise.
        lone_states: likewise.
        lone_weights: likewise.
        current: currents, changed.
        sizes: number of hidden and of all neurons.
        tally: what is counted of the recording.
    """
    for k in range(n_arriving):
        source, times = arriving[k, 0], arriving[k, 1]
        for row in range(run_rows[source], run_rows[source + 1]):
            run = (int(runs[row, 0]), int(runs[row, 1]), int(runs[row, 2]))
            if top <= HIGHEST:
                add_run(current, run_weights, run, times)
                continue
            held, held_out = held_run(current, run_weights, run, times, sizes)
            tally[CURRENT] += held
            tally[CURRENT_OUT] += held_out
        for at in range(lone_rows[source], lone_rows[source + 1]):
            if add_lone(current, lone_states[at], int(lone_weights[at]), times):
                is_output = sizes[0] <= lone_states[at] < sizes[1]
                tally[CURRENT_OUT if is_output else CURRENT] += 1


@kernel
def decay_of(x: np.int32, dash: np.int32) -> np.int32:
    """Return what a state loses in a step: at least one, towards zero."""
    step = np.int32(x >> (dash & np.int32(15)))  # a known width keeps this within 32 bits
    return step if step != 0 else np.int32(x > 0)


@kernel
def decay(current: np.ndarray, dash: np.ndarray, inflow: np.ndarray) -> int:
    """Let currents decay and sum those of a neuron; return the largest, without its sign."""
    top, n_neurons = np.int32(0), np.uint64(len(inflow))
    for synapse in range(len(dash)):
        begin = np.uint64(synapse) * n_neurons
        for i in range(n_neurons):
            x = np.int32(current[begin + i])
            x = np.int32(x - decay_of(x, dash[synapse, i]))
            top = max(top, x, np.int32(-x))
            current[begin + i] = np.int16(x)
            inflow[i] = x if synapse == 0 else np.int32(inflow[i] + x)
    return int(top)


@kernel
def integrate(  # noqa: PLR0917 (arrays in a tuple cost more than the work)
    membrane: np.ndarray,
    inflow: np.ndarray,
    dash: np.ndarray,
    bias: np.ndarray,
    threshold: np.ndarray,
    begin: int,
    end: int,
) -> tuple[int, bool]:
    """Integrate currents; return how many sums were held within 16 bits, and if any may fire."""
    held, hit = np.int32(0), np.int32(0)
    low, high = np.int32(LOWEST), np.int32(HIGHEST)
    for i in range(np.uint64(begin), np.uint64(end)):
        v = np.int32(membrane[i])
        # The negative of the lowest number is itself in 16 bits.
        leak = np.int32(np.int16(-decay_of(v, dash[i])))
        wide = np.int32(leak + inflow[i])
        kept = min(max(wide, low), high)
        biased = np.int32(kept + bias[i])
        change = min(max(biased, low), high)
        moved = np.int32(v + change)
        v = min(max(moved, low), high)
        held += np.int32(wide != kept) | np.int32(biased != change) | np.int32(moved != v)
        hit |= np.int32(v >= threshold[i])
        membrane[i] = np.int16(v)
    return int(held), bool(hit)


@kernel
def fire(
    membrane: np.ndarray,
    neuron: int,
    already: int,
    limit: tuple[int, int],
) -> tuple[int, bool]:
    """Let a neuron fire; limit: threshold and cap. Return its spikes, and if the cap held it."""
    threshold, cap = limit
    v, spikes = int(membrane[neuron]), already
    while v >= threshold and spikes < cap:
        # A threshold below zero lets the state grow past its 16 bits, where it turns around.
        v = ((v - threshold + 32768) & 65535) - 32768
        spikes += 1
    membrane[neuron] = v
    return spikes, v >= threshold


@kernel
def hand_on(
    spikes: np.ndarray, n: int, targets: np.ndarray, rows: tuple[int, int], cap: int
) -> int:
    """Hand spikes on to aliases; return how many of these the cap held."""
    held = 0
    for row in range(rows[0], rows[1]):
        total = int(spikes[targets[row]]) + n
        held += int(total > cap)
        spikes[targets[row]] = min(total, cap)
    return held


@kernel
def fire_block(  # noqa: PLR0917 (arrays in a tuple cost more than the work)
    membrane: np.ndarray,
    spikes: np.ndarray,
    threshold: np.ndarray,
    cap: np.ndarray,
    alias_rows: np.ndarray,
    aliases: np.ndarray,
    span: tuple[int, int],
    fired: np.ndarray,
    n_fired: int,
    tally: np.ndarray,
) -> int:
    """Let a block of neurons fire in the order of their ids; return how many have, listed."""
    n_hidden, hands_on = len(fired), len(aliases) > 0
    for j in range(span[0], span[1]):
        n = int(spikes[j])
        if membrane[j] >= threshold[j]:
            n, capped = fire(membrane, j, n, (threshold[j], cap[j]))
            spikes[j] = n
            if capped:
                tally[CAP if j < n_hidden else CAP_OUT] += 1
        if n > 0 and j < n_hidden:
            fired[n_fired] = j
            n_fired += 1
            if hands_on:
                rows = (alias_rows[j], alias_rows[j + 1])
                tally[ALIAS_CAP] += hand_on(spikes, n, aliases, rows, cap[j])
    return n_fired


@kernel
def list_firing(spikes: np.ndarray, fired: np.ndarray) -> int:
    """List the hidden neurons that fire; return how many."""
    n = 0
    for j in range(len(fired)):
        if spikes[j] > 0:
            fired[n] = j
            n += 1
    return n


@kernel
def evolve(  # noqa: PLR0917 (arrays in a tuple cost more than the work)
    membrane: np.ndarray,
    spikes: np.ndarray,
    dash: np.ndarray,
    bias: np.ndarray,
    threshold: np.ndarray,
    cap: np.ndarray,
    alias_rows: np.ndarray,
    aliases: np.ndarray,
    inflow: np.ndarray,
    fired: np.ndarray,
    tally: np.ndarray,
) -> int:
    """Integrate and fire; return how many hidden neurons fire, listed in the order of ids."""
    n_hidden, n_neurons = len(fired), len(membrane)
    for j in range(n_neurons):
        spikes[j] = 0
    begin, n_fired = 0, 0
    while begin < n_neurons:
        is_hidden = begin < n_hidden
        end = min(begin + BLOCK, n_hidden if is_hidden else n_neurons)
        held, hit = integrate(membrane, inflow, dash, bias, threshold, begin, end)
        tally[MEMBRANE if is_hidden else MEMBRANE_OUT] += held
        if hit or (is_hidden and len(aliases) > 0):
            span = (begin, end)
            n_fired = fire_block(
                membrane,
                spikes,
                threshold,
                cap,
                alias_rows,
                aliases,
                span,
                fired,
                n_fired,
                tally,
            )
        begin = end
    # An alias of a lower id fires for a neuron that comes after it.
    return list_firing(spikes, fired) if len(aliases) > 0 else n_fired


@kernel
def gather_inputs(
    rasters: np.ndarray, t: int, reach: np.ndarray, arriving: np.ndarray, steps: np.ndarray
) -> int:
    """List the inputs with a spike, and their spikes; return how many."""
    n, spikes, synops = 0, 0, 0
    for source in range(rasters.shape[1]):
        times = int(rasters[t, source])
        if times > 0:
            arriving[n, 0], arriving[n, 1] = source, times
            spikes += times
            synops += times * reach[source, 0]
            n += 1
    steps[t, SPIKES_IN], steps[t, SYNOPS_IN], steps[t, ACTIVE_IN] = spikes, synops, n
    return n


@kernel
def gather_hidden(  # noqa: PLR0917 (arrays in a tuple cost more than the work)
    fired: np.ndarray,
    n_fired: int,
    spikes: np.ndarray,
    t: int,
    reach: np.ndarray,
    arriving: np.ndarray,
    steps: np.ndarray,
) -> None:
    """List the hidden neurons that fired, and their spikes, behind the inputs."""
    n, n_in, total, rec, out, active = steps[t, ACTIVE_IN], len(reach) - len(fired), 0, 0, 0, 0
    for k in range(n_fired):
        source, times = n_in + fired[k], int(spikes[fired[k]])
        arriving[n + k, 0], arriving[n + k, 1] = source, times
        total += times
        rec += times * reach[source, 0]
        out += times * reach[source, 1]
        active += reach[source, 2]
    steps[t, SPIKES_REC], steps[t, SYNOPS_REC], steps[t, SYNOPS_OUT] = total, rec, out
    steps[t, ACTIVE_HIDDEN], steps[t, ACTIVE_REACH] = n_fired, active


@kernel
def bound_of(arriving: np.ndarray, n_arriving: int, heaviest: np.ndarray) -> int:
    """Return the most that the spikes of a step can add to any current."""
    added = 0
    for k in range(n_arriving):
        added += arriving[k, 1] * heaviest[arriving[k, 0]]
    return added


@kernel
def largest(current: np.ndarray) -> int:
    """Return the largest current without its sign."""
    top = 0
    for value in current:
        top = max(top, abs(int(value)))
    return top


@kernel
def keep(table: np.ndarray, t: int, values: np.ndarray) -> None:
    """Write values into a row of a table."""
    for j in range(len(values)):
        table[t, j] = values[j]


@kernel
def run_recording(
    raster: np.ndarray,
    program: tuple[Arrays, Arrays, tuple[int, int, int]],
    state: Arrays,
    kept: Arrays,
    counts: Arrays,
) -> None:
    """Take one recording through the network, from the state it is in to the one it ends in.

    Args:
        raster: spikes of each input in each time step, capped.
        program: wiring, neurons, and number of inputs, hidden and all neurons.
        state: currents, membranes, spikes of the last step; changed.
        kept: outputs; then currents, membranes and spikes of each step, or empty.
        counts: what happened in each step, in the recording, and spikes of each neuron.
    """
    wiring, neurons, (n_in, n_hidden, n_neurons) = program
    run_rows, runs, run_weights, lone_rows, lone_states, lone_weights, heaviest, reach = wiring
    dash_syn, dash, bias, threshold, cap, alias_rows, aliases = neurons
    current, membrane, spikes = state
    outputs, all_currents, all_membranes, all_spikes = kept
    steps, tally, per_neuron = counts
    arriving, sizes = np.empty((n_in + n_hidden, 2), np.int64), (n_hidden, n_neurons)
    fired, inflow = np.empty(n_hidden, np.int64), np.empty(n_neurons, np.int32)
    n_fired, top = list_firing(spikes, fired), largest(current)
    for t in range(len(raster)):
        n = gather_inputs(raster, t, reach, arriving, steps) + n_fired
        gather_hidden(fired, n_fired, spikes, t, reach, arriving, steps)
        deliver(
            arriving,
            n,
            top + bound_of(arriving, n, heaviest),
            run_rows,
            runs,
            run_weights,
            lone_rows,
            lone_states,
            lone_weights,
            current,
            sizes,
            tally,
        )
        top = decay(current, dash_syn, inflow)
        n_fired = evolve(
            membrane,
            spikes,
            dash,
            bias,
            threshold,
            cap,
            alias_rows,
            aliases,
            inflow,
            fired,
            tally,
        )
        steps[t, FIRING] = n_fired
        for j in range(n_neurons):
            per_neuron[j] += spikes[j]
        for j in range(n_hidden, n_neurons):
            outputs[t, j - n_hidden] = spikes[j]
        if len(all_currents) > 0:
            keep(all_currents, t, current)
            keep(all_membranes, t, membrane)
            keep(all_spikes, t, spikes)


@kernel
def run_recordings(  # noqa: PLR0917 (arrays in a tuple cost more than the work)
    rasters: np.ndarray,
    lengths: np.ndarray,
    program: tuple[Arrays, Arrays, tuple[int, int, int]],
    state: Arrays,
    kept: Arrays,
    counts: Arrays,
    rows: tuple[int, int],
) -> None:
    """Take recordings of some rows of a batch through the network, one after the other."""
    current, membrane, spikes = state
    outputs, all_currents, all_membranes, all_spikes = kept
    steps, tally, per_neuron = counts
    for b in range(rows[0], rows[1]):
        n = lengths[b]
        run_recording(
            rasters[b, :n],
            program,
            (current[b], membrane[b], spikes[b]),
            (outputs[b], all_currents[b], all_membranes[b], all_spikes[b]),
            (steps[b], tally[b], per_neuron[b]),
        )
