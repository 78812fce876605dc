"""``spikelake doctor``: is everything there that the parts need, and is it ours that loads?"""

import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from eventstore.findings import Finding, Severity, has_errors

PACKAGES = ("eventstore", "catalog", "snn", "devices")
NEEDED = (
    *("numpy", "numba", "zarr", "numcodecs", "pcodec", "dask", "xarray", "fsspec", "torch"),
    *("datalad", "git-annex", "typer", "rich", "matplotlib"),
)
OPTIONAL = {"scikit-learn": "demo"}


def check_installation() -> list[Finding]:
    """Return what is installed and what is missing, one finding each."""
    return [*_python(), *_own_packages(), *_distributions(), *_programs(), *_identity()]


def environment_path() -> str:
    """Return PATH with this interpreter's own folder first: pip puts git-annex there."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def _info(where: str, message: str) -> Finding:
    return Finding(severity=Severity.INFO, where=where, message=message, check="installation")


def _problem(where: str, message: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(severity=severity, where=where, message=message, fix=fix, check="installation")


def _python() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0))
    yield _info("python", f"{platform.python_version()} on {platform.machine()}, {cores} cores")


def _own_packages() -> Iterator[Finding]:
    """Names as plain as ``catalog`` may be taken: all four must lie beside each other."""
    home = Path(__file__).parents[1]
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        place = Path(spec.origin).parents[1] if spec and spec.origin else None
        if place == home:
            yield _info(name, str(place / name))
        else:
            fix = f"another package named {name!r} comes first on sys.path: remove or rename it"
            yield _problem(name, f"found at {place}, expected {home}", fix)


def _distributions() -> Iterator[Finding]:
    for name in (*NEEDED, *OPTIONAL):
        try:
            yield _info(name, version(name))
        except PackageNotFoundError:
            extra = OPTIONAL.get(name)
            severity = Severity.WARNING if extra else Severity.ERROR
            fix = f"pip install 'spikelake[{extra}]'" if extra else "pip install spikelake"
            yield _problem(name, "not installed", fix, severity)


def _programs() -> Iterator[Finding]:
    for name in ("git", "git-annex"):
        place = shutil.which(name, path=environment_path())
        if place:
            yield _info(name, place)
        else:
            yield _problem(name, "not found", f"install {name} and put it on PATH")


def _identity() -> Iterator[Finding]:
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL")
    if all(os.environ.get(name) for name in names):
        yield _info("git identity", " ".join(os.environ[name] for name in names))
        return
    git = shutil.which("git", path=environment_path())
    found = [_git_config(git, key) for key in ("user.name", "user.email")] if git else []
    if found and all(found):
        yield _info("git identity", " ".join(found))
    else:
        fix = "git config --global user.name '…' and user.email '…'"
        yield _problem("git identity", "not set; saving a version refuses", fix, Severity.WARNING)


def _git_config(git: str, key: str) -> str:
    done = subprocess.run(
        [git, "config", "--get", key], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line per finding.")] = False,
) -> None:
    """Check the installation: packages, programs, git identity."""
    findings = check_installation()
    for finding in findings:
        if as_json:
            typer.echo(json.dumps(finding.to_dict()))
        else:
            mark = {Severity.INFO: "ok", Severity.WARNING: "warn"}.get(finding.severity, "ERROR")
            typer.echo(f"{mark:5} {finding.where:13} {finding.message}")
            if finding.fix:
                typer.echo(f"{'':19} fix: {finding.fix}")
    if has_errors(findings):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command()(doctor)
