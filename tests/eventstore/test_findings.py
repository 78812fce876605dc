from eventstore.findings import Finding, Severity, has_errors


def finding(severity: Severity) -> Finding:
    return Finding(severity=severity, where="r1 [0, 5) µs", message="gap", check="gaps")


def test_only_errors_are_errors() -> None:
    assert [finding(s).is_error for s in sorted(Severity)] == [False, False, True]
    assert not has_errors([finding(Severity.WARNING)])
    assert has_errors([finding(Severity.INFO), finding(Severity.ERROR)])
    assert not has_errors([])


def test_a_finding_is_plain_text_in_json() -> None:
    assert finding(Severity.ERROR).to_dict() == {
        "severity": "error", "where": "r1 [0, 5) µs", "message": "gap", "check": "gaps", "fix": "",
    }  # fmt: skip
