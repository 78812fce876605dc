"""Publishing survives a kill at any step, sends nothing twice, and disturbs no reader."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import open_version
from catalog.dataset import Dataset
from catalog.folder import open_source
from catalog.remotes.publish import PublishReport, publish_version
from catalog.remotes.sharing import version_content
from catalog.remotes.target_folder import FolderTarget
from catalog.removal import remove_from_dataset
from eventstore.errors import Conflict, IntegrityError, MissingContent
from eventstore.rewrite import rewrite_store
from eventstore.schema import Layout
from eventstore.store import EventStore

After = Callable[[Callable[[Dataset], None]], Dataset]
Grow = Callable[[Dataset, str, int], None]
Edit = Callable[[str, str, str], None]
Publish = Callable[..., PublishReport]
SMALL = Layout(chunk_events=64, shard_events=128, table_rows=8)


class Killed(BaseException):
    """Stands for the end of the process."""


class DyingTarget(FolderTarget):
    """A folder whose writer is killed before a certain write."""

    def __init__(self, folder: Path, lives: int) -> None:
        super().__init__(folder)
        self.lives = lives

    def put(self, path: str, source: Path | bytes) -> None:
        self._live()
        super().put(path, source)

    def copy(self, source: str, path: str) -> None:
        self._live()
        super().copy(source, path)

    def remove(self, path: str) -> None:
        self._live()
        super().remove(path)

    def _live(self) -> None:
        self.lives -= 1
        if self.lives < 0:
            raise Killed


def cut_store(animals: Dataset) -> None:
    rewrite_store(animals.root / "events.zarr", layout=SMALL)
    animals.save("1.0.1")


@pytest.fixture
def cut(animals_after: After) -> Dataset:
    """The dataset with its store cut into several shards, saved as 1.0.1."""
    return animals_after(cut_store)


def check_reads(dataset: Dataset, url: Path, version: str) -> None:
    """Read a published version and the dataset's own, and compare."""
    with open_version(f"{url}@{version}") as far, dataset.at(version) as near:
        assert far.reference == near.reference
        assert far.store.recordings.ids == near.store.recordings.ids
        for row in (0, near.store.n_recordings - 1):
            assert far.store.read(row).equals(near.store.read(row))
        for name in near.splits:
            assert far.split(name).digest == near.split(name).digest
    dataset_there = open_source(str(url))
    assert dataset_there.version(version) == dataset.version(version)


def test_versions_grow_side_by_side(cut: Dataset, grow: Grow, publish: Publish, site: Path) -> None:
    grow(cut, "validation", 9)
    cut.save("1.1.0")
    before = {p: p.stat().st_ino for p in (site / "objects").iterdir()}
    report = publish(site, "1.1.0")
    assert report.is_new
    assert report.kept == ()
    for version in ("1.0.1", "1.1.0"):
        check_reads(cut, site, version)
    assert before.items() <= {p: p.stat().st_ino for p in (site / "objects").iterdir()}.items()
    with EventStore.open(site / "events.zarr") as tree, cut.draft().store as mine:
        assert tree.digest == mine.digest


def test_the_second_version_sends_what_is_new_alone(
    cut: Dataset, grow: Grow, publish: Publish, tmp_path: Path
) -> None:
    first = publish(tmp_path / "www", "1.0.1")
    grow(cut, "validation", 3)
    cut.save("1.1.0")
    second = publish(tmp_path / "www", "1.1.0")
    assert not any(path.endswith("t/c/0") and "/events/" in path for path in second.sent)
    assert 0 < second.n_bytes < first.n_bytes
    assert second.n_present >= 16


def test_publishing_again_does_nothing(publish: Publish, site: Path) -> None:
    files = {p: p.stat().st_mtime_ns for p in site.rglob("*") if p.is_file()}
    report = publish(site)
    assert not report.is_needed
    assert {p: p.stat().st_mtime_ns for p in site.rglob("*") if p.is_file()} == files


def test_what_was_lost_over_there_is_sent_again(
    animals: Dataset, publish: Publish, site: Path
) -> None:
    (site / "events.zarr/zarr.json").unlink()
    lost = next(p for p in (site / "objects").iterdir() if p.stat().st_size > 500)
    lost.unlink()
    report = publish(site)
    assert (len(report.sent), report.is_new) == (1, False)
    assert "events.zarr/zarr.json" in report.shown
    check_reads(animals, site, "1.0.0")


def test_a_dry_run_says_the_same_and_writes_nothing(animals: Dataset, tmp_path: Path) -> None:
    content, target = version_content(animals, "1.0.0"), FolderTarget(tmp_path / "www")
    plan = publish_version(content, target, dry_run=True)
    assert not (tmp_path / "www").exists()
    assert publish_version(content, target) == plan


def test_a_rewritten_store_keeps_older_versions_readable(
    cut: Dataset, publish: Publish, tmp_path: Path
) -> None:
    site = tmp_path / "www"
    publish(site, "1.0.1")
    remove_from_dataset(cut, ["test/cat/000"], drop_splits=True)
    cut.save("2.0.0")
    report = publish(site, "2.0.0")
    assert report.kept
    assert not (site / "splits/official.tsv").exists()  # the tree is the new version's
    for version in ("1.0.1", "2.0.0"):
        check_reads(cut, site, version)
    with EventStore.open(site / "events.zarr") as tree:
        assert tree.digest == cut.version("2.0.0").tree


@pytest.mark.parametrize("kind", ["growth", "rewrite"])
def test_killed_at_any_write_it_goes_on(
    cut: Dataset, grow: Grow, publish: Publish, tmp_path: Path, kind: str
) -> None:
    site = tmp_path / "www"
    publish(site, "1.0.1")
    if kind == "growth":
        grow(cut, "validation", 3)
    else:
        remove_from_dataset(cut, ["train/cat/000"], drop_splits=True)
    saved = cut.save()
    content = version_content(cut, saved.version)
    digests = {cut.version("1.0.1").tree, saved.tree}
    lives, n_killed, is_whole = 0, 0, False
    while not is_whole:
        try:
            publish_version(content, DyingTarget(site, lives))
            is_whole = True
        except Killed:
            n_killed += 1
        with open_version(f"{site}@1.0.1") as old, cut.at("1.0.1") as mine:
            assert old.store.read(0).equals(mine.store.read(0))
            assert old.store.read(14).equals(mine.store.read(14))
        if kind == "growth":  # plain readers of the tree see one of the two states
            with EventStore.open(site / "events.zarr") as tree:
                assert tree.digest in digests
                assert len(tree.read(14)) == 50
        lives += 1 if lives < 3 else 5
    assert n_killed > 3
    check_reads(cut, site, saved.version)
    check_reads(cut, site, "1.0.1")
    assert not any(path.suffix == ".partial" for path in site.rglob("*"))


def test_a_lower_version_leaves_the_tree_to_the_higher(
    cut: Dataset, publish: Publish, tmp_path: Path
) -> None:
    site = tmp_path / "www"
    publish(site, "1.0.1")
    publish(site, "1.0.0")
    with EventStore.open(site / "events.zarr") as tree:
        assert tree.head.layout == SMALL
    for version in ("1.0.0", "1.0.1"):
        check_reads(cut, site, version)


def test_another_version_of_that_number_is_refused(
    animals: Dataset, site: Path, edit: Edit, tmp_path: Path
) -> None:
    content = version_content(animals, "1.0.0")
    entry = animals.version("1.0.0")
    other = type(content)(
        entry=entry.with_references("0" * 64),
        listing=content.listing,
        sums=content.sums,
        sizes=content.sizes,
        keys=content.keys,
        open=content.open,
    )
    with pytest.raises(Conflict, match=r"has another version 1\.0\.0: digest"):
        publish_version(other, FolderTarget(site))


def test_damaged_bytes_are_never_sent(animals: Dataset, tmp_path: Path) -> None:
    content = version_content(animals, "1.0.0")
    broken = type(content)(
        entry=content.entry,
        listing=content.listing,
        sums=content.sums,
        sizes=content.sizes,
        keys=content.keys,
        open=lambda path: b"0" if path.endswith("x/c/0") else content.open(path),
    )
    with pytest.raises(IntegrityError, match=r"events\.zarr/events/x/c/0 .* is damaged"):
        publish_version(broken, FolderTarget(tmp_path / "www"))
    assert not (tmp_path / "www" / "versions.json").exists()


def test_content_that_is_not_here_cannot_be_published(clone: Dataset, tmp_path: Path) -> None:
    with pytest.raises(MissingContent, match="so it cannot be published") as caught:
        publish_version(version_content(clone, "1.0.0"), FolderTarget(tmp_path / "www"))
    assert caught.value.hint == f"spikelake dataset get {clone.root}@1.0.0"


def test_progress_is_told(animals: Dataset, tmp_path: Path) -> None:
    seen: list[tuple[int, int, int]] = []
    content = version_content(animals, "1.0.0")
    report = publish_version(
        content, FolderTarget(tmp_path / "www"), progress=lambda *told: seen.append(told)
    )
    assert seen[-1][0] == seen[-1][1] == len(seen)
    assert seen[-1][2] == report.n_bytes


def test_any_zarr_reader_reads_the_tree_on_s3(
    animals: Dataset, object_store: Any, publish: Publish, tmp_path: Path
) -> None:
    import zarr
    from zarr.core.sync import sync
    from zarr.storage import FsspecStore

    url = f"s3://bucket/{tmp_path.name}"
    publish(url, storage_options=object_store.options)
    options = {**object_store.options, "skip_instance_cache": True}  # its loop is zarr's own
    store = FsspecStore.from_url(f"{url}/events.zarr", storage_options=options, read_only=True)
    group = zarr.open_group(store, mode="r")
    with animals.at("1.0.0") as version:
        t = version.store.read_rows(0, version.store.n_events).t
    array: Any = group["events/t"]
    read = array[:].tolist()
    sync(store.fs._s3.close())
    assert read == t.tolist()
