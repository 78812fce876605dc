"""The three saccades: path, rendering, and events like N-MNIST's."""

import numpy as np
import pytest

from eventstore.camera import CameraModel, events_from_video
from eventstore.errors import InvalidInput
from eventstore.saccades import saccade_path, saccade_video


def test_path_is_a_closed_triangle_at_rest_in_its_corners() -> None:
    times = np.arange(0, 300_001, 1000)
    path = saccade_path(times, 2.5)
    assert path[[0, 100, 200, 300]].tolist() == [[-2.5, -2.5], [0, 2.5], [2.5, -2.5], [-2.5, -2.5]]
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert steps[[0, 99, 100, 199, 200, 299]].max() < 0.01
    assert steps.max() == pytest.approx(steps[50], rel=0.2)


def test_frames_move_a_spot_along_the_path() -> None:
    image = np.zeros((9, 9))
    image[4, 4] = 3.0
    frames, times = saccade_video(image, background=0.0)
    assert frames.shape == (101, 34, 34)
    centre = np.arange(34) + 0.5
    mass = frames.sum(axis=(1, 2))
    x, y = (np.einsum("nhw,w->n", frames, centre), np.einsum("nhw,h->n", frames, centre))
    moved = np.stack([x / mass - 17, y / mass - 17], axis=1)
    assert np.abs(moved - saccade_path(times)).max() < 0.05


def test_intensities_run_from_background_to_white() -> None:
    frames, _ = saccade_video(np.eye(8) * 16, background=0.2)
    assert frames.min() == pytest.approx(0.2)
    assert frames.max() == pytest.approx(1.0)


def test_a_black_image_stays_at_the_background_and_makes_no_events() -> None:
    frames, times = saccade_video(np.zeros((8, 8)), background=0.2)
    assert (frames == 0.2).all()
    quiet = CameraModel(noise_rate_hz=0.0, leak_rate_hz=0.0)
    assert len(events_from_video(frames, times, camera=quiet, rng=np.random.default_rng(0))) == 0


def test_a_digit_makes_a_recording_like_n_mnist() -> None:
    digits = pytest.importorskip("sklearn.datasets").load_digits().images[:20]
    rng = np.random.default_rng(0)
    recordings = [events_from_video(*saccade_video(digit), rng=rng) for digit in digits]
    counts = [len(events) for events in recordings]
    assert min(counts) > 2000
    assert max(counts) < 8000
    for events in recordings:
        per_saccade = np.histogram(events.t, 3, (0, 300_000))[0]
        assert per_saccade.min() > 0.15 * len(events)
        assert 0.4 < events.p.mean() < 0.6
        assert max(events.x.max(), events.y.max()) < 34


@pytest.mark.parametrize(
    ("image", "size", "said"),
    [
        (np.zeros((8, 8, 3)), 34, "not \\(8, 8, 3\\)"),
        (np.full((8, 8), -1.0), 34, "intensities from 0 up"),
        (np.zeros((28, 28)), 30, "28 image pixels do not fit the 25 sensor pixels"),
    ],
)
def test_bad_scenes_are_refused(image: np.ndarray, size: int, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        saccade_video(image, size)


def test_frames_no_longer_than_a_saccade() -> None:
    with pytest.raises(InvalidInput, match="frame_us 0"):
        saccade_video(np.zeros((8, 8)), frame_us=0)
