"""Batches of frames, ready to train on. The one door to torch in this package.

Modules:
    stream: the loader.
    batch, sparse: what it serves.
    source: where the frames of samples come from.
    staging: the memory that batches are made in, and their types.
    making: the tasks of an epoch.
    dataset: the loader behind torch's own.
    mixture: batches of several loaders in turn.
    mixing, merging, cut_mix, event_mix: samples made of two.
    profile: where the time went.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from eventstore.loader.batch import Batch
    from eventstore.loader.cut_mix import CutMix
    from eventstore.loader.dataset import BatchDataset
    from eventstore.loader.event_mix import EventMix
    from eventstore.loader.mixture import Mixture
    from eventstore.loader.profile import Profile
    from eventstore.loader.sparse import SparseFrames
    from eventstore.loader.stream import Loader

__all__ = [
    "Batch",
    "BatchDataset",
    "CutMix",
    "EventMix",
    "Loader",
    "Mixture",
    "Profile",
    "SparseFrames",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Batch": "eventstore.loader.batch",
        "BatchDataset": "eventstore.loader.dataset",
        "CutMix": "eventstore.loader.cut_mix",
        "EventMix": "eventstore.loader.event_mix",
        "Loader": "eventstore.loader.stream",
        "Mixture": "eventstore.loader.mixture",
        "Profile": "eventstore.loader.profile",
        "SparseFrames": "eventstore.loader.sparse",
    },
)
