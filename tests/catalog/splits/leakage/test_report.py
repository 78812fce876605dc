"""The report: one text for one result, and back."""

import pytest

from catalog.splits.leakage.report import LeakageReport
from eventstore.errors import FormatError
from eventstore.findings import Finding, Severity


def made() -> LeakageReport:
    finding = Finding(severity=Severity.ERROR, where="a", message="b", check="c", fix="d")
    return LeakageReport(
        split="official",
        digest="ab" * 32,
        settings={"threshold": 0.5},
        folds={"train": {"samples": 3}},
        compared={"pairs": 2},
        near_duplicates=({"a": "x#0-9", "score": 0.987},),
        findings=(finding,),
    )


def test_text_and_back() -> None:
    report = made()
    assert LeakageReport.parse(report.text(), path="x") == report
    assert report.text() == made().text()
    assert report.path == "splits/official.leakage.json"
    assert (report.count(Severity.ERROR), report.count(Severity.INFO)) == (1, 0)


@pytest.mark.parametrize("text", ["{}", "[]", made().text().replace('"error"', '"grave"')])
def test_other_content_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="not a"):
        LeakageReport.parse(text, path="splits/official.leakage.json")
