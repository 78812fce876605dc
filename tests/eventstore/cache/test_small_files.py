"""Several files at once are what they are one by one; what is in trouble is left to the caller."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.buffers import Buffers
from eventstore.cache.sealed import MAPPED_FROM
from eventstore.cache.small_files import SmallFiles


@given(st.lists(st.integers(0, 200_000), max_size=6))
def test_the_bytes_of_each_file_come_back(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("files", numbered=True)
    contents = [os.urandom(size) for size in sizes]
    paths = [folder / f"ä {number}" for number in range(len(sizes))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    reads = SmallFiles(Buffers(keep=2))
    first, again = (reads.read([*map(str, paths)]).each() for _ in range(2))
    for found in (first, again):  # the second has other memory while the first lives
        assert [None if data is None else bytes(data) for data in found] == contents
        assert all(data is None or data.ctypes.data % 8 == 0 for data in found)


def test_what_cannot_be_read_is_none_and_leaves_nothing_open(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "small").write_bytes(b"here")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(MAPPED_FROM)
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    names = ["folder", "absent", "large", "small", "dangling"]
    before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208 # a count, no paths
    found = SmallFiles(Buffers(keep=1)).read([f"{tmp_path}/{name}" for name in names]).each()
    assert [None if data is None else bytes(data) for data in found] == [
        *[None] * 3,
        b"here",
        None,
    ]
    assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    assert SmallFiles(Buffers(keep=1)).read([]).each() == []


def test_threads_share_one(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / str(number)).write_bytes(bytes([number]) * 30_000)
    reads = SmallFiles(Buffers(keep=4))
    wrong: list[int] = []

    def work() -> None:
        for _ in range(30):
            found = reads.read([f"{tmp_path}/{number}" for number in range(8)]).each()
            right = [data is not None and set(data.tolist()) == {n} for n, data in enumerate(found)]
            wrong.extend(n for n, good in enumerate(right) if not good)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
