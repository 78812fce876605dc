"""Other code has another digest, equal code the same, in every process."""

import os
import subprocess
import sys
import types
from itertools import pairwise

import numpy as np
import pytest

from eventstore.cache.code_digest import code_digest
from eventstore.events import Sensor
from eventstore.transforms import TRANSFORMS, Denoise, FramesByTime
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

PLUGIN = """
import dataclasses
import numpy as np
import {package}.parts as parts
from eventstore.jit import kernel
from {package}.parts import helped

LIMIT = 3
KNOWN = {{"b": 1, "a": (2.0, "c"), "d": {{"e", "f", "g"}}}}
TABLE = np.arange(4)

@kernel
def kept(t, limit):
    return t > limit

def annotated(value: "Value"):
    return value.twice()

class Base:
    def base(self):
        return 1

class Value:
    def twice(self):
        return 2

@dataclasses.dataclass(frozen=True, kw_only=True)
class Stage(Base):
    "A stage."
    field: int = 0

    @property
    def size(self):
        return self.field

    @classmethod
    def made(cls):
        return cls()

    @staticmethod
    def fixed():
        return 4

    def apply(self, batch):
        inner = lambda row: row in {{"x", "y", "z"}}
        annotated(batch)
        return kept(batch, LIMIT), helped(batch), parts.other(batch), KNOWN, TABLE, inner
"""

PARTS = """
def helped(batch):
    return deeper(batch)

def deeper(batch, *, more=5):
    return batch + 1

def other(batch):
    return batch

def unused(batch):
    return batch
"""


def plugin(
    monkeypatch: pytest.MonkeyPatch, text: str = PLUGIN, parts: str = PARTS, package: str = "plug"
) -> object:
    """Return a stage of a package that consists of two modules, loaded anew."""
    for name, source in ((f"{package}.parts", parts), (f"{package}.stages", text)):
        module = types.ModuleType(name)
        monkeypatch.setitem(sys.modules, package, types.ModuleType(package))
        monkeypatch.setitem(sys.modules, name, module)
        if name.endswith("parts"):
            monkeypatch.setattr(sys.modules[package], "parts", module, raising=False)
        code = source.format(package=package) if name.endswith("stages") else source
        exec(
            compile(code.replace("cache=True", ""), f"/nowhere/{name}.py", "exec"), module.__dict__
        )
    stage: object = sys.modules[f"{package}.stages"].Stage()
    return stage


@pytest.fixture(autouse=True)
def _plain_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that lies in no file cannot be cached by numba: compile it without."""
    import numba

    import eventstore.jit

    monkeypatch.setattr(eventstore.jit, "kernel", numba.njit)


def test_equal_code_has_an_equal_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (code_digest([plugin(monkeypatch)]) for _ in range(2))
    assert one == two
    moved = PLUGIN.replace("LIMIT = 3", "# a comment\n\n\nLIMIT = 3")
    assert code_digest([plugin(monkeypatch, moved)]) == one
    unrelated = PARTS.replace("def unused(batch):\n    return batch", "")
    assert code_digest([plugin(monkeypatch, parts=unrelated)]) == one


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("t > limit", "t >= limit"),  # a kernel
        ("LIMIT = 3", "LIMIT = 4"),  # a constant
        ("(2.0,", "(2.5,"),
        ('"e", "f"', '"e", "h"'),
        ("np.arange(4)", "np.arange(5)"),
        ('"x", "y"', '"x", "w"'),  # a function in a function
        ("return self.field", "return -self.field"),  # a property
        ("return cls()", "return None"),  # a class method
        ("return 4", "return 5"),  # a static one
        ("return 1", "return 10"),  # of a class above
        ("return 2", "return 20"),  # of a class that is only an annotation
    ],
)
def test_other_code_has_another_digest(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    assert old in PLUGIN
    before = code_digest([plugin(monkeypatch)])
    assert code_digest([plugin(monkeypatch, PLUGIN.replace(old, new))]) != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("batch + 1", "batch + 2"),  # a function called by one that is called
        ("more=5", "more=6"),
        ("def other(batch):\n    return batch", "def other(batch):\n    return -batch"),
    ],
)
def test_so_it_is_with_code_of_its_package(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    assert old in PARTS
    before = code_digest([plugin(monkeypatch)])
    assert code_digest([plugin(monkeypatch, parts=PARTS.replace(old, new))]) != before


def test_other_versions_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_digest([Denoise(filter_time_us=5)])
    monkeypatch.setattr(np, "__version__", "99.0")
    assert code_digest([Denoise(filter_time_us=5)]) != before


def test_fields_are_not_code_and_running_changes_nothing() -> None:
    one = Denoise(filter_time_us=5)
    before = code_digest([one, FramesByTime(window_us=5)])
    for _ in range(20):
        one.apply(sample_batch(Sensor(12, 9)), Sensor(12, 9), NO_SEEDS)
    assert code_digest([Denoise(filter_time_us=50), FramesByTime(window_us=7)]) == before


def test_all_transforms_are_told_apart() -> None:
    digests = sorted(_digest_of(TRANSFORMS[name]) for name in TRANSFORMS)
    assert all(a != b for a, b in pairwise(digests))


def _digest_of(stage: type) -> str:
    return code_digest([object.__new__(stage)])


PROBE = """
from eventstore.cache.code_digest import code_digest
from eventstore.transforms import TRANSFORMS
print(code_digest([object.__new__(TRANSFORMS[name]) for name in TRANSFORMS]))
"""


def test_every_process_agrees() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", PROBE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
