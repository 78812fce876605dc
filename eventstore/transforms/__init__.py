"""From events to frames: frozen transforms, and the pipeline that chains them.

Modules:
    protocol: what a transform is.
    pipeline: a checked chain of them, its JSON and identity, and the table of transforms.
    batch: samples end to end, with their windows and ids.
    randomness: (seed, epoch, sample id) to a generator.
    crop, denoise, downsample, drop, shift: events to events.
    frames, sliding, binary: events to counts (T, P, H, W); kernels of frames are in binning.
    voxel, spike_tensor: events to sums shared out over bins of time.
    surfaces, sits, tore: events to how lately, or how much, each pixel fired.
    binarep, mixed_density: events to numbers made of bits, or of last polarities.
    windows: equal windows that tile a sample, for all that makes a series of frames.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from eventstore.transforms.batch import EventBatch
    from eventstore.transforms.binarep import BinaRep
    from eventstore.transforms.binary import BinaryFrames
    from eventstore.transforms.crop import CropSpace, CropTime
    from eventstore.transforms.crop_random import CropCenter, CropRandom
    from eventstore.transforms.denoise import Denoise
    from eventstore.transforms.downsample import Downsample
    from eventstore.transforms.drop import DropEvents
    from eventstore.transforms.flips import FlipPolarity, FlipX, FlipY
    from eventstore.transforms.frames import (
        FramesByBins,
        FramesByCount,
        FramesByEventBins,
        FramesByTime,
        Image,
    )
    from eventstore.transforms.jitter import JitterSpace, JitterTime
    from eventstore.transforms.mixed_density import MixedDensityStack
    from eventstore.transforms.pipeline import TRANSFORMS, Pipeline
    from eventstore.transforms.protocol import ArrayTransform, EventTransform, Spec
    from eventstore.transforms.randomness import RandomKey
    from eventstore.transforms.reverse_time import ReverseTime
    from eventstore.transforms.rotate import Rotate, Rotate90, Transpose
    from eventstore.transforms.shift import Shift
    from eventstore.transforms.sits import SpeedInvariantSurface
    from eventstore.transforms.sliding import SlidingFramesByCount, SlidingFramesByTime
    from eventstore.transforms.spike_tensor import EventSpikeTensor
    from eventstore.transforms.surfaces import DecaySurface, TimeSurface
    from eventstore.transforms.time_scale import ScaleTime
    from eventstore.transforms.tore import Tore
    from eventstore.transforms.voxel import VoxelGrid

__all__ = [
    "TRANSFORMS",
    "ArrayTransform",
    "BinaRep",
    "BinaryFrames",
    "CropCenter",
    "CropRandom",
    "CropSpace",
    "CropTime",
    "DecaySurface",
    "Denoise",
    "Downsample",
    "DropEvents",
    "EventBatch",
    "EventSpikeTensor",
    "EventTransform",
    "FlipPolarity",
    "FlipX",
    "FlipY",
    "FramesByBins",
    "FramesByCount",
    "FramesByEventBins",
    "FramesByTime",
    "Image",
    "JitterSpace",
    "JitterTime",
    "MixedDensityStack",
    "Pipeline",
    "RandomKey",
    "ReverseTime",
    "Rotate",
    "Rotate90",
    "ScaleTime",
    "Shift",
    "SlidingFramesByCount",
    "SlidingFramesByTime",
    "Spec",
    "SpeedInvariantSurface",
    "TimeSurface",
    "Tore",
    "Transpose",
    "VoxelGrid",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "TRANSFORMS": "eventstore.transforms.pipeline",
        "ArrayTransform": "eventstore.transforms.protocol",
        "BinaRep": "eventstore.transforms.binarep",
        "BinaryFrames": "eventstore.transforms.binary",
        "CropCenter": "eventstore.transforms.crop_random",
        "CropRandom": "eventstore.transforms.crop_random",
        "CropSpace": "eventstore.transforms.crop",
        "CropTime": "eventstore.transforms.crop",
        "DecaySurface": "eventstore.transforms.surfaces",
        "Denoise": "eventstore.transforms.denoise",
        "Downsample": "eventstore.transforms.downsample",
        "DropEvents": "eventstore.transforms.drop",
        "EventBatch": "eventstore.transforms.batch",
        "EventSpikeTensor": "eventstore.transforms.spike_tensor",
        "EventTransform": "eventstore.transforms.protocol",
        "FlipPolarity": "eventstore.transforms.flips",
        "FlipX": "eventstore.transforms.flips",
        "FlipY": "eventstore.transforms.flips",
        "FramesByBins": "eventstore.transforms.frames",
        "FramesByCount": "eventstore.transforms.frames",
        "FramesByEventBins": "eventstore.transforms.frames",
        "FramesByTime": "eventstore.transforms.frames",
        "Image": "eventstore.transforms.frames",
        "JitterSpace": "eventstore.transforms.jitter",
        "JitterTime": "eventstore.transforms.jitter",
        "MixedDensityStack": "eventstore.transforms.mixed_density",
        "Pipeline": "eventstore.transforms.pipeline",
        "RandomKey": "eventstore.transforms.randomness",
        "ReverseTime": "eventstore.transforms.reverse_time",
        "Rotate": "eventstore.transforms.rotate",
        "Rotate90": "eventstore.transforms.rotate",
        "ScaleTime": "eventstore.transforms.time_scale",
        "Shift": "eventstore.transforms.shift",
        "SlidingFramesByCount": "eventstore.transforms.sliding",
        "SlidingFramesByTime": "eventstore.transforms.sliding",
        "Spec": "eventstore.transforms.protocol",
        "SpeedInvariantSurface": "eventstore.transforms.sits",
        "TimeSurface": "eventstore.transforms.surfaces",
        "Tore": "eventstore.transforms.tore",
        "Transpose": "eventstore.transforms.rotate",
        "VoxelGrid": "eventstore.transforms.voxel",
    },
)
