"""Randomness of samples: a function of what the sample is, never of who computes it or when."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt64

from eventstore.draws import choice, normal, normal_pair, uniform

__all__ = ["RandomKey", "choice", "normal", "normal_pair", "uniform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomKey:
    """What random transforms depend on beside the sample: equal keys give equal data.

    Args:
        seed: chosen by the user.
        epoch: which pass over the data.

    Examples:
        >>> key = RandomKey(seed=1, epoch=0)
        >>> bool(key.seeds(["0#0-5"], stage=2)[0] == key.seeds(["a", "0#0-5"], stage=2)[1])
        True
    """

    seed: int = 0
    epoch: int = 0

    def seeds(self, sample_ids: Sequence[str], *, stage: int) -> UInt64[np.ndarray, " b"]:
        """Return a seed a sample, independent of batches, threads and ranks.

        Args:
            sample_ids: ids of the samples.
            stage: position of the transform in its pipeline, so that two stages never share draws.
        """
        # A digest, because Python's hash() of a text differs from process to process.
        before = hashlib.sha256(f"sample {self.seed} {self.epoch} {stage} ".encode())
        words = bytearray()
        for sample_id in sample_ids:
            sha = before.copy()
            sha.update(sample_id.encode())
            words += sha.digest()[:8]
        return np.frombuffer(words, "<u8").astype(np.uint64)
