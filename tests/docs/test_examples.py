"""Every public name has an example that runs in its docstring, or in that of a name beside it."""

import importlib
import inspect

import pytest

PACKAGES = ("eventstore", "catalog", "snn", "devices")

SHOWN_WITH = {
    "catalog.make_task": "catalog.Task",  # a task lies in a saved version
    "catalog.open_task": "catalog.Task",
    "catalog.open_split": "catalog.DatasetVersion",
    "catalog.open_version": "catalog.DatasetVersion",
}
"""Names that an example of another name shows, as it takes seconds to make what they need."""

TRAIN_FIRST = {
    "snn.Conversion",
    "snn.RobustnessReport",
    "snn.Run",
    "snn.TensorBoardLog",  # an extra that may be absent
    "snn.load_run",
    "snn.robustness_report",
    "snn.train_task",
    "devices.fidelity_report",
    "devices.read_report",
    "devices.record_monitor",
    "devices.tune_run",
    "devices.write_report",
}
"""Names whose example would train a network or play a board on each run of the tests.

They run in how-to pages and tutorials. This set may only become smaller.
"""


def public() -> list[str]:
    return [f"{p}.{name}" for p in PACKAGES for name in importlib.import_module(p).__all__]


def docstring(name: str) -> str:
    package, _, attribute = name.partition(".")
    return inspect.getdoc(getattr(importlib.import_module(package), attribute)) or ""


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_says_what_it_is(package: str) -> None:
    silent = [name for name in public() if name.startswith(f"{package}.") and not docstring(name)]
    assert silent == []


def test_every_public_name_has_an_example_that_runs() -> None:
    without = {name for name in public() if ">>>" not in docstring(name)}
    assert without - set(SHOWN_WITH) == TRAIN_FIRST


@pytest.mark.parametrize("name", SHOWN_WITH)
def test_what_is_shown_with_another_is_shown_there(name: str) -> None:
    example = [line for line in docstring(SHOWN_WITH[name]).splitlines() if ">>>" in line]
    assert f"{name.rpartition('.')[2]}(" in "".join(example)
