"""What verbs print."""

import json

import pytest

from catalog.output import print_facts, print_findings, print_record, print_table
from eventstore.findings import Finding, Severity


def finding(where: str, message: str = "odd") -> Finding:
    return Finding(severity=Severity.WARNING, where=where, message=message, check="c", fix="do")


def test_findings_that_say_the_same_are_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings([finding("a"), finding("b"), finding("c", "worse")], as_json=False, where="x")
    assert capsys.readouterr().out.splitlines() == [
        "warning: a (and 1 more): odd",
        "  fix: do",
        "warning: c: worse",
        "  fix: do",
    ]
    print_findings([], as_json=False, where="x@1.0.0")
    assert capsys.readouterr().out == "x@1.0.0: everything agrees\n"


def test_json_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings([finding("a"), finding("b")], as_json=True, where="x")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["where"] for line in lines] == ["a", "b"]
    print_record({"status": "ok"}, as_json=True, said="unseen")
    print_record({"status": "ok"}, as_json=False, said="done")
    assert capsys.readouterr().out == '{"status": "ok"}\ndone\n'


def test_tables_show_everything(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("title [red]", ("a", "b"), [("1", "x" * 30)])
    print_facts("facts", [("licence", "MIT"), ("doi", "")])
    said = capsys.readouterr().out
    assert "title [red]" in said
    assert "x" * 30 in said
    assert "MIT" in said
    assert "doi" not in said


def test_short_digests_stay_whole_beside_long_messages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    row = ("1.0.0", "2026-01-01", "10,000", "40,000,000", "0123456789abcdef", "long words " * 9)
    print_table("versions", ("version", "date", "recordings", "events", "digest", "message"), [row])
    said = capsys.readouterr().out
    assert "0123456789abcdef" in said
    assert said.count("words") == 9
    assert max(map(len, said.splitlines())) <= 80
