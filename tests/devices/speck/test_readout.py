"""The on-chip readout, against a plain count."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.speck.config_options import ReadoutOptions
from devices.speck.event_stream import Spikes
from devices.speck.readout import Readout, ReadoutState, read_out
from eventstore.errors import InvalidInput


def spikes_of(times: list[int], channels: list[int], x: int = 0) -> Spikes:
    zeros = np.zeros(len(times), np.uint16)
    t, c = np.array(times, np.int64), np.array(channels, np.uint16)
    return Spikes(t, zeros.astype(np.uint8), c, zeros, zeros + np.uint16(x))


def plain(spikes: Spikes, options: ReadoutOptions, period: int, n_ticks: int) -> list[list[int]]:
    """Return for each tick the winner, whether it is told, and all averages."""
    rows = []
    for tick in range(1, n_ticks + 1):
        sums = [0] * 16
        for t, c in zip(spikes.t.tolist(), spikes.c.tolist(), strict=True):
            if (
                c % 4 == 0
                and c <= 56
                and (tick - options.average_over) * period <= t < tick * period
            ):
                sums[c // 4 + 1] += 1
        average = [total // options.average_over for total in sums]
        winner = average.index(max(average))
        rows.append([winner, max(average) > options.threshold, *average])
    return rows


def rows_of(readout: Readout) -> list[list[int]]:
    return [
        [int(winner), bool(told), *average.tolist()]
        for winner, told, average in zip(readout.winner, readout.told, readout.average, strict=True)
    ]


@settings(max_examples=40)
@given(
    seed=st.integers(0, 1000),
    over=st.sampled_from([1, 16, 32]),
    threshold=st.integers(0, 3),
    cut=st.integers(0, 1000),
)
def test_chunks_tell_what_a_plain_count_tells(
    seed: int, over: int, threshold: int, cut: int
) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 2000))
    times = np.sort(rng.integers(0, 1000, n))
    spikes = spikes_of(times.tolist(), rng.choice([0, 3, 4, 8, 56, 60], n).tolist())
    options = ReadoutOptions(threshold=threshold, average_over=over)  # type: ignore[arg-type]
    state, told, begin = ReadoutState.start(options, period_us=30, channel_step=4), [], 0
    for stop in (cut, 1000):
        own = slice(*np.searchsorted(times, [begin, stop]))
        part = spikes_of(times[own].tolist(), spikes.c[own].tolist())
        readout, state = read_out(state, part, t_stop_us=stop)
        told += rows_of(readout)
        begin = stop
    assert told == plain(spikes, options, 30, 1000 // 30)


def test_ticks_are_the_ends_of_periods() -> None:
    state = ReadoutState.start(ReadoutOptions(), period_us=100, channel_step=4)
    readout, _ = read_out(state, spikes_of([50, 60], [0, 0]), t_stop_us=250)
    assert readout.t_us.tolist() == [100, 200]
    assert readout.winner.tolist() == [1, 0]


def test_a_spike_at_a_tick_counts_to_the_next_period() -> None:
    state = ReadoutState.start(ReadoutOptions(), period_us=100, channel_step=4)
    readout, state = read_out(state, spikes_of([99, 100], [0, 4]), t_stop_us=100)
    assert readout.winner.tolist() == [1]
    assert read_out(state, spikes_of([], []), t_stop_us=200)[0].winner.tolist() == [2]


def test_without_errata_each_channel_is_a_class() -> None:
    state = ReadoutState.start(ReadoutOptions(), period_us=100, channel_step=1)
    readout, _ = read_out(state, spikes_of([50, 60, 70], [2, 2, 14]), t_stop_us=100)
    assert readout.average[0, [3, 15]].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("output", "word"),
    [("off", 0), ("comparisons", 0x130008), ("largest average", 0x130002)],
)
def test_words_have_21_bits(output: str, word: int) -> None:
    options = ReadoutOptions(output=output)  # type: ignore[arg-type]
    state = ReadoutState.start(options, period_us=100, channel_step=4)
    readout, _ = read_out(state, spikes_of([50, 60, 70], [8, 8, 4]), t_stop_us=100)
    assert readout.words.tolist() == [word]


def test_what_cannot_be_told_is_refused() -> None:
    with pytest.raises(InvalidInput, match="addressing '4x4x1' is not simulated"):
        ReadoutState.start(ReadoutOptions(addressing="4x4x1"), period_us=100, channel_step=4)
    state = ReadoutState.start(
        ReadoutOptions(output="selected average"), period_us=100, channel_step=4
    )
    readout, later = read_out(state, spikes_of([], []), t_stop_us=100)
    with pytest.raises(InvalidInput, match="'selected average' hold one class"):
        _ = readout.words
    with pytest.raises(InvalidInput, match="spike 0 at 101 µs is not within 0–100 µs"):
        read_out(state, spikes_of([101], [0]), t_stop_us=100)
    with pytest.raises(InvalidInput, match=re.escape("before the open period, which began at 100")):
        read_out(later, spikes_of([], []), t_stop_us=99)
    with pytest.raises(InvalidInput, match="spike 0 is at row 0, column 3"):
        read_out(state, spikes_of([1], [0], x=3), t_stop_us=100)
