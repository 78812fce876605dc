"""What cached blocks are of: all that they depend on, and the digest that names their folder."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from jaxtyping import Int64

from eventstore.cache.code_digest import code_digest
from eventstore.digest import sha256_text
from eventstore.events import Sensor
from eventstore.selection import Selection
from eventstore.transforms.pipeline import Pipeline

CACHE_FORMAT = 1
"""Part of every key; raised when the files change, or what reads the events is mended."""

Kind: TypeAlias = Literal["counts", "real", "events"]
"""What is kept: frames of counts, arrays of real numbers, or events before random transforms."""


@dataclass(frozen=True, kw_only=True)
class CacheKey:
    """All that the content of cached blocks depends on; equal keys mean equal content.

    Labels, batches, seeds, the type of the frames, and how the store is chunked and coded are no
    part of it.

    Args:
        kind: what is kept.
        sensor: the store's sensor.
        pipeline: JSON of the stages whose result is kept.
        code: digest of those stages' code.
        samples: digest of the samples' ids and of their recordings' events, in order.
        n_samples: how many there are.
        block_size: samples a block.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> from eventstore.transforms import Denoise, FramesByBins, Shift
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> samples = np.arange(20)
        >>> pipeline = Pipeline(Denoise(filter_time_us=500), FramesByBins(n_bins=5))
        >>> CacheKey.of(selection, pipeline, samples, block_size=8).kind
        'counts'
        >>> pipeline = Pipeline(Denoise(filter_time_us=500), Shift(max_pixels=1))
        >>> CacheKey.of(selection, pipeline, samples, block_size=8).kind
        'events'
    """

    kind: Kind
    sensor: Sensor
    pipeline: str
    code: str
    samples: str
    n_samples: int
    block_size: int

    @classmethod
    def of(
        cls,
        selection: Selection,
        pipeline: Pipeline,
        samples: Int64[np.ndarray, " n"],
        *,
        block_size: int,
    ) -> "CacheKey":
        """Return the key of what is kept of a pipeline over samples in an order.

        Args:
            selection: what the samples are of.
            pipeline: of which the stages before the first random one count.
            samples: which samples, in the order in which they are cut into blocks.
            block_size: samples a block.
        """
        kept = pipeline.deterministic_prefix
        spec = kept.out_spec(selection.store.sensor)
        frames: Kind = "real" if spec.real else "counts"
        return cls(
            kind="events" if spec.kind == "events" else frames,
            sensor=selection.store.sensor,
            pipeline=kept.to_json(),
            code=code_digest(kept.stages),
            samples=_samples_digest(selection.take(samples)),
            n_samples=len(samples),
            block_size=block_size,
        )

    @property
    def n_blocks(self) -> int:
        """Number of blocks, the last of which may have fewer samples."""
        return -(-self.n_samples // self.block_size)

    @cached_property
    def digest(self) -> str:
        """Name of the folder, in hex."""
        return sha256_text(json.dumps({"format": CACHE_FORMAT, **asdict(self)}, sort_keys=True))

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "CacheKey":
        """Return the key that `to_dict` described.

        Raises:
            KeyError: a field is missing.
        """
        plain = {name: fields[name] for name in cls.__dataclass_fields__ if name != "sensor"}
        return cls(sensor=Sensor(**fields["sensor"]), **plain)

    def describe(self, reference: str = "") -> str:
        """Return in words what is kept.

        Args:
            reference: what a user would cite the selection by.
        """
        what = {"counts": "frames", "real": "arrays", "events": "events"}[self.kind]
        stages = json.loads(self.pipeline)["stages"]
        chain = " → ".join(map(_stage_text, stages)) or "nothing done to them yet"
        return (
            f"{what} of {reference or 'a selection'}: {self.n_samples:,} samples, "
            f"{self.block_size:,} a block, {self.sensor.width}×{self.sensor.height} pixels; {chain}"
        )


def _stage_text(stage: Mapping[str, object]) -> str:
    fields = ", ".join(f"{k}={v!r}" for k, v in stage.items() if k != "transform" and v is not None)
    return f"{stage['transform']}({fields})"


def _samples_digest(selection: Selection) -> str:
    digests = selection.store.recordings.digests
    sha = hashlib.sha256()
    for name, recording in zip(selection.sample_ids(), selection.recording.tolist(), strict=True):
        sha.update(f"{name}\t{digests[recording].hex()}\n".encode())
    return sha.hexdigest()
