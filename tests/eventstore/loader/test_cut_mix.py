import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.draws import beta, uniform
from eventstore.events import Events, Sensor
from eventstore.loader.cut_mix import CutMix, box_side
from eventstore.transforms import EventBatch, RandomKey
from eventstore.transforms.conformance import sample_batch

SENSORS = [Sensor(12, 9), Sensor(1, 9), Sensor.audio(9)]


@given(
    st.integers(0, 999),
    st.sampled_from(SENSORS),
    st.booleans(),
    st.sampled_from([0.2, 1.0, 5.0]),
    st.sampled_from([0.4, 1.0]),
)
def test_boxes_are_those_of_the_paper(
    seed: int, sensor: Sensor, in_time: bool, alpha: float, probability: float
) -> None:
    batch = sample_batch(sensor, seed=seed)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=-1)
    mixer = CutMix(probability=probability, alpha=alpha, in_time=in_time)
    found = mixer.regions(batch, sensor, seeds)
    leaves, enters = np.zeros((2, len(batch.events)), np.bool_)
    share = np.zeros(len(batch))
    axes = [size for size in (sensor.width, sensor.height) if size > 1]
    for b in range(1, len(batch)):
        if uniform(seeds[b], 0) >= probability:
            continue
        duration = int(batch.t_stop[b] - batch.t_start[b])
        side = beta(seeds[b], 8, alpha) ** (1 / (len(axes) + in_time))

        def along(draw: int, size: int, wide: bool) -> tuple[int, int]:
            return box_side((seeds[b], draw), side, size) if wide else (0, size)  # noqa: B023

        x_box = along(1, sensor.width, sensor.width > 1)
        y_box = along(2, sensor.height, sensor.height > 1)
        t_box = along(3, duration, in_time)
        sizes = (sensor.width, sensor.height, duration)
        share[b] = np.prod(
            [(hi - lo) / n for (lo, hi), n in zip((x_box, y_box, t_box), sizes, strict=True)]
        )
        for of, mask in ((b, leaves), (b - 1, enters)):
            for i in range(int(batch.offsets[of]), int(batch.offsets[of + 1])):
                t, x, y, _ = (int(column[i]) for column in batch.events)
                mask[i] = (
                    t_box[0] <= t - batch.t_start[of] < t_box[1]
                    and x_box[0] <= x < x_box[1]
                    and y_box[0] <= y < y_box[1]
                )
    assert np.array_equal(found.leaves, leaves)
    assert np.array_equal(found.enters, enters)
    assert np.allclose(found.share, share)


@given(st.integers(0, 1 << 62), st.floats(0, 1), st.integers(1, 1 << 40))
def test_sides_lie_on_the_axis(seed: int, share: float, size: int) -> None:
    low, high = box_side((seed, 1), share, size)
    assert 0 <= low <= high <= size
    assert high - low <= np.floor(share * size + 0.5)
    if share == 1:
        assert high - low >= size // 2  # centred on a corner, a quarter of the sensor stays


def test_the_middle_of_a_box_is_anywhere() -> None:
    sides = [box_side((seed, 1), 0.2, 10) for seed in range(500)]
    assert set(sides) == {(0, 1), *((low, low + 2) for low in range(9))}


@pytest.mark.parametrize("in_time", [False, True])
def test_windows_without_time_are_no_trouble(in_time: bool) -> None:
    batch = EventBatch.of([Events.empty()] * 3, t_start=[5, 5, 5], t_stop=[5, 5, 5])
    seeds = RandomKey().seeds(batch.ids, stage=-1)
    share = CutMix(in_time=in_time).regions(batch, Sensor(4, 4), seeds).share
    assert np.all((share >= 0) & (share <= 1))
    assert not (in_time and share.any())
