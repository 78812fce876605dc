"""A file is whole and of what is expected, or damaged."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.buffers import Buffers
from eventstore.cache import sealed
from eventstore.cache.sealed import HEAD, Head, content, padded, read_file, seal
from eventstore.errors import IntegrityError

OF = Head(kind="counts", key="ab" * 32, block=3, n_samples=2)


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_content_comes_back(parts: list[bytes]) -> None:
    data = content(seal(OF, parts), OF)
    at = 0
    for part in parts:
        assert bytes(data[at : at + len(part)]) == part
        at += padded(len(part))
    assert at == len(data)
    assert HEAD.size % 8 == 0


@pytest.mark.parametrize(
    "other",
    [
        replace(OF, kind="real"),
        replace(OF, key="cd" * 32),
        replace(OF, block=4),
        replace(OF, n_samples=3),
    ],
)
def test_a_file_of_something_else_is_refused(other: Head) -> None:
    with pytest.raises(IntegrityError, match="not the file of block"):
        content(seal(OF, [b"12"]), other)


def test_every_flipped_byte_and_every_cut_is_found() -> None:
    whole = seal(OF, [b"0123456789"])
    for at in range(len(whole)):
        data = whole.copy()
        data[at] ^= 1
        with pytest.raises(IntegrityError):
            content(data, OF)
        with pytest.raises(IntegrityError):
            content(whole[:at], OF)
    with pytest.raises(IntegrityError):
        content(np.concatenate([whole, whole[-8:]]), OF)


@pytest.mark.parametrize("mapped_from", [1, 1 << 20])
def test_what_was_read_outlives_its_file(
    tmp_path: Path, mapped_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "MAPPED_FROM", mapped_from)
    path = tmp_path / "a"
    path.write_bytes(bytes(seal(OF, [b"12"])))
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 # a count, no paths
    data = read_file(path)
    path.unlink()
    assert bytes(content(data, OF))[:2] == b"12"
    del data
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    with pytest.raises(FileNotFoundError):
        read_file(path)
    path.touch()
    with pytest.raises(IntegrityError):
        content(read_file(path), OF)


def test_memory_of_small_files_is_used_again_once_nobody_has_it(tmp_path: Path) -> None:
    path, buffers = tmp_path / "block", Buffers(keep=2)
    path.write_bytes(seal(OF, [b"12", b"3"]).tobytes())
    first = content(read_file(path, buffers), OF)
    second = content(read_file(path, buffers), OF)
    assert not np.shares_memory(first, second)
    address = first.ctypes.data
    del first
    assert content(read_file(path, buffers), OF).ctypes.data == address
    assert bytes(second[:2]) == b"12"
