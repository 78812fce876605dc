"""Codes: alike windows, alike codes, on every machine the same."""

import hashlib

import numpy as np

from catalog.splits.leakage.codes import N_TABLES, projections, window_codes


def noise(seed: int, n: int = 200) -> np.ndarray:
    return np.rint(np.random.default_rng(seed).normal(0, 16, n)).astype(np.float32)


def test_projections_are_pinned() -> None:
    # Another table would give other candidates: name the method anew then.
    planes = projections(20)
    assert set(np.unique(planes)) == {-1, 1}
    digest = hashlib.sha256(planes.astype("<i1").tobytes()).hexdigest()
    assert digest == "eed5fa9368564c0ab2ee81fde24e427686f9931b5a28c2dbb6fcb80e461f423f"


def test_codes_move_with_the_profile_and_know_it_from_others() -> None:
    planes, profile = projections(12), noise(1)
    here = window_codes(profile, planes)
    moved = window_codes(np.concatenate((noise(2, 10), profile)), planes)
    assert np.array_equal(here.code, moved.code[10:])
    alike = (here.code == window_codes(profile + noise(3) // 4, planes).code).mean()
    other = (here.code == window_codes(noise(4), planes).code).mean()
    assert alike > 0.1
    assert other < 0.02
    assert here.code.shape == (200 - 62, N_TABLES)


def test_windows_that_say_nothing_and_short_profiles_have_no_code() -> None:
    planes = projections(8)
    assert len(window_codes(np.zeros(300, np.float32), planes).position) == 0
    assert len(window_codes(noise(0, 62), planes).position) == 0
    assert window_codes(noise(0), planes, every=2).position.tolist()[:3] == [0, 2, 4]
