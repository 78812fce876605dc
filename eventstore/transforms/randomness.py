"""Randomness of samples: a function of what the sample is, never of who computes it or when."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomKey:
    """What random transforms depend on beside the sample: equal keys give equal data.

    Args:
        seed: chosen by the user.
        epoch: which pass over the data.

    Example:
        >>> a, b = (RandomKey(seed=1, epoch=0).generators(["0#0-5"], stage=2) for _ in range(2))
        >>> bool(a[0].random() == b[0].random())
        True
    """

    seed: int = 0
    epoch: int = 0

    def generators(self, sample_ids: Sequence[str], *, stage: int) -> list[np.random.Generator]:
        """Return one generator a sample, independent of batches, threads and ranks.

        Args:
            sample_ids: ids of the samples.
            stage: position of the transform in its pipeline, so that two stages never share draws.
        """
        return [np.random.Generator(np.random.Philox(key=self._key(i, stage))) for i in sample_ids]

    def _key(self, sample_id: str, stage: int) -> int:
        # A digest, because Python's hash() of a text differs from process to process.
        text = f"sample {self.seed} {self.epoch} {stage} {sample_id}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
