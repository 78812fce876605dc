"""The head of a store is found again from the documents that repeat parts of it."""

import json
import shutil
from pathlib import Path

import pytest

from eventstore.errors import FormatError
from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.files import LocalFiles
from eventstore.mended_head import UNKNOWN_DIGEST, mended_head
from eventstore.sample_stores import write_samples
from eventstore.schema import Head
from eventstore.store import EventStore
from eventstore.testing import tiny_store

pytestmark = pytest.mark.usefixtures("instant_sync")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_samples(tmp_path / "events.zarr", range(6), tier="fast")
    return tmp_path / "events.zarr"


def found(path: Path) -> Head:
    head, findings = mended_head(LocalFiles(path))
    assert [finding.where for finding in findings] == ["zarr.json"]
    return head


def without_digest(path: Path) -> dict[str, object]:
    with EventStore.open(path) as store:
        head = store.head
    return {name: getattr(head, name) for name in Head.__slots__} | {"digest": UNKNOWN_DIGEST}


def test_a_sound_root_is_taken_as_it_is(path: Path) -> None:
    head, findings = mended_head(LocalFiles(path))
    assert (head, findings) == (EventStore.open(path).head, [])


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'{"node_type": "group"}', None])
def test_the_documents_stand_in_for_a_damaged_root(path: Path, left: bytes | None) -> None:
    expected = without_digest(path)
    if left is None:
        (path / "zarr.json").unlink()
    else:
        (path / "zarr.json").write_bytes(left)
    head = found(path)
    assert {name: getattr(head, name) for name in Head.__slots__} == expected


def test_any_document_of_a_column_is_enough(path: Path) -> None:
    expected = without_digest(path)
    for document in ("zarr.json", "events/zarr.json", "events/t/zarr.json", "events/x/zarr.json"):
        (path / document).unlink()
    assert found(path).layout == expected["layout"]
    assert found(path).tier == "fast"


def test_documents_that_run_ahead_do_not_count(path: Path) -> None:
    expected = without_digest(path)
    (path / "zarr.json").unlink()
    document = path / "events" / "t" / "zarr.json"
    content = json.loads(document.read_bytes())
    content["shape"] = [content["shape"][0] + 99]
    document.write_text(json.dumps(content))
    assert found(path).n_events == expected["n_events"]


def test_an_audio_store_is_known_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    tiny_store(path, sensor=Sensor.audio(16)).close()
    (path / "zarr.json").unlink()
    assert found(path).sensor == Sensor.audio(16)


def test_without_sizes_the_sensor_is_as_large_as_can_be(path: Path) -> None:
    (path / "zarr.json").unlink()
    shutil.rmtree(path / "recordings" / "width" / "c")
    assert found(path).sensor == Sensor(COORDINATE_LIMIT, COORDINATE_LIMIT)


def test_side_streams_need_their_documents(path: Path) -> None:
    (path / "zarr.json").unlink()
    (path / "side" / "frames" / "pixels" / "zarr.json").unlink()
    shutil.rmtree(path / "side" / "imu")
    assert set(found(path).side) == {"triggers"}


def test_what_is_no_store_is_refused(tmp_path: Path, path: Path) -> None:
    with pytest.raises(FormatError, match=r"zarr\.json") as caught:
        mended_head(LocalFiles(tmp_path))
    assert "nothing says how its events are stored" in caught.value.hint
    (path / "zarr.json").unlink()
    for document in path.glob("events/*/zarr.json"):
        document.write_text('{"node_type": "array", "shape": [3]}')
    with pytest.raises(FormatError, match=r"zarr\.json"):
        mended_head(LocalFiles(path))
