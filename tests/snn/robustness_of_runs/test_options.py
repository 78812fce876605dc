from dataclasses import replace
from typing import Any

import pytest

from eventstore.errors import InvalidInput
from snn.robustness_of_runs.options import ReportOptions


def test_the_usual_is_20_draws_up_to_30_percent() -> None:
    usual = ReportOptions()
    assert usual.n_draws == 20
    assert (usual.sigmas[0], usual.sigmas[-1]) == (0.0, 0.3)
    assert [one.sigma for one in usual.mismatches] == list(usual.sigmas)


def test_groups_reach_the_mismatch() -> None:
    found = ReportOptions(weights=False, time_constants=False).mismatches
    assert {one.groups for one in found} == {("thresholds",)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sigmas", ()),
        ("sigmas", (0.2, 0.1)),
        ("sigmas", (0.1, 0.1)),
        ("sigmas", (-0.1, 0.1)),
        ("jitter_us", (0.0, float("inf"))),
        ("drop", (0.0, 1.5)),
        ("sigmas", (0.0, 20.0)),
        ("n_draws", 0),
        ("n_event_draws", 1.5),
        ("limit", -1),
    ],
)
def test_what_is_out_of_range_is_named(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=name):
        replace(ReportOptions(), **{name: value})


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("sigmas", (0.0, 20.0), "0.2 is 20 %"),
        ("drop", (0.0, 50.0), "0.5 is 50 %"),
        ("jitter_us", (-1.0,), "3000 is 3 ms"),
        ("drop", (0.5, 0.0), "sort them"),
    ],
)
def test_per_cents_are_told_from_shares(name: str, value: Any, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(ReportOptions(), **{name: value})
    assert hint in caught.value.hint
