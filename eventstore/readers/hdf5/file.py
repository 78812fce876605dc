"""Open an HDF5 file, and walk through its groups to its datasets.

Written by us because mutated files make libhdf5 crash or never return: of 36,000 files with some
bytes changed, 5 killed HDF5 2.0 and 35 kept it busy for ever. Here nothing is read outside the
file, no size is believed before there are bytes for it, and a file cut short gives what is whole.
Format: The HDF Group, "HDF5 File Format Specification Version 3.0".
"""

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from eventstore.errors import FormatError
from eventstore.readers.hdf5.attributes import read_attributes
from eventstore.readers.hdf5.cursor import Space
from eventstore.readers.hdf5.dataset import Dataset, open_dataset
from eventstore.readers.hdf5.links import read_links
from eventstore.readers.hdf5.messages import LAYOUT, Message, read_messages
from eventstore.readers.hdf5.superblock import read_superblock
from eventstore.readers.protocol import ByteSource


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """A group: names that lead to groups and datasets.

    Args:
        path: its name in the file, without a slash at either end.
        space: the file.
        messages: of its header.
        links: address of the header each name leads to.
    """

    path: str
    space: Space
    messages: list[Message]
    links: dict[str, int]
    _opened: dict[str, "Group | Dataset"] = field(default_factory=dict, repr=False)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self.links)

    def get(self, path: str) -> "Group | Dataset | None":
        """Return what lies under a path, None if nothing does.

        Raises:
            FormatError: its header is damaged, or of a type or layout that is not read.
        """
        name, _, rest = path.partition("/")
        if name not in self.links:
            return None
        if name not in self._opened:
            inner = f"{self.path}/{name}" if self.path else name
            self._opened[name] = _open(inner, self.space, self.links[name])
        found = self._opened[name]
        if not rest:
            return found
        return found.get(rest) if isinstance(found, Group) else None

    def group(self, path: str) -> "Group | None":
        """Return the group under a path, None if there is none."""
        found = self.get(path)
        return found if isinstance(found, Group) else None

    def dataset(self, path: str) -> Dataset | None:
        """Return the dataset under a path, None if there is none."""
        found = self.get(path)
        return found if isinstance(found, Dataset) else None

    def need(self, path: str) -> Dataset:
        """Return the dataset under a path.

        Raises:
            FormatError: there is none; lists the names that are there.
        """
        found = self.dataset(path)
        if found is None:
            names = sorted(self.links)
            listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
            where = f"{self.path}/{path}" if self.path else path
            message = f"no dataset {where}"
            raise FormatError(
                message,
                path=self.space.source.name,
                expected=where,
                found=listed or "an empty group",
                hint="the file has another layout: name the reader of that one (--reader)",
            )
        return found

    def attributes(self) -> dict[str, np.ndarray | str]:
        """Return the attributes that are texts or numbers."""
        return read_attributes(self.space, self.messages)


def _open(path: str, space: Space, address: int) -> Group | Dataset:
    messages = read_messages(space, address)
    if any(message.kind == LAYOUT for message in messages):
        return open_dataset(path, space, messages)
    return Group(path=path, space=space, messages=messages, links=read_links(space, messages))


_OPEN: dict[int, Group] = {}
"""Roots of the files whose bytes are held, by the identity of the view of them."""


def open_hdf5(source: ByteSource) -> Group:
    """Return the root group of a file; once for all parts of one source.

    Raises:
        FormatError: this is no HDF5 file, or it is damaged.

    Examples:
        >>> import io, h5py
        >>> stream = io.BytesIO()
        >>> with h5py.File(stream, "w") as file:
        ...     file["events/t"] = [3, 5]
        >>> root = open_hdf5(ByteSource("a.h5", memoryview(stream.getvalue())))
        >>> root.need("events/t").rows(0, 2).tolist()
        [3, 5]
    """
    key = id(source.data)
    root = _OPEN.get(key)
    if root is None:
        # A view of our own: the file is closed when the caller lets go of his.
        own = ByteSource(source.name, source.data[:], source.path)
        space, address = read_superblock(own)
        found = _open("", space, address)
        if isinstance(found, Dataset):
            space.fail(address, "the root is no group")
        root = _OPEN[key] = found
        weakref.finalize(source.data, _OPEN.pop, key, None)
    return root
