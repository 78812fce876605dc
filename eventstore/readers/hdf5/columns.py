"""Columns of events that are datasets of an HDF5 file, as far as they are there."""

from collections.abc import Mapping

import numpy as np

from eventstore.events import Sensor
from eventstore.findings import Finding
from eventstore.readers.column_values import Place, to_size
from eventstore.readers.geometry import cut_file
from eventstore.readers.hdf5.cursor import HINT
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.file import Group

_SIZES = ("width", "height")


def whole_rows(datasets: Mapping[str, Dataset]) -> tuple[int, list[Finding]]:
    """Return how many rows all datasets have, and a finding where one is not all there."""
    ends = {name: dataset.whole_rows() for name, dataset in datasets.items()}
    shortest = min(ends, key=lambda name: ends[name][0])
    n_rows, address = ends[shortest]
    dataset = datasets[shortest]
    if n_rows >= dataset.n_rows:
        return dataset.n_rows, []
    at = min(dataset.space.base + address, len(dataset.space.source.data))
    rest = len(dataset.space.source.data) - at
    what = f"dataset, {dataset.path} of {dataset.n_rows} rows after {n_rows}"
    return n_rows, [cut_file(dataset.space.source.name, at, rest, what)]


def packet_rows(datasets: Mapping[str, Dataset], most: int) -> int:
    """Return how many rows to read at a time: whole chunks, so that none is unpacked twice."""
    heights = [d.chunks.shape[0] for d in datasets.values() if d.chunks is not None]
    height = max(heights, default=1)
    return max(most // height, 1) * height if height <= most else most


def read_scalar(group: Group, path: str) -> int | None:
    """Return the whole number that a dataset holds, None where there is none.

    Raises:
        FormatError: it is damaged, or holds no such number.
    """
    dataset = group.dataset(path)
    if dataset is None:
        return None
    value = dataset[:]
    if value.size != 1 or value.dtype.kind not in "iu":
        found = f"{value.dtype}{list(value.shape)}"
        dataset.space.fail(
            max(dataset.start, 0), f"{path} is no number", "one integer", found, HINT
        )
    return int(value.reshape(1)[0])


def stated_sensor(group: Group) -> Sensor | None:
    """Return the sensor that a group states: ``calib/resolution``, or attributes of it.

    Raises:
        FormatError: it is damaged, or no geometry.
    """
    place = Place(name=group.space.source.name, hint=HINT)
    sizes: list[np.ndarray] = []
    resolution = group.dataset("calib/resolution")
    if resolution is not None and resolution.shape == (2,):
        sizes = [resolution[i : i + 1] for i in range(2)]
    else:
        stated = group.attributes()
        sizes = [np.asarray(stated[name]) for name in _SIZES if name in stated]
    if len(sizes) != 2:
        return None
    width, height = (to_size(size, name, place) for size, name in zip(sizes, _SIZES, strict=True))
    return Sensor(width, height)
