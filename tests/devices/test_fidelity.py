"""What a report holds."""

import json

import pytest

from devices.fidelity import Report
from eventstore.findings import Finding, Severity


def test_the_loss_is_what_integers_cost() -> None:
    report = Report(
        chip="c", fits=True, n_samples=4, float_accuracy=0.75, integer_accuracy=0.5, agreement=0.75
    )
    assert report.accuracy_loss == pytest.approx(0.25)


def test_findings_become_plain_values() -> None:
    finding = Finding(severity=Severity.WARNING, where="3", message="m", check="c", fix="f")
    report = Report(chip="c", fits=False, n_samples=1, float_accuracy=1.0, findings=(finding,))
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["findings"] == [
        {"severity": "warning", "where": "3", "message": "m", "check": "c", "fix": "f"}
    ]
    assert plain["accuracy_loss"] is None
