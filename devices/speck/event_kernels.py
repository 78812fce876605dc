r"""Kernels that take events one by one through the cores of a chip.

One event adds one weight to each neuron it reaches, and a neuron fires at most once for it:

$$
v \leftarrow \min(v + w, 2^{15} - 1), \quad s = [v \ge \theta], \quad
v \leftarrow \max(v - \theta s, low)
$$

Weights lie as (input feature, kernel row, phase, column, output feature), columns from right to
left, where the phase is the place of the event within a stride: what an event adds to a row of
neurons is one run of bytes, as the states of that row are one run of 16-bit words. Adding and
comparing a run are vector instructions; only a run in which a neuron fires is looked at one by one.
Where runs begin and how long they are comes from tables (`devices.speck.run_tables`), one entry an
input row and column, so that no geometry is left here.

Arrays are arguments of their own, not fields: to take an array out of a tuple counts a reference,
which costs more than to add a run. All kernels are in this file: machine code is cached by the file
of the kernel that is called.
"""

from typing import TypeAlias

import numpy as np

from eventstore.jit import kernel

Place: TypeAlias = tuple[int, int, int]
"""Feature, row and column; or one of the two below in place of the feature."""

NOWHERE = -1
"""The spike falls on a border that fills no window."""

TICK = -2
"""The slow clock ticks."""


@kernel
def add_run(
    states: np.ndarray, added: np.ndarray, run: tuple[int, int, int], neuron: tuple[int, int]
) -> bool:
    """Add to a run of states, saturating; say whether any has come up to the threshold.

    Args:
        states: all of them.
        added: all weights and biases.
        run: first state, first weight, length.
        neuron: threshold and lower bound.
    """
    # Indices without a sign need no look at whether they count from the end: that breaks vectors.
    state, weight = np.uint64(run[0]), np.uint64(run[1])
    reached, bound, hit = np.int16(neuron[0]), np.int16(neuron[1]), np.int16(0)
    for i in range(np.uint64(run[2])):
        wide = np.int32(states[state + i]) + np.int32(added[weight + i])
        v = max(np.int16(min(max(wide, np.int32(-32768)), np.int32(32767))), bound)
        hit |= np.int16(v >= reached)
        states[state + i] = v
    return bool(hit)


@kernel
def fire_run(
    core: np.record, membrane: np.ndarray, neurons: np.ndarray, begin: int, end: int
) -> None:
    """Let neurons of a run fire; those spikes that leave the core wait to be followed."""
    for neuron in range(begin, end):
        v = membrane[neuron]
        if v >= core.threshold:
            membrane[neuron] = max(0 if core.to_zero else v - core.threshold, core.low)
            neurons[neuron, 0] += 1
            core.spikes += 1
            core.decimated += 1
            if core.decimated >= core.keep:
                core.decimated = 0
                core.sent += 1
                neurons[core.first_neuron + core.waiting, 1] = neuron - core.first_neuron
                core.waiting += 1


@kernel
def take(  # noqa: PLR0917 (arrays in a tuple cost more than the work)
    core: np.record,
    place: Place,
    weights: np.ndarray,
    reach: np.ndarray,
    membrane: np.ndarray,
    neurons: np.ndarray,
) -> None:
    """Add an event to a core, or its biases at a tick of the slow clock, row of neurons by row."""
    core.waiting = core.following = core.next_link = 0
    begin, weight, length = core.first_neuron, core.first_bias, core.row_length
    n_rows, back = core.rows, 0
    if place[0] == TICK:
        n_rows *= core.biased
    else:
        column, row = core.first_column + place[2], core.first_row + place[1]
        length, n_rows, back = reach[column, 2], reach[row, 1], core.stride_y * core.weight_row
        begin += reach[column, 0] + reach[row, 0] * core.row_length
        kernel_row = place[0] * core.kernel_rows + reach[row, 2]
        weight = core.first_weight + reach[column, 1] + kernel_row * core.weight_row
        core.received += 1
        core.synops += length * n_rows
        core.window_synops += length * n_rows
    neuron = (core.threshold, core.low)
    for _ in range(n_rows):
        if add_run(membrane, weights, (begin, weight, length), neuron):
            fire_run(core, membrane, neurons, begin, begin + length)
        begin += core.row_length
        weight -= back


@kernel
def place_of(core: np.record, neuron: int) -> Place:
    """Return where a neuron of a core is."""
    row = neuron // core.row_length
    rest = neuron - row * core.row_length
    column = rest // core.features
    return rest - column * core.features, row, column


@kernel
def pooled_place(link: np.record, place: Place) -> Place:
    """Return where a spike lands at a destination; nowhere on a border that fills no window."""
    y, x = place[1], place[2]
    if link.pool > 1:
        y, x = y // link.pool, x // link.pool
    if y >= link.height or x >= link.width:
        return NOWHERE, 0, 0
    return place[0] + link.shift, y, x


@kernel
def record(table: np.ndarray, n: int, t: int, core_at: int, place: Place) -> np.ndarray:
    """Write a spike (t, core, feature, row, column) at row n; return the table, maybe grown."""
    if n == len(table):
        grown = np.empty((2 * n, 5), np.int64)
        grown[:n] = table
        table = grown
    table[n, 0] = t
    table[n, 1] = core_at
    table[n, 2] = place[0]
    table[n, 3] = place[1]
    table[n, 4] = place[2]
    return table


@kernel
def roll_window(cores: np.ndarray, clock: np.ndarray, t: int) -> None:
    """Close the window of operations that a time is past, and begin the one that it is in."""
    if t < clock[2]:
        return
    for core_at in range(len(cores)):
        core = cores[core_at]
        core.peak_synops = max(core.peak_synops, core.window_synops)
        core.window_synops = 0
    clock[2] = (t // clock[3] + 1) * clock[3]


@kernel
def next_input(
    cores: np.ndarray, links: np.ndarray, events: np.ndarray, clock: np.ndarray, todo: np.ndarray
) -> tuple[int, Place]:
    """Return what comes from outside next: a core and a place; core −1 at the end.

    At a tick of the slow clock the last core comes first: it ticks before spikes that the tick
    causes reach it. An event comes once for each destination of the input.

    Args:
        cores: one record a core; the links of the input come before those of the first core.
        links: one record a destination.
        events: rows (t, feature, row, column).
        clock: next tick, period, end of the window, length of a window.
        todo: next event, next link, cores that have yet to tick, the time, where to stop.
    """
    while True:
        if todo[2] > 0:
            todo[2] -= 1
            return todo[2], (TICK, 0, 0)
        at_end = todo[0] == len(events)
        t = todo[4] - 1 if at_end else events[todo[0], 0]
        if todo[1] == 0:
            if clock[0] <= t:
                todo[2], todo[3] = len(cores), clock[0]
                roll_window(cores, clock, clock[0])
                clock[0] += clock[1]
                continue
            if at_end:
                return -1, (NOWHERE, 0, 0)
            todo[3] = t
            roll_window(cores, clock, t)
        link = links[todo[1]]
        event = todo[0]
        todo[1] += 1
        if todo[1] == cores[0].first_link:
            todo[0], todo[1] = event + 1, 0
        place = (events[event, 1], events[event, 2], events[event, 3])
        return link.target, pooled_place(link, place)


@kernel
def run_depth_first(
    wiring: tuple[np.ndarray, ...], memory: tuple[np.ndarray, ...], events: np.ndarray, t_stop: int
) -> np.ndarray:
    """Take events, each spike followed to the end, through all destinations, before the next.

    Args:
        wiring: links, weights and reach of a `devices.speck.program.Program`.
        memory: cores, membrane, neurons and clock of a `devices.speck.program.Memory`; changed.
        events: rows (t, feature, row, column), by time.
        t_stop: time up to which the slow clock runs on after the last event.

    Returns: spikes (t, core, feature, row, column) of monitored cores, in the order they fired.
    """
    links, weights, reach = wiring
    cores, membrane, neurons, clock = memory
    todo = np.array([0, 0, 0, 0, t_stop])
    stack, depth = np.empty(len(cores), np.int64), 0
    table, n = np.empty((1024, 5), np.int64), 0
    while True:
        if depth == 0:
            target, place = next_input(cores, links, events, clock, todo)
            if target < 0:
                break
        else:
            core = cores[stack[depth - 1]]
            if core.following == core.waiting:
                depth -= 1
                continue
            place = place_of(core, neurons[core.first_neuron + core.following, 1])
            if core.next_link == 0 and core.monitored:
                table = record(table, n, todo[3], stack[depth - 1], place)
                n += 1
            if core.next_link == core.n_links:
                core.following += 1
                core.next_link = 0
                continue
            link = links[core.first_link + core.next_link]
            core.next_link += 1
            target, place = link.target, pooled_place(link, place)
        if place[0] == NOWHERE:
            continue
        take(cores[target], place, weights, reach, membrane, neurons)
        if cores[target].waiting > 0:
            stack[depth] = target
            depth += 1
    return table[:n]


@kernel
def post(inbox: np.ndarray, n_waiting: np.ndarray, target: int, place: Place) -> np.ndarray:
    """Put a spike into the inbox of a core; return the inboxes, grown if need be."""
    at = n_waiting[target]
    if at == inbox.shape[1]:
        grown = np.empty((inbox.shape[0], 2 * at, 3), np.int64)
        grown[:, :at] = inbox
        inbox = grown
    inbox[target, at, 0] = place[0]
    inbox[target, at, 1] = place[1]
    inbox[target, at, 2] = place[2]
    n_waiting[target] += 1
    return inbox


@kernel
def post_on(
    core: np.record,
    links: np.ndarray,
    neurons: np.ndarray,
    inbox: np.ndarray,
    n_waiting: np.ndarray,
) -> np.ndarray:
    """Send the waiting spikes of a core to all destinations; return the inboxes."""
    for i in range(core.waiting):
        place = place_of(core, neurons[core.first_neuron + i, 1])
        for link_at in range(core.first_link, core.first_link + core.n_links):
            landed = pooled_place(links[link_at], place)
            if landed[0] != NOWHERE:
                inbox = post(inbox, n_waiting, links[link_at].target, landed)
    return inbox


@kernel
def run_breadth_first(
    wiring: tuple[np.ndarray, ...], memory: tuple[np.ndarray, ...], events: np.ndarray, t_stop: int
) -> np.ndarray:
    """Take events, all spikes of a core before any of the next core.

    Between two events all is done. Cores come in topological order, and a core takes what its
    sources sent in the order it was sent. Arguments and what is returned: as `run_depth_first`.
    """
    links, weights, reach = wiring
    cores, membrane, neurons, clock = memory
    todo = np.array([0, 0, 0, 0, t_stop])
    inbox, n_waiting = np.empty((len(cores), 64, 3), np.int64), np.zeros(len(cores), np.int64)
    table, n = np.empty((1024, 5), np.int64), 0
    while True:
        target, place = next_input(cores, links, events, clock, todo)
        if target < 0:
            break
        if place[0] != NOWHERE:
            inbox = post(inbox, n_waiting, target, place)
        if todo[1] > 0 or todo[2] > 0:
            continue  # more of the same event, or of the same tick
        for core_at in range(len(cores)):
            core = cores[core_at]
            for i in range(n_waiting[core_at]):
                place = (inbox[core_at, i, 0], inbox[core_at, i, 1], inbox[core_at, i, 2])
                take(core, place, weights, reach, membrane, neurons)
                for j in range(core.waiting * core.monitored):
                    spike = place_of(core, neurons[core.first_neuron + j, 1])
                    table = record(table, n, todo[3], core_at, spike)
                    n += 1
                inbox = post_on(core, links, neurons, inbox, n_waiting)
            n_waiting[core_at] = 0
    return table[:n]
