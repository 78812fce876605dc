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
        ("n_draws", 0),
        ("n_event_draws", 1.5),
        ("limit", -1),
    ],
)
def test_what_is_out_of_range_is_named(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=name):
        replace(ReportOptions(), **{name: value})
