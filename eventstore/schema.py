"""Layout of an event store: the zarr v3 documents that describe it, made and read back.

    zarr.json                        attributes + all other documents inline: the commit record
    events/{t,x,y,p} or {t,c}        dims (event,): sharded; every recording end to end
    recordings/{id,offsets,…}        dims (recording,): CF contiguous ragged array
    index/t                          dims (chunk,): t of the first event of each inner chunk

Every shape is published at once by renaming the root ``zarr.json`` into place. All shapes follow
from the numbers of events and recordings, so a `Head` is the whole state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

from eventstore.codecs import CODEC_OF_COLUMN, CRC32C
from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Sensor

FORMAT_VERSION = "1"
"""Version of this layout, in the root's attributes."""

Document: TypeAlias = dict[str, Any]
"""A parsed ``zarr.json``."""

TABLE: Mapping[str, tuple[str, tuple[str, ...], Document]] = {
    "id": ("string", ("recording",), {"cf_role": "timeseries_id"}),
    "offsets": ("int64", ("recording_bound",), {"description": "first row of each, then the end"}),
    "row_size": ("int64", ("recording",), {"sample_dimension": "event"}),
    "t_origin_us": ("int64", ("recording",), {"description": "the source's own stamp of t = 0"}),
    "t_stop": ("int64", ("recording",), {"description": "last t + 1 in µs; 0 where empty"}),
    "width": ("int32", ("recording",), {}),
    "height": ("int32", ("recording",), {}),
    "digest": ("uint8", ("recording", "digest_byte"), {"description": "sha256 of the columns"}),
    "source_sha256": ("uint8", ("recording", "digest_byte"), {"description": "of the source"}),
}  # fmt: skip
"""Columns of the recordings table: zarr data type, dimensions, attributes."""

DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How finely a store is cut; the defaults are measured (see the format page).

    Args:
        chunk_events: events per inner chunk, the unit of decoding.
        shard_events: events per shard file; a whole number of chunks.
        table_rows: rows per chunk of the small tables.

    Raises:
        InvalidInput: a size below 1, or a shard that is not a whole number of chunks.
    """

    chunk_events: int = 8192
    shard_events: int = 1 << 22
    table_rows: int = 65_536

    def __post_init__(self) -> None:
        if min(self.chunk_events, self.table_rows) < 1 or self.shard_events < self.chunk_events:
            message = f"layout {self} has an empty chunk or shard"
            raise InvalidInput(message, hint="use Layout()")
        if self.shard_events % self.chunk_events:
            message = (
                f"a shard of {self.shard_events} events is not a whole number "
                f"of chunks of {self.chunk_events}"
            )
            raise InvalidInput(message, hint="make shard_events a multiple of chunk_events")

    @property
    def slots(self) -> int:
        """Inner chunks per shard."""
        return self.shard_events // self.chunk_events

    def n_chunks(self, n_events: int) -> int:
        """Return how many inner chunks so many events fill."""
        return -(-n_events // self.chunk_events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The published state of a store: all that its root document says.

    Args:
        sensor: the sensor; a single recording's may be smaller.
        n_events: published events.
        n_recordings: published recordings.
        digest: logical digest of the whole store, in hex.
        layout: how the store is cut.
    """

    sensor: Sensor
    n_events: int
    n_recordings: int
    digest: str
    layout: Layout

    def documents(self) -> dict[str, Document]:
        """Return the documents of every group and array below the root, by their path."""
        layout, n = self.layout, self.n_recordings
        documents = {group: _group({}) for group in ("events", "index", "recordings")}
        for name in self.sensor.columns:
            documents[f"events/{name}"] = _column(name, self.n_events, layout)
        rows = {"offsets": n + 1}
        for name, (data_type, dims, attributes) in TABLE.items():
            shape = [rows.get(name, n), DIGEST_BYTES][: len(dims)]
            documents[f"recordings/{name}"] = _table(data_type, shape, dims, layout) | {
                "attributes": attributes
            }
        chunks = [layout.n_chunks(self.n_events)]
        documents["index/t"] = _table("int64", chunks, ("chunk",), layout)
        return dict(sorted(documents.items()))

    def chunk_keys(self) -> list[str]:
        """Return the keys of all files that hold the arrays' values."""
        keys = []
        for name, document in self.documents().items():
            if document["node_type"] == "array":
                chunks = document["chunk_grid"]["configuration"]["chunk_shape"]
                counts = [-(-n // c) for n, c in zip(document["shape"], chunks, strict=True)]
                places = product(*map(range, counts))
                keys += ["/".join([name, "c", *map(str, place)]) for place in places]
        return keys

    def root(self) -> Document:
        """Return the root document, with all others inline."""
        sensor = self.sensor
        attributes = {
            "format": "spikelake-events",
            "format_version": FORMAT_VERSION,
            "featureType": "timeSeries",
            "sensor": {
                "width": sensor.width,
                "height": sensor.height,
                "modality": sensor.modality,
            },
            "time_unit": "us",
            "n_events": self.n_events,
            "n_recordings": self.n_recordings,
            "digest": self.digest,
        }
        return _group(attributes, self.documents())

    def group(self, name: str) -> Document:
        """Return the document of the group ``name``, with those of its arrays inline."""
        prefix = f"{name}/"
        inside = {
            path.removeprefix(prefix): document
            for path, document in self.documents().items()
            if path.startswith(prefix)
        }
        return _group({}, inside)


def head_from_root(document: Document, path: str) -> Head:
    """Read a root document back, refusing what this version cannot read.

    Raises:
        FormatError: not an event store, of a later format, or inconsistent in itself.
    """
    attributes = document.get("attributes", {})
    version = attributes.get("format_version")
    if document.get("node_type") != "group" or version is None or "sensor" not in attributes:
        message = "this zarr group is not an event store"
        raise FormatError(
            message,
            path=path,
            expected="the attributes format_version and sensor",
            hint="open a store made by `spikelake ingest` (its events.zarr folder)",
        )
    if version != FORMAT_VERSION:
        message = "unknown format version"
        raise FormatError(
            message,
            path=path,
            expected=FORMAT_VERSION,
            found=repr(version),
            hint="the store was written by a later release: upgrade spikelake",
        )
    try:
        return _parse(document, path)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        message = f"the root document is damaged ({type(error).__name__}: {error})"
        raise FormatError(message, path=path, hint="restore it from a saved version") from error


def _parse(document: Document, path: str) -> Head:
    attributes, members = document["attributes"], document["consolidated_metadata"]["metadata"]
    time, table = members["events/t"], members["recordings/row_size"]
    head = Head(
        sensor=Sensor(**attributes["sensor"]),
        n_events=int(time["shape"][0]),
        n_recordings=int(table["shape"][0]),
        digest=str(attributes["digest"]),
        layout=Layout(
            chunk_events=time["codecs"][0]["configuration"]["chunk_shape"][0],
            shard_events=time["chunk_grid"]["configuration"]["chunk_shape"][0],
            table_rows=table["chunk_grid"]["configuration"]["chunk_shape"][0],
        ),
    )
    if (attributes["n_events"], attributes["n_recordings"]) != (head.n_events, head.n_recordings):
        message = "the numbers of events and recordings do not match the shapes"
        raise FormatError(message, path=path, hint="restore it from a saved version")
    for name, expected in head.documents().items():
        for key in ("node_type", "shape", "data_type", "chunk_grid", "codecs"):
            if members[name].get(key) != expected.get(key):
                message = f"{key} of {name} does not belong to the rest of the store"
                raise FormatError(
                    message,
                    path=path,
                    expected=str(expected.get(key)),
                    found=str(members[name].get(key)),
                    hint="the metadata was changed by another program: restore it",
                )
    return head


def _group(attributes: Document, members: Mapping[str, Document] | None = None) -> Document:
    consolidated = {"kind": "inline", "must_understand": False, "metadata": dict(members or {})}
    return {
        "attributes": attributes,
        "zarr_format": 3,
        "consolidated_metadata": consolidated,
        "node_type": "group",
    }


def _array(
    data_type: str,
    shape: list[int],
    chunk: list[int],
    dims: tuple[str, ...],
    codecs: list[Document],
) -> Document:
    fills: dict[str, str | bool] = {"string": "", "bool": False}
    return {
        "shape": shape,
        "data_type": data_type,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": fills.get(data_type, 0),
        "codecs": codecs,
        "attributes": {},
        "dimension_names": list(dims),
        "zarr_format": 3,
        "node_type": "array",
        "storage_transformers": [],
    }


def _column(name: str, n_events: int, layout: Layout) -> Document:
    codec = CODEC_OF_COLUMN[name]
    sharding = {
        "name": "sharding_indexed",
        "configuration": {
            "chunk_shape": [layout.chunk_events],
            "codecs": [dict(part) for part in codec.zarr_codecs],
            "index_codecs": [_little_endian_bytes(), dict(CRC32C)],
            "index_location": "end",
        },
    }
    return _array(codec.data_type, [n_events], [layout.shard_events], ("event",), [sharding])


def _table(data_type: str, shape: list[int], dims: tuple[str, ...], layout: Layout) -> Document:
    chunk = [layout.table_rows, *shape[1:]]
    first: Document = {"bytes": {"name": "bytes"}, "string": {"name": "vlen-utf8"}}.get(
        "string" if data_type == "string" else "bytes" if data_type == "uint8" else "", {}
    ) or _little_endian_bytes()
    zstd = {"name": "zstd", "configuration": {"level": 3, "checksum": False}}
    return _array(data_type, shape, chunk, dims, [first, zstd, dict(CRC32C)])


def _little_endian_bytes() -> Document:
    return {"name": "bytes", "configuration": {"endian": "little"}}
