"""Small pictures of recordings."""

import io

import numpy as np
import pytest

from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.recording_table import Provenance
from catalog.tree import WorkTree
from catalog.viewer.shown import Shown
from catalog.viewer.thumbnails import Thumbnails
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.png import SIGNATURE
from eventstore.thumbnail import MAX_HEIGHT, MAX_WIDTH, palette
from tests.catalog.viewer.asking import Asker


def pixels(png: bytes) -> np.ndarray:
    image = pytest.importorskip("PIL.Image")
    return np.asarray(image.open(io.BytesIO(png)))


def fill(dataset: Dataset, sensor: Sensor, recordings: dict[str, Events]) -> Shown:
    with StoreWriter.create(dataset.root / "events.zarr", sensor) as writer:
        for name, events in recordings.items():
            writer.append(name, [events])
    known = {name: Provenance("a.bin", "") for name in recordings}
    describe_intake(WorkTree(dataset.root), Intake([], known, {}))
    return Shown(dataset)


def test_polarities_lie_where_the_events_do(empty: Dataset) -> None:
    right = Events.of(t=range(9), x=[600] * 9, y=[20] * 9, p=[1] * 9)
    left = Events.of(t=range(9, 12), x=[40] * 3, y=[460] * 3, p=[0] * 3)
    shown = fill(
        empty, Sensor(640, 480), {"a": Events.concatenate([right, left]), "b": Events.empty()}
    )
    drawn = pixels(Thumbnails().of(shown.state(), "a"))
    assert drawn.shape == (MAX_HEIGHT, MAX_WIDTH)
    assert sorted(map(tuple, np.argwhere(drawn).tolist())) == [(5, 150), (115, 10)]
    colours = palette()
    assert colours[drawn[5, 150]][2] > colours[drawn[5, 150]][0]  # ON is blue
    assert colours[drawn[115, 10]][0] > colours[drawn[115, 10]][2]  # OFF is orange
    assert not pixels(Thumbnails().of(shown.state(), "b")).any()


def test_sound_runs_to_the_right_with_high_channels_above(empty: Dataset) -> None:
    events = Events.of(t=[0, 999], x=[0, 15], p=[1, 1])
    shown = fill(empty, Sensor.audio(16), {"a": events})
    drawn = pixels(Thumbnails().of(shown.state(), "a"))
    assert np.argwhere(drawn).tolist() == [[0, MAX_WIDTH - 1], [15, 0]]


def test_pictures_are_kept_within_bounds(viewed: Asker) -> None:
    state = viewed.shown.state()
    kept = Thumbnails(limit=700)
    for name in state.ids:
        assert kept.of(state, name).startswith(SIGNATURE)
        assert kept.size <= 700
    assert kept.of(state, state.ids[-1]) is kept.of(state, state.ids[-1])


def test_they_are_sent_as_png(viewed: Asker) -> None:
    answer = viewed.get("/api/thumbnail?recording=test%2Fcat%2F000")
    assert answer.headers["content-type"] == "image/png"
    assert answer.body.startswith(SIGNATURE)
    assert viewed.get("/api/thumbnail?recording=test").status == 404
