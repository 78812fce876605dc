"""What a report finds worth a word."""

from dataclasses import replace

from devices.fidelity import Way
from devices.report_findings import order_findings
from eventstore.findings import Severity

WAY = Way(
    accuracy=1.0,
    low=0.7,
    high=1.0,
    difference=None,
    silent_samples=0,
    accuracy_after_step=(1.0,),
    median_decided=1.0,
    steps_to_95=1,
)


def test_a_cost_of_the_order_of_events_is_a_finding() -> None:
    worse = replace(WAY, accuracy=0.9)
    (finding,) = order_findings(WAY, worse)
    assert (finding.check, finding.severity) == ("event-order", Severity.WARNING)
    assert "event by event 90.0% are right, time step by time step 100.0%" in finding.message
    assert order_findings(worse, WAY) == []
    assert order_findings(WAY, replace(WAY, accuracy=0.99)) == []
