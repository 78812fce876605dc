"""Bytes are fetched and let go by recording; the last copy stays unless it is forced."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.cloning import clone_dataset
from catalog.content import drop_content, fetch_content, fetch_tables, plan_content
from catalog.dataset import Dataset
from catalog.remotes.sharing import Destination, publish_dataset
from catalog.repo import ATTRIBUTES
from eventstore.errors import MissingContent, NotFound
from eventstore.rewrite import rewrite_store
from eventstore.schema import Layout

After = Callable[[Callable[[Dataset], None]], Dataset]
Git = Callable[..., None]


def cut_store(animals: Dataset) -> None:
    layout = Layout(chunk_events=64, shard_events=128)
    rewrite_store(animals.root / "events.zarr", layout=layout)
    animals.save("1.0.1")


@pytest.fixture
def cut(animals_after: After) -> Dataset:
    """The dataset with three recordings, or a part of them, to a shard."""
    return animals_after(cut_store)


@pytest.fixture
def clone(cut: Dataset, tmp_path: Path) -> Dataset:
    """A clone of it without events."""
    return clone_dataset(str(cut.root), tmp_path / "clone")[0]


def test_one_recording_brings_its_shards_alone(clone: Dataset, cut: Dataset) -> None:
    first = cut.at().store.recordings.ids[0]
    plan = plan_content(clone, None, [first], present=False)
    report = fetch_content(clone, None, [first])
    assert (report.files, report.n_bytes) == (plan.files, plan.n_bytes)
    assert sorted(report.files) == [f"events.zarr/events/{c}/c/0" for c in "ptxy"]
    assert report.n_bytes == sum((cut.root / path).stat().st_size for path in report.files)
    assert report.shared == tuple(cut.at().store.recordings.ids[1:3])
    with clone.at() as far, cut.at() as near:
        assert far.store.read(first).equals(near.store.read(first))
        with pytest.raises(MissingContent):
            far.store.read(14)
    assert fetch_content(clone, None, [first]).n_files == 0
    with pytest.raises(NotFound):
        fetch_content(clone, None, ["none"])


def test_dropping_asks_for_another_copy_first(clone: Dataset, cut: Dataset) -> None:
    clone.get()
    ids = cut.at().store.recordings.ids
    report = drop_content(clone, None, [ids[0]])
    assert (report.n_files, report.kept) == (4, {})
    assert report.n_bytes > 0
    with pytest.raises(MissingContent):
        clone.at().store.read(ids[0])
    assert len(clone.at().store.read(14)) == 50
    assert fetch_content(clone).n_files == 4


def test_the_last_copy_stays_unless_forced(cut: Dataset) -> None:
    n = len(cut.saved_tree(cut.version()).keys())
    report = drop_content(cut)
    assert (report.n_files, len(report.kept)) == (0, n)
    assert all(report.kept.values())
    assert len(cut.at().store.read(0)) == 50
    first = cut.at().store.recordings.ids[0]
    forced = drop_content(cut, None, [first], force=True)
    assert (forced.n_files, forced.kept) == (4, {})
    with pytest.raises(MissingContent):
        cut.at().store.read(0)
    with pytest.raises(MissingContent, match="4 of 4 files could not be fetched"):
        fetch_content(cut)


def test_a_published_copy_counts_and_comes_back(cut: Dataset, tmp_path: Path) -> None:
    publish_dataset(cut, None, Destination(url=str(tmp_path / "www")))
    n = len(cut.saved_tree(cut.version()).keys())
    with cut.at() as version:
        before = [version.store.read(row) for row in range(15)]
    report = drop_content(cut)
    assert (report.n_files, report.kept) == (n, {})
    assert len(cut.absent()) == len(set(cut.saved_tree(cut.version()).keys().values()))
    assert fetch_content(cut).n_files == n
    assert cut.absent() == set()
    shutil.rmtree(tmp_path / "www")
    with cut.at() as version:
        assert all(version.store.read(k).equals(events) for k, events in enumerate(before))
    assert drop_content(cut).n_files == 0  # nobody else has it any more


def test_damaged_copies_do_not_come(cut: Dataset, tmp_path: Path) -> None:
    publish_dataset(cut, None, Destination(url=str(tmp_path / "www")))
    drop_content(cut, force=True)
    for file in (tmp_path / "www").rglob("*"):
        if file.is_file() and "versions" not in str(file):
            data = file.read_bytes()
            file.unlink()
            file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(MissingContent, match="files could not be fetched"):
        fetch_content(cut)


def test_large_tables_come_with_a_clone(animals: Dataset, tmp_path: Path) -> None:
    (animals.root / ".gitattributes").write_text(ATTRIBUTES.replace("256kb", "100b"))
    rewrite_store(animals.root / "events.zarr", layout=Layout(chunk_events=64, shard_events=128))
    animals.save("1.0.1")
    clone, _ = clone_dataset(str(animals.root), tmp_path / "clone")
    assert clone.absent()
    assert len(clone.at().split("official").selection("train")) == 9
    fetch_tables(clone)
    with pytest.raises(MissingContent):
        clone.at().store.read(0)
