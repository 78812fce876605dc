"""Bytes in, tensors out: readers, event table, zarr store, transforms, loader."""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from eventstore.append import StoreWriter
    from eventstore.errors import SpikelakeError
    from eventstore.events import Events, Sensor
    from eventstore.findings import Finding, Severity
    from eventstore.loader import Batch, Loader
    from eventstore.packing import pack_store
    from eventstore.range_cache import CacheConfig
    from eventstore.readers.open import read_events as read
    from eventstore.selection import Selection
    from eventstore.store import EventStore
    from eventstore.store import open_store as open  # noqa: A004  # opens a store, as zarr.open
    from eventstore.transforms import (
        BinaryFrames,
        CropSpace,
        CropTime,
        DecaySurface,
        Denoise,
        Downsample,
        DropEvents,
        EventSpikeTensor,
        FramesByBins,
        FramesByCount,
        FramesByEventBins,
        FramesByTime,
        Image,
        Pipeline,
        Shift,
        SlidingFramesByCount,
        SlidingFramesByTime,
        TimeSurface,
        VoxelGrid,
    )

__all__ = [
    "Batch",
    "BinaryFrames",
    "CacheConfig",
    "CropSpace",
    "CropTime",
    "DecaySurface",
    "Denoise",
    "Downsample",
    "DropEvents",
    "EventSpikeTensor",
    "EventStore",
    "Events",
    "Finding",
    "FramesByBins",
    "FramesByCount",
    "FramesByEventBins",
    "FramesByTime",
    "Image",
    "Loader",
    "Pipeline",
    "Selection",
    "Sensor",
    "Severity",
    "Shift",
    "SlidingFramesByCount",
    "SlidingFramesByTime",
    "SpikelakeError",
    "StoreWriter",
    "TimeSurface",
    "VoxelGrid",
    "open",
    "pack_store",
    "read",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Batch": "eventstore.loader",
        "BinaryFrames": "eventstore.transforms",
        "CacheConfig": "eventstore.range_cache",
        "CropSpace": "eventstore.transforms",
        "CropTime": "eventstore.transforms",
        "DecaySurface": "eventstore.transforms",
        "Denoise": "eventstore.transforms",
        "Downsample": "eventstore.transforms",
        "DropEvents": "eventstore.transforms",
        "EventSpikeTensor": "eventstore.transforms",
        "EventStore": "eventstore.store",
        "Events": "eventstore.events",
        "Finding": "eventstore.findings",
        "FramesByBins": "eventstore.transforms",
        "FramesByCount": "eventstore.transforms",
        "FramesByEventBins": "eventstore.transforms",
        "FramesByTime": "eventstore.transforms",
        "Image": "eventstore.transforms",
        "Loader": "eventstore.loader",
        "Pipeline": "eventstore.transforms",
        "Selection": "eventstore.selection",
        "Sensor": "eventstore.events",
        "Severity": "eventstore.findings",
        "Shift": "eventstore.transforms",
        "SlidingFramesByCount": "eventstore.transforms",
        "SlidingFramesByTime": "eventstore.transforms",
        "SpikelakeError": "eventstore.errors",
        "StoreWriter": "eventstore.append",
        "TimeSurface": "eventstore.transforms",
        "VoxelGrid": "eventstore.transforms",
        "open": "eventstore.store:open_store",
        "pack_store": "eventstore.packing",
        "read": "eventstore.readers.open:read_events",
    },
)
