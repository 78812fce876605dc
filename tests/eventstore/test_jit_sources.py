import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eventstore import bitpack_unpack, chunk_runs, jit, jit_sources, machine, pco_batch
from eventstore.jit_sources import digest_of

OUTER = """
import inner
from constants import SUMMAND
from eventstore.jit import inlined_kernel, inner_kernel, kernel
from inner import scaled

@kernel
def outer(x):
    return scaled(x) + SUMMAND + inner.one()

print(outer(10), sum(outer.stats.cache_hits.values()))
"""

SOURCES = {
    "outer.py": OUTER,
    "inner.py": """
from eventstore.jit import inner_kernel, inlined_kernel
from innermost import FACTOR, halved

@inner_kernel
def scaled(x):
    return halved(FACTOR * x)

@inlined_kernel
def one():
    return 1
""",
    "innermost.py": """
from eventstore.jit import inner_kernel

FACTOR = 4

@inner_kernel
def halved(x):
    return x // 2
""",
    "constants.py": "SUMMAND = 0",
}


def run(folder: Path) -> tuple[int, bool]:
    """Return what the kernel makes of ten, and whether its machine code was there."""
    paths = os.pathsep.join([str(folder), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(folder / "kept")}
    command = [sys.executable, "-B", str(folder / "outer.py")]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    value, hits = said.stdout.split()
    return int(value), hits == "1"


def test_machine_code_does_not_outlive_what_it_was_made_of(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text)
    assert run(tmp_path) == (21, False)
    assert run(tmp_path) == (21, True)
    changes = [
        ("innermost.py", "FACTOR = 4", "FACTOR = 6", 31),
        ("inner.py", "return 1", "return 2", 32),
        ("constants.py", "SUMMAND = 0", "SUMMAND = 3", 35),
    ]
    for name, before, after, value in changes:
        text = (tmp_path / name).read_text()
        assert before in text
        (tmp_path / name).write_text(text.replace(before, after))
        assert run(tmp_path) == (value, False), (name, after)


KERNEL = chunk_runs._decode_jobs


def test_a_digest_is_the_same_each_time() -> None:
    assert digest_of(KERNEL) == digest_of(KERNEL)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (pco_batch, "BATCH", 255),  # a number, three files away
        (machine, "_TABLE", np.zeros(1)),  # a table
        (bitpack_unpack, "OTHER_LENGTH", -9),  # of a module, for a function by type
    ],
)
def test_constants_of_other_files_count(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, value: object
) -> None:
    before = digest_of(KERNEL)
    monkeypatch.setattr(module, name, value)
    assert digest_of(KERNEL) != before


def test_how_kernels_are_compiled_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_of(KERNEL)
    (tmp_path / "jit.py").write_text("# other options")
    monkeypatch.setattr(jit_sources, "_OPTIONS", str(tmp_path / "jit.py"))
    assert digest_of(KERNEL) != before
    monkeypatch.setattr(jit_sources, "_OPTIONS", jit.__file__)
    assert digest_of(KERNEL) == before


def test_what_a_closure_holds_counts() -> None:
    def made(number: int) -> str:
        def add(x: int) -> int:
            return x + number

        return digest_of(add)

    assert made(1) != made(2)
    assert made(1) == made(1)


def test_objects_without_a_value_of_their_own_do_not() -> None:
    thing = object()

    def hold() -> object:
        return thing

    before = digest_of(hold)
    thing = object()
    assert digest_of(hold) == before
