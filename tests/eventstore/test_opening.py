"""A path or URL leads to its store, or to what is wrong with it."""

import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from eventstore.errors import FormatError, InvalidInput, MissingExtra, NotFound
from eventstore.exchange import old_place
from eventstore.files_cached import CachedFiles
from eventstore.files_remote import RemoteFiles
from eventstore.opening import files_at_urls, open_files
from eventstore.packing import pack_store
from eventstore.range_cache import CacheConfig
from eventstore.store import EventStore, open_store

ROOT = "zarr.json"


@pytest.fixture
def places(sample_store: Path, web_server: Any) -> list[str]:
    folder = web_server.folder
    with EventStore.open(sample_store) as store:
        pack_store(store, folder / "a.zip")
    near, far = f"{folder}/events.zarr", f"{web_server.url}/events.zarr"
    packed = [f"{folder}/a.zip", f"file://{folder}/a.zip", f"{web_server.url}/a.zip"]
    return [near, f"{near}/", f"file://{near}", far, f"{far}/", *packed]


def test_every_form_of_place_opens(places: list[str], sample_store: Path, tmp_path: Path) -> None:
    expected = EventStore.open(sample_store)
    for place in places:
        with open_store(place, cache=CacheConfig(folder=tmp_path)) as store:
            assert store.digest == expected.digest
            assert store.read("r7").equals(expected.read("r7"))


def test_where_there_is_no_store(web_server: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in ("empty", "no.zarr", "no.zip"):
        for base in (str(tmp_path), web_server.url):
            with pytest.raises(NotFound, match=f"no event store at .*{place}"):
                EventStore.open(f"{base}/{place}", cache=None)
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(FormatError, match="not a zip"):
        EventStore.open(tmp_path / "text.zip")


def test_a_folder_may_be_called_as_a_zip(sample_store: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_store, tmp_path / "x.zip")
    assert EventStore.open(tmp_path / "x.zip").n_recordings == 12


def test_a_store_is_found_where_a_killed_rewrite_left_it(
    sample_store: Path, tmp_path: Path
) -> None:
    path = tmp_path / "events.zarr"
    shutil.copytree(sample_store, old_place(path))
    assert EventStore.open(path).n_recordings == 12


def test_only_what_is_far_is_kept(web_server: Any, tmp_path: Path) -> None:
    config = CacheConfig(folder=tmp_path)
    url = f"{web_server.url}/events.zarr"
    assert isinstance(open_files(url, ROOT, cache=config), CachedFiles)
    assert isinstance(open_files(url, ROOT, cache=None), RemoteFiles)
    assert not isinstance(open_files(web_server.folder / "events.zarr", ROOT), RemoteFiles)


def test_files_with_urls_of_their_own(web_server: Any, tmp_path: Path) -> None:
    web = web_server.url
    urls = {name: f"{web}/events.zarr/events/{name}/c/0" for name in "tx"}
    places = files_at_urls(urls | {"m": "memory://opening/m"}, cache=CacheConfig(folder=tmp_path))
    files, key = places["t"]
    assert isinstance(files, CachedFiles)
    assert places["x"] == (files, "events.zarr/events/x/c/0")
    assert isinstance(places["m"][0], RemoteFiles)
    path = web_server.folder / "events.zarr" / "events" / "t" / "c" / "0"
    assert files.read(key) == path.read_bytes()
    assert files.where(key) == urls["t"]


def test_options_are_for_urls(sample_store: Path) -> None:
    with pytest.raises(InvalidInput, match="storage_options were given for the local path"):
        EventStore.open(sample_store, storage_options={"anon": True})


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("fsspec")
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingExtra, match="s3:// takes a package that is not installed") as caught:
        EventStore.open("s3://bucket/a")
    assert caught.value.hint == "pip install 'spikelake[s3]'"
