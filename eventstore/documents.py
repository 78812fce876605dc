"""The ``zarr.json`` documents of zarr v3, as an event store writes them."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from eventstore.axis import Axis
from eventstore.codecs import CRC32C

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
    "side_digest": ("uint8", ("recording", "digest_byte"), {"description": "zeros where none"}),
    "source_sha256": ("uint8", ("recording", "digest_byte"), {"description": "of the source"}),
    "provenance": ("string", ("recording",), {"description": "a JSON object"}),
}  # fmt: skip
"""Columns of the recordings table: zarr data type, dimensions, attributes."""

DIGEST_BYTES = 32

_LITTLE_ENDIAN: Mapping[str, Any] = {"name": "bytes", "configuration": {"endian": "little"}}

_ZSTD: Mapping[str, Any] = {"name": "zstd", "configuration": {"level": 3, "checksum": False}}


def group_document(attributes: Document, members: Mapping[str, Document] | None = None) -> Document:
    """Return the document of a group, with those of all below it inline."""
    consolidated = {"kind": "inline", "must_understand": False, "metadata": dict(members or {})}
    return {
        "attributes": attributes,
        "zarr_format": 3,
        "consolidated_metadata": consolidated,
        "node_type": "group",
    }


def axis_documents(axis: Axis, n: int) -> dict[str, Document]:
    """Return the documents of an axis' sharded columns of ``n`` rows, by their path."""
    documents = {}
    for name, codec in axis.codecs.items():
        sharding = {
            "name": "sharding_indexed",
            "configuration": {
                "chunk_shape": [axis.chunk],
                "codecs": [dict(part) for part in codec.zarr_codecs],
                "index_codecs": [dict(_LITTLE_ENDIAN), dict(CRC32C)],
                "index_location": "end",
            },
        }
        dims = (axis.dimension,)
        documents[f"{axis.group}/{name}"] = _array(
            codec.data_type, [n], [axis.shard], dims, [sharding]
        )
    return documents


def recordings_documents(n: int, rows: int, provenance_rows: int) -> dict[str, Document]:
    """Return the documents of the recordings table's columns, by their path.

    Args:
        n: number of recordings.
        rows: rows per chunk.
        provenance_rows: the same of ``provenance``.
    """
    documents = {}
    for name, (data_type, dims, attributes) in TABLE.items():
        shape = [n + 1 if name == "offsets" else n, DIGEST_BYTES][: len(dims)]
        per_chunk = provenance_rows if name == "provenance" else rows
        documents[f"recordings/{name}"] = table_document(
            data_type, shape, dims, per_chunk, attributes
        )
    return documents


def offsets_document(n: int, rows: int) -> Document:
    """Return the document of the first rows of ``n`` recordings on an axis, then the end."""
    data_type, dims, attributes = TABLE["offsets"]
    return table_document(data_type, [n + 1], dims, rows, attributes)


def table_document(
    data_type: str,
    shape: list[int],
    dims: tuple[str, ...],
    rows: int,
    attributes: Document,
) -> Document:
    """Return the document of a small array of ``rows`` rows a chunk."""
    special: dict[str, Mapping[str, Any]] = {
        "string": {"name": "vlen-utf8"},
        "uint8": {"name": "bytes"},
    }
    codecs = [dict(special.get(data_type, _LITTLE_ENDIAN)), dict(_ZSTD), dict(CRC32C)]
    document = _array(data_type, shape, [rows, *shape[1:]], dims, codecs)
    return document | {"attributes": attributes}


def _array(
    data_type: str,
    shape: list[int],
    chunk: list[int],
    dims: tuple[str, ...],
    codecs: list[Document],
) -> Document:
    fills: dict[str, str | bool | float] = {"string": "", "bool": False, "float32": 0.0}
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
