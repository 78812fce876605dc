"""Tell by its groups and datasets which of the known layouts of events an HDF5 file has.

dsec        a group of x y t p, with ms_to_idx or t_offset beside it (DSEC, TUM-VIE), or with
            ms_map_idx in it (M3ED: prophesee/left, prophesee/right)
ecf         CD/events, records x y p t (Prophesee)
mvsec       davis/left/events, davis/right/events, tables x y t p
ntidigits   train_labels, train_addresses/ID, train_timestamps/ID, and the same of test
shd         spikes/times, spikes/units, a sequence for each recording (SHD, SSC)
hdf5        any other columns, records or table of events
"""

from collections.abc import Iterator

from eventstore.errors import FormatError
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.hdf5.superblock import find_signature
from eventstore.readers.protocol import ByteSource

SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5")
"""Suffixes of HDF5 files, whatever they hold."""

INDEX_NAMES = ("ms_to_idx", "ms_map_idx")
"""What the first event of each ms is called."""

DEPTH = 3
"""How many groups deep events are looked for."""

GROUP_LIMIT = 1000
"""How many groups and datasets are looked at to tell a layout."""

_COLUMNS = frozenset("xytp")


def layout_of(root: Group) -> str:
    """Return the name of the layout that a file has, ``"hdf5"`` where it is none of the known.

    Raises:
        FormatError: a group on the way is damaged.
    """
    if "CD" in root and "events" in (root.group("CD") or ()):
        return "ecf"
    spikes = root.group("spikes") if "spikes" in root else None
    if spikes is not None and {"times", "units"} <= set(spikes):
        return "shd"
    if any(f"{fold}_labels" in root and f"{fold}_addresses" in root for fold in ("train", "test")):
        return "ntidigits"
    davis = root.group("davis") if "davis" in root else None
    if davis is not None and any("events" in (davis.group(side) or ()) for side in davis):
        return "mvsec"
    return "dsec" if find_indexed(root) else "hdf5"


def has_layout(source: ByteSource, layout: str) -> bool:
    """Say whether a file has a layout; one that is damaged has that of ``"hdf5"``.

    Examples:
        >>> has_layout(ByteSource("a.h5", memoryview(b"no HDF5")), "dsec")
        False
    """
    if source.suffix not in SUFFIXES or find_signature(source) < 0:
        return False
    try:
        return layout_of(open_hdf5(source)) == layout
    except FormatError:
        return layout == "hdf5"


def find_indexed(root: Group) -> list[str]:
    """Return the paths of the groups of x, y, t and p that have an index or an offset of time."""
    beside = any(name in root for name in (*INDEX_NAMES, "t_offset"))
    return [
        group.path
        for group in iter_groups(root, limit=GROUP_LIMIT)
        if set(group) >= _COLUMNS
        and (any(name in group for name in INDEX_NAMES) or (beside and group.path == "events"))
    ]


def iter_groups(root: Group, *, limit: int | None = None) -> Iterator[Group]:
    """Iterate over the groups of a file from the outside in, leaving out what is damaged.

    Args:
        root: where to begin; groups up to `DEPTH` below it are found.
        limit: how many names to look at.
    """
    level, seen = [root], 0
    for _ in range(DEPTH + 1):
        deeper: list[Group] = []
        for group in level:
            yield group
            seen += len(group.links)
            if limit is None or seen <= limit:
                deeper += [found for found in _children(group) if isinstance(found, Group)]
        level = deeper


def iter_datasets(root: Group) -> Iterator[Dataset]:
    """Iterate over the datasets of a file from the outside in, leaving out what is damaged."""
    for group in iter_groups(root):
        yield from (found for found in _children(group) if isinstance(found, Dataset))


def _children(group: Group) -> Iterator[Group | Dataset]:
    for name in group:
        try:
            found = group.get(name)
        except FormatError:
            continue
        if found is not None:
            yield found
