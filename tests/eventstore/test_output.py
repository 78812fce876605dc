"""Sentences for people, lines of JSON for programs."""

import json

import pytest

from eventstore.findings import Finding, Severity
from eventstore.output import print_findings, print_record, said


def finding(where: str, message: str = "is damaged") -> Finding:
    return Finding(
        severity=Severity.ERROR, where=where, message=message, check="checksum", fix="restore it"
    )


def test_records(capsys: pytest.CaptureFixture[str]) -> None:
    print_record({"n": 1}, as_json=True, said="one")
    print_record({"n": 1}, as_json=False, said="one")
    assert capsys.readouterr().out.splitlines() == ['{"n": 1}', "one"]
    assert said(False, "removed", "r1") == "removed r1"
    assert said(True, "removed", "r1") == "would have removed r1"


def test_findings_that_say_the_same_are_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    found = [finding("a#0-9"), finding("b#0-9"), finding("c", "is gone")]
    print_findings(found, as_json=False, where="store")
    assert capsys.readouterr().out.splitlines() == [
        "error: a#0-9 (and 1 more): is damaged",
        "  fix: restore it",
        "error: c: is gone",
        "  fix: restore it",
    ]
    print_findings(found, as_json=True, where="store")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["where"] for line in lines] == ["a#0-9", "b#0-9", "c"]
    print_findings([], as_json=False, where="store")
    assert capsys.readouterr().out == "store: everything agrees\n"
