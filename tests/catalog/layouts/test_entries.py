"""Every entry of the registry: a miniature in its genuine form gives what the entry says."""

import io
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from catalog.dataset import Dataset
from catalog.intake import DEFAULT_BOX_SET, Intake
from catalog.labels.kinds import box_sets, read_boxes
from catalog.layouts import LAYOUTS, LayoutFacts
from catalog.public.entry import PublicDataset, entry_names, load_entry
from catalog.public.layout_facts import facts_of_dataset, layout_facts
from catalog.recording_table import by_column
from catalog.splits.rules import OfficialRule
from catalog.tree import WorkTree
from eventstore.errors import FormatError
from eventstore.events import Sensor
from tests.catalog.layouts.miniatures.classes import CLASSES
from tests.catalog.layouts.miniatures.miniature import Miniature
from tests.catalog.layouts.miniatures.scenes import SCENES
from tests.catalog.layouts.miniatures.sound import SOUND

MINIATURES = {**CLASSES, **SOUND, **SCENES}


def taken_in(entry: PublicDataset, miniature: Miniature, folder: Path) -> Intake:
    """Write the files of a miniature, and list them as `spikelake public add` does."""
    folder.mkdir()
    for name, data in miniature.files.items():
        (folder / name).write_bytes(data)
    paths = [folder / file.name for file in entry.files]
    return LAYOUTS[entry.layout].intake(paths, layout_facts(entry))


def test_every_entry_has_a_miniature() -> None:
    assert set(MINIATURES) == set(entry_names())


@pytest.mark.parametrize("name", sorted(MINIATURES))
def test_a_miniature_gives_what_the_entry_says(name: str, empty: Dataset, tmp_path: Path) -> None:
    entry, miniature = load_entry(name), MINIATURES[name]()
    assert set(miniature.files) == {file.name for file in entry.files}
    intake = taken_in(entry, miniature, tmp_path / "downloads")
    report = empty.ingest_intake(intake, sensor=layout_facts(entry).sensor)
    assert report.n_added == len(miniature.rows)
    checks = {finding.check for finding in report.findings} - {"other-files"}
    assert checks == set(miniature.findings)
    _check_recordings(empty, miniature)
    _check_labels(empty, miniature)
    _check_splits(empty, entry, miniature)
    assert not [f for f in empty.verify() if f.is_error]
    shutil.rmtree(tmp_path / "downloads")


def _check_recordings(dataset: Dataset, miniature: Miniature) -> None:
    with dataset.draft() as draft:
        rows = {row["recording_id"]: row for row in by_column(draft.recordings)}
        assert set(rows) == set(miniature.rows)
        assert draft.store.sensor.modality == miniature.sensor.modality
        for name, expected in miniature.rows.items():
            row, sensor = rows[name], expected.sensor or miniature.sensor
            assert (row["fold"], int(row["t_origin_us"])) == (expected.fold, expected.origin), name
            assert (int(row["width"]), int(row["height"])) == (sensor.width, sensor.height), name
            assert {k: row.get(k, "") for k in expected.columns} == dict(expected.columns), name
            if expected.events is None:
                assert int(row["n_events"]) > 0, name
            else:
                assert draft.store.read(name).equals(expected.events), name


def _check_labels(dataset: Dataset, miniature: Miniature) -> None:
    draft = dataset.draft()
    labels = draft.labels("class").values() if "class" in draft.label_sets else []
    stops = {row["recording_id"]: int(row["t_stop_us"]) for row in by_column(draft.recordings)}
    found = {(x.recording_id, x.t_start_us, x.t_stop_us, x.label) for x in labels}
    expected = {(k, 0, stops[k], r.label) for k, r in miniature.rows.items() if r.label}
    expected |= {(k, *interval) for k, r in miniature.rows.items() for interval in r.intervals}
    assert found == expected
    tree = WorkTree(dataset.root)
    rows = []
    if DEFAULT_BOX_SET in box_sets(tree):
        boxes = read_boxes(tree, DEFAULT_BOX_SET)
        numbers = (boxes.t, boxes.x, boxes.y, boxes.w, boxes.h)
        labels_of = [boxes.label_names[i] for i in boxes.label.tolist()]
        ids = [boxes.recording_ids[i] for i in boxes.recording.tolist()]
        columns = [column.tolist() for column in numbers]
        rows = list(zip(ids, *columns, labels_of, boxes.track_id.tolist(), strict=True))
    assert rows == sorted((k, *box) for k, row in miniature.rows.items() for box in row.boxes)


def _check_splits(dataset: Dataset, entry: PublicDataset, miniature: Miniature) -> None:
    assert set(miniature.official) == set(entry.official)
    for split, counts in miniature.official.items():
        column = "fold" if split == "official" else f"fold_{split}"
        made = dataset.make_split(split, OfficialRule(column=column, expected=counts))
        assert {k: len(made.selection(k)) for k in counts} == dict(counts)
    if entry.group_by:
        assert entry.group_by in dataset.draft().recordings.columns


def test_pickles_of_bullying10k_are_refused_as_published(empty: Dataset, tmp_path: Path) -> None:
    entry = load_entry("bullying10k")
    packet = np.zeros(3, [("t", "i8"), ("x", "i2"), ("y", "i2"), ("p", "i1")])
    folder = tmp_path / "handshake"
    folder.mkdir()
    np.save(folder / "0.npy", np.array([packet, packet[:2]], object), allow_pickle=True)
    facts = LayoutFacts(options=entry.options)
    intake = LAYOUTS[entry.layout].intake([folder], facts)
    with pytest.raises(FormatError, match=r"handshake/0\.npy: array of Python objects") as caught:
        empty.ingest_intake(intake, sensor=Sensor(346, 260))
    assert "are not unpickled" in caught.value.hint
    assert not (empty.root / "recordings.tsv").exists()


def test_an_entry_that_is_unpacked_by_hand_ingests_the_same(empty: Dataset, tmp_path: Path) -> None:
    miniature = MINIATURES["gen1"]()
    folders = []
    for name, data in miniature.files.items():
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(tmp_path, filter="data")
        folders.append(tmp_path / name.removesuffix(".tar"))
    found = facts_of_dataset("gen1")
    assert found is not None
    intake = LAYOUTS[found[0]].intake(folders, found[1])
    empty.ingest_intake(intake, sensor=found[1].sensor)
    _check_recordings(empty, miniature)
    _check_labels(empty, miniature)
