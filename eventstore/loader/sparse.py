"""Sparse frames: what is not zero of a batch, small enough to send to a device and unfold there."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from eventstore.errors import InvalidInput
from eventstore.jit import kernel


@dataclass(frozen=True, slots=True, eq=False)
class SparseFrames:
    """Frames of a batch as places and values.

    Args:
        index: places other than zero, ascending, counted through the whole batch; int32 where the
            batch has fewer than 2^31 elements, otherwise int64.
        values: what is there: counts as uint8 where all of them fit, otherwise as int32; real
            numbers as float32.
        shape: shape of the dense batch.

    Examples:
        >>> frames = SparseFrames.of(np.array([[0, 3, 0], [0, 0, 1]], np.uint16))
        >>> frames.index.tolist(), frames.values.tolist()
        ([1, 5], [3, 1])
        >>> frames.to_dense().tolist()
        [[0.0, 3.0, 0.0], [0.0, 0.0, 1.0]]
    """

    index: Tensor
    values: Tensor
    shape: tuple[int, ...]

    @classmethod
    def of(cls, dense: Shaped[np.ndarray, "..."]) -> "SparseFrames":
        """Return what is not zero of a contiguous array of counts or real numbers.

        Args:
            dense: uint8 or uint16 of counts, or float32 of real numbers.
        """
        flat = dense.reshape(-1)
        n = np.count_nonzero(flat)
        # One to spare: the kernel writes before it decides.
        index = np.empty(n + 1, np.int32 if flat.size < 1 << 31 else np.int64)
        values = np.empty(n + 1, flat.dtype)
        _collect(flat, _words(flat), index, values)
        index, values = index[:n], values[:n]
        if values.dtype == np.uint16:
            values = values.astype(np.uint8 if values.max(initial=0) < 256 else np.int32)
        return cls(torch.from_numpy(index), torch.from_numpy(values), dense.shape)

    @property
    def device(self) -> torch.device:
        """Where the frames are."""
        return self.values.device

    @property
    def nbytes(self) -> int:
        """Bytes to send to a device."""
        return self.index.nbytes + self.values.nbytes

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> "SparseFrames":
        """Return the frames on a device of torch, still sparse."""
        index, values = (
            part.to(device, non_blocking=non_blocking) for part in (self.index, self.values)
        )
        return replace(self, index=index, values=values)

    def pin_memory(self) -> "SparseFrames":
        """Return the frames in memory from which a device can fetch them by itself."""
        return replace(self, index=self.index.pin_memory(), values=self.values.pin_memory())

    def flatten(self, start: int) -> "SparseFrames":
        """Return the same frames with all axes from ``start`` on as one."""
        return replace(self, shape=(*self.shape[:start], prod(self.shape[start:])))

    def to_dense(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the frames as a tensor of this type, made where the frames are.

        Raises:
            InvalidInput: the type does not hold the counts exactly.
        """
        self._check(dtype)
        out = torch.zeros(prod(self.shape), dtype=dtype, device=self.device)
        # No two places are equal, so that what is written does not depend on the order.
        return out.scatter_(0, self.index.long(), self.values.to(dtype)).view(self.shape)

    def _check(self, dtype: torch.dtype) -> None:
        # The type of the values tells how large they may be, without waiting for the device.
        if self.values.dtype == torch.float32:
            if dtype.is_floating_point:
                return
            message = f"the frames are real numbers, which {dtype} cannot hold"
            raise InvalidInput(message, hint="densify to a type of real numbers")
        top = 255 if self.values.dtype == torch.uint8 else 65_535
        exact = 2 / torch.finfo(dtype).eps if dtype.is_floating_point else torch.iinfo(dtype).max
        if top > exact:
            message = f"counts may be as large as {top}, {dtype} is exact to {exact:.0f}"
            raise InvalidInput(message, hint="densify to torch.float32")


def _words(flat: Shaped[np.ndarray, " n"]) -> Shaped[np.ndarray, " m"]:
    """Return the elements as words of 64 bits, without those of an incomplete last one."""
    each = 8 // flat.itemsize
    whole = flat[: flat.size // each * each]
    return whole.view(np.uint64) if whole.ctypes.data % 8 == 0 else np.empty(0, np.uint64)


@kernel
def _collect(flat: np.ndarray, words: np.ndarray, index: np.ndarray, values: np.ndarray) -> None:
    each = np.uint64(8 // flat.itemsize)
    n = np.uint64(0)
    for w in range(np.uint64(len(words))):
        if words[w] == 0:  # most of a batch
            continue
        for i in range(w * each, (w + np.uint64(1)) * each):
            # Written always, counted if not zero: no branch to mispredict.
            index[n] = i
            values[n] = flat[i]
            n += np.uint64(flat[i] != 0)
    for i in range(np.uint64(len(words)) * each, np.uint64(len(flat))):
        index[n] = i
        values[n] = flat[i]
        n += np.uint64(flat[i] != 0)
