"""A published version reads as it does at home, and never as anything else."""

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import open_split, open_version
from catalog.dataset import Dataset
from catalog.folder import open_source
from catalog.remotes.publish import PublishReport
from catalog.verify import check_published
from eventstore.errors import IntegrityError, MissingContent, NotFound, Unreachable
from eventstore.loader import Loader
from eventstore.store import EventStore
from eventstore.store_handle import StoreHandle
from eventstore.transforms import FramesByBins, Pipeline

Publish = Callable[..., PublishReport]
Serve = Callable[[Path], Any]


@pytest.fixture
def url(site: Path, serve_folder: Serve) -> str:
    """URL of the published version, on a plain web server."""
    return f"{serve_folder(site.parent).url}/animals"


def test_it_reads_over_http_as_at_home(animals: Dataset, url: str) -> None:
    with open_version(f"{url}@1.0.0") as far, animals.at("1.0.0") as near:
        assert far.reference == near.reference
        assert (far.label_sets, far.splits) == (near.label_sets, near.splits)
        assert far.recordings == near.recordings
        assert far.labels() == near.labels()
        assert far.store.files.remote
        for row in range(near.store.n_recordings):
            assert far.store.read(row).equals(near.store.read(row))
        assert far.split("official").digest == near.split("official").digest


def test_it_reads_from_s3_with_options(
    animals: Dataset, object_store: Any, publish: Publish, tmp_path: Path
) -> None:
    place = f"s3://bucket/{tmp_path.name}"
    publish(place, storage_options=object_store.options)
    reference = f"{place}@1.0.0/split:official"
    split = open_split(reference, storage_options=object_store.options)
    mine = animals.at("1.0.0").split("official")
    assert (split.digest, split.samples) == (mine.digest, mine.samples)
    assert split.store.read(4).equals(mine.store.read(4))


def test_no_git_is_started(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        message = "a process was started"
        raise AssertionError(message)

    monkeypatch.setattr("subprocess.Popen", refuse)
    with open_version(f"{url}@1.0.0") as version:
        assert len(version.split("official").selection("train")) == 9
        assert len(version.store.read(0)) == 50


def test_batches_stream_from_it(url: str) -> None:
    split = open_split(f"{url}@1.0.0/split:official")
    pipeline = Pipeline(FramesByBins(n_bins=2))
    batches = list(Loader(split.selection("train"), pipeline, batch_size=3))
    assert sum(len(batch.label) for batch in batches) == 9


def test_another_process_opens_it_anew(url: str) -> None:
    with open_version(f"{url}@1.0.0") as version:
        again = pickle.loads(pickle.dumps(StoreHandle(version.store))).store
        assert again.read(2).equals(version.store.read(2))


def test_the_digest_of_the_reference_is_checked(animals: Dataset, url: str) -> None:
    digest = animals.version("1.0.0").digest
    assert open_version(f"{url}@1.0.0#{digest[:16]}").version is not None
    with pytest.raises(IntegrityError, match="the reference says 0000000000000000"):
        open_version(f"{url}@1.0.0#0000000000000000")
    with pytest.raises(IntegrityError, match="the reference says"):
        open_split(f"{url}@1.0.0/split:official#0000000000000000")


def test_a_changed_text_is_refused(site: Path, url: str) -> None:
    tree: Any = open_version(f"{url}@1.0.0").tree
    place = site / tree.place("labels/class.tsv")
    text = place.read_text()
    place.unlink()
    place.write_text(text.replace("\towl\n", "\tcat\n", 1))
    with pytest.raises(IntegrityError, match=r"labels/class\.tsv is not what the version recorded"):
        open_version(f"{url}@1.0.0").labels()
    place.unlink()
    with pytest.raises(MissingContent, match=r"labels/class\.tsv is gone"):
        open_version(f"{url}@1.0.0").labels()


def test_changed_events_are_refused(site: Path, url: str) -> None:
    tree: Any = open_version(f"{url}@1.0.0").tree
    place = site / tree.place("events.zarr/events/x/c/0")
    data = place.read_bytes()
    place.unlink()
    place.write_bytes(data[:-1])
    with pytest.raises(IntegrityError, match="bytes, recorded were"):
        open_version(f"{url}@1.0.0").store.read(0)
    place.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])
    with pytest.raises(IntegrityError):
        open_version(f"{url}@1.0.0").store.read_rows(0, 750)
    place.unlink()
    with pytest.raises(MissingContent):
        open_version(f"{url}@1.0.0").store.read(0)


def test_the_store_of_another_version_is_refused(
    site: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventStore, "digest", "00")
    with pytest.raises(IntegrityError, match="holds other recordings than the version recorded"):
        _ = open_version(f"{url}@1.0.0").store


def test_files_and_names(animals: Dataset, url: str) -> None:
    far: Any = open_version(f"{url}@1.0.0").tree
    near = animals.at("1.0.0").tree
    for folder, suffix in (("labels", ".tsv"), ("splits", ".json"), ("", ".yaml"), ("no", ".x")):
        assert far.names(folder, suffix) == near.names(folder, suffix)
    assert far.paths() == near.paths()
    assert {far.sha256(path) == near.sha256(path) for path in near.paths()} == {True}
    assert far.read("events.zarr/events/t/c/0")[:4] is not None
    for path in ("labels/other.tsv", "events.zarr/events/t/c/0"):
        with pytest.raises(NotFound, match="has no"):
            far.text(path)


def test_its_files_are_asked_for_anew(site: Path, url: str) -> None:
    tree: Any = open_version(f"{url}@1.0.0").tree
    assert tree.is_there("events.zarr/events/t/c/0")
    (site / tree.place("events.zarr/events/t/c/0")).unlink()
    assert not tree.is_there("events.zarr/events/t/c/0")


def test_verify_recomputes_every_digest(site: Path, url: str) -> None:
    source: Any = open_source(url)
    assert check_published(source) == []
    tree: Any = source.at("1.0.0").tree
    place = site / tree.place("events.zarr/events/p/c/0")
    data = bytearray(place.read_bytes())
    data[10] ^= 1
    place.unlink()
    place.write_bytes(data)
    assert check_published(open_source(url))  # type: ignore[arg-type]
    shutil.rmtree(site / "versions")
    [finding] = check_published(open_source(url), "1.0.0")  # type: ignore[arg-type]
    assert "has no versions/1.0.0.json" in finding.message


def test_a_server_that_refuses(site: Path, serve_folder: Serve) -> None:
    server = serve_folder(site)
    server.handler.statuses += [403] * 4
    with pytest.raises(Unreachable, match=r"versions\.json was refused"):
        open_version(f"{server.url}@1.0.0")
