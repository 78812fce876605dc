"""The public surface is pinned: a name appears or goes only on purpose."""

import importlib
from pathlib import Path

import pytest

PUBLIC: dict[str, list[str]] = {
    "catalog": [
        "Card",
        "Catalog",
        "Dataset",
        "DatasetVersion",
        "GroupRule",
        "HeldOut",
        "Label",
        "OfficialRule",
        "Reference",
        "Split",
        "Version",
        "held_out",
        "open",
        "open_dataset",
        "open_split",
        "open_version",
        "parse_reference",
    ],
    "devices": ["CHIPS", "Graph", "Report", "chip", "fidelity_report", "graph_from_model"],
    "eventstore": [
        "AddNoise",
        "AveragedTimeSurface",
        "BackgroundActivity",
        "Balanced",
        "Batch",
        "BinChannels",
        "BinaRep",
        "BinaryFrames",
        "Bucket",
        "CacheConfig",
        "CropCenter",
        "CropRandom",
        "CropSpace",
        "CropTime",
        "CutMix",
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
        "EventDrop",
        "EventMix",
        "EventSpikeTensor",
        "EventStore",
        "Events",
        "FastDecay",
        "Finding",
        "FlipPolarity",
        "FlipX",
        "FlipY",
        "FrameCache",
        "FramesByBins",
        "FramesByCount",
        "FramesByEventBins",
        "FramesByTime",
        "Image",
        "Intervals",
        "JitterSpace",
        "JitterTime",
        "KNoise",
        "LimitRate",
        "Loader",
        "MaskHotPixels",
        "MaskPixels",
        "MergePolarity",
        "MixedDensityStack",
        "Mixture",
        "Pipeline",
        "RefractoryPeriod",
        "Resize",
        "ReverseTime",
        "Rotate",
        "Rotate90",
        "ScaleTime",
        "Selection",
        "Sensor",
        "Severity",
        "Shift",
        "SlidingFramesByCount",
        "SlidingFramesByTime",
        "SparseFrames",
        "SpatiotemporalCorrelation",
        "SpeedInvariantSurface",
        "SpikelakeError",
        "StoreWriter",
        "TimeSurface",
        "Tore",
        "Transpose",
        "VoxelGrid",
        "Weighted",
        "open",
        "pack_store",
        "read",
        "slice_around",
        "slice_by_count",
        "slice_by_intervals",
        "slice_by_time",
    ],
    "snn": [
        "IAF",
        "LIF",
        "Evaluation",
        "ExpLeak",
        "Heaviside",
        "PeriodicExponential",
        "Recipe",
        "Run",
        "SingleExponential",
        "SpikingSequential",
        "State",
        "TrainConfig",
        "TrainResult",
        "evaluate",
        "load_recipe",
        "load_run",
        "train",
        "train_task",
    ],
}


@pytest.mark.parametrize("package", sorted(PUBLIC))
def test_public_names_are_pinned_and_importable(package: str) -> None:
    module = importlib.import_module(package)
    assert list(module.__all__) == PUBLIC[package]
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError):
        module.no_such_name  # noqa: B018


@pytest.mark.parametrize("package", sorted(PUBLIC))
def test_no_public_name_is_also_a_module(package: str) -> None:
    # Importing the module would put it in place of the name.
    folder = Path(__file__).parents[2] / package
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert modules & set(PUBLIC[package]) == set()
