"""The on-chip readout: which class has spiked most, told at every tick of the slow clock.

From the data sheet (§3.2.5): spikes of up to 15 neurons are counted in each period of the slow
clock and averaged over the last 1, 16 or 32 periods; the largest average is compared with a
threshold, and the class is told where it is greater. Class 0 is none. On Speck 2e and 2f, channel
4·k of the last core is class k + 1 (errata).

Not documented, and assumed here: averages are whole numbers, rounded down; periods before the
start count as silent; of equal averages the lowest class wins; channels between those of the errata
are not seen. Only the addressing of one neuron a feature (1 × 1 × 16) is simulated: how the others
order their bits is not documented.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Bool, Int64

from devices.speck.config_options import ReadoutOptions
from devices.speck.event_stream import Spikes
from eventstore.errors import InvalidInput

N_CLASSES = 16
"""Fifteen classes, and none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readout:
    """What the readout tells, one row a tick of the slow clock.

    Args:
        t_us: time of the tick, the end of a period.
        average: average of each class; of class 0 always 0.
        winner: class of the largest average; 0 where all are silent.
        told: whether that average is greater than the threshold: the interrupt pin.
        options: how it was told.
    """

    t_us: Int64[np.ndarray, " n"]
    average: Int64[np.ndarray, "n 16"]
    winner: Int64[np.ndarray, " n"]
    told: Bool[np.ndarray, " n"]
    options: ReadoutOptions

    @property
    def words(self) -> Int64[np.ndarray, " n"]:
        """Values of 21 bits: valid, winner, and 16 bits that depend on the options' output.

        Raises:
            InvalidInput: the output is the average of a selected class: ask `average` for it.
        """
        match self.options.output:
            case "off":
                return np.zeros_like(self.winner)
            case "comparisons":
                above = self.average > self.options.threshold
                low = (above << np.arange(N_CLASSES)).sum(axis=1)
            case "largest average":
                low = self.average.max(axis=1, initial=0) & 0xFFFF
            case _:
                message = f"words of the readout's output {self.options.output!r} hold one class"
                raise InvalidInput(message, hint="take it from average[:, the class]")
        words: np.ndarray = (1 << 20) | (self.winner << 16) | low
        return words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadoutState:
    """A readout in the middle of a stream.

    Args:
        options: threshold and number of periods to average over.
        period_us: period of the slow clock.
        channel_step: distance of the channels that are classes, 4 on Speck 2e and 2f.
        recent: spikes of each class in the periods before the open one, as many as are averaged
            less one.
        current: spikes of each class in the open period.
        tick: index of the open period.
    """

    options: ReadoutOptions
    period_us: int
    channel_step: int
    recent: Int64[np.ndarray, "m 16"]
    current: Int64[np.ndarray, " 16"]
    tick: int

    @classmethod
    def start(cls, options: ReadoutOptions, *, period_us: int, channel_step: int) -> Self:
        """Return a readout that has seen nothing yet.

        Args:
            options: threshold and number of periods to average over.
            period_us: period of the slow clock.
            channel_step: distance of the channels that are classes: 4 for spikes of Speck 2e and
                2f (``spec.readout_channel_step``), 1 for those of a network as it was quantised.

        Raises:
            InvalidInput: an addressing that is not simulated.
        """
        if options.addressing != "1x1x16":
            message = f"the readout's addressing {options.addressing!r} is not simulated"
            raise InvalidInput(message, hint="take '1x1x16': a class a feature of one pixel")
        return cls(
            options=options,
            period_us=period_us,
            channel_step=channel_step,
            recent=np.zeros((options.average_over - 1, N_CLASSES), np.int64),
            current=np.zeros(N_CLASSES, np.int64),
            tick=0,
        )


def read_out(
    state: ReadoutState, spikes: Spikes, *, t_stop_us: int
) -> tuple[Readout, ReadoutState]:
    """Take the next spikes of the last core; tell all ticks up to a time.

    Args:
        state: the readout so far; it stays as it is.
        spikes: spikes of one core, whose neurons are features of one pixel.
        t_stop_us: how far the stream has run, ``t_us`` of its `ChipState`: ticks up to then are
            told, one at that time included.

    Raises:
        InvalidInput: spikes lie before the open period or after ``t_stop_us``, or not on
            one pixel.

    Examples:
        >>> at = np.array([10, 20, 30, 1500])
        >>> zeros = np.zeros(4, np.uint16)
        >>> spikes = Spikes(at, zeros.astype(np.uint8), zeros + np.uint16(8), zeros, zeros)
        >>> start = ReadoutState.start(ReadoutOptions(threshold=2), period_us=1000, channel_step=4)
        >>> told, _ = read_out(start, spikes, t_stop_us=2000)
        >>> told.winner.tolist(), told.told.tolist()
        ([3, 3], [True, False])
    """
    _check_spikes(state, spikes, t_stop_us)
    n = state.options.average_over
    n_ticks = t_stop_us // state.period_us - state.tick
    counts = np.zeros((n_ticks + 1, N_CLASSES), np.int64)
    counts[0] = state.current
    seen = (spikes.c % state.channel_step == 0) & (spikes.c // state.channel_step < N_CLASSES - 1)
    period = spikes.t[seen] // state.period_us - state.tick
    np.add.at(counts, (period, spikes.c[seen].astype(np.int64) // state.channel_step + 1), 1)
    history = np.concatenate([state.recent, counts[:-1]])
    sums = np.concatenate([np.zeros((1, N_CLASSES), np.int64), history.cumsum(axis=0)])
    average = (sums[n:] - sums[:-n])[:n_ticks] // n
    readout = Readout(
        t_us=(state.tick + 1 + np.arange(n_ticks)) * state.period_us,
        average=average,
        winner=average.argmax(axis=1) if n_ticks else np.zeros(0, np.int64),
        told=average.max(axis=1, initial=0) > state.options.threshold,
        options=state.options,
    )
    return readout, ReadoutState(
        options=state.options,
        period_us=state.period_us,
        channel_step=state.channel_step,
        recent=history[len(history) - (n - 1) :],
        current=counts[-1],
        tick=state.tick + n_ticks,
    )


def _check_spikes(state: ReadoutState, spikes: Spikes, t_stop_us: int) -> None:
    begin = state.tick * state.period_us
    if t_stop_us < begin:
        message = f"t_stop_us = {t_stop_us} is before the open period, which began at {begin} µs"
        raise InvalidInput(message, hint="give chunks one after the other in time")
    late = np.flatnonzero((spikes.t < begin) | (spikes.t > t_stop_us))
    if len(late):
        message = f"spike {late[0]} at {spikes.t[late[0]]} µs is not within {begin}–{t_stop_us} µs"
        raise InvalidInput(message, hint="t_stop_us is how far the stream has run: state.t_us")
    off = np.flatnonzero((spikes.y > 0) | (spikes.x > 0))
    if len(off):
        message = f"spike {off[0]} is at row {spikes.y[off[0]]}, column {spikes.x[off[0]]}: the "
        message += "readout takes neurons of one pixel"
        raise InvalidInput(message, hint="end the network in a linear layer")
