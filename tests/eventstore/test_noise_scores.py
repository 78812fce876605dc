"""Scores of filters whose scores are known, and noise that is what it says."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.noise_scores import area_under, mix, roc, shot_noise
from eventstore.readers import iter_sources, read_source
from eventstore.testing import events
from eventstore.transforms import BackgroundActivity, EventBatch, SpatiotemporalCorrelation

SENSOR = Sensor(32, 24)


@dataclass(frozen=True)
class ColumnsBelow:
    """Keeps the events left of a column: what it keeps can be told beforehand."""

    limit: int

    def mask(self, batch: EventBatch, sensor: Sensor) -> np.ndarray:
        return np.asarray(batch.events.x < self.limit)


TIMES = [50, 100, 200, 500, 1_000, 2_000, 5_000, 20_000, 100_000]


def background(filter_time_us: int) -> BackgroundActivity:
    return BackgroundActivity(filter_time_us=filter_time_us)


def correlation(filter_time_us: int) -> SpatiotemporalCorrelation:
    return SpatiotemporalCorrelation(filter_time_us=filter_time_us, min_neighbours=2)


def edge(duration: int) -> Events:
    """Return a vertical edge that moves to the right, 24 events every 100 µs."""
    step = np.arange(0, duration, 100)
    t = np.repeat(step, 24)
    return Events.of(t=t, x=t // 1_000 % 32, y=np.tile(np.arange(24), len(step)))


def test_shares_are_those_of_each_kind() -> None:
    signal = Events.of(t=range(10), x=range(10))
    noise = Events.of(t=range(4), x=[0, 5, 6, 20])
    curve = roc(ColumnsBelow, [0, 2, 6, 32], signal, noise, SENSOR)
    assert curve.tpr.tolist() == [0.0, 0.2, 0.6, 1.0]
    assert curve.fpr.tolist() == [0.0, 0.25, 0.5, 1.0]
    # Trapezoids: 0.25·0.1 + 0.25·0.4 + 0.5·0.8.
    assert curve.auc == pytest.approx(0.525)


@given(st.permutations([0, 1, 3, 5, 8, 32]))
def test_the_order_of_the_values_does_not_change_the_area(values: list[int]) -> None:
    signal = Events.of(t=range(10), x=range(10))
    noise = Events.of(t=range(4), x=[0, 5, 6, 20])
    expected = roc(ColumnsBelow, sorted(values), signal, noise, SENSOR)
    found = roc(ColumnsBelow, values, signal, noise, SENSOR)
    assert found.auc == pytest.approx(expected.auc)
    order = np.argsort(values)
    assert np.array_equal(found.tpr[order], expected.tpr)


@given(events(SENSOR), events(SENSOR))
def test_mixing_loses_and_swaps_nothing(signal: Events, noise: Events) -> None:
    both, is_signal = mix(signal, noise)
    assert both[is_signal].equals(signal)
    assert both[~is_signal].equals(noise)
    assert np.all(np.diff(both.t) >= 0)
    same_time = (np.diff(both.t) == 0) & ~is_signal[:-1]
    assert not np.any(is_signal[1:][same_time])


def test_a_filter_that_guesses_scores_a_half() -> None:
    curve = np.linspace(0, 1, 11)
    assert area_under(curve, curve) == pytest.approx(0.5)
    assert area_under(np.empty(0), np.empty(0)) == pytest.approx(0.5)
    assert area_under(np.array([1.0]), np.array([0.0])) == pytest.approx(0.0)


def test_correlation_tells_an_edge_from_noise_and_noise_from_no_noise() -> None:
    noise = shot_noise(SENSOR, t_start=0, t_stop=64_000, rate_hz=10, seed=1)
    other = shot_noise(SENSOR, t_start=0, t_stop=64_000, rate_hz=10, seed=2)
    signal = edge(64_000)
    one, two = (roc(f, TIMES, signal, noise, SENSOR) for f in (background, correlation))
    assert min(one.auc, two.auc) > 0.85
    assert np.all(np.diff(one.fpr) >= 0)  # a longer time keeps more
    guess = roc(background, TIMES, other, noise, SENSOR)
    assert abs(guess.auc - 0.5) < 0.05


def test_real_digits(shared_data: Path) -> None:
    archive, sensor = shared_data / "nmnist-small/Test.zip", Sensor(34, 34)
    areas = []
    for i, item in enumerate(islice(iter_sources(archive), 5)):
        signal = read_source(item.open()).load()
        window = {"t_start": int(signal.t[0]), "t_stop": int(signal.t[-1]) + 1}
        noise = shot_noise(sensor, **window, rate_hz=5, seed=i)
        areas.append([roc(f, TIMES, signal, noise, sensor).auc for f in (background, correlation)])
    one, two = np.mean(areas, axis=0)
    # Two neighbours are better evidence than one.
    assert 0.8 < one < two < 1


def test_noise_has_its_rate_everywhere() -> None:
    # 2 s at 20 Hz on 768 pixels: 40 events a pixel, 30,720 in all (sd 175).
    noise = shot_noise(SENSOR, t_start=1_000, t_stop=2_001_000, rate_hz=20, seed=4)
    assert abs(len(noise) - 30_720) < 5 * 175
    assert np.all(np.diff(noise.t) >= 0)
    assert noise.t.min() >= 1_000
    assert noise.t.max() < 2_001_000
    counts = np.bincount(noise.y.astype(np.int64) * 32 + noise.x, minlength=768)
    assert counts.var() == pytest.approx(40, rel=0.25)  # as of Poisson counts
    assert abs(noise.p.mean() - 0.5) < 5 * 0.5 / 30_720**0.5
    gaps = np.diff(noise.t)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)  # as of exponential ones
    firsts, seconds = np.histogram(noise.t, 2)[0]
    assert abs(int(firsts) - int(seconds)) < 5 * 30_720**0.5


def test_noise_is_that_of_its_seed() -> None:
    first = shot_noise(SENSOR, t_start=0, t_stop=10_000, rate_hz=100, seed=1)
    again = shot_noise(SENSOR, t_start=0, t_stop=10_000, rate_hz=100, seed=1)
    other = shot_noise(SENSOR, t_start=0, t_stop=10_000, rate_hz=100, seed=2)
    longer = shot_noise(SENSOR, t_start=0, t_stop=20_000, rate_hz=100, seed=1)
    assert first.equals(again)
    assert not first.equals(other)
    assert longer[: len(first)].equals(first)


def test_noise_of_audio_has_one_polarity() -> None:
    noise = shot_noise(Sensor.audio(64), t_start=0, t_stop=1_000_000, rate_hz=10, seed=0)
    assert set(noise.p.tolist()) == {1}
    assert set(noise.y.tolist()) == {0}
    assert len(set(noise.x.tolist())) == 64


@pytest.mark.parametrize("window", [(0, 1_000), (5, 5), (5, 0)])
def test_no_rate_or_no_time_makes_no_noise(window: tuple[int, int]) -> None:
    rate = 0.0 if window[1] > window[0] else 50.0
    noise = shot_noise(SENSOR, t_start=window[0], t_stop=window[1], rate_hz=rate, seed=0)
    assert len(noise) == 0


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_rates_without_sense_are_refused(rate: float) -> None:
    with pytest.raises(InvalidInput, match="makes no noise"):
        shot_noise(SENSOR, t_start=0, t_stop=10, rate_hz=rate, seed=0)


def test_both_kinds_are_needed() -> None:
    some, none = Events.of(t=[0], x=[0]), Events.empty()
    with pytest.raises(InvalidInput, match="there is no signal"):
        roc(ColumnsBelow, [1], none, some, SENSOR)
    with pytest.raises(InvalidInput, match="there is no noise"):
        roc(ColumnsBelow, [1], some, none, SENSOR)
