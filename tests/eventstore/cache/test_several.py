"""Files joined by a kernel are those that are sealed for what is asked, and their tables."""

from dataclasses import replace

import numpy as np
import pytest

from eventstore.cache.frames import FrameBlock, encode_frames, write_frames
from eventstore.cache.sealed import Head, seal
from eventstore.cache.several import join_tables
from eventstore.cache.small_files import ReadFiles

SHAPE = (1, 3, 4)

HEAD = Head(kind="counts", key="ab" * 32, block=0, n_samples=0)

BLOCKS = np.array([(7, 2), (1 << 40, 0), (0, 1)])
"""Number of each, and its samples."""

FRAMES = [np.full((n + 1, *SHAPE), n + 1, np.float32) for n in range(3)]


def sealed(block: int) -> np.ndarray:
    first = int(BLOCKS[:block, 1].sum())
    number, n = BLOCKS[block].tolist()
    head = replace(HEAD, block=number, n_samples=n)
    return seal(head, encode_frames(FRAMES[first : first + n], real=False))


def laid_out(files: list[np.ndarray | None]) -> ReadFiles:
    """Lay files behind each other, each from a multiple of 8 bytes on."""
    sizes = np.array([-1 if file is None else len(file) for file in files])
    room = (np.maximum(sizes, 0) + 7) // 8 * 8
    at = np.cumsum(room) - room
    data = np.zeros(int(room.sum()), np.uint8)
    for start, file in zip(at, files, strict=True):
        if file is not None:
            data[start : start + len(file)] = file
    return ReadFiles(data, at, sizes)


def test_whole_files_are_one_block() -> None:
    files = laid_out([sealed(block) for block in range(3)])
    table, whole = join_tables(files, HEAD, BLOCKS)
    assert whole == [True] * 3
    several = FrameBlock(files.data, table, False, SHAPE, "abc")
    assert several.lengths.tolist() == [1, 2, 3]
    out = np.empty((3, 3, *SHAPE), np.uint8)
    write_frames([(several, 2), (several, 0), (several, 1)], out)
    assert [int(frames.sum()) for frames in out] == [3 * 36, 12, 2 * 24]


@pytest.mark.parametrize("block", [0, 2])
def test_a_changed_bit_or_a_lost_byte_is_found(block: int) -> None:
    whole = sealed(block)
    for at in range(len(whole)):
        data = whole.copy()
        data[at] ^= 1 << at % 8
        files: list[np.ndarray | None] = [None, None, None]
        files[block] = data
        assert join_tables(laid_out(files), HEAD, BLOCKS)[1] == [False] * 3
        files[block] = whole[:at]
        assert join_tables(laid_out(files), HEAD, BLOCKS)[1] == [False] * 3


def test_a_file_of_something_else_is_none() -> None:
    files = laid_out([sealed(block) for block in range(3)])
    others = [replace(HEAD, key="ac" * 32), replace(HEAD, kind="real")]
    for head in others:
        assert not any(join_tables(files, head, BLOCKS)[1])
    assert join_tables(files, HEAD, BLOCKS + np.array([[1, 0], [0, 0], [0, 0]]))[1] == [
        False,
        True,
        True,
    ]
    assert join_tables(files, HEAD, BLOCKS + np.array([[0, 0], [0, 0], [0, 1]]))[1] == [
        True,
        True,
        False,
    ]


def test_a_table_that_points_elsewhere_is_none() -> None:
    head = replace(HEAD, block=7, n_samples=2)
    parts = encode_frames(FRAMES[:2], real=False)
    table = np.frombuffer(parts[0], "<i8").copy()
    table[2] = 1 << 30
    bad = seal(head, [table.tobytes(), *parts[1:]])
    assert join_tables(laid_out([bad, None, None]), HEAD, BLOCKS)[1] == [False] * 3
