"""The sensor layer: vectors of a peer, and events that agree with frames."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.speck.sensor import SensorLayer
from eventstore.errors import InvalidInput
from eventstore.events import Events

CHOICES = st.builds(
    SensorLayer,
    merge_polarities=st.booleans(),
    pool=st.tuples(st.sampled_from([1, 2, 4]), st.sampled_from([1, 2, 4])),
    crop=st.none()
    | st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(10, 32), st.integers(10, 32)),
    flip_x=st.booleans(),
    flip_y=st.booleans(),
    swap_axes=st.booleans(),
)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("plain", SensorLayer()),
        ("swap", SensorLayer(pool=(4, 4), flip_y=True, swap_axes=True)),
    ],
)
def test_the_peers_vectors_reproduce(shared_oracles: Path, name: str, layer: SensorLayer) -> None:
    with np.load(shared_oracles / f"dvs_{name}.npz") as file:
        frames, expected = file["x"], file["y"]
    np.testing.assert_array_equal(layer.frames(frames), expected)
    p, y, x = np.nonzero(frames[0])
    rows = layer.events(Events.of(t=np.arange(len(p)), x=x, y=y, p=p))
    counted = np.zeros_like(expected[0])
    np.add.at(counted, tuple(rows[:, 1:].T), 1)
    np.testing.assert_array_equal(counted, expected[0])


@settings(max_examples=30)
@given(layer=CHOICES, seed=st.integers(0, 1000))
def test_events_and_frames_agree(layer: SensorLayer, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, y, x = rng.integers(0, 2, 300), rng.integers(0, 128, 300), rng.integers(0, 128, 300)
    frames = np.zeros((2, 128, 128), np.uint16)
    np.add.at(frames, (p, y, x), 1)
    rows = layer.events(Events.of(t=np.arange(300), x=x, y=y, p=p))
    counted = np.zeros(layer.output_shape, np.uint16)
    np.add.at(counted, tuple(rows[:, 1:].T), 1)
    np.testing.assert_array_equal(layer.frames(frames), counted)
    assert np.all(np.diff(rows[:, 0]) > 0)


def test_steps_come_in_their_order() -> None:
    layer = SensorLayer(
        merge_polarities=True, pool=(2, 4), crop=(1, 2, 21, 12), flip_x=True, swap_axes=True
    )
    # y 10 → row 5 → 4 below the top; x 20 → column 5 → 3 from the left, 6 from the right.
    assert layer.events(Events.of(t=[1], x=[20], y=[10], p=[1])).tolist() == [[1, 0, 6, 4]]
    assert layer.output_shape == (1, 10, 20)


def test_what_the_layer_cannot_do_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot pool by 3 × 1") as error:
        SensorLayer(pool=(3, 1))
    assert error.value.hint == "edges are 1, 2, 4"
    with pytest.raises(InvalidInput, match=r"\(0, 0, 33, 32\) is not on the pooled map of 32 × 32"):
        SensorLayer(pool=(4, 4), crop=(0, 0, 33, 32))
    with pytest.raises(InvalidInput, match="event 1 at x = 128, y = 0 is outside the 128 × 128"):
        SensorLayer().events(Events.of(t=[1, 2], x=[127, 128], y=[0, 0], p=[1, 0]))
    with pytest.raises(InvalidInput, match=r"do not end in \(2, 128, 128\)"):
        SensorLayer().frames(np.zeros((2, 34, 34), np.uint8))


def test_counts_do_not_wrap() -> None:
    frames = np.full((1, 2, 128, 128), 200, np.uint8)
    assert SensorLayer(pool=(4, 4), merge_polarities=True).frames(frames).max() == 6400
