import gc

import numpy as np
import torch

from eventstore.buffers import Buffers


def test_memory_in_use_is_never_given_out_again() -> None:
    buffers = Buffers(keep=4)
    held = [buffers.empty((3, 4), np.float32) for _ in range(6)]
    for i, array in enumerate(held):
        array[:] = i
    assert [int(a.max()) for a in held] == [int(a.min()) for a in held] == list(range(6))


def test_a_view_of_a_tensor_keeps_its_memory() -> None:
    buffers = Buffers(keep=4)
    tensor = torch.from_numpy(buffers.empty((8, 8), np.uint8).reshape(8, 8))
    corner = tensor.fill_(7).reshape(64)[60:].detach()
    as_array = tensor.numpy()[0]
    del tensor
    gc.collect()
    for _ in range(5):
        buffers.empty((8, 8), np.uint8)[:] = 0
    assert corner.tolist() == [7] * 4
    assert as_array.tolist() == [7] * 8


def test_memory_is_used_again_when_free_and_large_enough() -> None:
    buffers = Buffers(keep=1)
    first = buffers.empty((10, 10), np.float32)
    address = first.ctypes.data
    del first
    assert buffers.empty((99,), np.float32).ctypes.data == address
    assert buffers.empty((1000, 1000), np.uint8).shape == (1000, 1000)


def test_a_buffer_too_small_is_kept_for_others() -> None:
    buffers = Buffers(keep=2)
    small, large = buffers.empty((1 << 10,), np.uint8), buffers.empty((1 << 20,), np.uint8)
    addresses = small.ctypes.data, large.ctypes.data
    del large, small
    assert buffers.empty((1 << 20,), np.uint8).ctypes.data == addresses[1]
    assert buffers.empty((1 << 10,), np.uint8).ctypes.data == addresses[0]


def test_what_fits_nobody_is_kept_until_there_is_too_much() -> None:
    buffers = Buffers(keep=2)
    large = [buffers.empty((1 << 20,), np.uint8) for _ in range(2)]
    addresses = {array.ctypes.data for array in large}
    del large[:]
    small = buffers.empty((1 << 10,), np.uint8)
    again = [buffers.empty((1 << 20,), np.uint8) for _ in range(2)]
    assert {array.ctypes.data for array in again} == addresses
    del small, again[:]  # three for two places: the one free for longest goes
    assert [len(memory) for memory in buffers._free] == [1 << 20, 1 << 20]


def test_sizes_that_differ_a_little_share_memory() -> None:
    buffers = Buffers(keep=1)
    first = buffers.empty((1_000_000,), np.uint8)
    address = first.ctypes.data
    del first
    assert buffers.empty((1_040_000,), np.uint8).ctypes.data == address


def test_any_column_of_a_table_keeps_its_memory() -> None:
    buffers = Buffers(keep=4)
    x = buffers.events(100)[10:90].x[5:7]
    x[:] = 7
    for _ in range(5):
        buffers.events(100).x[:] = 0
    assert x.tolist() == [7, 7]
    address = x.ctypes.data - 8 * 100 - 2 * 15
    del x
    assert buffers.events(90).t.ctypes.data == address


def test_an_empty_array() -> None:
    assert Buffers(keep=1).empty((0, 3), np.uint8).shape == (0, 3)
