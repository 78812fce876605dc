import json

import pytest
import typer
from typer.testing import CliRunner

from eventstore import doctor
from eventstore.findings import Severity, has_errors


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    doctor.register(app)
    return app


def test_this_installation_is_sound() -> None:
    findings = doctor.check_installation()
    assert not has_errors(findings)
    assert {f.where for f in findings} >= {*doctor.PACKAGES, "git-annex", "torch", "git identity"}


def test_every_finding_is_one_json_line(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["--json"])
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(row["check"] == "installation" for row in rows)


def test_what_is_missing_is_said_with_its_remedy(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "NEEDED", ("no-such-distribution-of-ours",))
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 1
    assert "ERROR no-such-distribution-of-ours" in result.stdout
    assert "fix: pip install spikelake" in result.stdout


def test_a_missing_git_identity_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    found = {f.where: f for f in doctor.check_installation()}["git identity"]
    assert found.severity == Severity.WARNING
    assert "git config" in found.fix


def test_a_package_of_the_same_name_elsewhere_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("json",))
    found = {f.where: f for f in doctor.check_installation()}["json"]
    assert found.is_error
    assert "comes first on sys.path" in found.fix
