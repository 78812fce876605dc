"""WebDataset and LitData over events, as a user of theirs would store and bin them.

Both keep the columns of each sample as they are in memory. Neither knows events: batches are
counted by a compiled loop that their users would have to write, straight into the padded batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor

from bench_peers import BATCH
from bench_timing import Spread
from eventstore.events import Events

N_SHARDS = 8  # of WebDataset's: each worker takes some of them
CHUNK_BYTES = "64MB"  # of LitData's, as in its guides
SHUFFLE_BUFFER = 1_000  # samples, as in WebDataset's guides


@dataclass(frozen=True)
class Counting:
    """How a batch of samples becomes frames.

    Args:
        height: of the sensor.
        width: of the sensor.
        window_us: length of a frame.
        dtype: type of the counts.
    """

    height: int
    width: int
    window_us: int
    dtype: torch.dtype = torch.float32

    def __call__(self, samples: Sequence[dict[str, Any]]) -> tuple[Tensor, Tensor]:
        """Return frames ``(B, T, 2, H, W)``, padded with zeros, and labels."""
        events = [_columns(sample) for sample in samples]
        n_frames = [int(t[-1]) // self.window_us + 1 for t, *_ in events]
        shape = (len(events), max(n_frames), 2, self.height, self.width)
        frames = torch.zeros(shape, dtype=self.dtype)
        for sample, columns in zip(frames.numpy(), events, strict=True):
            count(columns, self.window_us, sample)
        return frames, torch.tensor([sample["label"] for sample in samples])


@numba.njit(nogil=True)
def count(columns: tuple[Any, Any, Any, Any], window_us: int, frames: Any) -> None:
    """Count each event in its frame."""
    t, x, y, p = columns
    for i in range(len(t)):
        frames[t[i] // window_us, p[i], y[i], x[i]] += 1


def webdataset_batches(
    samples: Iterable[tuple[Events, int]], n_samples: int, folder: Path, counting: Counting
) -> dict[str, Iterable[Any]]:
    """Write tar files of one structured array a sample; return batches without and with workers."""
    import webdataset as wds

    folder.mkdir()
    per_shard = -(-n_samples // N_SHARDS)
    with wds.ShardWriter(str(folder / "%03d.tar"), maxcount=per_shard, verbose=0) as sink:
        for i, (events, label) in enumerate(samples):
            sink.write({"__key__": f"{i:08}", "npy": _structured(events), "cls": label})
    shards = sorted(str(path) for path in folder.iterdir())

    def batches(workers: int) -> Any:
        stream = (
            wds.WebDataset(shards, shardshuffle=N_SHARDS)
            .shuffle(SHUFFLE_BUFFER)
            .decode()
            .map(_from_webdataset)
            .batched(BATCH, collation_fn=counting)
        )
        return wds.WebLoader(
            stream, batch_size=None, num_workers=workers, persistent_workers=workers > 0
        )

    return {"WebDataset": batches(0), "WebDataset, 2 workers": batches(2)}


def litdata_batches(
    samples: Iterable[tuple[Events, int]], folder: Path, counting: Counting
) -> dict[str, Iterable[Any]]:
    """Write chunks of columns; return batches without and with workers."""
    from litdata import StreamingDataLoader, StreamingDataset
    from litdata.streaming.writer import BinaryWriter

    folder.mkdir()
    writer = BinaryWriter(str(folder), chunk_bytes=CHUNK_BYTES)  # what its optimize() writes with
    for i, (events, label) in enumerate(samples):
        writer[i] = {name: getattr(events, name) for name in "txyp"} | {"label": label}
    writer.done()
    writer.merge()

    def batches(workers: int) -> Any:
        dataset = StreamingDataset(str(folder), shuffle=True)
        return StreamingDataLoader(
            dataset,
            batch_size=BATCH,
            num_workers=workers,
            persistent_workers=workers > 0,
            collate_fn=counting,
        )

    return {"LitData": batches(0), "LitData, 2 workers": batches(2)}


def faster(rate: Mapping[str, Spread], name: str) -> str:
    """Return the name of a peer's faster way: in the main process, or with two workers."""
    return max((name, f"{name}, 2 workers"), key=lambda way: rate[way].median)


def _structured(events: Events) -> np.ndarray:
    fields = [(name, getattr(events, name).dtype) for name in "txyp"]
    rows = np.empty(len(events), fields)
    for name in "txyp":
        rows[name] = getattr(events, name)
    return rows


def _from_webdataset(sample: dict[str, Any]) -> dict[str, Any]:
    return {"events": sample["npy"], "label": sample["cls"]}


def _columns(sample: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    rows = sample.get("events", sample)
    return rows["t"], rows["x"], rows["y"], rows["p"]
