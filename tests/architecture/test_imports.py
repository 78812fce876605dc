"""Importing a package is fast, loads nothing heavy, and finds ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("eventstore", "catalog", "snn", "devices")
HEAVY = ("torch", "dask", "datalad", "samna", "matplotlib", "xarray", "numba", "sklearn", "zarr")

PROBE = """
import json, sys, time
start = time.perf_counter()
import {package}
seconds = time.perf_counter() - start
print(json.dumps([seconds, {package}.__file__, sorted(set({heavy!r}) & set(sys.modules))]))
"""


def probe(package: str) -> tuple[float, str, list[str]]:
    code = PROBE.format(package=package, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, place, loaded = json.loads(done.stdout)
    return seconds, place, loaded


@pytest.mark.parametrize("package", PACKAGES)
def test_import_is_fast_and_loads_nothing_heavy(package: str) -> None:
    runs = [probe(package) for _ in range(3)]
    assert runs[0][2] == [], f"import {package} loads {runs[0][2]}"
    assert min(seconds for seconds, _, _ in runs) < 0.5


def test_the_four_packages_lie_beside_each_other() -> None:
    homes = {Path(probe(package)[1]).parents[1] for package in PACKAGES}
    assert homes == {Path(__file__).parents[2]}


def test_the_command_line_answers_without_torch_or_datalad() -> None:
    code = (
        "import sys; from eventstore.cli import build_app; build_app();"
        "heavy = {'torch', 'datalad', 'matplotlib', 'sklearn', 'numba', 'starlette', 'uvicorn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
