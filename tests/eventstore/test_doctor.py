import json

import pytest
import typer
from typer.testing import CliRunner

from eventstore import doctor
from eventstore.doctor import CHECKS, ORDER, run_checks
from eventstore.errors import NotFound
from eventstore.findings import Finding, Severity, finding_at


def found(severity: Severity, where: str, fix: str = "") -> Finding:
    return finding_at(severity, where, "as it is", "test", fix)


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    doctor.register(app)
    return app


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """Return findings that one check gives in place of all."""
    answer: list[Finding] = []
    monkeypatch.setattr(doctor, "ORDER", ("installation",))
    monkeypatch.setattr(doctor, "CHECKS", {"installation": lambda: answer})
    return answer


def test_every_check_of_the_table_loads_and_has_its_place() -> None:
    assert set(ORDER) == set(CHECKS)
    assert all(callable(CHECKS[name]) for name in ORDER)


def test_a_check_is_chosen_by_name(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["--only", "machine", "--json"])
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {row["check"] for row in rows} == {"machine"}
    with pytest.raises(NotFound, match="machin"):
        next(run_checks(["machin"]))


def test_what_is_needed_and_missing_fails(app: typer.Typer, findings: list[Finding]) -> None:
    findings += [found(Severity.ERROR, "numpy", "pip install numpy"), found(Severity.INFO, "git")]
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 1
    assert "ERROR numpy             as it is\n" in result.stdout
    assert "                        pip install numpy\n" in result.stdout
    assert "ok    git               as it is\n" in result.stdout
    assert result.stdout.endswith("1 to mend before it works (ERROR), 0 to look at (warn)\n")


def test_a_warning_does_not_fail(app: typer.Typer, findings: list[Finding]) -> None:
    findings.append(found(Severity.WARNING, "git identity", "git config"))
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert "warn  git identity" in result.stdout
    assert "all that is needed is there; 1 to look at (warn)" in result.stdout


def test_what_is_optional_and_absent_is_neither_ok_nor_wrong(
    app: typer.Typer, findings: list[Finding]
) -> None:
    findings.append(found(Severity.INFO, "extra s3", "pip install 'spikelake[s3]'"))
    result = CliRunner().invoke(app, [])
    assert "-     extra s3          as it is\n" in result.stdout
    assert result.stdout.endswith("all that is needed is there and works\n")


def test_a_check_that_breaks_is_an_error_and_the_others_follow(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> list[Finding]:
        message = "no such device"
        raise RuntimeError(message)

    monkeypatch.setattr(doctor, "ORDER", ("a", "b"))
    checks = {"a": breaks, "b": lambda: [found(Severity.INFO, "after")]}
    monkeypatch.setattr(doctor, "CHECKS", checks)
    result = CliRunner().invoke(app, ["--json"])
    first, after = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert "RuntimeError: no such device" in first["message"]
    assert "doctor --only a" in first["fix"]
    assert after["where"] == "after"
