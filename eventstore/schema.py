"""Layout of an event store: the zarr v3 documents that describe it, made and read back.

    zarr.json                        attributes + all other documents inline: the commit record
    events/{t,x,y,p} or {t,c}        dims (event,): sharded; every recording end to end
    recordings/{id,offsets,…}        dims (recording,): CF contiguous ragged array
    index/t                          dims (chunk,): t of the first event of each inner chunk
    side/{frames,imu,triggers}/…     only where a recording has such: sharded, end to end, and
                                     offsets: first row of each recording, then the end

Every shape is published at once by renaming the root ``zarr.json`` into place. All shapes follow
from the numbers of events, recordings and rows of side streams, so a `Head` is the whole state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from eventstore.axis import Axis
from eventstore.codecs import TIERS, Tier, codecs_of
from eventstore.documents import (
    Document,
    axis_documents,
    group_document,
    offsets_document,
    recordings_documents,
    table_document,
)
from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Sensor
from eventstore.side import PIXELS, SIDE_COLUMNS
from eventstore.side_codecs import side_codecs

FORMAT_VERSION = "1"
"""Version of this layout, in the root's attributes."""

DECISIVE = ("node_type", "shape", "data_type", "chunk_grid", "chunk_key_encoding", "codecs")
"""Parts of a document that decide how its values are read."""

ROW_DIMENSION: Mapping[str, str] = {
    "frames": "frame",
    "imu": "imu_sample",
    "triggers": "trigger",
    PIXELS: "pixel_byte",
}
"""Name of the dimension of each axis of side streams."""


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

    @property
    def provenance_rows(self) -> int:
        """Rows per chunk of provenance: fewer, for it is long and read for one recording a time."""
        return max(1, self.table_rows // 16)

    def events_axis(self, sensor: Sensor, tier: Tier) -> Axis:
        """Return where the columns of events are stored."""
        codecs = codecs_of(tier)
        return Axis(
            group="events",
            dimension="event",
            codecs={name: codecs[name] for name in sensor.columns},
            chunk=self.chunk_events,
            shard=self.shard_events,
        )

    def side_axes(self, kind: str) -> dict[str, Axis]:
        """Return where a kind of side stream is stored: its rows, and for frames their pixels.

        Rows are cut as events are; chunks of pixels are 32 times as long, a quarter as many go into
        a shard: 256 KiB and 32 MiB by default.

        Examples:
            >>> {name: axis.shard for name, axis in Layout().side_axes("frames").items()}
            {'frames': 4194304, 'pixels': 33554432}
        """
        codecs, group = side_codecs(kind), f"side/{kind}"
        pixels = {name: codecs.pop(name) for name in (PIXELS,) if name in codecs}
        cut = {"chunk": self.chunk_events, "shard": self.shard_events}
        axes = {kind: Axis(group=group, dimension=ROW_DIMENSION[kind], codecs=codecs, **cut)}
        if pixels:
            chunk = 32 * self.chunk_events
            cut = {"chunk": chunk, "shard": chunk * max(1, self.slots // 4)}
            axes[PIXELS] = Axis(group=group, dimension=ROW_DIMENSION[PIXELS], codecs=pixels, **cut)
        return axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The published state of a store: all that its root document says.

    Args:
        sensor: the sensor; a single recording's may be smaller.
        n_events: published events.
        n_recordings: published recordings.
        digest: logical digest of the whole store, in hex.
        layout: how the store is cut.
        tier: ``"archive"``, or ``"fast"`` for a store that is larger and read faster.
        side: published rows of each kind of side stream that there is, and bytes of ``pixels``.
    """

    sensor: Sensor
    n_events: int
    n_recordings: int
    digest: str
    layout: Layout
    tier: Tier = "archive"
    side: Mapping[str, int] = field(default_factory=dict)

    def axes(self) -> dict[str, Axis]:
        """Return all axes of the store by name: ``events`` and those of its side streams."""
        axes = {"events": self.layout.events_axis(self.sensor, self.tier)}
        for kind in self.side_kinds():
            axes |= self.layout.side_axes(kind)
        return axes

    def axis(self, name: str) -> Axis:
        """Return one axis by name, such as ``"events"``."""
        return self.axes()[name]

    def length(self, axis: str) -> int:
        """Return the published length of an axis."""
        return self.n_events if axis == "events" else self.side.get(axis, 0)

    def side_kinds(self) -> tuple[str, ...]:
        """Return the kinds of side streams that the store holds."""
        return tuple(kind for kind in SIDE_COLUMNS if kind in self.side)

    def documents(self) -> dict[str, Document]:
        """Return the documents of every group and array below the root, by their path."""
        layout, n, kinds = self.layout, self.n_recordings, self.side_kinds()
        groups = ["events", "index", "recordings", *(f"side/{kind}" for kind in kinds)]
        documents = {name: group_document({}) for name in [*groups, *(["side"] if kinds else [])]}
        for name, axis in self.axes().items():
            documents |= axis_documents(axis, self.length(name))
        documents |= recordings_documents(n, layout.table_rows, layout.provenance_rows)
        for kind in kinds:
            documents[f"side/{kind}/offsets"] = offsets_document(n, layout.table_rows)
        chunks = [layout.n_chunks(self.n_events)]
        documents["index/t"] = table_document("int64", chunks, ("chunk",), layout.table_rows, {})
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
        return group_document(attributes, self.documents())

    def group(self, name: str) -> Document:
        """Return the document of the group ``name``, with those of its arrays inline."""
        prefix = f"{name}/"
        inside = {
            path.removeprefix(prefix): document
            for path, document in self.documents().items()
            if path.startswith(prefix)
        }
        return group_document({}, inside)


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
    sharding = time["codecs"][0]["configuration"]
    head = Head(
        sensor=Sensor(**attributes["sensor"]),
        n_events=int(time["shape"][0]),
        n_recordings=int(table["shape"][0]),
        digest=str(attributes["digest"]),
        layout=Layout(
            chunk_events=sharding["chunk_shape"][0],
            shard_events=time["chunk_grid"]["configuration"]["chunk_shape"][0],
            table_rows=table["chunk_grid"]["configuration"]["chunk_shape"][0],
        ),
        tier=_tier(sharding["codecs"], path),
        side=_side_lengths(members),
    )
    if (attributes["n_events"], attributes["n_recordings"]) != (head.n_events, head.n_recordings):
        message = "the numbers of events and recordings do not match the shapes"
        raise FormatError(message, path=path, hint="restore it from a saved version")
    documents = head.documents()
    unknown = sorted(members.keys() - documents.keys())
    if unknown:
        message = f"{unknown[0]} does not belong to the store"
        hint = "the metadata was changed by another program: restore it"
        raise FormatError(message, path=path, hint=hint)
    for name, expected in documents.items():
        for key in DECISIVE:
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


def _tier(found: list[Document], path: str) -> Tier:
    """Return the tier whose codec of times is the one found."""
    for tier, codecs in TIERS.items():
        if found == [dict(part) for part in codecs["t"].zarr_codecs]:
            return tier
    message = "the events are coded as in no tier of this release"
    hint = "the store was written by a later release, or its metadata was changed"
    raise FormatError(message, path=path, found=str(found), hint=hint)


def _side_lengths(members: Mapping[str, Document]) -> dict[str, int]:
    """Return the lengths of the axes of side streams that are there."""
    kinds = [kind for kind in SIDE_COLUMNS if f"side/{kind}" in members]
    names = {kind: f"side/{kind}/t" for kind in kinds}
    if "frames" in kinds:
        names[PIXELS] = f"side/frames/{PIXELS}"
    return {axis: int(members[name]["shape"][0]) for axis, name in names.items()}
