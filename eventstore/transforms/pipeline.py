"""Pipelines: tuples of transforms, checked before they run and known by their canonical JSON."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int64, Shaped

from eventstore.digest import sha256_text
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.registry import Entry, Registry
from eventstore.stage_json import StageJson
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import (
    NO_SEEDS,
    ArrayTransform,
    EventTransform,
    FrameDtype,
    Frames,
    Spec,
    Transform,
)
from eventstore.transforms.randomness import RandomKey

PIPELINE_FORMAT = 1
"""Part of every fingerprint; raised when a built-in transform comes to mean something else."""

TRANSFORMS: Registry[type[Transform]] = Registry(
    "transform",
    "spikelake.transforms",
    {
        "AddNoise": Entry("eventstore.transforms.noise:AddNoise"),
        "Affine": Entry("eventstore.transforms.affine:Affine"),
        "AveragedTimeSurface": Entry("eventstore.transforms.hats:AveragedTimeSurface"),
        "BackgroundActivity": Entry("eventstore.transforms.background_activity:BackgroundActivity"),
        "BinChannels": Entry("eventstore.transforms.channels:BinChannels"),
        "BinaRep": Entry("eventstore.transforms.binarep:BinaRep"),
        "BinaryFrames": Entry("eventstore.transforms.binary:BinaryFrames"),
        "CropCenter": Entry("eventstore.transforms.crop_random:CropCenter"),
        "CropRandom": Entry("eventstore.transforms.crop_random:CropRandom"),
        "CropSpace": Entry("eventstore.transforms.crop:CropSpace"),
        "CropTime": Entry("eventstore.transforms.crop:CropTime"),
        "DecaySurface": Entry("eventstore.transforms.surfaces:DecaySurface"),
        "Decimate": Entry("eventstore.transforms.decimate:Decimate"),
        "Denoise": Entry("eventstore.transforms.denoise:Denoise"),
        "DoubleWindow": Entry("eventstore.transforms.double_window:DoubleWindow"),
        "Downsample": Entry("eventstore.transforms.downsample:Downsample"),
        "DownsampleDifferentiate": Entry(
            "eventstore.transforms.downsample_spikes:DownsampleDifferentiate"
        ),
        "DownsampleIntegrate": Entry("eventstore.transforms.downsample_spikes:DownsampleIntegrate"),
        "DropArea": Entry("eventstore.transforms.drop_region:DropArea"),
        "DropEvents": Entry("eventstore.transforms.drop:DropEvents"),
        "DropPixels": Entry("eventstore.transforms.drop_region:DropPixels"),
        "DropTime": Entry("eventstore.transforms.drop_region:DropTime"),
        "Ergo12": Entry("eventstore.transforms.ergo12:Ergo12"),
        "EventDrop": Entry("eventstore.transforms.event_drop:EventDrop"),
        "EventSpikeTensor": Entry("eventstore.transforms.spike_tensor:EventSpikeTensor"),
        "FastDecay": Entry("eventstore.transforms.fast_decay:FastDecay"),
        "FlipPolarity": Entry("eventstore.transforms.flips:FlipPolarity"),
        "FlipX": Entry("eventstore.transforms.flips:FlipX"),
        "FlipY": Entry("eventstore.transforms.flips:FlipY"),
        "FramesByBins": Entry("eventstore.transforms.frames:FramesByBins"),
        "FramesByCount": Entry("eventstore.transforms.frames:FramesByCount"),
        "FramesByEventBins": Entry("eventstore.transforms.frames:FramesByEventBins"),
        "FramesByTime": Entry("eventstore.transforms.frames:FramesByTime"),
        "Image": Entry("eventstore.transforms.frames:Image"),
        "JitterSpace": Entry("eventstore.transforms.jitter:JitterSpace"),
        "JitterTime": Entry("eventstore.transforms.jitter:JitterTime"),
        "KNoise": Entry("eventstore.transforms.k_noise:KNoise"),
        "LimitRate": Entry("eventstore.transforms.rate_limit:LimitRate"),
        "MaskHotPixels": Entry("eventstore.transforms.mask_pixels:MaskHotPixels"),
        "MaskPixels": Entry("eventstore.transforms.mask_pixels:MaskPixels"),
        "MergePolarity": Entry("eventstore.transforms.merge_polarity:MergePolarity"),
        "MixedDensityStack": Entry("eventstore.transforms.mixed_density:MixedDensityStack"),
        "RefractoryPeriod": Entry("eventstore.transforms.refractory:RefractoryPeriod"),
        "Resize": Entry("eventstore.transforms.resize:Resize"),
        "ReverseTime": Entry("eventstore.transforms.reverse_time:ReverseTime"),
        "Rotate": Entry("eventstore.transforms.rotate:Rotate"),
        "Rotate90": Entry("eventstore.transforms.rotate:Rotate90"),
        "ScaleTime": Entry("eventstore.transforms.time_scale:ScaleTime"),
        "Shift": Entry("eventstore.transforms.shift:Shift"),
        "SlidingFramesByCount": Entry("eventstore.transforms.sliding:SlidingFramesByCount"),
        "SlidingFramesByTime": Entry("eventstore.transforms.sliding:SlidingFramesByTime"),
        "SpatiotemporalCorrelation": Entry(
            "eventstore.transforms.correlation:SpatiotemporalCorrelation"
        ),
        "SpeedInvariantSurface": Entry("eventstore.transforms.sits:SpeedInvariantSurface"),
        "TimeSurface": Entry("eventstore.transforms.surfaces:TimeSurface"),
        "Tore": Entry("eventstore.transforms.tore:Tore"),
        "Transpose": Entry("eventstore.transforms.rotate:Transpose"),
        "VoxelGrid": Entry("eventstore.transforms.voxel:VoxelGrid"),
    },
)
"""Names of transforms in JSON, which are the names of their classes."""

_JSON = StageJson(table=TRANSFORMS, what="pipeline", key="transform", format=PIPELINE_FORMAT)


@dataclass(frozen=True, slots=True, init=False)
class Pipeline:
    """Transforms in the order applied: any number from events to events, then one to frames.

    Args:
        stages: the transforms.

    Raises:
        InvalidInput: a stage is no transform, or follows one that makes frames.

    Examples:
        >>> from eventstore.transforms import Denoise, FramesByBins
        >>> pipeline = Pipeline(Denoise(filter_time_us=10_000), FramesByBins(n_bins=20))
        >>> pipeline.out_spec(Sensor(34, 34)).shape
        (20, 2, 34, 34)
        >>> Pipeline.from_json(pipeline.to_json()) == pipeline
        True
    """

    stages: tuple[Transform, ...]
    _moving: tuple[EventTransform, ...] = field(repr=False, compare=False)
    _making: ArrayTransform | None = field(repr=False, compare=False)

    def __init__(self, *stages: Transform) -> None:
        for i, stage in enumerate(stages):
            if not _is_transform(stage):
                message = f"stage {i} of the pipeline is {stage!r}, not a transform"
                raise InvalidInput(
                    message, hint="list them: Pipeline(Downsample(…), FramesByBins(…))"
                )
            if isinstance(stage, ArrayTransform) and i < len(stages) - 1:
                message = (
                    f"stage {i} of the pipeline ({_name(stage)}) makes frames, but stage {i + 1} "
                    f"({_name(stages[i + 1])}) follows it"
                )
                raise InvalidInput(message, hint=f"put {_name(stage)} last")
        # Told apart once: asking a protocol costs some 10 µs, and a batch asks several times.
        making = stages[-1] if stages and isinstance(stages[-1], ArrayTransform) else None
        moving = stages if making is None else stages[:-1]
        object.__setattr__(self, "stages", stages)
        object.__setattr__(self, "_moving", moving)
        object.__setattr__(self, "_making", making)

    @property
    def makes_frames(self) -> bool:
        """Whether the last stage turns events into frames."""
        return self._making is not None

    @property
    def is_random(self) -> bool:
        """Whether any stage draws random numbers."""
        return any(stage.random for stage in self._moving)

    @property
    def deterministic_prefix(self) -> "Pipeline":
        """The stages before the first random one: what can be computed once and kept."""
        for i, stage in enumerate(self._moving):
            if stage.random:
                return Pipeline(*self.stages[:i])
        return self

    def specs(self, sensor: Sensor) -> list[Spec]:
        """Return what goes into the first stage and what comes out of each.

        Raises:
            InvalidInput: a stage cannot take what the one before gives it; names the stage and why.
        """
        specs = [Spec("events", sensor)]
        for i, stage in enumerate(self.stages):
            try:
                specs.append(stage.out_spec(specs[-1]))
            except InvalidInput as error:
                message = f"stage {i} of the pipeline ({_name(stage)}): {error.message}"
                raise InvalidInput(message, hint=error.hint) from error
        return specs

    def out_spec(self, sensor: Sensor) -> Spec:
        """Return what the pipeline makes of a sensor's events; checks the whole chain."""
        return self.specs(sensor)[-1]

    def to_json(self) -> str:
        """Return the canonical JSON: sorted keys, no whitespace, every field written out."""
        return _JSON.to_json(self.stages)

    @classmethod
    def from_json(cls, text: str) -> "Pipeline":
        """Build the pipeline that such JSON describes.

        Raises:
            InvalidInput: not such JSON, or fields that a transform does not have.
            NotFound: a transform of this name is not installed.
        """
        return cls(*_JSON.from_json(text))

    @property
    def fingerprint(self) -> str:
        """Identity of the pipeline: the sha256 of its canonical JSON, in hex."""
        return sha256_text(self.to_json())

    def transform(
        self, batch: EventBatch, sensor: Sensor, key: RandomKey, *, first: int = 0
    ) -> EventBatch:
        """Run the stages from events to events.

        Args:
            batch: the samples.
            sensor: what their events were recorded with, before any stage.
            key: randomness of random stages.
            first: the first stage to run, where those before it were run already.
        """
        specs = self.specs(sensor)
        for i, (stage, spec) in enumerate(zip(self._moving, specs, strict=False)):
            if i >= first:
                seeds = key.seeds(batch.ids, stage=i) if stage.random else NO_SEEDS
                batch = stage.apply(batch, spec.sensor, seeds)
        return batch

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return the frames that each sample of a transformed batch fills."""
        return self._last().frame_counts(batch)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Write the frames of a transformed batch; ``sensor`` is the one of `out_spec`."""
        self._last().write(batch, sensor, out)

    def frames(
        self,
        events: Events,
        sensor: Sensor,
        *,
        t_stop: int | None = None,
        dtype: FrameDtype = "float32",
        key: RandomKey | None = None,
    ) -> Shaped[np.ndarray, "t p h w"]:
        """Return the frames of one sample, for a look at it; the loader makes whole batches.

        Args:
            events: the sample's events, times from its start.
            sensor: the sensor they were recorded with.
            t_stop: end of the sample; one µs past the last event where not given.
            dtype: type of the counts.
            key: randomness of random stages; seed 0, epoch 0 where not given.
        """
        stop = t_stop if t_stop is not None else int(events.t.max()) + 1 if len(events) else 0
        batch = EventBatch.of([events], t_start=[0], t_stop=[stop])
        batch = self.transform(batch, sensor, key or RandomKey())
        spec = self.out_spec(sensor)
        n_frames = int(self.frame_counts(batch)[0])
        spec.check_dtype(dtype)
        out = np.empty(spec.array_shape(1, n_frames), dtype)
        self.write(batch, spec.sensor, out)
        frames: np.ndarray = out[0]
        return frames

    def _last(self) -> ArrayTransform:
        if self._making is None:
            message = f"the pipeline makes no frames: {self.to_json()}"
            raise InvalidInput(message, hint="end it with one, such as FramesByBins(n_bins=20)")
        return self._making


def _is_transform(stage: object) -> bool:
    # A class has the attributes of its values, so the protocols alone would let it pass.
    return isinstance(stage, EventTransform | ArrayTransform) and not isinstance(stage, type)


def _name(stage: object) -> str:
    return type(stage).__name__
