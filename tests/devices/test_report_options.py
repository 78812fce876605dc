"""What a report may be asked for."""

import pytest

from devices.report_options import ReportOptions
from eventstore.errors import InvalidInput


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf"), float("nan")])
def test_times_that_are_none_are_refused(seconds: float) -> None:
    with pytest.raises(InvalidInput, match="is no time"):
        ReportOptions(seconds_per_sample=seconds)


def test_layers_are_looked_at_alone_unless_that_is_left_out() -> None:
    assert ReportOptions().by_layer
    assert ReportOptions(seconds_per_sample=0.3).power is None
