"""From events to frames: frozen transforms, and the pipeline that chains them.

Modules:
    protocol: what a transform is; bases writes what many of them have alike.
    pipeline: a checked chain of them, its JSON and identity, and the table of transforms.
    batch: samples end to end, with their windows and ids.
    randomness: (seed, epoch, sample id) to a generator.
    affine, crop, denoise, downsample, drop, shift: events to events; moves brings them to other
        pixels.
    background_activity, correlation, double_window, k_noise, fast_decay: noise filters, which say
        of each event whether it stays; noise_filter says what one is.
    channels: audio to fewer channels.
    frames, sliding, binary: events to counts (T, P, H, W); kernels of frames are in binning.
    voxel, spike_tensor: events to sums shared out over bins of time.
    surfaces, sits, tore: events to how lately, or how much, each pixel fired.
    binarep, mixed_density: events to numbers made of bits, or of last polarities.
    hats, ergo12: events to averages of their surroundings, or of windows of them.
    lazy, derived: pipelines over whole selections as dask graphs, and what they make written down.
    lazy_tasks, memory: what the graphs' tasks do, and how far back transforms look.
    windows: equal windows that tile a sample, for all that makes a series of frames.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from eventstore.transforms.affine import Affine
    from eventstore.transforms.background_activity import BackgroundActivity
    from eventstore.transforms.batch import EventBatch
    from eventstore.transforms.binarep import BinaRep
    from eventstore.transforms.binary import BinaryFrames
    from eventstore.transforms.channels import BinChannels
    from eventstore.transforms.correlation import SpatiotemporalCorrelation
    from eventstore.transforms.crop import CropSpace, CropTime
    from eventstore.transforms.crop_random import CropCenter, CropRandom
    from eventstore.transforms.decimate import Decimate
    from eventstore.transforms.denoise import Denoise
    from eventstore.transforms.derived import write_derived
    from eventstore.transforms.double_window import DoubleWindow
    from eventstore.transforms.downsample import Downsample
    from eventstore.transforms.downsample_spikes import DownsampleDifferentiate, DownsampleIntegrate
    from eventstore.transforms.drop import DropEvents
    from eventstore.transforms.drop_region import DropArea, DropPixels, DropTime
    from eventstore.transforms.ergo12 import Ergo12
    from eventstore.transforms.event_drop import EventDrop
    from eventstore.transforms.fast_decay import FastDecay
    from eventstore.transforms.flips import FlipPolarity, FlipX, FlipY
    from eventstore.transforms.frames import (
        FramesByBins,
        FramesByCount,
        FramesByEventBins,
        FramesByTime,
        Image,
    )
    from eventstore.transforms.hats import AveragedTimeSurface
    from eventstore.transforms.jitter import JitterSpace, JitterTime
    from eventstore.transforms.k_noise import KNoise
    from eventstore.transforms.lazy import lazy_frames, lazy_recording, lazy_samples
    from eventstore.transforms.mask_pixels import MaskHotPixels, MaskPixels
    from eventstore.transforms.merge_polarity import MergePolarity
    from eventstore.transforms.mixed_density import MixedDensityStack
    from eventstore.transforms.noise import AddNoise
    from eventstore.transforms.noise_filter import NoiseFilter
    from eventstore.transforms.pipeline import TRANSFORMS, Pipeline
    from eventstore.transforms.protocol import ArrayTransform, EventTransform, Spec
    from eventstore.transforms.randomness import RandomKey
    from eventstore.transforms.rate_limit import LimitRate
    from eventstore.transforms.refractory import RefractoryPeriod
    from eventstore.transforms.resize import Resize
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
    "AddNoise",
    "Affine",
    "ArrayTransform",
    "AveragedTimeSurface",
    "BackgroundActivity",
    "BinChannels",
    "BinaRep",
    "BinaryFrames",
    "CropCenter",
    "CropRandom",
    "CropSpace",
    "CropTime",
    "DecaySurface",
    "Decimate",
    "Denoise",
    "DoubleWindow",
    "Downsample",
    "DownsampleDifferentiate",
    "DownsampleIntegrate",
    "DropArea",
    "DropEvents",
    "DropPixels",
    "DropTime",
    "Ergo12",
    "EventBatch",
    "EventDrop",
    "EventSpikeTensor",
    "EventTransform",
    "FastDecay",
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
    "KNoise",
    "LimitRate",
    "MaskHotPixels",
    "MaskPixels",
    "MergePolarity",
    "MixedDensityStack",
    "NoiseFilter",
    "Pipeline",
    "RandomKey",
    "RefractoryPeriod",
    "Resize",
    "ReverseTime",
    "Rotate",
    "Rotate90",
    "ScaleTime",
    "Shift",
    "SlidingFramesByCount",
    "SlidingFramesByTime",
    "SpatiotemporalCorrelation",
    "Spec",
    "SpeedInvariantSurface",
    "TimeSurface",
    "Tore",
    "Transpose",
    "VoxelGrid",
    "lazy_frames",
    "lazy_recording",
    "lazy_samples",
    "write_derived",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "TRANSFORMS": "eventstore.transforms.pipeline",
        "AddNoise": "eventstore.transforms.noise",
        "Affine": "eventstore.transforms.affine",
        "ArrayTransform": "eventstore.transforms.protocol",
        "AveragedTimeSurface": "eventstore.transforms.hats",
        "BackgroundActivity": "eventstore.transforms.background_activity",
        "BinChannels": "eventstore.transforms.channels",
        "BinaRep": "eventstore.transforms.binarep",
        "BinaryFrames": "eventstore.transforms.binary",
        "CropCenter": "eventstore.transforms.crop_random",
        "CropRandom": "eventstore.transforms.crop_random",
        "CropSpace": "eventstore.transforms.crop",
        "CropTime": "eventstore.transforms.crop",
        "DecaySurface": "eventstore.transforms.surfaces",
        "Decimate": "eventstore.transforms.decimate",
        "Denoise": "eventstore.transforms.denoise",
        "DoubleWindow": "eventstore.transforms.double_window",
        "Downsample": "eventstore.transforms.downsample",
        "DownsampleDifferentiate": "eventstore.transforms.downsample_spikes",
        "DownsampleIntegrate": "eventstore.transforms.downsample_spikes",
        "DropArea": "eventstore.transforms.drop_region",
        "DropEvents": "eventstore.transforms.drop",
        "DropPixels": "eventstore.transforms.drop_region",
        "DropTime": "eventstore.transforms.drop_region",
        "Ergo12": "eventstore.transforms.ergo12",
        "EventBatch": "eventstore.transforms.batch",
        "EventDrop": "eventstore.transforms.event_drop",
        "EventSpikeTensor": "eventstore.transforms.spike_tensor",
        "EventTransform": "eventstore.transforms.protocol",
        "FastDecay": "eventstore.transforms.fast_decay",
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
        "KNoise": "eventstore.transforms.k_noise",
        "LimitRate": "eventstore.transforms.rate_limit",
        "MaskHotPixels": "eventstore.transforms.mask_pixels",
        "MaskPixels": "eventstore.transforms.mask_pixels",
        "MergePolarity": "eventstore.transforms.merge_polarity",
        "MixedDensityStack": "eventstore.transforms.mixed_density",
        "NoiseFilter": "eventstore.transforms.noise_filter",
        "Pipeline": "eventstore.transforms.pipeline",
        "RandomKey": "eventstore.transforms.randomness",
        "RefractoryPeriod": "eventstore.transforms.refractory",
        "Resize": "eventstore.transforms.resize",
        "ReverseTime": "eventstore.transforms.reverse_time",
        "Rotate": "eventstore.transforms.rotate",
        "Rotate90": "eventstore.transforms.rotate",
        "ScaleTime": "eventstore.transforms.time_scale",
        "Shift": "eventstore.transforms.shift",
        "SlidingFramesByCount": "eventstore.transforms.sliding",
        "SlidingFramesByTime": "eventstore.transforms.sliding",
        "SpatiotemporalCorrelation": "eventstore.transforms.correlation",
        "Spec": "eventstore.transforms.protocol",
        "SpeedInvariantSurface": "eventstore.transforms.sits",
        "TimeSurface": "eventstore.transforms.surfaces",
        "Tore": "eventstore.transforms.tore",
        "Transpose": "eventstore.transforms.rotate",
        "VoxelGrid": "eventstore.transforms.voxel",
        "lazy_frames": "eventstore.transforms.lazy",
        "lazy_recording": "eventstore.transforms.lazy",
        "lazy_samples": "eventstore.transforms.lazy",
        "write_derived": "eventstore.transforms.derived",
    },
)
