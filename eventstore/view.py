"""A store as an xarray dataset: lazy columns on shard boundaries, the recordings beside them.

A dask array of one column has a block a shard, so that no shard is opened twice; `xarray.open_zarr`
alone would take each inner chunk for a block.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from eventstore.store_handle import StoreHandle

if TYPE_CHECKING:
    import xarray

    from eventstore.store import EventStore

TABLE_COLUMNS = ("row_size", "t_origin_us", "t_stop", "width", "height")
"""Columns of the recordings table that the view shows, as they are stored."""


class ColumnBlocks:
    """One stored column as an array that is read when it is sliced; what dask makes blocks of.

    It can be sent to another process, which opens the store anew and refuses another state of it.

    Args:
        store: the open store.
        name: the column, such as ``"t"``.
    """

    ndim = 1

    def __init__(self, store: "EventStore", name: str) -> None:
        self._handle = StoreHandle(store)
        self._name = name
        self.dtype = np.dtype(bool) if name == "p" else store.column(name).dtype
        self.shape = (store.n_events,)

    def __getitem__(self, key: tuple[slice] | slice) -> np.ndarray:
        """Return the values of a range of rows."""
        part = key[0] if isinstance(key, tuple) else key
        start, stop, step = part.indices(self.shape[0])
        column = self._handle.store.column(self._name)
        out = np.empty(max(0, stop - start), column.dtype)
        column.read_into(start, out)
        return out.view(self.dtype)[:: max(1, step)]


def as_xarray(store: "EventStore") -> "xarray.Dataset":
    """Return a store as a dataset whose event columns are lazy dask arrays.

    Args:
        store: the open store; it must stay open while the dataset is computed.

    Returns:
        Variables ``t x y p`` (``t c`` for audio) along ``event``, a block a shard; along
        ``recording`` the coordinate ``recording_id`` and the table's numbers, where ``row_size``
        makes it a contiguous ragged array in the sense of CF; ``offsets`` along
        ``recording_bound``.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> store = tiny_store(Path(mkdtemp()) / "events.zarr")
        >>> view = as_xarray(store)
        >>> first = view.t[: int(view.offsets[1])]
        >>> bool((first.values == store.read(0).t).all())
        True
    """
    import xarray

    table = store.recordings
    variables: dict[str, tuple[str, object, dict[str, str]]] = {
        name: ("event", _blocks(store, name), _attributes(name)) for name in store.sensor.columns
    }
    for name in TABLE_COLUMNS:
        notes = {"sample_dimension": "event"} if name == "row_size" else {}
        variables[name] = ("recording", getattr(table, name), notes)
    variables["offsets"] = ("recording_bound", table.offsets, {})
    ids = ("recording", np.array(table.ids, object), {"cf_role": "timeseries_id"})
    root = store.head.root()["attributes"]
    return xarray.Dataset(variables, coords={"recording_id": ids}, attrs=root)


def _blocks(store: "EventStore", name: str) -> object:
    """Return a column as a dask array; its name is that of the content, whoever opens it."""
    import dask.array

    blocks = ColumnBlocks(store, name)
    shard = store.head.layout.shard_events
    if not store.n_events:
        return dask.array.zeros(0, dtype=blocks.dtype)
    from_array: Callable[..., object] = dask.array.from_array
    return from_array(
        blocks,
        chunks=(shard,),
        name=f"spikelake-{name}-{store.digest}-{shard}",
        asarray=False,
        meta=np.empty(0, blocks.dtype),
    )


def _attributes(name: str) -> dict[str, str]:
    return {"units": "microseconds"} if name == "t" else {}
