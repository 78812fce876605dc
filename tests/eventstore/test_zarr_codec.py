"""Plain zarr-python reads and writes bit-packed arrays once this package is installed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from zarr.codecs import Crc32cCodec
from zarr.storage import MemoryStore

from eventstore.bitpack import decode_into
from eventstore.codecs import codecs_of, decode_chunk, encode_chunk
from eventstore.errors import InvalidInput
from eventstore.shards import shard_parts
from eventstore.zarr_codec import BitPack

COLUMNS = {
    "t": np.cumsum(np.arange(3000) % 7 * 50_000),
    "x": (np.arange(3000) * 37 % 1280).astype(np.uint16),
    "p": np.arange(3000) % 3 == 0,
}


def array(values: np.ndarray, **options: Any) -> Any:
    made = zarr.create_array(
        MemoryStore(),
        shape=values.shape,
        dtype=values.dtype,
        serializer=BitPack(),
        compressors=None,
        **options,
    )
    made[:] = values
    return made


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("options", [{"chunks": (700,)}, {"chunks": (700,), "shards": (2100,)}])
def test_zarr_reads_what_it_wrote(name: str, options: dict[str, Any]) -> None:
    values = COLUMNS[name]
    made = array(values, **options)
    assert np.array_equal(made[:], values)
    assert np.array_equal(made[690:1500:3], values[690:1500:3])


def test_arrays_of_two_dimensions_work() -> None:
    values = COLUMNS["x"].reshape(60, 50)
    assert np.array_equal(array(values, chunks=(16, 32))[:], values)


def test_zarr_without_an_import_of_ours_reads_our_shards(tmp_path: Path) -> None:
    """The entry point alone makes the codec known: in a process of its own."""
    values = COLUMNS["t"]
    padded = np.pad(values, (0, 3072 - len(values)), mode="edge")
    codec = codecs_of("fast")["t"]
    chunks = [encode_chunk(codec, padded[i : i + 1024]) for i in range(0, 3072, 1024)]
    zarr.create_array(
        tmp_path / "t",
        shape=values.shape,
        dtype=values.dtype,
        chunks=(1024,),
        shards=(4096,),
        serializer=BitPack(),
        compressors=Crc32cCodec(),
    )
    document = json.loads((tmp_path / "t" / "zarr.json").read_text())
    assert document["codecs"][0]["configuration"]["codecs"] == list(codec.zarr_codecs)
    shard = tmp_path / "t" / "c" / "0"
    shard.parent.mkdir()
    shard.write_bytes(b"".join(shard_parts(chunks, 4)))
    script = (
        "import sys, zarr, json; a = zarr.open_array(sys.argv[1]); "
        "print(json.dumps([int(a[:].sum()), int(a[2999])]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(tmp_path / "t")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [int(values.sum()), int(values[-1])]


def test_our_reader_decodes_zarrs_chunks() -> None:
    values = COLUMNS["x"][:1000]
    made = array(values, chunks=(1000,))
    stored = made.store_path.store._store_dict["c/0"].to_bytes()
    out = np.empty(1000, np.uint16)
    decode_into(stored, out)
    assert np.array_equal(out, values)


def test_types_it_cannot_hold_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"spikelake\.bitpack cannot hold float32"):
        array(np.zeros(5, np.float32), chunks=(5,))


def test_settings_of_a_later_release_are_refused() -> None:
    with pytest.raises(InvalidInput, match="has no settings"):
        BitPack.from_dict({"name": "spikelake.bitpack", "configuration": {"block": 64}})


def test_a_chunk_decodes_alike_on_both_ways() -> None:
    codec = codecs_of("fast")["p"]
    data = encode_chunk(codec, np.arange(900).astype(np.uint8) % 2)
    out = np.empty(900, np.uint8)
    decode_chunk(codec, data, out)
    assert out.tolist() == [0, 1] * 450
