"""Batch: what a loader serves."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from eventstore.loader.sparse import SparseFrames


class Batch(NamedTuple):
    """A batch of samples.

    Attributes:
        x: counts of events, ``(B, T, C, H, W)``, for audio ``(B, T, C)``. From a loader with
            ``dtype="sparse"`` it is `SparseFrames` of that shape; `dense` makes a tensor of either.
        label: class of each sample, int64 ``(B,)``. From a loader with ``mix`` it is soft: what
            each class has of it, float32 ``(B, classes)``, in rows that sum to one. Cross-entropy
            takes either; `hard_label` makes one of either.
        length: number of frames each sample fills, int64 ``(B,)``; the frames after are zero.
        ids: id of each sample. One that is mixed is mixed with the one before it, the first with
            the last before this batch in the order of all ranks.

    Examples:
        >>> x, length = torch.ones(2, 3, 1, 4, 4), torch.tensor([3, 1])
        >>> batch = Batch(x, torch.tensor([0, 1]), length, ["a", "b"])
        >>> batch.mask.tolist()
        [[True, True, True], [True, False, False]]
    """

    x: Tensor
    label: Tensor
    length: Tensor
    ids: list[str]

    @property
    def hard_label(self) -> Int64[Tensor, " b"]:
        """Class of each sample; of soft labels the one that has most of it.

        Examples:
            >>> soft = torch.tensor([[0.2, 0.8], [0.6, 0.4]])
            >>> Batch(torch.zeros(2, 1, 1), soft, torch.tensor([1, 1]), ["a", "b"]).hard_label
            tensor([1, 0])
        """
        return self.label.argmax(1) if self.label.ndim == 2 else self.label

    @property
    def sparse(self) -> SparseFrames | None:
        """The frames where they are sparse, None where ``x`` is a tensor."""
        # They are no tensor: what the annotation of x says is what nearly all see.
        frames: object = self.x
        return frames if isinstance(frames, SparseFrames) else None

    @property
    def mask(self) -> Bool[Tensor, "b t"]:
        """Which frames are a sample's own; the others are padding."""
        frames = torch.arange(self.x.shape[1], device=self.length.device)
        return frames < self.length[:, None]

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> "Batch":
        """Return the batch on a device of torch; sparse frames stay sparse on the way.

        Args:
            device: such as ``"cuda"``.
            non_blocking: go on before it has arrived; needs a loader with ``pin_memory=True``.
        """
        x, label, length = (
            part.to(device, non_blocking=non_blocking) for part in (self.x, self.label, self.length)
        )
        return Batch(x, label, length, self.ids)

    def dense(self, dtype: torch.dtype = torch.float32) -> "Batch":
        """Return the batch with frames in a tensor of this type, on the device where they are.

        Raises:
            InvalidInput: the type would round the counts of sparse frames.
        """
        frames = self.sparse
        return self._replace(x=self.x.to(dtype) if frames is None else frames.to_dense(dtype))
