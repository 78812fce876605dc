"""Files that other libraries make: numpy archives, the HDF5 layouts of public datasets."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping

import h5py
import numpy as np

from eventstore.corpus.case import Case, draw_events
from eventstore.events import Events, Sensor

VGA, DAVIS346 = Sensor(640, 480), Sensor(346, 260)


def npz_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of numpy archives."""
    events = draw_events(rng, 200, VGA, t_start=50)
    t, x, y, p = events
    plain = {"t": t, "x": x, "y": y, "p": p, "width": 640, "height": 480}
    yield _npz("columns", plain, events, "columns of int64 and uint16, whole µs")
    signed = {"ts": t / 1e6, "xs": x.astype("f8"), "ys": y.astype("f8"), "ps": p * 2.0 - 1}
    yield _npz("float-seconds", signed, events, "seconds are rounded to µs; OFF is -1")


def _npz(name: str, arrays: Mapping[str, object], events: Events, tests: str) -> Case:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w") as member:
                np.lib.format.write_array(member, np.asarray(array))
    return Case(
        format="npz",
        name=name,
        suffix=".npz",
        data=stream.getvalue(),
        events=events,
        sensor=VGA,
        tests=tests,
    )


def dsec_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of DSEC's layout."""
    offset = 49_599_304_000_000
    events = draw_events(rng, 500, VGA, t_start=offset + 300)

    def fill(file: h5py.File) -> None:
        t = (events.t - offset).astype(np.uint32)
        for name, column in (("t", t), ("x", events.x), ("y", events.y), ("p", events.p)):
            file.create_dataset(f"events/{name}", data=column, chunks=(64,), compression="gzip")
        file["t_offset"] = np.int64(offset)
        file["ms_to_idx"] = np.searchsorted(t, np.arange(t[-1] // 1000 + 2) * 1000).astype("u8")

    tests = "t is counted from t_offset, which must be added to have absolute times"
    yield _hdf5("dsec", "t-offset", fill, events=events, sensor=VGA, tests=tests)


def mvsec_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Make the cases of MVSEC's layout."""
    events = draw_events(rng, 500, DAVIS346, t_start=1_504_645_177_000_000)

    def fill(file: h5py.File) -> None:
        t, x, y, p = (column.astype("f8") for column in events)
        file["davis/left/events"] = np.stack([x, y, t / 1e6, 2 * p - 1], axis=1)

    tests = "one table of float64: x, y, seconds since 1970, polarity -1 or 1"
    yield _hdf5("mvsec", "float-table", fill, events=events, sensor=DAVIS346, tests=tests)


def _hdf5(
    kind: str,
    name: str,
    fill: Callable[[h5py.File], None],
    *,
    events: Events,
    sensor: Sensor,
    tests: str,
) -> Case:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        fill(file)
    return Case(
        format=kind,
        name=name,
        suffix=".h5",
        data=stream.getvalue(),
        events=events,
        sensor=sensor,
        tests=tests,
    )
