from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput
from eventstore.schema import Layout
from eventstore.selection import Selection, sample_id
from eventstore.store import EventStore
from eventstore.testing import tiny_selection


@pytest.fixture
def selection(tmp_path: Path) -> Iterator[Selection]:
    made = tiny_selection(tmp_path / "events.zarr", n_recordings=6)
    yield made
    made.store.close()


def test_a_samples_id_is_its_place_in_the_content(selection: Selection) -> None:
    row = int(selection.recording[2])
    expected = sample_id(selection.store.recordings.ids[row], 0, int(selection.t_stop[2]))
    assert selection.sample_ids()[2] == expected
    assert sample_id("Train/3/00891", 0, 306_000) == "Train/3/00891#0-306000"


def test_taking_rows_keeps_their_order(selection: Selection) -> None:
    taken = selection.take([4, 0, 4])
    assert taken.sample_ids() == [selection.sample_ids()[i] for i in (4, 0, 4)]
    assert taken.label.tolist() == [selection.label[i] for i in (4, 0, 4)]
    assert len(selection.take([])) == 0


def test_the_digest_depends_on_samples_labels_and_content(
    selection: Selection, tmp_path: Path
) -> None:
    other_events = tiny_selection(tmp_path / "other.zarr", n_recordings=6, seed=1)
    relabelled = replace(selection, label=(selection.label + 1) % 3)
    renamed = replace(selection, label_names=("up", *selection.label_names[1:]))
    shorter = replace(selection, t_stop=selection.t_stop - 1)
    all_of_them = [selection, other_events, relabelled, renamed, shorter, selection.take([1, 0])]
    assert len({one.digest for one in all_of_them}) == len(all_of_them)
    assert selection.take(range(6)).digest == selection.digest


def test_the_digest_survives_other_chunks(selection: Selection, tmp_path: Path) -> None:
    fine = Layout(chunk_events=64, shard_events=256)
    path, source = tmp_path / "fine.zarr", selection.store
    with StoreWriter.create(path, source.sensor, layout=fine) as writer:
        for row, name in enumerate(source.recordings.ids):
            writer.append(name, [source.read(row)])
    with EventStore.open(path) as store:
        assert replace(selection, store=store).digest == selection.digest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": np.zeros(2, np.int64)}, "different lengths"),
        ({"recording": np.full(6, 6)}, "recording row 6, the last is 5"),
        ({"recording": np.full(6, -1)}, "recording row"),
        ({"label": np.full(6, 3)}, "labels run 3 … 3 for 3 names"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    selection: Selection, change: dict[str, np.ndarray], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        replace(selection, **change)  # type: ignore[arg-type]


def test_what_is_printed_is_short(selection: Selection) -> None:
    classes = len(selection.label_names)
    assert repr(selection) == f"<Selection, {len(selection)} samples of {classes} classes>"
    named = replace(selection, reference="a@1.0.0/split:x")
    assert repr(named).startswith("<Selection of a@1.0.0/split:x, ")
    store = selection.store
    said = f"<EventStore of vision, 6 recordings, {store.n_events:,} events>"
    assert repr(store) == said
