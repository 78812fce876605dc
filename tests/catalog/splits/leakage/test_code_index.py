"""The index finds each window under its code; of very many windows a fair share."""

import numpy as np
import pytest

from catalog.splits.leakage import code_index
from catalog.splits.leakage.code_index import build_index, is_kept
from catalog.splits.leakage.codes import projections, window_codes
from catalog.splits.leakage.rate_profile import Profiles, residuals


def made(n: int = 5) -> Profiles:
    counts = np.random.default_rng(0).poisson(10, 150 * n).astype(np.uint16)
    return Profiles(counts, np.arange(0, 150 * n + 1, 150), 1000)


def test_each_window_stands_under_its_code() -> None:
    profiles = made()
    index = build_index(profiles)
    codes = window_codes(residuals(profiles, 3), projections(index.bits), every=2)
    for table, bounds in enumerate(index.bounds):
        for position, code in zip(codes.position, codes.code[:, table], strict=True):
            its = slice(bounds[code], bounds[code + 1])
            entries = zip(index.sample[table][its], index.position[table][its], strict=True)
            assert (3, position) in set(entries)


def test_of_too_many_windows_a_share_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = build_index(made())
    monkeypatch.setattr(code_index, "MAX_WINDOWS", 60)
    part = build_index(made())
    assert part.keep_one_in == 4
    assert 0 < len(part.sample[0]) < len(whole.sample[0]) / 2
    kept = is_kept(np.arange(4000, dtype=np.uint32), 4).mean()
    assert kept == pytest.approx(0.25, abs=0.05)


def test_samples_without_a_window_make_an_empty_index() -> None:
    index = build_index(Profiles(np.zeros(2, np.uint16), np.array([0, 1, 2]), 1000))
    assert [len(sample) for sample in index.sample] == [0] * len(index.sample)
