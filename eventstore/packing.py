"""Pack a store into one file, which is read without being unpacked."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from eventstore.durable import PARTIAL, sync_folder
from eventstore.errors import AlreadyExists
from eventstore.store import ROOT_KEY, EventStore

BLOCK = 8 << 20
"""Bytes copied at a time."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same store gives the same archive."""


def pack_store(store: EventStore, path: Path | str) -> Path:
    """Write a store into an uncompressed zip, as other zarr readers take it too.

    The archive is whole or absent. It shows the state that the store had when it was opened, and
    the same state gives the same bytes. `EventStore.open` opens it, as does zarr's ``ZipStore``.

    Args:
        store: the store; local or remote.
        path: the file to make, such as ``events.zarr.zip``: opening asks for the ending ``.zip``.

    Returns:
        The path.

    Raises:
        AlreadyExists: there is something at the path.
        MissingContent: bytes of the store are not on this machine.
        OSError: the disk is full or refuses; nothing is left behind.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.append import StoreWriter
        >>> from eventstore.events import Events, Sensor
        >>> folder = Path(mkdtemp())
        >>> with StoreWriter.create(folder / "events.zarr", Sensor(34, 34)) as writer:
        ...     _ = writer.append("a", [Events.of(t=[5, 9], x=[1, 2], y=[0, 0], p=[1, 0])])
        >>> with EventStore.open(folder / "events.zarr") as store:
        ...     packed = pack_store(store, folder / "events.zarr.zip")
        >>> EventStore.open(packed).read("a").t.tolist()
        [5, 9]
    """
    path = Path(path)
    if os.path.lexists(path):
        message = f"there is something at {path} already"
        raise AlreadyExists(message, hint="choose another path, or delete it first")
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        with partial.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for key, data in _members(store):
                    _add(archive, key, data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return path


def _members(store: EventStore) -> Iterator[tuple[str, memoryview]]:
    """Yield all files of a store: its documents as they were when it was opened, then its data."""
    head = store.head
    documents = {ROOT_KEY: head.root()}
    for name, document in head.documents().items():
        is_group = document["node_type"] == "group"
        documents[f"{name}/{ROOT_KEY}"] = head.group(name) if is_group else document
    for key, document in documents.items():
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        yield key, memoryview(text.encode())
    for key in head.chunk_keys():
        yield key, store.files.read_range(key, 0, None)


def _add(archive: zipfile.ZipFile, key: str, data: memoryview) -> None:
    member = zipfile.ZipInfo(key, EPOCH)
    member.file_size = len(data)
    member.external_attr = 0o644 << 16
    with archive.open(member, "w") as file:
        for at in range(0, len(data), BLOCK):
            file.write(data[at : at + BLOCK])
