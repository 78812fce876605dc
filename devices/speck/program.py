"""A quantised network laid out as flat arrays, as the event-driven simulator runs it.

Each core becomes one record; weights, biases, states and the tables of what an event reaches lie
end to end. A network is laid out once and run on as many streams as needed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from devices.results import Link, QuantizedGraph
from devices.speck.run_tables import bias_run, reach_across, reach_down, weight_runs
from devices.speck.sim_settings import SimSettings
from eventstore.errors import DoesNotFit, NotFound

NEVER = np.iinfo(np.int64).max

FIXED = (
    "features", "rows", "row_length", "threshold", "low", "to_zero", "keep", "monitored", "biased",
    "stride_y", "kernel_rows", "weight_row", "first_weight", "first_bias", "first_neuron",
    "first_column", "first_row", "first_link", "n_links",
)  # fmt: skip
"""What a core is: sizes, neuron, and where its parts begin in the arrays of all cores.

``row_length`` neurons lie in a row; ``weight_row`` weights belong to one kernel row of one feature;
of ``keep`` spikes one leaves the core.
"""

COUNTED = ("received", "synops", "spikes", "sent", "decimated", "window_synops", "peak_synops")
"""What a core did so far; ``decimated`` spikes were dropped since the last that was let through."""

WORKING = ("waiting", "following", "next_link")
"""Spikes of a core that wait to be followed, which of them is, and to which destination next."""

CORE = np.dtype([(name, np.int64) for name in (*FIXED, *COUNTED, *WORKING)])

LINK = np.dtype([(name, np.int64) for name in ("target", "pool", "height", "width", "shift")])
"""One destination: core, pooling, the size of the map it takes, what is added to the feature."""


class Wiring(NamedTuple):
    """What of a network does not change while it runs.

    Args:
        links: one record a destination, those of the input first.
        weights: weights of all cores, then their biases.
        reach: what an event at a column or row of a core's map reaches.
    """

    links: np.ndarray
    weights: np.ndarray
    reach: np.ndarray


class Memory(NamedTuple):
    """What changes while a network runs.

    Args:
        cores: one record a core, in topological order.
        membrane: states of all neurons.
        neurons: for each neuron its spikes so far, and a place in the list of spikes to follow.
        clock: next tick of the slow clock, its period, end of the window, length of a window.
    """

    cores: np.ndarray
    membrane: np.ndarray
    neurons: np.ndarray
    clock: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Program:
    """A network ready to run event by event.

    Args:
        q: the network it was made from.
        settings: how it is run.
        wiring: its arrays.
        cores: its cores before the first event.
    """

    q: QuantizedGraph
    settings: SimSettings
    wiring: Wiring
    cores: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """Name of the layer of each core, in topological order."""
        return tuple(layer.name for layer in self.q.layers)

    @property
    def n_neurons(self) -> int:
        """Number of neurons of all cores."""
        return sum(int(np.prod(layer.neuron_shape)) for layer in self.q.layers)

    def place_of(self, name: str) -> int:
        """Return the index of a layer."""
        if name not in self.names:
            raise NotFound.among("layer", name, self.names)  # noqa: EM101 (a word of the message)
        return self.names.index(name)

    def new_memory(self) -> Memory:
        """Return the memory of a network that has seen nothing yet."""
        ticks = 0 if self.cores["biased"].any() else NEVER
        window = self.settings.window_us
        return Memory(
            cores=self.cores.copy(),
            membrane=np.zeros(self.n_neurons, np.int16),
            neurons=np.zeros((self.n_neurons, 2), np.int64),
            clock=np.array([ticks, self.settings.slow_clock_us, window, window], np.int64),
        )


def compile_program(q: QuantizedGraph, settings: SimSettings | None = None) -> Program:
    """Lay a network out for the event-driven simulator.

    Args:
        q: the network in integers.
        settings: order of events, clocks, monitored layers, decimators; None: those of the chip.

    Raises:
        DoesNotFit: a threshold is not positive, or not above the lower bound.
        NotFound: settings name a layer that the network does not have.
    """
    settings = settings or SimSettings()
    _check_names((*(settings.monitor or ()), *settings.decimate), q)
    check_neurons(q)
    links = [*q.out_of(None), *(link for layer in q.layers for link in q.out_of(layer.name))]
    weights = [weight_runs(layer).ravel() for layer in q.layers]
    biases = [bias_run(layer) for layer in q.layers]
    columns = [reach_across(layer) for layer in q.layers]
    rows = [reach_down(layer) for layer in q.layers]
    cores = _core_table(q, settings)
    cores["first_weight"], cores["first_bias"] = _begins(weights, biases)
    cores["first_column"], cores["first_row"] = _begins(columns, rows)
    cores["biased"] = [len(bias) > 0 for bias in biases]
    return Program(
        q=q,
        settings=settings,
        wiring=Wiring(
            links=_link_table(q, links),
            weights=np.concatenate([*weights, *biases]),
            reach=np.concatenate([*columns, *rows]),
        ),
        cores=cores,
    )


def _check_names(names: Iterable[str], q: QuantizedGraph) -> None:
    known = [layer.name for layer in q.layers]
    for name in names:
        if name not in known:
            raise NotFound.among("layer", name, known)  # noqa: EM101 (a word of the message)


def check_neurons(q: QuantizedGraph) -> None:
    """Refuse a network with neurons that would fire without end, or without being reached."""
    for layer in q.layers:
        if layer.threshold < 1:
            message = f"threshold {layer.threshold} of layer {layer.name!r} is not positive"
            raise DoesNotFit(message, hint="see check(): the threshold rounds to zero")
        if layer.lower_bound >= layer.threshold:
            message = f"layer {layer.name!r} has the lower bound {layer.lower_bound}, which is not "
            message += f"below its threshold {layer.threshold}"
            raise DoesNotFit(message, hint="lower min_v_mem of its neurons")


def _core_table(q: QuantizedGraph, settings: SimSettings) -> np.ndarray:
    monitored = q.output_names if settings.monitor is None else settings.monitor
    table = np.zeros(len(q.layers), CORE)
    neuron, link = 0, len(q.out_of(None))
    for core, layer in zip(table, q.layers, strict=True):
        features, rows, columns = layer.neuron_shape
        core["features"], core["rows"], core["row_length"] = features, rows, columns * features
        core["threshold"], core["low"] = layer.threshold, layer.lower_bound
        core["to_zero"] = layer.reset == "zero"
        core["keep"] = settings.decimate.get(layer.name, 1)
        core["monitored"] = layer.name in monitored
        core["stride_y"], core["kernel_rows"] = layer.stride[0], layer.weight.shape[2]
        core["weight_row"] = weight_runs(layer)[0, 0].size
        core["first_neuron"], core["first_link"] = neuron, link
        core["n_links"] = len(q.out_of(layer.name))
        neuron += features * rows * columns
        link += core["n_links"]
    return table


def _link_table(q: QuantizedGraph, links: Iterable[Link]) -> np.ndarray:
    place = {layer.name: at for at, layer in enumerate(q.layers)}
    shapes = [layer.input_shape for layer in q.layers]
    rows = [
        (place[link.target], link.pool, *shapes[place[link.target]][1:], link.feature_shift)
        for link in links
    ]
    return np.array(rows, LINK)


def _begins(*kinds: list[np.ndarray]) -> np.ndarray:
    """Return where each array begins when all of the first kind lie end to end, then the next."""
    lengths = [len(array) for arrays in kinds for array in arrays]
    return (np.cumsum(lengths) - lengths).reshape(len(kinds), -1)
