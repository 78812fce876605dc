"""The event-camera model: counts, times and signs from first principles; noise and dead time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.camera import IDEAL, CameraModel, events_from_video
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events


def _ideal(**changes: float) -> CameraModel:
    return CameraModel.from_dict(IDEAL.to_dict() | {"log_floor": 1e-9} | changes)


def _record(
    levels: list[float] | np.ndarray, camera: CameraModel, *, step_us: int = 1000, seed: int = 0
) -> Events:
    """Record a video given as log intensities, one pixel where it is a list."""
    frames = np.exp(np.asarray(levels, np.float64))
    frames = frames.reshape(-1, 1, 1) if frames.ndim == 1 else frames
    times = np.arange(len(frames), dtype=np.int64) * step_us
    return events_from_video(frames, times, camera=camera, rng=np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("change", "count", "polarity"), [(1.1, 5, 1), (-1.1, 5, 0), (0.19, 0, 1), (0.0, 0, 1)]
)
def test_a_step_gives_one_event_per_threshold_crossed(
    change: float, count: int, polarity: int
) -> None:
    events = _record([0.0, change], _ideal(contrast_threshold=0.2))
    assert events.p.tolist() == [polarity] * count


def test_crossings_are_stamped_where_the_line_between_frames_meets_the_threshold() -> None:
    events = _record([0.0, 1.0], _ideal(contrast_threshold=0.3), step_us=10_000)
    assert events.t.tolist() == [3000, 6000, 9000]


def test_the_reference_is_kept_from_frame_to_frame() -> None:
    # 0.15 alone fires nothing; twice crosses 0.2 after a third of the second step.
    events = _record([0.0, 0.15, 0.30, 0.15], _ideal(contrast_threshold=0.2), step_us=900)
    assert (events.t.tolist(), events.p.tolist()) == ([1200], [1])


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=8), st.floats(0.05, 1.0))
def test_events_sum_up_to_the_signal(levels: list[float], threshold: float) -> None:
    events = _record(levels, _ideal(contrast_threshold=threshold))
    followed = threshold * (2.0 * events.p - 1.0).sum()
    assert abs(levels[-1] - levels[0] - followed) < threshold * (1 + 1e-6)


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_pixels_are_independent_and_times_sorted(seed: int, n: int) -> None:
    levels = np.random.default_rng(seed).normal(size=(n, 3, 4))
    events = _record(levels, _ideal())
    assert (np.diff(events.t) >= 0).all()
    mirrored = _record(levels[:, :, ::-1], _ideal())
    assert _as_set(mirrored, mirror=3) == _as_set(events)


@given(st.integers(0, 10**6))
def test_a_video_with_its_steps_halved_gives_the_same_events(seed: int) -> None:
    levels = np.random.default_rng(seed).normal(size=(4, 2, 2))
    halves = np.repeat(levels, 2, axis=0)[:-1]
    halves[1::2] = (levels[:-1] + levels[1:]) / 2
    whole, split = _record(levels, _ideal(), step_us=2000), _record(halves, _ideal())
    assert len(whole) == len(split)
    assert np.abs(whole.t - split.t).max(initial=0) <= 1  # rounding of the interpolation


def _as_set(events: Events, mirror: int | None = None) -> set[tuple[int, ...]]:
    x = events.x if mirror is None else mirror - events.x
    return set(zip(*(c.tolist() for c in (events.t, x, events.y, events.p)), strict=True))


def test_coordinates_are_column_and_row() -> None:
    frames = np.ones((2, 3, 5))
    frames[1, 2, 4] = 1.3
    events = events_from_video(
        frames, np.array([0, 10]), camera=IDEAL, rng=np.random.default_rng(0)
    )
    assert (events.x.tolist(), events.y.tolist()) == ([4], [2])


def test_events_within_the_refractory_time_are_lost() -> None:
    free = _record([0.0, 10.05], _ideal(contrast_threshold=0.1))
    assert len(free) == 100
    assert set(np.diff(free.t)) == {9, 10}
    tired = _record([0.0, 10.05], _ideal(contrast_threshold=0.1, refractory_us=95))
    assert (np.diff(tired.t) >= 95).all()
    assert len(tired) == 10


def test_refractory_time_is_per_pixel_and_covers_noise() -> None:
    camera = _ideal(noise_rate_hz=1e4, refractory_us=200)
    events = _record(np.zeros((11, 4, 4)), camera)
    pixel = events.y.astype(int) * 4 + events.x
    for i in range(16):
        assert (np.diff(events.t[pixel == i]) >= 200).all()
    assert (np.diff(events.t) < 200).any()


def test_noise_has_its_rate_and_both_polarities() -> None:
    events = _record(np.zeros((101, 32, 32)), _ideal(noise_rate_hz=50.0))
    expected = 50.0 * 0.1 * 32 * 32
    assert abs(len(events) - expected) < 5 * expected**0.5
    assert 0.4 < events.p.mean() < 0.6
    assert (events.x.max(), events.y.max()) == (31, 31)


def test_leak_fires_on_events_in_the_dark_at_its_rate() -> None:
    events = _record(np.full((3, 1, 1), -1.0), _ideal(leak_rate_hz=2.0), step_us=1_000_000)
    assert events.p.tolist() == [1] * 4
    assert np.abs(events.t - [500_000, 1_000_000, 1_500_000, 2_000_000]).max() <= 1


def test_thresholds_differ_from_pixel_to_pixel_around_their_mean() -> None:
    levels = np.zeros((2, 40, 40))
    levels[1] = 4.1
    even = _record(levels, _ideal(contrast_threshold=0.2))
    uneven = _record(levels, _ideal(contrast_threshold=0.2, threshold_sigma=0.03))
    per_pixel = np.bincount(uneven.y.astype(int) * 40 + uneven.x, minlength=1600)
    assert per_pixel.std() > 2
    assert abs(len(uneven) / len(even) - 1) < 0.05


def test_the_same_seed_gives_the_same_events_and_another_others() -> None:
    levels = np.random.default_rng(3).normal(size=(5, 6, 6))
    one, same, other = (_record(levels, CameraModel(), seed=seed) for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


@pytest.mark.parametrize(
    ("frames", "times", "said"),
    [
        (np.ones((1, 2, 2)), [0], "two frames or more"),
        (np.ones((2, 2)), [0, 1], "two frames or more"),
        (np.ones((2, 2, 2)), [0], "1 times for 2 frames"),
        (np.ones((2, 2, 2)), [5, 5], "do not increase"),
        (-np.ones((2, 2, 2)), [0, 1], r"-1\.0 … -1\.0"),
        (np.full((2, 2, 2), np.nan), [0, 1], "nan"),
    ],
)
def test_bad_videos_are_refused(frames: np.ndarray, times: list[int], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as e:
        events_from_video(frames, np.array(times), rng=np.random.default_rng(0))
    assert e.value.hint


@pytest.mark.parametrize(
    "bad", [{"contrast_threshold": 0.0}, {"log_floor": 0.0}, {"noise_rate_hz": -1.0}]
)
def test_bad_models_are_refused_with_the_field(bad: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(bad))):
        CameraModel.from_dict(bad)


def test_model_round_trips_and_names_a_misspelt_field() -> None:
    assert CameraModel.from_dict(CameraModel().to_dict()) == CameraModel()
    with pytest.raises(NotFound, match="no field of CameraModel 'contrast'") as e:
        CameraModel.from_dict({"contrast": 0.2})
    assert "contrast_threshold" in str(e.value)
