from pathlib import Path

import pytest

from eventstore import doctor_installation as installation
from eventstore.errors import NotFound
from eventstore.findings import Finding, Severity, has_errors
from eventstore.requirements import Need, stated_needs


def by_place(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.where: finding for finding in findings}


def with_needs(monkeypatch: pytest.MonkeyPatch, *needs: Need) -> dict[str, Finding]:
    monkeypatch.setattr(installation, "stated_needs", lambda: list(needs))
    return by_place(list(installation._needs()))


def test_this_installation_is_sound() -> None:
    findings = installation.check_installation()
    assert not has_errors(findings)
    places = by_place(findings)
    assert set(places) >= {"python", "spikelake", "packages", "needed", "git-annex", "git identity"}
    assert "numpy " in places["needed"].message
    assert "eventstore, catalog, snn, devices in " in places["packages"].message


def test_every_extra_says_what_it_is_for() -> None:
    assert set(installation.EXTRAS) == {need.extra for need in stated_needs()} - {""}


def test_what_is_missing_or_too_old_is_said_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    absent = Need(name="zarr", wanted=">=3.1", extra="", found="")
    old = Need(name="torch", wanted=">=2.7", extra="", found="2.6.0")
    places = with_needs(monkeypatch, absent, old)
    assert places["zarr"].is_error
    assert places["zarr"].message == "not installed, >=3.1 is needed"
    assert places["zarr"].fix == "pip install 'zarr>=3.1'"
    assert places["torch"].message == "2.6.0 is installed, >=2.7 is needed"


def test_an_absent_extra_is_no_problem_and_an_old_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Need(name="s3fs", wanted=">=2025.1", extra="s3", found="")
    old = Need(name="triton", wanted=">=3.4", extra="gpu", found="3.1.0")
    places = with_needs(monkeypatch, old, absent)
    assert places["extra s3"].severity == Severity.INFO
    assert places["extra s3"].message == "not installed: s3fs (stores on S3)"
    assert places["extra s3"].fix == "pip install 'spikelake[s3]'"
    assert places["extra gpu"].severity == Severity.WARNING
    assert "triton 3.1.0 is installed, >=3.4 is needed" in places["extra gpu"].message


def test_packages_that_were_not_installed_are_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str = "spikelake") -> list[Need]:
        message = f"{name} is not there"
        raise NotFound(message, hint="pip install --editable .")

    monkeypatch.setattr(installation, "installed", absent)
    monkeypatch.setattr(installation, "stated_needs", absent)
    found = by_place([*installation._ours(), *installation._needs()])["spikelake"]
    assert found.is_error
    assert found.fix == "pip install --editable ."


def test_a_missing_git_identity_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    found = by_place(list(installation._identity()))["git identity"]
    assert found.severity == Severity.WARNING
    assert "git config" in found.fix


def test_programs_that_are_not_on_path_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(installation, "environment_path", lambda: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    places = by_place(list(installation._programs()))
    assert all(places[name].is_error for name in ("git", "git-annex", "datalad"))
    assert "put it on PATH" in places["git"].fix
    assert places["ffmpeg"].severity == Severity.INFO
    assert places["ffmpeg"].fix == "apt install ffmpeg"


def test_a_package_of_the_same_name_elsewhere_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installation, "PACKAGES", ("json",))
    (found,) = installation._own_packages()
    assert found.is_error
    assert "comes first on sys.path" in found.fix
