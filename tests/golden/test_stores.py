"""Stores of every release are read: by the store, by zarr, and by the format page alone."""

import hashlib
import importlib.util
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import pytest
import zarr
from numcodecs.zstd import Zstd
from pcodec import standalone

from eventstore.append import StoreWriter
from eventstore.digest import NO_DIGEST
from eventstore.events import Events, Sensor
from eventstore.store import EventStore
from eventstore.verify import check_store

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("store-v*.zip"))

Truth = Mapping[str, Any]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def truth(name: str) -> Truth:
    found: Truth = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def path(name: str, tmp_path: Path) -> Path:
    with zipfile.ZipFile(HERE / f"{name}.zip") as archive:
        archive.extractall(tmp_path / "events.zarr")
    return tmp_path / "events.zarr"


def column(values: Sequence[float | None], dtype: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype)


def end_to_end(truth: Truth, name: str, dtype: str) -> np.ndarray:
    return column([v for r in truth["recordings"] for v in r["events"][name]], dtype)


def test_there_are_golden_stores_of_each_kind() -> None:
    assert {name.split("-")[2] for name in NAMES} == {"audio", "fast", "side", "vision"}


def test_the_stores_reader_reads_them(path: Path, truth: Truth) -> None:
    store = EventStore.open(path)
    assert store.sensor == Sensor(*truth["sensor"])
    assert store.head.tier == truth["tier"]
    assert store.digest == truth["digest"]
    assert store.recordings.ids == [recording["id"] for recording in truth["recordings"]]
    for number, expected in enumerate(truth["recordings"]):
        row = store.recordings[number]
        assert (row.t_origin_us, row.t_stop) == (expected["t_origin_us"], expected["t_stop"])
        assert [row.sensor.width, row.sensor.height] == expected["sensor"]
        for field in ("digest", "side_digest", "source_sha256"):
            assert getattr(row, field).hex() == expected[field]
        assert store.recordings.provenance(number) == expected["provenance"]
        events = store.read(number)
        for name, values in expected["events"].items():
            assert events.column(name).tolist() == values
        side = store.side(number)
        assert set(side) == set(expected["side"])
        for kind, columns in expected["side"].items():
            for name, found in side[kind].columns.items():
                wanted = column(columns[name], found.dtype.str)
                assert np.array_equal(found, wanted, equal_nan=found.dtype.kind == "f")
    assert check_store(store) == []


def test_zarr_reads_them(path: Path, truth: Truth) -> None:
    group = zarr.open_group(path, mode="r")
    assert group.attrs["digest"] == truth["digest"]

    def stored(key: str) -> np.ndarray:
        array = group[key]
        assert isinstance(array, zarr.Array)
        return np.asarray(array[:])

    recordings = truth["recordings"]
    for name in recordings[0]["events"]:
        assert stored(f"events/{name}").tolist() == end_to_end(truth, name, "int64").tolist()
    assert stored("recordings/id").tolist() == [r["id"] for r in recordings]
    assert [json.loads(t) for t in stored("recordings/provenance")] == [
        r["provenance"] for r in recordings
    ]
    assert [d.tobytes().hex() for d in stored("recordings/digest")] == [
        r["digest"] for r in recordings
    ]
    lengths = [len(r["events"]["t"]) for r in recordings]
    assert stored("recordings/offsets").tolist() == np.cumsum([0, *lengths]).tolist()
    for kind in {kind for r in recordings for kind in r["side"]}:
        parts = [r["side"].get(kind) for r in recordings]
        names = next(part for part in parts if part)
        for name in set(names) - {"start"}:
            found = stored(f"side/{kind}/{name}")
            wanted = column([v for part in parts if part for v in part[name]], found.dtype.str)
            assert np.array_equal(found, wanted, equal_nan=found.dtype.kind == "f")
        sizes = [len(part["t"]) if part else 0 for part in parts]
        assert stored(f"side/{kind}/offsets").tolist() == np.cumsum([0, *sizes]).tolist()


def unsealed(data: bytes) -> bytes:
    """Return what stands before a crc32c that must match."""
    assert google_crc32c.value(data[:-4]) == struct.unpack("<I", data[-4:])[0]
    return data[:-4]


def decoded(codec: str, data: bytes, dtype: np.dtype, n: int) -> np.ndarray:
    """Decode an inner chunk by the codec its document names first."""
    if codec == "numcodecs.pcodec":
        return np.asarray(standalone.simple_decompress(data))
    if codec == "numcodecs.packbits":
        return np.unpackbits(np.frombuffer(data[1:], np.uint8), count=n)
    return np.frombuffer(bytes(Zstd().decode(data)), dtype)


def sharded(path: Path, documents: Mapping[str, Any], key: str) -> np.ndarray:
    """Read a column as the format page says, with nothing of this project."""
    document = documents[key]
    sharding = document["codecs"][0]["configuration"]
    shard = document["chunk_grid"]["configuration"]["chunk_shape"][0]
    chunk, n = sharding["chunk_shape"][0], document["shape"][0]
    codec = sharding["codecs"][0]["name"]
    dtype = np.dtype("uint8" if document["data_type"] == "bool" else document["data_type"])
    parts = [np.empty(0, dtype)]
    for number in range(-(-n // shard)):
        data = (path / key / "c" / str(number)).read_bytes()
        slots = shard // chunk
        index = np.frombuffer(unsealed(data[-16 * slots - 4 :]), "<u8").reshape(slots, 2)
        present = index[index[:, 0] != 2**64 - 1].tolist()
        chunks = [unsealed(data[a : a + size]) for a, size in present]
        parts += [decoded(codec, part, dtype, chunk) for part in chunks]
    return np.concatenate(parts)[:n]


def table(path: Path, documents: Mapping[str, Any], key: str) -> np.ndarray:
    """Read a table's column of one chunk in the same way."""
    document = documents[key]
    (file,) = (p for p in (path / key / "c").rglob("*") if p.is_file())
    data = bytes(Zstd().decode(unsealed(file.read_bytes())))
    rest = document["shape"][1:]
    return np.frombuffer(data, document["data_type"]).reshape(-1, *rest)[: document["shape"][0]]


# The fast tier's codec has a decoder of its own among its tests.
@pytest.mark.parametrize("name", [n for n in NAMES if not n.endswith("fast")], indirect=True)
def test_the_format_page_is_enough_to_read_them(path: Path, truth: Truth) -> None:
    root = json.loads((path / "zarr.json").read_text(encoding="utf-8"))
    documents = root["consolidated_metadata"]["metadata"]
    offsets = table(path, documents, "recordings/offsets")
    lines = []
    for number, expected in enumerate(truth["recordings"]):
        start, stop = offsets[number : number + 2]
        width, height = expected["sensor"]
        head = f"{truth['sensor'][2]} {width}x{height} {stop - start}\n"
        text = b"spikelake-events-1\n" + head.encode()
        for name, values in expected["events"].items():
            found = sharded(path, documents, f"events/{name}")[start:stop]
            assert found.tolist() == values
            text += name.encode() + b" " + hashlib.sha256(found.tobytes()).digest()
        sums = [hashlib.sha256(text).hexdigest()]
        if expected["side"]:
            sums.append(side_digest(path, documents, number))
        assert sums == [expected[k] for k in ("digest", "side_digest")][: len(sums)]
        assert len(sums) == 1 + (expected["side_digest"] != NO_DIGEST.hex())
        lines.append("\t".join([expected["id"], *sums]) + "\n")
    whole = "spikelake-store-1\n" + "".join(sorted(lines))
    digest = hashlib.sha256(whole.encode()).hexdigest()
    assert digest == truth["digest"] == root["attributes"]["digest"]


COLUMNS = {
    "frames": "t t_stop x y width height channels bits pixels",
    "imu": "t accel_x accel_y accel_z gyro_x gyro_y gyro_z mag_x mag_y mag_z temperature",
    "triggers": "t channel edge",
}


def side_digest(path: Path, documents: Mapping[str, Any], recording: int) -> str:
    """Return the digest of a recording's side streams, computed as the format page says."""
    text = b"spikelake-side-1\n"
    for kind, names in COLUMNS.items():
        a, b = table(path, documents, f"side/{kind}/offsets")[recording : recording + 2]
        if a == b:
            continue
        text += f"{kind} {b - a}\n".encode()
        for name in names.split():
            values = sharded(path, documents, f"side/{kind}/{name}")
            if name == "pixels":
                begins = [*sharded(path, documents, "side/frames/start"), len(values)]
                part = values[begins[a] : begins[b]]
            else:
                part = values[a:b]
            text += name.encode() + b" " + hashlib.sha256(part.tobytes()).digest()
    return hashlib.sha256(text).hexdigest()


def test_they_can_be_written_on(path: Path, truth: Truth) -> None:
    width, height, modality = truth["sensor"]
    with StoreWriter.open(path) as writer:
        writer.append("more", [Events.of(t=[1], x=[width - 1], y=[height - 1])])
    store = EventStore.open(path)
    assert store.sensor == Sensor(width, height, modality)
    assert check_store(store) == []


def test_this_release_writes_the_same_values(name: str, truth: Truth, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_stores", HERE / "make_stores.py")
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    version, what = name.removeprefix("store-v").split("-")
    if version == script.FORMAT_VERSION:
        assert json.loads(json.dumps(script.make(what, tmp_path / "a.zarr"))) == truth
