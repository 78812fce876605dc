import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.draws import beta, uniform
from eventstore.events import Events, Sensor
from eventstore.loader.event_mix import CELLS, STEPS, EventMix, densities, gaussians, threshold
from eventstore.transforms import EventBatch, RandomKey
from eventstore.transforms.conformance import sample_batch

SENSORS = [Sensor(12, 9), Sensor(50, 40), Sensor(1, 9), Sensor.audio(9)]


def density_by_hand(seed: int, n: int, place: tuple[float, ...], has_say: list[bool]) -> float:
    """Return the sum of Gaussians at a place in the unit cube."""
    total = 0.0
    for g in range(n):
        value = uniform(seed, 64 + 8 * g)
        for axis, at in enumerate(place):
            centre = uniform(seed, 64 + 8 * g + 1 + axis)
            width = 0.05 + 0.45 * uniform(seed, 64 + 8 * g + 4 + axis)
            value *= np.exp(-0.5 * ((at - centre) / width) ** 2) if has_say[axis] else 1.0
        total += value
    return total


Tables = tuple[np.ndarray, np.ndarray, np.ndarray]


def tables(seed: int, n: int, shape: tuple[int, int, int]) -> Tables:
    along_x, along_y, along_t = (gaussians(seed, a, n, size) for a, size in enumerate(shape))
    return along_x, along_y, along_t


@given(
    st.integers(0, 999),
    st.sampled_from(SENSORS),
    st.integers(1, 4),
    st.sampled_from([0.3, 1.0]),
    st.sampled_from([0.4, 1.0]),
)
def test_regions_are_where_gaussians_are_highest(
    seed: int, sensor: Sensor, n: int, alpha: float, probability: float
) -> None:
    batch = sample_batch(sensor, seed=seed)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=-1)
    mixer = EventMix(probability=probability, alpha=alpha, n_gaussians=n)
    found = mixer.regions(batch, sensor, seeds)
    shape = (min(sensor.width, CELLS), min(sensor.height, CELLS), STEPS)
    leaves, enters = np.zeros((2, len(batch.events)), np.bool_)
    near = np.zeros(len(batch.events), np.bool_)
    for b in range(1, len(batch)):
        if uniform(seeds[b], 0) >= probability:
            assert found.share[b] == 0
            continue
        whole = np.empty(shape)
        densities(tables(seeds[b], n, shape), whole)
        least = threshold(whole, beta(seeds[b], 1 << 20, alpha))
        assert found.share[b] == (whole >= least).mean()
        duration = int(batch.t_stop[b] - batch.t_start[b])
        for of, mask in ((b, leaves), (b - 1, enters)):
            for i in range(int(batch.offsets[of]), int(batch.offsets[of + 1])):
                t, x, y, _ = (int(column[i]) for column in batch.events)
                after = t - int(batch.t_start[of])
                if after >= duration:
                    continue
                cell = (
                    x * shape[0] // sensor.width,
                    y * shape[1] // sensor.height,
                    after * STEPS // duration,
                )
                place = tuple((c + 0.5) / size for c, size in zip(cell, shape, strict=True))
                density = density_by_hand(seeds[b], n, place, [size > 1 for size in shape])
                mask[i] = density >= least
                near[i] |= bool(abs(density - least) < 1e-12 * density)
    # Where a density is the threshold itself, the last bit of a sum decides.
    assert np.array_equal(found.leaves | near, leaves | near)
    assert np.array_equal(found.enters | near, enters | near)


@given(st.integers(0, 999), st.floats(0, 1), st.integers(1, 5))
def test_a_region_takes_its_share(seed: int, share: float, n: int) -> None:
    whole = np.empty((32, 32, 16))
    densities(tables(seed, n, whole.shape), whole)
    assert abs((whole >= threshold(whole, share)).mean() - share) < 0.1


def test_all_and_nothing() -> None:
    whole = np.empty((8, 8, 8))
    densities(tables(3, 2, whole.shape), whole)
    assert threshold(whole, 0.0) == np.inf
    assert threshold(whole, 1.0) == whole.min()


@pytest.mark.parametrize("sensor", SENSORS)
def test_windows_without_time_are_no_trouble(sensor: Sensor) -> None:
    batch = EventBatch.of([Events.empty()] * 3, t_start=[5, 5, 5], t_stop=[5, 5, 5])
    seeds = RandomKey().seeds(batch.ids, stage=-1)
    share = EventMix().regions(batch, sensor, seeds).share
    assert np.all((share >= 0) & (share <= 1))


def test_long_windows_lose_no_precision() -> None:
    day = 86_400_000_000
    t = np.arange(0, day, day // 1_000)
    events = Events.of(t=t, x=np.arange(len(t)) % 5, y=np.zeros(len(t), np.uint16))
    batch = EventBatch.of([events, events], t_start=[0, 0], t_stop=[day, day])
    seeds = RandomKey(seed=1).seeds(batch.ids, stage=-1)
    regions = EventMix().regions(batch, Sensor(5, 5), seeds)
    assert np.array_equal(regions.leaves[len(t) :], regions.enters[: len(t)])
    assert regions.enters.any()
