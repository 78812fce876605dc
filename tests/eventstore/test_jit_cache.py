import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from eventstore.jit_cache import LOCK, keep_alone

# Adds the number of the command line, and says the sum. Before numba writes its index it waits
# until the other process had time to read the old one.
ADD = """
import sys, time
import numba.core.caching as caching
import eventstore.jit
from adding import adder

load = caching.IndexDataCacheFile._load_index

def slow(self):
    found = load(self)
    if self.saves:
        time.sleep(1)
    return found

caching.IndexDataCacheFile.saves = False
save = caching.IndexDataCacheFile.save

def marked(self, key, data):
    self.saves = True
    save(self, key, data)

if sys.argv[2:] == ["slowly"]:
    caching.IndexDataCacheFile._load_index = slow
    caching.IndexDataCacheFile.save = marked
print(adder(int(sys.argv[1]))(0))
"""

ADDER = """
from eventstore.jit import kernel

def adder(number):
    def add(x):
        return x + number
    return kernel(add)
"""


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    paths = os.pathsep.join([str(folder), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(folder / "kept")}
    command = [sys.executable, "-c", ADD, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_variants_compiled_at_once_are_not_taken_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "adding.py").write_text(ADDER)
    at_once = [start(tmp_path, number, "slowly") for number in ("1", "2")]
    assert [process.communicate()[0] for process in at_once] == ["1\n", "2\n"]
    files = list((tmp_path / "kept").rglob("*.nbc"))
    assert len(files) == 2
    later = [start(tmp_path, number) for number in ("1", "2")]
    assert [process.communicate()[0] for process in later] == ["1\n", "2\n"]


def test_a_folder_that_cannot_be_locked_is_used_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / LOCK).mkdir()  # so that no file can be opened there

    class Cache:
        cache_path = str(tmp_path)

        def load_overload(self, *arguments: object) -> object:
            return arguments

        save_overload = _index_key = load_overload

    class Kernel:
        _cache = Cache()

        @staticmethod
        def py_func() -> None:
            """Do nothing."""

    keep_alone(Kernel)
    assert Kernel._cache.load_overload(1, 2) == (1, 2)


def test_what_is_not_compiled_is_left_alone() -> None:
    keep_alone(np.add)
    kernel = numba.njit(lambda x: x + 1)  # without a cache
    keep_alone(kernel)
    assert kernel(1) == 2
