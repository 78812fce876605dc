"""Published places lose withdrawn files whatever state a publishing left them in."""

from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.remotes.open_target import open_target
from catalog.remotes.remote_dataset import RemoteDataset
from catalog.remotes.sharing import Destination, publish_dataset
from catalog.remotes.target_folder import FolderTarget
from catalog.verify import check_published
from catalog.withdrawal.finding import find_recordings
from catalog.withdrawal.places import held_by_versions
from catalog.withdrawal.published import purge_target
from catalog.withdrawal.withdrawing import withdraw_recordings
from eventstore.errors import MissingContent
from eventstore.findings import Severity, has_errors

GONE = ("test/dog/001", "train/dog/001")


def sums_of(dataset: Dataset) -> set[str]:
    held, _ = held_by_versions(dataset, GONE)
    return set().union(*(one.sums for one in held))


def test_without_a_newer_version_there_the_tree_loses_them_too(
    people: Dataset, tmp_path: Path
) -> None:
    publish_dataset(people, "1.0.1", Destination(url=str(tmp_path / "shelf")))
    target = FolderTarget(tmp_path / "shelf")
    before = target.sizes()
    removed = purge_target(target, sums_of(people))
    assert {name.partition("/")[0] for name in removed} == {"objects", "events.zarr"}
    assert set(before) - set(target.sizes()) == set(removed)
    assert purge_target(target, sums_of(people)) == []


def test_cut_off_it_finds_the_rest(
    people: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_dataset(people, "1.0.1", Destination(url=str(tmp_path / "shelf")))
    target, bad = FolderTarget(tmp_path / "shelf"), sums_of(people)
    n_all = len(target.sizes())
    remove, left = FolderTarget.remove, [3]

    def some(self: FolderTarget, path: str) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        remove(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(FolderTarget, "remove", some)
        with pytest.raises(KeyboardInterrupt):
            purge_target(target, bad)
    removed = purge_target(target, bad)
    assert len(target.sizes()) == n_all - 3 - len(removed)
    assert not any(sha in name for name in target.sizes() for sha in bad)


def test_an_empty_place_has_nothing_to_lose(tmp_path: Path) -> None:
    assert purge_target(FolderTarget(tmp_path / "shelf"), {"ab"}) == []


def test_a_bucket_loses_them(
    people: Dataset, tmp_path: Path, object_store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = object_store.options
    monkeypatch.setenv("AWS_ENDPOINT_URL", options["endpoint_url"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", options["key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", options["secret"])
    url = f"s3://bucket/{tmp_path.name}"
    publish_dataset(people, "1.0.1", Destination(url=url))
    bad = sums_of(people)
    assert any(sha in name for name in open_target(url).sizes() for sha in bad)
    report = withdraw_recordings(people, find_recordings(people, subject="P02"))
    assert [f.severity for f in report.findings] == [Severity.INFO]
    assert "versioning" in report.findings[0].message
    assert not any(sha in name for name in open_target(url).sizes() for sha in bad)
    there = RemoteDataset(url)
    assert not has_errors(check_published(there, "2.0.0"))
    with there.at("1.0.1") as old, pytest.raises(MissingContent, match="withdrawn"):
        old.store.read("train/cat/000")


def test_a_server_that_only_reads_is_looked_into(people: Dataset, tmp_path: Path) -> None:
    from catalog.remotes.known import Remote
    from catalog.withdrawal.published import purge_remote

    remote = Remote(url="http://127.0.0.1:9/animals", kind="tree", versions=("1.0.1",))
    removed, [finding] = purge_remote(people, remote, {"1.0.1": sums_of(people)}, "AGAIN")
    assert (removed, finding.severity) == ([], Severity.ERROR)
    assert "cannot be looked into" in finding.message


def test_a_ria_store_is_told_to_get_the_new_version(people: Dataset) -> None:
    from catalog.remotes.known import Remote
    from catalog.withdrawal.published import purge_remote

    remote = Remote(url="ria+file:///store#~animals", kind="ria", versions=("1.0.0",))
    _, [finding] = purge_remote(people, remote, {"1.0.0": set()}, "AGAIN")
    assert (finding.severity, finding.fix) == (
        Severity.INFO,
        f"spikelake dataset publish {people.root}@1.0.1 'ria+file:///store#~animals'",
    )
