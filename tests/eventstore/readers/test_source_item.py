"""Items of a listing: values that any process opens; what several share is read once."""

import io
import pickle
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from eventstore.errors import NotFound
from eventstore.readers import SourceItem, list_sources
from eventstore.readers.source_item import map_whole

RECORD = bytes([1, 2, 0, 0, 5])


@pytest.fixture
def places(tmp_path: Path) -> list[Path]:
    """Return a folder, a zip and two tars that hold the same two recordings."""
    files = {f"1/{k}.bin": RECORD * (k + 1) for k in range(2)}
    for name, data in files.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    for tar in (tmp_path / "a.tar", tmp_path / "a.tar.gz"):
        with tarfile.open(tar, "w:gz" if tar.suffix == ".gz" else "w") as opened:
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                opened.addfile(info, io.BytesIO(data))
    return [tmp_path / name for name in ("folder", "a.zip", "a.tar", "a.tar.gz")]


def test_items_travel_to_other_processes(places: list[Path]) -> None:
    for place in places:
        items = list_sources(place).items
        copies: list[SourceItem] = pickle.loads(pickle.dumps(items))
        assert copies == items
        assert [bytes(item.open().data) for item in copies] == [RECORD, RECORD * 2]
        assert [item.n_bytes for item in copies] == [5, 10]


def test_bytes_of_several_parts_are_read_and_summed_once(places: list[Path]) -> None:
    for place in places:
        item = list_sources(place).items[1]
        sources = [replace(item, part=f"part-{k}").open() for k in range(3)]
        assert [source.part for source in sources] == ["part-0", "part-1", "part-2"]
        assert all(source.data is sources[0].data for source in sources)
        sums = [source.sha256() for source in sources]
        assert all(each is sums[0] for each in sums)


def test_ten_thousand_parts_of_one_file_open_quickly(places: list[Path]) -> None:
    (places[0] / "1" / "0.bin").write_bytes(RECORD * 100_000)
    for item in (list_sources(place).items[0] for place in places[:2]):
        sums = {replace(item, part=str(k)).open().sha256() for k in range(10_000)}
        assert len(sums) == 1


def test_a_file_written_again_is_read_again(places: list[Path]) -> None:
    item = replace(list_sources(places[0]).items[0], part="x")
    before, stamp = item.open(), item.stamp()
    other = places[0] / "other"
    other.write_bytes(RECORD * 9)
    other.replace(places[0] / "1" / "0.bin")
    assert len(item.open().data) == 45
    assert item.open().sha256() != before.sha256()
    assert item.stamp() != stamp


def test_an_archive_is_mapped_once(places: list[Path]) -> None:
    for place in places[1:]:
        assert map_whole(place) is map_whole(place)


def test_threads_may_open_the_same_archive(places: list[Path]) -> None:
    items = [item for place in places for item in list_sources(place).items] * 50
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda item: len(item.open().data), items)) == [5, 10] * 200


def test_a_file_that_is_gone_is_named(places: list[Path]) -> None:
    for place in places[1:]:
        (item, _) = list_sources(place).items
        place.unlink()
        with pytest.raises(NotFound, match=f"no file .*{place.name}"):
            item.open()
