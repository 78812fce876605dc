"""What ``spikelake doctor`` says of the installation: packages, extras, programs, git identity."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from eventstore.doctor import PACKAGES
from eventstore.errors import NotFound
from eventstore.findings import Finding, Severity, finding_at
from eventstore.requirements import OURS, Need, installed, stated_needs

CHECK = "installation"

EXTRAS = {
    "demo": "images for spikelake demo",
    "distributed": "ingest on a cluster of dask",
    "formats": "AEDAT 4, ROS bags, Blosc in HDF5",
    "gpu": "kernels for a GPU",
    "http": "stores on web servers",
    "log": "event files for TensorBoard",
    "onnx": "networks as ONNX",
    "s3": "stores on S3",
}
"""What the extras are for."""

PROGRAMS = {"git": "--version", "git-annex": "version --raw", "datalad": "--version"}
OPTIONAL_PROGRAMS = {
    "ffmpeg": ("sound in other forms than WAV, converted before it is read", "apt install ffmpeg"),
    "chromium": ("only tests of the viewer's pages use it", "apt install chromium"),
}


def check_installation() -> list[Finding]:
    """Return what is installed and what is missing, one finding each."""
    return [*_ours(), *_own_packages(), *_needs(), *_programs(), *_identity()]


def environment_path() -> str:
    """Return PATH with this interpreter's own folder first: pip puts git-annex there."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def _info(where: str, message: str, fix: str = "") -> Finding:
    return finding_at(Severity.INFO, where, message, CHECK, fix)


def _ours() -> Iterator[Finding]:
    system = f"{platform.system()} on {platform.machine()}"
    yield _info("python", f"{platform.python_version()}, {system}, {sys.executable}")
    try:
        yield _info(OURS, installed(OURS).version)
    except NotFound as error:
        yield finding_at(Severity.ERROR, OURS, error.message, CHECK, error.hint)


def _own_packages() -> Iterator[Finding]:
    """Names as plain as ``catalog`` may be taken: all four must lie beside each other."""
    home = Path(__file__).parents[1]
    elsewhere = {}
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        place = Path(spec.origin).parents[1] if spec and spec.origin else None
        if place != home:
            elsewhere[name] = place
    for name, place in elsewhere.items():
        fix = f"another package named {name!r} comes first on sys.path: remove or rename it"
        message = f"found at {place}, expected {home}"
        yield finding_at(Severity.ERROR, name, message, CHECK, fix)
    if not elsewhere:
        yield _info("packages", f"{', '.join(PACKAGES)} in {home}")


def _needs() -> Iterator[Finding]:
    try:
        needs = stated_needs()
    except NotFound:  # said already
        return
    for extra, group in groupby(needs, key=lambda need: need.extra):
        if extra:
            yield _extra(extra, list(group))
        else:
            yield from _always(list(group))


def _always(needs: list[Need]) -> Iterator[Finding]:
    met = [f"{need.name} {need.found}" for need in needs if need.is_met]
    yield _info("needed", ", ".join(met))
    for need in needs:
        if not need.is_met:
            found = f"{need.found} is installed" if need.found else "not installed"
            message = f"{found}, {need.wanted or 'any version'} is needed"
            fix = f"pip install '{need.name}{need.wanted}'"
            yield finding_at(Severity.ERROR, need.name, message, CHECK, fix)


def _extra(extra: str, needs: list[Need]) -> Finding:
    use = EXTRAS.get(extra, "")
    old = [need for need in needs if need.found and not need.is_met]
    if old:
        message = ", ".join(f"{n.name} {n.found} is installed, {n.wanted} is needed" for n in old)
        return finding_at(
            Severity.WARNING, f"extra {extra}", f"{message} ({use})", CHECK, old[0].install
        )
    absent = [need.name for need in needs if not need.found]
    if absent:
        return _info(
            f"extra {extra}", f"not installed: {', '.join(absent)} ({use})", needs[0].install
        )
    return _info(f"extra {extra}", ", ".join(f"{need.name} {need.found}" for need in needs))


def _programs() -> Iterator[Finding]:
    for name, arguments in PROGRAMS.items():
        place = shutil.which(name, path=environment_path())
        if place:
            yield _info(name, f"{_said([place, *arguments.split()])}, {place}")
        else:
            fix = f"install {name} and put it on PATH"
            yield finding_at(Severity.ERROR, name, "not found", CHECK, fix)
    for name, (use, fix) in OPTIONAL_PROGRAMS.items():
        place = shutil.which(name)
        yield _info(name, place) if place else _info(name, f"not found ({use})", fix)


def _identity() -> Iterator[Finding]:
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL")
    if all(os.environ.get(name) for name in names):
        yield _info("git identity", " ".join(os.environ[name] for name in names))
        return
    git = shutil.which("git", path=environment_path())
    keys = ("user.name", "user.email")
    found = [_said([git, "config", "--get", key]) for key in keys] if git else []
    if found and all(found):
        yield _info("git identity", " ".join(found))
    else:
        fix = "git config --global user.name '…' && git config --global user.email '…'"
        message = "not set; saving a version of a dataset refuses"
        yield finding_at(Severity.WARNING, "git identity", message, CHECK, fix)


def _said(command: list[str]) -> str:
    """Return the first line of what a program says."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return next(iter(done.stdout.splitlines()), "").strip()
