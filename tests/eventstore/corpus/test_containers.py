"""The containers, opened with the libraries they are made for."""

import io

import h5py
import numpy as np

from eventstore.corpus.case import Case, rows_of
from eventstore.corpus.containers import dsec_cases, mvsec_cases, npz_cases


def _equals(case: Case, *columns: np.ndarray) -> bool:
    found = zip(*(np.asarray(column).astype(np.int64).tolist() for column in columns), strict=True)
    return list(found) == rows_of(case.events)


def test_npz_holds_its_truth() -> None:
    columns, seconds = npz_cases(np.random.default_rng(5))
    with np.load(io.BytesIO(columns.data)) as file:
        assert _equals(columns, file["t"], file["x"], file["y"], file["p"])
    with np.load(io.BytesIO(seconds.data)) as file:
        t = np.rint(file["ts"] * 1e6)
        assert _equals(seconds, t, file["xs"], file["ys"], file["ps"] > 0)


def test_dsec_holds_its_truth() -> None:
    (case,) = dsec_cases(np.random.default_rng(5))
    with h5py.File(io.BytesIO(case.data)) as file:
        group = file["events"]
        t = group["t"][:].astype(np.int64) + file["t_offset"][()]
        assert _equals(case, t, group["x"][:], group["y"][:], group["p"][:])
        index = file["ms_to_idx"][:]
        for ms in (0, 3, len(index) - 1):
            assert index[ms] == np.searchsorted(group["t"][:], ms * 1000)


def test_mvsec_holds_its_truth() -> None:
    (case,) = mvsec_cases(np.random.default_rng(5))
    with h5py.File(io.BytesIO(case.data)) as file:
        x, y, seconds, polarity = file["davis/left/events"][:].T
        assert _equals(case, np.rint(seconds * 1e6), x, y, polarity > 0)
