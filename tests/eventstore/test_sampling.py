from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sampling import Balanced, Sampling, Weighted, draw, draw_id, n_draws
from eventstore.selection import Selection
from eventstore.testing import tiny_selection

N = 20


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=N)


@given(
    weights=st.lists(st.floats(0, 1e300), min_size=N, max_size=N).filter(lambda w: max(w) > 0),
    seed=st.integers(0, 2**40),
    epoch=st.integers(0, 100),
)
def test_what_has_no_weight_is_never_drawn(
    selection: Selection, weights: list[float], seed: int, epoch: int
) -> None:
    sampling = Weighted(weights=weights, n=60)
    rows = draw(sampling, selection, seed=seed, epoch=epoch)
    assert len(rows) == 60
    assert all(weights[row] > 0 for row in rows.tolist())
    assert np.array_equal(rows, draw(sampling, selection, seed=seed, epoch=epoch))


def test_draws_follow_the_weights(selection: Selection) -> None:
    weights = np.arange(N, dtype=np.float64)
    rows = draw(Weighted(weights=weights, n=100_000), selection, seed=3, epoch=7)
    share = np.bincount(rows, minlength=N) / len(rows)
    expected = weights / weights.sum()
    # Five standard deviations of a binomial count.
    assert np.all(np.abs(share - expected) <= 5 * np.sqrt(expected / len(rows)))


def test_balanced_draws_all_classes_equally_often(selection: Selection) -> None:
    unequal = selection.take([0, 3, 6, 9, 12, 15, 1, 2])  # six of a class, one of two others
    rows = draw(Balanced(n=30_000), unequal, seed=0, epoch=0)
    counts = np.bincount(unequal.label[rows], minlength=3)
    assert np.all(np.abs(counts - 10_000) < 5 * np.sqrt(10_000))
    in_class = np.bincount(rows, minlength=8)[:6]
    assert np.all(np.abs(in_class - 10_000 / 6) < 5 * np.sqrt(10_000 / 6))


def test_a_class_without_samples_is_none(selection: Selection) -> None:
    two = selection.take([0, 1])
    assert set(draw(Balanced(n=50), two, seed=0, epoch=0).tolist()) == {0, 1}


def test_epochs_and_seeds_draw_otherwise(selection: Selection) -> None:
    drawn = {
        tuple(draw(Balanced(), selection, seed=seed, epoch=epoch).tolist())
        for seed in range(3)
        for epoch in range(3)
    }
    assert len(drawn) == 9
    assert all(len(rows) == N for rows in drawn)


def test_the_draws_are_the_same_for_ever(selection: Selection) -> None:
    rows = draw(Balanced(n=8), selection, seed=1, epoch=2)
    assert rows.tolist() == [14, 13, 15, 17, 13, 11, 10, 11]


def test_fingerprints_tell_samplings_apart() -> None:
    samplings: list[Sampling] = [
        Balanced(),
        Balanced(n=5),
        Weighted(weights=[1, 2]),
        Weighted(weights=[1, 2.5]),
        Weighted(weights=[1, 2], n=5),
    ]
    assert len({sampling.fingerprint for sampling in samplings}) == 5
    again = Weighted(weights=np.array([1.0, 2.0]))
    assert again.fingerprint == samplings[2].fingerprint


def test_weights_are_kept_as_they_were() -> None:
    weights = np.array([1.0, 2.0])
    sampling = Weighted(weights=weights)
    weights[0] = 9
    assert np.asarray(sampling.weights).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, -1], "none below 0"),
        ([1, float("nan")], "finite"),
        ([[1], [2]], "one column"),
        ([0, 0], "2 samples sum to 0"),
        ([], "0 samples sum to 0"),
        ([1e308, 1e308], "sum to inf"),
    ],
)
def test_wrong_weights_are_refused(weights: Any, message: str) -> None:
    with np.errstate(over="ignore"), pytest.raises(InvalidInput, match=message):
        Weighted(weights=weights)


def test_draws_that_cannot_be_are_refused(selection: Selection) -> None:
    with pytest.raises(InvalidInput, match="2 weights for 20 samples"):
        draw(Weighted(weights=[1, 2]), selection, seed=0, epoch=0)
    with pytest.raises(InvalidInput, match="5 draws of a selection without samples"):
        n_draws(Balanced(n=5), selection.take([]))
    with pytest.raises(InvalidInput, match=r"Balanced\(n=-1\) is out of range"):
        Balanced(n=-1)
    assert len(draw(Balanced(), selection.take([]), seed=0, epoch=0)) == 0


def test_an_id_is_a_draws_own(tmp_path: Path) -> None:
    ids = {draw_id(name, again) for name in ("a#0-1", "a#0-12", "a#0-1~1") for again in range(3)}
    assert len(ids) == 8  # "a#0-1~1" is no id of a sample: its end is no number
    assert draw_id("a#0-1", 0) == "a#0-1"
