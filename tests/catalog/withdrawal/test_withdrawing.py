"""Withdrawn recordings are gone everywhere that is known, and what is left is sound."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.cloning import clone_dataset
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.remotes.remote_dataset import RemoteDataset
from catalog.remotes.sharing import Destination, publish_dataset
from catalog.removal import remove_from_dataset
from catalog.tombstones import WITHDRAWN
from catalog.tree import STORE, WorkTree
from catalog.verify import check_published
from catalog.withdrawal import withdrawing
from catalog.withdrawal.finding import find_recordings
from catalog.withdrawal.withdrawing import WithdrawalReport, withdraw_recordings
from eventstore.append import StoreWriter
from eventstore.errors import Conflict, MissingContent
from eventstore.findings import Severity, has_errors
from eventstore.side import SideTable

GONE = ("test/dog/001", "train/dog/001")

Holding = Callable[[Path], list[str]]


def withdraw(dataset: Dataset, **options: bool) -> WithdrawalReport:
    ids = find_recordings(dataset, subject="P02")
    return withdraw_recordings(dataset, ids, again="AGAIN", **options)  # type: ignore[arg-type]


def test_bytes_are_gone_and_the_new_version_is_sound(people: Dataset, holding: Holding) -> None:
    assert holding(people.root)
    report = withdraw(people)
    assert (report.recordings, report.version, report.removed) == (GONE, "2.0.0", 2)
    assert (report.versions, report.splits) == (("1.0.0", "1.0.1"), {"official": 2})
    assert (report.n_files, len(report.shared), report.findings) == (4, 13, ())
    assert holding(people.root) == []
    findings = people.verify()
    assert not has_errors(findings)
    assert {f.check for f in findings} == {"withdrawn"}
    new = people.at("2.0.0")
    assert new.store.n_recordings == 13
    assert len(new.split("official").withdrawn) == 2
    assert new.split("official").digest == people.at("1.0.0").split("official").digest
    assert "8 train, 5 test" in (people.root / "README.md").read_text()
    assert "P02" not in (people.root / "recordings.tsv").read_text()
    assert not any(name in (people.root / WITHDRAWN).read_text() for name in (*GONE, "P02"))
    assert not people.repo.changed()


def test_an_old_version_says_that_it_was_withdrawn(people: Dataset) -> None:
    withdraw(people)
    with people.at("1.0.0") as old, pytest.raises(MissingContent) as caught:
        old.store.read("train/cat/000")
    assert "events/t/c/0 (withdrawn)" in caught.value.message
    assert "were withdrawn" in caught.value.hint
    assert "open a later version" in caught.value.hint


def test_what_only_old_versions_have_is_withdrawn_from_them(
    people: Dataset, holding: Holding
) -> None:
    remove_from_dataset(people, GONE, drop_splits=True)
    people.save(None, "without dogs")
    assert holding(people.root)
    report = withdraw(people)
    assert (report.removed, report.version, report.findings) == (0, "2.0.1", ())
    assert holding(people.root) == []
    with people.at("1.0.0") as old, pytest.raises(MissingContent, match="withdrawn"):
        old.store.read("train/cat/000")
    with pytest.raises(MissingContent, match=r"2 recordings of .* were withdrawn"):
        people.get("1.0.0")


def test_done_again_it_finds_nothing_to_do(people: Dataset) -> None:
    first = withdraw(people)
    again = withdraw(people)
    assert (again.version, again.removed, again.findings) == (first.version, 0, ())
    assert [v.version for v in people.versions()] == ["1.0.0", "1.0.1", "2.0.0"]


def test_a_dry_run_changes_nothing(people: Dataset, holding: Holding) -> None:
    before = (people.repo.commit("HEAD"), holding(people.root))
    report = withdraw(people, dry_run=True)
    assert (report.n_files, report.removed, report.version) == (4, 2, "")
    assert (people.repo.commit("HEAD"), holding(people.root)) == before
    assert not people.repo.changed()


def test_what_was_not_saved_stands_in_the_way(people: Dataset, empty: Dataset) -> None:
    people.set_column("lens", {"train/cat/000": "wide"})
    with pytest.raises(Conflict, match=r"has changes that no version has, such as recordings.tsv"):
        withdraw(people)
    with pytest.raises(Conflict, match="has no saved version") as caught:
        withdraw_recordings(empty, ["a"])
    assert "remove-recording" in caught.value.hint


def test_the_content_of_clones_goes_where_they_are_remotes(
    people: Dataset, tmp_path: Path, holding: Holding
) -> None:
    clone, _ = clone_dataset(str(people.root), tmp_path / "clone")
    clone.get()
    assert holding(clone.root)
    people.repo._git("remote", "add", "lab", str(clone.root))
    report = withdraw(people)
    assert (report.remotes, report.findings) == (("lab",), ())
    assert holding(clone.root) == holding(people.root) == []


def test_copies_that_are_not_reached_are_named_and_reached_later(
    people: Dataset, tmp_path: Path, holding: Holding
) -> None:
    clone, _ = clone_dataset(str(people.root), tmp_path / "clone")
    clone.get()
    people.repo._git("remote", "add", "lab", str(clone.root))
    people.repo._git("fetch", "-q", "lab")
    people.repo._annex("merge", "--quiet")
    away = clone.root.rename(tmp_path / "away")
    report = withdraw(people)
    assert has_errors(report.findings)
    told = " ".join(f.where + f.message + f.fix for f in report.findings)
    assert "lab" in told
    assert "AGAIN" in told
    assert "git-annex knows 4 withdrawn files to be there" in told
    assert holding(people.root) == []
    away.rename(clone.root)
    again = withdraw(people)
    assert (again.remotes, again.findings) == (("lab",), ())
    assert holding(clone.root) == []


def test_a_clone_that_pulls_withdraws_its_own_copy(
    people: Dataset, tmp_path: Path, holding: Holding
) -> None:
    clone, _ = clone_dataset(str(people.root), tmp_path / "clone")
    clone.get()
    withdraw(people)
    clone.repo._git("pull", "-q", "--tags", "origin", "HEAD")
    report = withdraw(Dataset.open(clone.root))
    assert (report.removed, report.version) == (0, "2.0.0")
    assert holding(clone.root) == []


def test_a_published_folder_loses_them_and_shows_the_new_version(
    people: Dataset, tmp_path: Path, holding: Holding
) -> None:
    shelf = tmp_path / "shelf"
    for version in ("1.0.0", "1.0.1"):
        publish_dataset(people, version, Destination(url=str(shelf)))
    assert holding(shelf)
    report = withdraw(people)
    assert report.published == (shelf.as_uri(),)
    assert report.findings == ()
    assert holding(shelf) == []
    there = RemoteDataset(str(shelf))
    assert [v.version for v in there.versions()] == ["1.0.0", "1.0.1", "2.0.0"]
    assert not has_errors(check_published(there, "2.0.0"))
    with there.at("2.0.0") as new:
        assert len(new.store.read("train/cat/000")) == 50
        assert len(new.split("official").withdrawn) == 2
    with there.at("1.0.0") as old, pytest.raises(MissingContent, match="withdrawn"):
        old.store.read("train/cat/000")
    with people.at("1.0.0") as old, pytest.raises(MissingContent, match="withdrawn"):
        old.store.read("train/cat/000")
    assert withdraw(people).findings == ()


def test_what_grew_over_many_shards_loses_only_some(
    people: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = tmp_path / "shelf"
    publish_dataset(people, "1.0.1", Destination(url=str(shelf)))
    with StoreWriter.open(people.root / STORE) as writer:
        events = people.draft().store.read("train/cat/000")
        writer.append("late/cat", [events])
    describe_intake(WorkTree(people.root), Intake([], {}, {}))
    people.save("1.1.0", "one more")
    publish_dataset(people, "1.1.0", Destination(url=str(shelf)))
    report = withdraw(people)
    assert report.versions == ("1.0.0", "1.0.1", "1.1.0")
    assert report.findings == ()
    assert not has_errors(check_published(RemoteDataset(str(shelf)), "2.0.0"))
    assert not has_errors(people.verify())


def test_a_place_that_is_gone_is_named(people: Dataset, tmp_path: Path) -> None:
    publish_dataset(people, "1.0.1", Destination(url=str(tmp_path / "shelf")))
    shutil.rmtree(tmp_path / "shelf")
    (tmp_path / "shelf").write_text("a file")
    report = withdraw(people)
    assert [f.severity for f in report.findings] == [Severity.ERROR] * 2
    assert all("shelf" in f.where and "AGAIN" in f.fix for f in report.findings)


def test_side_streams_in_gits_own_history_are_told_of(people: Dataset) -> None:
    table = SideTable.of("imu", {"t": [1, 2, 3], "gyro_z": [0, 1, 2]})
    with StoreWriter.open(people.root / STORE) as writer:
        events = people.draft().store.read("train/cat/000")
        writer.append("with/imu", [events], side={"imu": [table]})
    describe_intake(WorkTree(people.root), Intake([], {}, {}))
    people.set_column("subject", {"with/imu": "P03"})
    people.save("1.1.0", "an IMU")
    ids = find_recordings(people, subject="P03")
    report = withdraw_recordings(people, ids)
    [finding] = report.findings
    assert "small files of side streams are in git's own history" in finding.message
    assert "git filter-repo" in finding.fix
    assert not has_errors(people.verify())


STEPS = (
    "write_text",
    "remove_recordings",
    "tables_without",
    "held_by_versions",
    "affected",
    "purge_remote",
    "purge_annex",
)

SOME = {("remove_recordings", "after"), ("purge_remote", "before")}
"""What is tried in a hurry; all are by `make test-slow`."""

KILLS = [
    pytest.param(kill, id="-".join(kill), marks=() if kill in SOME else pytest.mark.slow)
    for kill in ((step, when) for step in STEPS for when in ("before", "after"))
]


@pytest.mark.parametrize("kill", KILLS)
def test_killed_at_any_step_the_same_command_goes_on(
    people: Dataset,
    tmp_path: Path,
    holding: Holding,
    monkeypatch: pytest.MonkeyPatch,
    kill: tuple[str, str],
) -> None:
    shelf = tmp_path / "shelf"
    publish_dataset(people, "1.0.1", Destination(url=str(shelf)))
    step, when = kill
    work = getattr(withdrawing, step)

    def die(*arguments: object, **named: object) -> None:
        if when == "after":
            work(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(withdrawing, step, die)
        try:
            withdraw(people)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    report = withdraw(people)
    assert report.findings == ()
    assert holding(people.root) == holding(shelf) == []
    assert not has_errors(people.verify())
    assert people.version().version == "2.0.0"
    assert len(people.at("2.0.0").split("official").withdrawn) == 2


def test_killed_within_save(
    people: Dataset, holding: Holding, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalog.repo import Repo

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for name in ("add_content", "save", "tag"):
        with monkeypatch.context() as patch:
            patch.setattr(Repo, name, die)
            with pytest.raises(KeyboardInterrupt):
                withdraw(people)
    assert withdraw(people).findings == ()
    assert holding(people.root) == []
    assert [v.version for v in people.versions()] == ["1.0.0", "1.0.1", "2.0.0"]
    assert not has_errors(people.verify())
