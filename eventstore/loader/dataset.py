"""BatchDataset: a loader behind ``torch.utils.data.DataLoader``, whose workers are processes."""

import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import IterableDataset, get_worker_info

from eventstore.loader.batch import Batch
from eventstore.selection import Selection
from eventstore.store_handle import StoreHandle
from eventstore.transforms.pipeline import Pipeline

if TYPE_CHECKING:
    from eventstore.loader.stream import Loader


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """All that a loader is made of, to make it again in another process.

    Args:
        kind: the loader's class.
        store: the open store; it goes to the other process by its place and digest.
        columns: the selection's other fields.
        pipeline: the pipeline.
        arguments: the loader's other arguments.
    """

    kind: "type[Loader]"
    store: StoreHandle
    columns: dict[str, Any]
    pipeline: Pipeline
    arguments: dict[str, Any]

    @classmethod
    def of(cls, loader: "Loader") -> "Recipe":
        """Return what makes a loader that serves the same."""
        selection, share, order = loader.selection, loader.share, loader.order
        names = [field.name for field in fields(selection) if field.name != "store"]
        arguments = {
            **{f.name: getattr(share, f.name) for f in fields(share)},
            **{
                name: getattr(order, name)
                for name in ("shuffle", "seed", "block_size", "memory_bytes", "sampling", "bucket")
            },
            **{
                name: getattr(loader, name)
                for name in ("dtype", "prefetch", "threads", "pin_memory", "cache", "mix")
            },
        }
        columns = {name: getattr(selection, name) for name in names}
        return cls(type(loader), StoreHandle(selection.store), columns, loader.pipeline, arguments)

    def make(self) -> "Loader":
        """Make the loader."""
        selection = Selection(store=self.store.store, **self.columns)
        return self.kind(selection, self.pipeline, **self.arguments)


class BatchDataset(IterableDataset[Batch]):
    """The batches of a loader, for torch's own: the same ones in the same order.

    Worker ``w`` of ``k`` serves batches ``w, w + k, …``, which `DataLoader` takes in turn. Each
    worker opens the store anew and reads the blocks that its batches need. So small samples, of
    which many share a block, are decoded once a worker: the loader's own threads do less work.

    Loops serve the epoch of `set_epoch`, each time, as with a ``DistributedSampler``; call it
    before each loop. It reaches workers that persist. Made by ``Loader.as_dataset()``, it begins
    where the loader stands.

    Args:
        loader: whose batches to serve; it is left as it is.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from torch.utils.data import DataLoader
        >>> from eventstore.loader import Loader
        >>> from eventstore.testing import tiny_selection
        >>> from eventstore.transforms import FramesByBins, Pipeline
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> loader = Loader(selection, Pipeline(FramesByBins(n_bins=5)), batch_size=8)
        >>> [len(batch.ids) for batch in DataLoader(loader.as_dataset(), batch_size=None)]
        [8, 8, 4]
    """

    def __init__(self, loader: "Loader") -> None:
        super().__init__()
        self._loader: Loader | None = loader
        self._recipe = Recipe.of(loader)
        self._process = os.getpid()
        self._length = len(loader)
        # Workers see what is set here later, also those that persist.
        self._place = torch.tensor([loader.epoch, loader.position])
        self._place.share_memory_()  # type: ignore[no-untyped-call]  # torch has no types here

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next loops serve, from its start."""
        self._place[0], self._place[1] = epoch, 0

    def __len__(self) -> int:
        """Return the number of batches of a whole epoch."""
        return self._length

    def __iter__(self) -> Iterator[Batch]:
        """Iterate over the batches that are this process's."""
        info = get_worker_info()
        worker, n_workers = (0, 1) if info is None else (info.id, info.num_workers)
        epoch, position = self._place.tolist()
        served = self._own_loader().serve(epoch, position, worker=worker, n_workers=n_workers)
        return (batch for _, batch in served)

    def _own_loader(self) -> "Loader":
        """Return a loader of this process: locks and connections of another's may be in any state.

        A process that was forked has those of its parent, one that was spawned has none.
        """
        if self._loader is None or self._process != os.getpid():
            recipe: Recipe = pickle.loads(pickle.dumps(self._recipe))  # opens the store anew
            self._loader, self._process = recipe.make(), os.getpid()
        return self._loader

    def __getstate__(self) -> dict[str, Any]:
        """Send all but the loader."""
        return {**self.__dict__, "_loader": None}
