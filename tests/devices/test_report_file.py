"""Reports as files."""

import json
from pathlib import Path

import pytest

from devices.fidelity import Report
from devices.report_file import read_report, write_report
from eventstore.errors import FormatError


def test_a_report_is_read_back_as_it_was(timed_report: Report, tmp_path: Path) -> None:
    write_report(timed_report, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json") == timed_report
    plain = json.loads((tmp_path / "report.json").read_text())
    assert plain["format_version"] == 1
    worst = timed_report.worst_layer
    assert plain["worst_layer"] == (None if worst is None else worst.name)


def test_a_report_without_integers_is_read_back(tmp_path: Path) -> None:
    report = Report(chip="speck2f", fits=False, n_samples=4, float_accuracy=0.5)
    write_report(report, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json") == report


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a fidelity report"),
        ('{"chip": "a"}', "not a fidelity report"),
        ('{"format_version": 99}', "report of another version"),
        ('{"format_version": 1, "layers": 3}', "not a fidelity report"),
    ],
)
def test_what_is_no_report_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(FormatError, match=message):
        read_report(tmp_path / "r.json")
