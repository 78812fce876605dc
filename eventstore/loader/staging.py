"""The memory that batches are made in, and the types they come in."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from eventstore.buffers import Buffers
from eventstore.errors import InvalidInput
from eventstore.loader.sparse import SparseFrames
from eventstore.transforms.protocol import Spec

BatchDtype: TypeAlias = Literal["float32", "uint8", "uint16", "bfloat16", "sparse"]

STAGED: dict[str, str] = {
    "float32": "float32",
    "uint8": "uint8",
    "uint16": "uint16",
    "bfloat16": "uint8",
    "sparse": "uint16",
}
"""The type that counts are written in before they become what is asked for. bfloat16 has 8 bits of
precision: staged as uint8, a count that it would round is refused like any that does not fit."""


@dataclass(frozen=True, slots=True, eq=False)
class Staging:
    """Memory for frames, which it turns into what a loader serves; any thread may use it.

    Args:
        dtype: what to serve.
        staged: the type that frames are written in first.
        pin: serve from memory that a device can fetch from by itself.
        audio: samples have no rows and no polarity.
        buffers: memory that is used again.
    """

    dtype: BatchDtype
    staged: np.dtype
    pin: bool
    audio: bool
    buffers: Buffers

    @classmethod
    def of(cls, dtype: str, spec: Spec, *, pin_memory: bool, keep: int) -> "Staging":
        """Return staging for frames of a pipeline.

        Args:
            dtype: type of the batches, one of `STAGED`.
            spec: what the pipeline makes.
            pin_memory: serve from pinned memory.
            keep: number of unused buffers to keep.

        Raises:
            InvalidInput: no such type, or one that cannot hold what the pipeline makes; or there is
                no device to pin memory for.
        """
        if dtype not in STAGED:
            message = f"dtype {dtype!r} is none of {', '.join(STAGED)}"
            raise InvalidInput(message, hint='counts that fit 0 … 255 may be "uint8"')
        if spec.real and dtype in {"uint8", "uint16"}:
            spec.check_dtype(dtype)
        if pin_memory and not torch.accelerator.is_available():
            message = "pin_memory=True, but torch finds no accelerator on this machine"
            raise InvalidInput(message, hint="leave pin_memory out: it only helps copies to one")
        return cls(
            cast("BatchDtype", dtype),
            np.dtype("float32" if spec.real else STAGED[dtype]),
            pin_memory,
            spec.sensor.modality == "audio",
            Buffers(keep=2 * keep if dtype == "bfloat16" else keep),
        )

    def allocate(self, shape: tuple[int, ...]) -> Shaped[np.ndarray, "..."]:
        """Return an array of arbitrary contents to write frames into."""
        if self.pin and self.dtype not in {"bfloat16", "sparse"}:
            # Torch keeps pinned memory for later by itself, until copies from it are done.
            staged = torch.from_numpy(np.empty(0, self.staged)).dtype
            pinned: np.ndarray = torch.empty(shape, dtype=staged, pin_memory=True).numpy()
            return pinned
        return self.buffers.empty(shape, self.staged)

    def finish(self, frames: Shaped[np.ndarray, "b t p h w"]) -> Tensor:
        """Return frames that were written in such an array as they are served."""
        if self.dtype == "sparse":
            sparse = SparseFrames.of(frames)
            sparse = sparse.pin_memory() if self.pin else sparse
            # What Batch.x is said to be: see there.
            return cast("Tensor", sparse.flatten(2) if self.audio else sparse)
        x = torch.from_numpy(frames)
        if self.dtype == "bfloat16":
            x = self._as_bfloat16(x)
        return x.flatten(2) if self.audio else x

    def _as_bfloat16(self, staged: Tensor) -> Tensor:
        if self.pin:
            out = torch.empty(staged.shape, dtype=torch.bfloat16, pin_memory=True)
        else:
            words = self.buffers.empty(tuple(staged.shape), np.uint16)
            out = torch.from_numpy(words).view(torch.bfloat16)
        return out.copy_(staged)
