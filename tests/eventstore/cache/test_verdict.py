"""The cache is used where it is faster by what measuring can tell, and says why."""

import pytest

from eventstore.cache.verdict import Verdict, worth_caching


@pytest.mark.parametrize(
    ("compute_s", "load_s", "use"),
    [(0.010, 0.001, True), (0.010, 0.009, False), (0.010, 0.008, True), (0.010, 0.020, False)],
)
def test_decides_by_the_medians(compute_s: float, load_s: float, use: bool) -> None:
    verdict = worth_caching([compute_s, 99, 1e-9], [1e-9, 99, load_s], [])
    assert (verdict.use, verdict.compute_s, verdict.load_s) == (use, compute_s, load_s)


def test_nothing_is_used_where_nothing_can_be_kept() -> None:
    verdict = worth_caching([1.0], [0.1], [], obstacle="the folder is read-only")
    assert not verdict.use
    assert str(verdict) == "not used: the folder is read-only"


def test_says_when_the_cost_of_keeping_is_gained_back() -> None:
    assert "epochs" not in str(worth_caching([0.1], [0.01], [0.02]))
    assert "gained back after 4.0 epochs" in str(worth_caching([0.1], [0.05], [0.2]))


def test_goes_through_plain_values() -> None:
    verdict = worth_caching([0.1], [0.05], [0.2])
    assert Verdict.from_dict(verdict.to_dict()) == verdict
