"""A packed version: the same bytes each time, a sound bag, and readable without git."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

import catalog
from catalog.dataset import Dataset
from catalog.folder import open_source
from catalog.interchange import archive as module
from catalog.interchange.archive import archive_version, payload_of
from catalog.remotes.remote_dataset import RemoteDataset
from catalog.verify import check_published
from eventstore.errors import (
    AlreadyExists,
    IntegrityError,
    InvalidInput,
    MissingContent,
    ReadOnly,
)


@pytest.fixture
def unpacked(animals: Dataset, tmp_path: Path) -> Path:
    """The folder of an archive of version 1.0.0, unpacked."""
    report = archive_version(animals, "1.0.0", tmp_path / "a.zip")
    with zipfile.ZipFile(report.path) as packed:
        packed.extractall(tmp_path / "far")
    return tmp_path / "far" / "animals-1.0.0"


def test_it_is_a_bag(unpacked: Path) -> None:
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        for line in (unpacked / name).read_text().splitlines():
            sha, path = line.split("  ")
            assert hashlib.sha256((unpacked / path).read_bytes()).hexdigest() == sha, path
    listed = (unpacked / "manifest-sha256.txt").read_text()
    files = [path for path in (unpacked / "data").rglob("*") if path.is_file()]
    assert len(files) == len(listed.splitlines())
    n_bytes = sum(path.stat().st_size for path in files)
    assert f"Payload-Oxum: {n_bytes}.{len(files)}\n" in (unpacked / "bag-info.txt").read_text()
    assert json.loads((unpacked / "datacite.json").read_text())["version"] == "1.0.0"


def test_it_opens_and_verifies_without_git(unpacked: Path, animals: Dataset) -> None:
    opened = catalog.open(unpacked)["animals@1.0.0"]
    assert opened.store.n_events == 750
    split = catalog.open(unpacked.parent).split("animals@1.0.0/split:official")
    assert split.digest == animals.at("1.0.0").split("official").digest
    assert len(opened.query("labels.class == 'owl'").rows) == 5
    source = open_source(str(unpacked))
    assert isinstance(source, RemoteDataset)
    assert check_published(source) == []


@pytest.mark.parametrize("path", ["README.md", "statistics.tsv", "labels/class.tsv"])
def test_a_changed_file_is_found(unpacked: Path, path: str) -> None:
    with (unpacked / "data" / path).open("a") as file:
        file.write("x\n")
    source = open_source(str(unpacked))
    assert isinstance(source, RemoteDataset)
    assert path in " ".join(f"{f.where} {f.message}" for f in check_published(source))


def test_it_cannot_be_worked_on(unpacked: Path) -> None:
    with pytest.raises(ReadOnly, match="never change"):
        catalog.open_dataset(unpacked)
    with pytest.raises(ReadOnly):
        catalog.open(unpacked).dataset("animals")


def test_a_dataset_goes_before_an_archive_of_it(animals: Dataset, tmp_path: Path) -> None:
    report = archive_version(animals, None, tmp_path / "a.zip")
    with zipfile.ZipFile(report.path) as packed:
        packed.extractall(tmp_path)
    assert catalog.open(tmp_path).dataset("animals").root == animals.root


def test_the_same_version_gives_the_same_bytes(animals: Dataset, tmp_path: Path) -> None:
    first = archive_version(animals, "1.0.0", tmp_path / "a.zip")
    animals.set_column("mood", {"test/cat/000": "grumpy"})
    animals.save("1.0.1")
    second = archive_version(animals, "1.0.0", tmp_path / "b.zip")
    assert first.sha256 == second.sha256
    assert first.sha256 == hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()


def test_a_rehearsal_checks_and_writes_nothing(animals: Dataset, tmp_path: Path) -> None:
    planned = archive_version(animals, None, tmp_path / "a.zip", dry_run=True)
    assert not (tmp_path / "a.zip").exists()
    told: list[tuple[int, int, int]] = []
    done = archive_version(
        animals, None, tmp_path / "a.zip", progress=lambda *now: told.append(now)
    )
    assert (planned.files, planned.n_bytes, planned.sha256) == (done.files, done.n_bytes, "")
    assert told[-1][0] == told[-1][1] == len(told)


def test_what_cannot_be_packed_is_refused(animals: Dataset, tmp_path: Path) -> None:
    (tmp_path / "a.zip").touch()
    with pytest.raises(AlreadyExists):
        archive_version(animals, None, tmp_path / "a.zip")
    with pytest.raises(InvalidInput, match=r"end in \.zip"):
        archive_version(animals, None, tmp_path / "a.tar")
    with pytest.raises(InvalidInput, match="no folder"):
        archive_version(animals, None, tmp_path / "none" / "a.zip")


def test_events_that_are_elsewhere_are_asked_for(clone: Dataset, tmp_path: Path) -> None:
    with pytest.raises(MissingContent) as caught:
        archive_version(clone, "1.0.0", tmp_path / "a.zip")
    assert "spikelake dataset get" in caught.value.hint
    assert not (tmp_path / "a.zip").exists()


def test_damaged_bytes_are_not_packed(animals: Dataset, tmp_path: Path) -> None:
    shard = (animals.root / "events.zarr/events/t/c/0").resolve()
    shard.chmod(0o644)
    data = bytearray(shard.read_bytes())
    data[0] ^= 1
    shard.write_bytes(data)
    with pytest.raises(IntegrityError, match="events/t/c/0"):
        archive_version(animals, "1.0.0", tmp_path / "a.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["animals"]


def test_a_kill_leaves_no_archive(
    animals: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_add", stop)
    with pytest.raises(KeyboardInterrupt):
        archive_version(animals, "1.0.0", tmp_path / "a.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["animals"]


def test_other_folders_are_as_they_are(tmp_path: Path) -> None:
    assert payload_of(tmp_path) == tmp_path
